"""The desk in a Telegram forum group, with the whole gateway and a fake Bot API."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from bot.channels.errors import PlatformAway
from bot.desk import cases
from bot.desk.accounts import Person
from bot.desk.tables import cases as table
from bot.desk.tables import conversations, handovers, notes, people, topics
from bot.desk.topics import upkeep
from bot.gateway.messages import Message
from bot.gateway.services import Services
from bot.mailbox.tables import inbox, outbox
from tests.bot.channels.fake_telegram import ME, SECRET, FakeTelegram, group_message
from tests.bot.channels.serving import served
from tests.bot.desk.seeding import add_case, add_person
from tests.bot.desk.whole import whole_gateway

GROUP, MINH, HOA = -1_001_500, 4001, 4002


@dataclass
class Scene:
    services: Services
    telegram: FakeTelegram
    http: httpx.AsyncClient
    numbers: int = 100

    async def do(self, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return await self.services.desk.store.write(partial(work, **more), *args)

    async def update(self, **content: Any) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        body = self.telegram.update(**content)
        for _ in range(2):  # delivered again: nothing happens twice
            answer = await self.http.post("/webhooks/telegram", json=body, headers=headers)
            assert answer.status_code == 200, answer.text

    async def write(self, who: int, thread: int, text: str | None, **more: Any) -> None:
        self.numbers += 1
        content = {
            "message_thread_id": thread,
            "from": person(who),
            **({"text": text} if text else {}),
            **more,
        }
        await self.update(message=group_message(GROUP, self.numbers, **content))

    async def tap(self, who: int, data: str) -> None:
        self.numbers += 1
        under = group_message(GROUP, 5, text="…") | {"from": ME}
        query = {"id": str(self.numbers), "from": person(who), "message": under, "data": data}
        await self.update(callback_query={**query, "chat_instance": "1"})

    def told(self, thread: int) -> list[str]:
        return [
            given["text"]
            for name, given in self.telegram.sent
            if name == "sendMessage" and int(given.get("message_thread_id", 0)) == thread
        ]

    async def until_told(self, words: str, thread: int) -> str:
        async with asyncio.timeout(90):
            while not (found := [text for text in self.told(thread) if words in text]):
                await asyncio.sleep(0.02)
        return found[-1]

    async def letters(self, conversation: str) -> list[str]:
        query = select(outbox.c.reply).where(outbox.c.conversation == conversation).order_by(outbox.c.id)
        return [reply["text"] for reply in await self.do(lambda c, now: list(c.scalars(query)))]

    async def case(self) -> Any:
        return await self.do(lambda c, now: c.execute(select(table)).one())


def person(number: int) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": {MINH: "Minh", HOA: "Hoa <b>"}[number]}


@asynccontextmanager
async def scene(url: str, folder: Path) -> AsyncIterator[Scene]:
    telegram = FakeTelegram(files={"anh": b"x"})
    with served(telegram.app()) as address:
        more = {"telegram": address, "telegram_desk_chat": GROUP}
        async with whole_gateway(url, folder, **more) as (services, http):
            yield Scene(services, telegram, http)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    monkeypatch.setattr(upkeep, "EVERY_SECONDS", 0.05)

    def run(url: str, act: Callable[[Scene], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with scene(url, tmp_path) as made:
                await act(made)

        asyncio.run(whole())

    return run


def ask(connection: Any, now: float, text: str = "cho gặp <b>người thật</b>") -> int:
    number = add_case(connection, now, "web:tam", promised_at=now + 900, contact="0912345678")
    say(connection, now, text)
    return number


def say(connection: Any, now: float, text: str, kind: str = "text", **more: Any) -> None:
    row = {"conversation": "web:tam", "channel": "web", "platform_message_id": f"m{time.time()}"}
    row |= {"received_at": now, "accepted_at": now, "kind": kind, "body": {"text": text, **more}}
    connection.execute(insert(inbox).values({**row, "state": "answered", "repeats": 0}))


def test_claimed_by_a_button_answered_in_the_topic_and_closed(both: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        head = await s.until_told("Trang web", 2)
        assert f"#{number}" in head and "<b>người thật</b>" in head and "0912345678" in head
        assert s.telegram.topics == {(GROUP, 2): f"#{number} Trang web"}
        await s.write(MINH, 2, "chưa nhận mà đã viết")
        await s.until_told("không do bạn phụ trách", 2)

        await s.tap(MINH, f"desk:claim:{number}")
        await s.until_told("Minh đã nhận", 2)
        await s.tap(HOA, f"desk:claim:{number}")
        async with asyncio.timeout(90):
            while not any("Minh đã nhận yêu cầu này trước" in str(given) for _, given in s.telegram.calls):
                await asyncio.sleep(0.02)

        await s.write(MINH, 2, "Bác mang căn cước ạ")
        await s.write(HOA, 2, "chen vào")
        await s.write(MINH, 2, None, photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}])
        await s.until_told("Chỉ gửi được chữ", 2)
        await s.do(say, "dạ cảm ơn")
        await s.until_told("Người hỏi: dạ cảm ơn", 2)
        await s.tap(MINH, f"desk:close:{number}")
        await s.until_told("Đã đóng", 2)
        hello, said, goodbye = await s.letters("web:tam")
        assert "Minh của trung tâm đã nhận" in hello and "chấm mấy điểm" in goodbye
        assert said == "Minh, tình nguyện viên:\nBác mang căn cước ạ"
        assert not any("Bác mang căn cước" in text for text in s.told(2))  # they see what they wrote
        case = await s.case()
        assert (case.state, case.close_reason, case.kept) == ("closed", "answered", True)

    play(both, act)


def test_notes_drafts_and_pictures_in_a_topic(sqlite_url: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        assert "//" in await s.until_told("/thutuc", 2)  # it says so itself
        await s.tap(MINH, f"desk:claim:{number}")
        desk = s.services.desk
        assert desk is not None
        engine = FakeAsk()
        desk.ask = engine

        for words in ("// bác nghe kém", "/ghichu gọi to", "/ghichu@motcua_thu_bot lại đây"):
            await s.write(MINH, 2, words)
        kept = await s.do(lambda c, now: list(c.scalars(select(notes.c.text).where(notes.c.kind == "note"))))
        assert kept == ["bác nghe kém", "gọi to", "lại đây"]
        await s.write(MINH, 2, "/nonsense")
        await s.until_told("Chưa gửi gì", 2)

        await s.write(MINH, 2, "/thutuc khai sinh mất bao lâu")
        draft = await s.until_told("Nút ask: dang-ky-khai-sinh, time", 2)
        assert "Nguồn" in draft and len(engine.asked) == 4  # delivered twice, asked once
        shown = [given for name, given in s.telegram.sent if "Nút ask" in str(given.get("text"))]
        (button,) = json.loads(shown[-1]["reply_markup"])["inline_keyboard"][0]
        assert button["text"] == "Gửi cho người hỏi" and len(await s.letters("web:tam")) == 1
        for _ in range(2):  # two taps below one draft send it once
            await s.tap(MINH, button["callback_data"])
            await s.until_told("Minh, tình nguyện viên:\nNút ask", 2)
        _, said = await s.letters("web:tam")
        assert said == "Minh, tình nguyện viên:\nNút ask: dang-ky-khai-sinh, time"
        await s.write(MINH, 2, "/thutuc xyz")
        await s.until_told("Danh mục không có thủ tục này", 2)

        files = [{"file_id": "anh"}, {"url": "https://zalo.example/b.jpg"}]
        await s.do(say, "", kind="event", event="attachment", type="image", attachments=files)
        await s.until_told("[ảnh hoặc tệp]", 2)
        async with asyncio.timeout(90):
            while len(photos := [g for name, g in s.telegram.sent if name == "sendPhoto"]) < 2:
                await asyncio.sleep(0.02)
        assert [given["photo"] for given in photos] == ["anh", "https://zalo.example/b.jpg"]
        assert {int(given["message_thread_id"]) for given in photos} == {2}
        assert desk.fetch is not None and await desk.fetch("anh") == b"x"
        with pytest.raises(PlatformAway):
            await desk.fetch("unknown")

    play(sqlite_url, act)


class FakeAsk:
    """The engine, as drafts need it."""

    def __init__(self) -> None:
        self.asked: list[Message] = []

    async def __call__(self, message: Message) -> dict[str, Any]:
        self.asked.append(message)
        if message.payload is not None:
            told = ", ".join(value for _, value in message.payload.entities)
            return {"replies": [{"kind": "answer", "text": f"Nút ask: {told}"}], "understood": {}}
        meant = [{"id": "dang-ky-khai-sinh"}] if "khai sinh" in str(message.text) else []
        return {"replies": [], "understood": {"procedures": meant, "aspects": ["time"]}}


def test_a_deleted_topic_is_made_again(sqlite_url: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        await s.until_told(f"#{number}", 2)
        s.telegram.topics.clear()
        s.telegram.topics[GROUP, 99] = "another one"
        await s.do(say, "còn ai không")
        await s.until_told("còn ai không", 3)
        await s.tap(MINH, f"desk:claim:{number}")
        await s.write(MINH, 3, "có em đây ạ")
        assert (await s.letters("web:tam"))[-1].endswith("có em đây ạ")

    play(sqlite_url, act)


def test_one_case_at_the_desk_and_in_the_group(sqlite_url: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        lan = await s.do(lambda c, now: Person(add_person(c, "Lan"), "Lan", "volunteer"))
        await s.do(cases.claim, s.services.desk.speech, lan, number)
        await s.until_told("Lan đã nhận", 2)
        reply = s.services.desk.speech.person("Lan", "volunteer", "chào bác", None)
        await s.do(cases.say, lan, number, "key-one-1", reply)
        await s.until_told("chào bác", 2)
        await s.do(cases.pass_on, s.services.desk.speech, lan, number, None)
        async with asyncio.timeout(90):
            while len([text for text in s.told(2) if f"#{number} ·" in text]) < 2:
                await asyncio.sleep(0.02)
        last = [given for name, given in s.telegram.sent if name == "sendMessage"][-1]
        (button,) = json.loads(last["reply_markup"])["inline_keyboard"][0]
        assert button["callback_data"] == f"desk:claim:{number}"

    play(sqlite_url, act)


def test_who_is_forgotten_is_forgotten_in_the_group(sqlite_url: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        await s.until_told(f"#{number}", 2)
        await s.services.mailbox.people.erase("web:tam")
        async with asyncio.timeout(90):
            while s.telegram.topics or await s.do(lambda c, now: c.execute(select(topics)).all()):
                await asyncio.sleep(0.02)
        for kept in (outbox, conversations, handovers):
            assert await s.do(lambda c, now, kept=kept: c.execute(select(kept)).all()) == []

    play(sqlite_url, act)


def test_what_is_not_for_the_desk_changes_nothing(sqlite_url: str, play: Any) -> None:
    async def act(s: Scene) -> None:
        number = await s.do(ask)
        await s.until_told(f"#{number}", 2)
        await s.tap(MINH, f"desk:claim:{number}")
        await s.do(lambda c, now: c.execute(update(people).values(disabled=True)))
        sent = len(s.telegram.sent)
        for data in ("desk:claim:9999999", "desk:close:x", "desk:drop:1", "ask?procedure=x", "\u202e"):
            await s.tap(HOA, data)
        await s.write(HOA, 77, "ở chủ đề khác")
        await s.update(message=group_message(GROUP, 900, text="@motcua_thu_bot chào"))
        await s.write(MINH, 2, "tài khoản đã khóa")
        await s.until_told("không có quyền", 2)
        assert len(await s.letters("web:tam")) == 1
        assert not any(
            int(given["chat"]) == GROUP and "riêng" in given["text"] for _, given in s.telegram.sent[sent:]
        )

    play(sqlite_url, act)
