"""People on Zalo and Telegram around a real stack: what they do there, and what comes back to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from bot.mailbox.tables import inbox, outbox
from tests.bot.channels import fake_telegram, fake_zalo
from tests.bot.mailbox.helpers import rows
from tests.end_to_end.platforms import Platforms
from tests.end_to_end.stack import Stack, wait_until

ANSWERED_WITHIN = 30.0
_people = count(5000)


@dataclass
class Town:
    """The stack and the platforms around it."""

    stack: Stack
    both: Platforms


@dataclass
class ZaloPerson:
    """Somebody on Zalo, through its webhook."""

    town: Town
    id: str = field(default_factory=lambda: f"z{next(_people)}")
    _numbers: Iterator[int] = field(default_factory=count)

    def send(self, event: dict[str, Any]) -> None:
        body, headers = fake_zalo.signed(event)
        url = f"{self.town.stack.url}/webhooks/zalo"
        assert httpx.post(url, content=body, headers=headers, trust_env=False, timeout=60).status_code == 200

    def say(self, text: str) -> list[dict[str, Any]]:
        """What comes back."""
        return self.hears(
            lambda: self.send(fake_zalo.text_event(self.id, text, f"{self.id}-{next(self._numbers)}"))
        )

    def attach(self, name: str, *attachments: dict[str, Any]) -> list[dict[str, Any]]:
        message = {"msg_id": f"{self.id}-{next(self._numbers)}", "attachments": list(attachments)}
        return self.hears(lambda: self.send(fake_zalo.event(name, self.id, message=message)))

    def hears(self, act: Any) -> list[dict[str, Any]]:
        before = len(self.messages)
        act()
        settled(self.town, f"zalo:{self.id}", lambda: len(self.messages) > before)
        return self.messages[before:]

    def tap(self, title: str) -> list[dict[str, Any]]:
        return self.say(next(b["payload"] for b in self.buttons if b["title"] == title))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for to, message in self.town.both.zalo.messages if to == self.id]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Those under the last message that has some."""
        with_some = [m for m in self.messages if (m.get("attachment") or {}).get("type") == "template"]
        return with_some[-1]["attachment"]["payload"]["buttons"]


@dataclass
class TelegramPerson:
    """Somebody on Telegram, whose updates are polled."""

    town: Town
    id: int = field(default_factory=lambda: next(_people))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def hears(self, **update: Any) -> list[dict[str, Any]]:
        telegram, before = self.town.both.telegram, len(self.messages)
        telegram.put(telegram.update(**update))
        settled(self.town, f"telegram:{self.id}", lambda: len(self.messages) > before)
        return self.messages[before:]

    def say(self, text: str) -> list[dict[str, Any]]:
        return self.hears(message=fake_telegram.message(self.id, next(self._numbers), text=text))

    def tap(self, title: str) -> list[dict[str, Any]]:
        data = next(b["callback_data"] for b in self.buttons if b["text"] == title)
        return self.hears(callback_query=fake_telegram.tap(self.id, f"{self.id}-{next(self._numbers)}", data))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [given for _, given in self.town.both.telegram.sent if given["chat"] == self.id]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        keyboards = [given["reply_markup"] for given in self.messages if given.get("reply_markup")]
        return [button for row in json.loads(keyboards[-1])["inline_keyboard"] for button in row]


def settled(town: Town, conversation: str, begun: Any) -> None:
    """Returns when an answer has begun to arrive and nothing more is on its way."""

    def done() -> bool:
        tables = {inbox: ("waiting", "taken"), outbox: ("waiting", "sending", "failed")}
        return begun() and not any(
            row.conversation == conversation and row.state in open_states
            for table, open_states in tables.items()
            for row in rows(town.stack.database, table)
        )

    wait_until(done, ANSWERED_WITHIN, f"{conversation} is answered")
