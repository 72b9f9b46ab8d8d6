"""A person on Zalo and a volunteer at the desk, through the whole gateway and a fake of Zalo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.desk import cases, house, view
from bot.desk.accounts import Person
from bot.desk.tables import cases as table
from bot.mailbox.tables import inbox
from tests.bot.channels.fake_zalo import FakeZalo, event, signed, text_event
from tests.bot.channels.serving import served
from tests.bot.desk.seeding import add_person
from tests.bot.desk.whole import whole_gateway

TAM, SAU = "246845883529197922", "246845883529197923"


def picture(user: str, msg_id: str) -> dict[str, Any]:
    attachments = [{"type": "image", "payload": {"url": "https://f.example/a.jpg"}}]
    return event("user_send_image", user, message={"msg_id": msg_id, "attachments": attachments})


def by_staff(user: str) -> dict[str, Any]:
    return event(
        "oa_send_text",
        sender={"id": "388613280878808645", "admin_id": "admin_1"},
        recipient={"id": user},
        message={"text": "Chào bác", "msg_id": f"staff-{user}"},
        timestamp=str(int(time.time() * 1000)),
    )


def test_both_ways_and_in_zalos_own_tool(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "EVERY_SECONDS", 0.05)
    zalo = FakeZalo()

    async def until(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(90):
            while not true():
                await asyncio.sleep(0.02)

    async def scene(address: str) -> None:
        async with whole_gateway(sqlite_url, tmp_path, zalo=address) as (services, http):
            assert services.desk is not None
            write, speech = services.desk.store.write, services.desk.speech

            async def deliver(what: dict[str, Any]) -> None:
                body, headers = signed(what)
                assert (await http.post("/webhooks/zalo", content=body, headers=headers)).status_code == 200

            async def case_of(user: str) -> Any:
                mine = select(table).where(table.c.conversation == f"zalo:{user}")
                return await write(lambda c, now: c.execute(mine).first())

            # What the assistant cannot read goes to people, with a promise.
            await deliver(picture(TAM, "m1"))
            await until(lambda: any("trả lời trước" in text for text in zalo.texts(TAM)))
            lan = await write(lambda c, now: Person(add_person(c, "Lan"), "Lan", "volunteer"))
            case = await case_of(TAM)
            await write(cases.claim, speech, lan, case.id)
            for n, words in enumerate(("bác mang bản chính ạ", "mai bác đến nhé")):
                await write(
                    cases.say, lan, case.id, f"key-number-{n}", speech.person("Lan", "lead", words, None)
                )
            services.mailbox.core.ring_outboxes("zalo")
            await until(lambda: any("mai bác đến" in text for text in zalo.texts(TAM)))
            before = len(zalo.texts(TAM))
            await deliver(text_event(TAM, "dạ cảm ơn cô", "m2"))

            def kept(connection: Any, now: float) -> bool:
                return connection.scalar(select(inbox.c.state).order_by(inbox.c.id.desc()).limit(1)) == "kept"

            async with asyncio.timeout(90):
                while not await write(kept):
                    await asyncio.sleep(0.02)
            shown = (await write(view.conversation, lan, case.id))["lines"]
            assert shown[-1]["text"] == "dạ cảm ơn cô"
            assert len(zalo.texts(TAM)) == before  # the assistant keeps silent
            await write(cases.close, speech, lan, case.id, "answered")
            services.mailbox.core.ring_outboxes("zalo")
            await until(lambda: any("chấm mấy điểm" in text for text in zalo.texts(TAM)))
            theirs = [text for text in zalo.texts(TAM) if text.startswith("Lan, trưởng nhóm:")]
            assert [text.partition("\n")[2] for text in theirs] == ["bác mang bản chính ạ", "mai bác đến nhé"]

            # Staff who answer in Zalo's own tool have claimed.
            await deliver(picture(SAU, "m3"))
            await until(lambda: bool(zalo.texts(SAU)))
            await deliver(by_staff(SAU))
            async with asyncio.timeout(90):
                while (await case_of(SAU)).state != "claimed":
                    await asyncio.sleep(0.02)
            other = await case_of(SAU)
            assert (other.owner_id, other.kept) == (None, True)

    with served(zalo.app()) as address:
        asyncio.run(scene(address))
