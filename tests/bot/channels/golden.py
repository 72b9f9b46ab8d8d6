"""The golden files: what each platform is sent for each kind of reply.

``replies/<name>.json`` is a reply as the assistant gives it; ``golden/<channel>/<name>.json`` the calls
that the platform gets for it, as the fake took them down. ``python -m tests.bot.channels.golden``
writes them anew; what changed is then read before it is kept.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from bot.channels.channels import build_channels
from bot.channels.zalo.sender import ZaloSender
from bot.mailbox import Mailbox, Sender
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.bot.channels.serving import served

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE / "replies").glob("*.json"))
LAN, CHAT = "246845883529197922", 5_000_000_001
# What Telegram is given as JSON within a form.
_INNER = ("reply_markup", "link_preview_options")


def reply(name: str) -> dict[str, Any]:
    return json.loads((HERE / "replies" / f"{name}.json").read_text(encoding="utf-8"))


def golden(channel: str, name: str) -> Path:
    return HERE / "golden" / channel / f"{name}.json"


def sent(name: str) -> dict[str, list[Any]]:
    """``{"zalo": [message, …], "telegram": [[method, parameters], …]}`` for a reply."""
    zalo, telegram = FakeZalo(), FakeTelegram()
    with served(zalo.app()) as zalo_url, served(telegram.app()) as telegram_url:
        asyncio.run(_send(reply(name), zalo_url, telegram_url))
    return {"zalo": [m for _, m in zalo.messages], "telegram": [_call(*call) for call in telegram.calls]}


async def _send(reply: dict[str, Any], zalo_url: str, telegram_url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Mailbox(f"sqlite:///{folder}/golden.db", Path(folder))
        settings = rigs.settings_for(zalo_url, telegram_url)
        channels = build_channels(settings, mailbox, rigs.CENTRE, rigs.catalog())
        for sender in channels.senders[:2]:
            await _deliver(sender, reply)
        await channels.stop()
        await mailbox.close()


async def _deliver(sender: Sender, reply: dict[str, Any]) -> None:
    conversation = f"zalo:{LAN}" if isinstance(sender, ZaloSender) else f"telegram:{CHAT}"
    for part in sender.parts(reply):
        await sender.send(conversation, part)


def _call(method: str, given: dict[str, Any]) -> list[Any]:
    return [method, {k: json.loads(v) if k in _INNER else v for k, v in given.items() if k != "chat_id"}]


def main() -> None:
    for name in NAMES:
        for channel, calls in sent(name).items():
            text = json.dumps(calls, ensure_ascii=False, indent=2) + "\n"
            golden(channel, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
