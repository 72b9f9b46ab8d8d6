"""Telegram from end to end: updates in by webhook or polling, a real database, the fake platform out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels import checklist_link, procedure_link
from bot.errors import SettingsError
from bot.mailbox import notice
from bot.mailbox.tables import conversations
from tests.bot.channels import fake_telegram as platform
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_telegram import FakeTelegram, message, tap
from tests.bot.channels.golden import reply
from tests.bot.channels.rig import FIRST, NOTICES, Rig

LAN = 5_000_000_001
GROUP = -1_001_234
Scene = Callable[[Rig], Awaitable[None]]


@pytest.fixture
def play(url: str, tmp_path: Path, telegram: FakeTelegram, telegram_url: str) -> Callable[..., None]:
    """Runs a scene in a gateway with Telegram; settings by keyword, such as ``telegram_mode="polling"``."""

    def run(scene: Scene, greet: bool = False, **settings: Any) -> None:
        async def whole() -> None:
            chosen = rigs.settings_for(None, telegram_url, **settings)
            async with rigs.rig(url, tmp_path, chosen, greet=greet) as gateway:
                await scene(gateway)

        asyncio.run(whole())

    return run


def methods(telegram: FakeTelegram) -> list[str]:
    return [name for name, _ in telegram.calls]


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(90):
        while not true():
            await asyncio.sleep(0.02)


def test_a_question_is_answered_once_with_typing_before(play: Any, telegram: FakeTelegram) -> None:
    async def scene(gateway: Rig) -> None:
        update = telegram.update(message=message(LAN, 1, text="làm khai sinh"))
        for _ in range(3):
            assert (await gateway.telegram(update)).status_code == 200
        await gateway.settled()
        await until(lambda: "sendChatAction" in methods(telegram))
        assert gateway.engine.heard == ["làm khai sinh"]

    play(scene)
    assert telegram.texts(LAN) == ["Em nghe: làm khai sinh"]


def test_the_secret_is_asked_for(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        update = {"update_id": 1, "message": message(LAN, 1, text="chào")}
        for secret in ("", "wrong", platform.SECRET + "x"):
            response = await gateway.telegram(update, secret)
            assert response.status_code == 403 and response.json()["error"]["code"] == "forbidden"
        assert (await gateway.http.post("/webhooks/telegram", json=update)).status_code == 403
        assert await gateway.messages() == []

    play(scene)


def test_webhook_mode_does_not_start_without_its_secret(telegram_url: str) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_TELEGRAM_SECRET"):
        rigs.settings_for(None, telegram_url, telegram_secret=None)


def test_the_webhook_is_set_with_its_secret_and_the_commands_are_told(
    play: Any, telegram: FakeTelegram
) -> None:
    async def scene(gateway: Rig) -> None:
        await until(lambda: telegram.webhook and "setMyCommands" in methods(telegram))

    play(scene, public_url="https://motcua.example.vn")
    assert telegram.webhook["url"] == "https://motcua.example.vn/webhooks/telegram"
    assert telegram.webhook["secret_token"] == platform.SECRET
    commands = next(given for name, given in telegram.calls if name == "setMyCommands")
    names = [row["command"] for row in json.loads(commands["commands"])]
    assert names == ["thutuc", "hoso", "lienhe", "help", "xoa"]


def test_polling_confirms_only_what_is_kept_and_answers_in_order(play: Any, telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "https://old.example.vn"}
    asked = [f"câu {n}" for n in range(12)]

    async def scene(gateway: Rig) -> None:
        for n, text in enumerate(asked[:6]):
            telegram.put(telegram.update(message=message(LAN, n, text=text)))
        await until(lambda: len(gateway.engine.turns) == 6)
        for n, text in enumerate(asked[6:], start=6):
            telegram.put(telegram.update(message=message(LAN, n, text=text)))
            telegram.put(telegram.update(message=message(LAN + n, n, text="khác")))
        await until(lambda: not telegram.waiting)
        await until(lambda: len(gateway.engine.turns) == 18)
        assert [
            row.body["text"] for row in await gateway.messages() if row.conversation.endswith("001")
        ] == asked
        assert [t for t in gateway.engine.heard if t != "khác"] == asked

    play(scene, telegram_mode="polling")
    assert "deleteWebhook" in methods(telegram)


def test_commands_that_telegram_does_not_take_hold_nothing_up(play: Any, telegram: FakeTelegram) -> None:
    telegram._do_setmycommands = None  # type: ignore[assignment, method-assign]
    telegram.put(telegram.update(message=message(LAN, 1, text="làm khai sinh")))

    async def scene(gateway: Rig) -> None:
        await until(lambda: telegram.texts(LAN))

    play(scene, telegram_mode="polling")
    assert "setMyCommands" not in methods(telegram), "it answered 404"


def test_what_was_polled_while_the_database_was_away_comes_again(
    tmp_path: Path, telegram: FakeTelegram, telegram_url: str
) -> None:
    telegram.put(telegram.update(message=message(LAN, 1, text="chào")))

    async def scene() -> None:
        settings = rigs.settings_for(None, telegram_url, telegram_mode="polling")
        blocked = f"sqlite:////proc/none/{tmp_path.name}.db"
        async with rigs.rig(blocked, tmp_path, settings, working=False):
            await until(lambda: len(telegram.given) >= 2)

    asyncio.run(scene())
    assert telegram.given[0] == telegram.given[1] and len(telegram.waiting) == 1


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/thutuc", "list_procedures"),
        ("/hoso", "dossier_status"),
        ("/lienhe@motcua_thu_bot", "centre_info"),
        ("/XOA", "erase_data"),
        (f"/start {procedure_link('dang-ky-khai-sinh')}", "choose_procedure?procedure=dang-ky-khai-sinh"),
        ("/start gt-dang-ky-khai-sinh", "ask?procedure=dang-ky-khai-sinh&aspect=documents"),
        ("/start hs", "dossier_status"),
    ],
)
def test_commands_are_what_the_button_would_be(play: Any, text: str, payload: str) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text=text)})
        await gateway.settled()
        assert gateway.engine.heard == [payload]
        assert all(turn.kind == "payload" for turn in gateway.engine.turns)

    play(scene)


def test_a_deep_link_to_a_checklist_gives_the_answers_one_after_the_other(
    play: Any, telegram: FakeTelegram
) -> None:
    procedure = rigs.catalog().current().find("dang-ky-khai-sinh")
    assert procedure is not None
    link = checklist_link(procedure, {"nguoi-lam-chung": "co", "chung-sinh": "khong", "gone": "x"})
    assert checklist_link(procedure, {}) == "gt-dang-ky-khai-sinh"

    async def scene(gateway: Rig) -> None:
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text=f"/start {link}")})
        await gateway.settled()
        chosen = "choose_case?procedure=dang-ky-khai-sinh&case="
        wanted = [f"{chosen}chung-sinh&choice=khong", f"{chosen}nguoi-lam-chung&choice=co"]
        assert gateway.engine.heard == wanted

    play(scene)
    assert len(telegram.sent) == 1, "only the last one answers"


def test_a_command_with_a_question_is_the_question(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text="/hoso H99.01.26-250101-1")})
        await gateway.settled()
        await gateway.telegram({"update_id": 2, "message": message(LAN, 2, text="/thutuc\nkết hôn")})
        await gateway.settled()
        assert gateway.engine.heard == ["H99.01.26-250101-1", "kết hôn"]

    play(scene)


def test_start_greets_and_what_it_does_not_know_is_said(play: Any, telegram: FakeTelegram) -> None:
    async def scene(gateway: Rig) -> None:
        for n, text in enumerate(["/start", "/start tt-khong-co", "/help", "/restart", "/start <b>"]):
            await gateway.telegram({"update_id": n, "message": message(LAN, n, text=text)})
            await gateway.settled(60)
        assert gateway.engine.turns == []

    play(scene, greet=True)
    first, greeting, unknown, help_, other, start = telegram.texts(LAN)
    assert first == FIRST and greeting == start
    assert "không trỏ tới thủ tục nào" in unknown
    assert help_ == other and "/hoso" in help_


def test_a_tap_is_the_button_and_its_clock_is_stopped(play: Any, telegram: FakeTelegram) -> None:
    short = "ask?procedure=dang-ky-khai-sinh&aspect=fee"
    long = "choose_case?procedure=dang-ky-khai-sinh&case=cha-me-chua-dang-ky-ket-hon&choice=co"

    async def scene(gateway: Rig) -> None:
        rows = [{"title": "Lệ phí", "payload": short}, {"title": "Có", "payload": long}]
        gateway.engine.replies = [[notice("Chọn", rows)]]
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text="khai sinh")})
        await gateway.settled()
        keyboard = json.loads(telegram.sent[0][1]["reply_markup"])["inline_keyboard"]
        one, two = [button["callback_data"] for row in keyboard for button in row]
        assert one == short and len(two.encode()) <= 64
        await gateway.telegram({"update_id": 2, "callback_query": tap(LAN, "q1", one)})
        await gateway.settled()
        await gateway.telegram({"update_id": 3, "callback_query": tap(LAN, "q2", two)})
        await gateway.settled()
        # Delivered again: answered once, and the clock is stopped all the same.
        await gateway.telegram({"update_id": 3, "callback_query": tap(LAN, "q2", two)})
        await gateway.telegram({"update_id": 4, "callback_query": tap(LAN, "q3", "#aaaaaaaaaaaaaaaa")})
        await gateway.settled()
        assert gateway.engine.heard[:3] == ["khai sinh", short, long]
        await until(lambda: methods(telegram).count("answerCallbackQuery") == 4)

    play(scene)
    assert telegram.texts(LAN)[-1] == NOTICES["old_button"]["text"]


def test_a_long_answer_is_folded_and_its_button_sends_all_of_it(play: Any, telegram: FakeTelegram) -> None:
    long = reply("answer_folded")

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[long]]
        await gateway.telegram(
            {"update_id": 1, "message": message(LAN, 1, text="ly hôn chia đất cần gì, ở đâu")}
        )
        await gateway.settled()
        (shown,) = telegram.texts(LAN)
        key = json.loads(telegram.sent[0][1]["reply_markup"])["inline_keyboard"][0][0]["callback_data"]
        assert long["text"] not in shown and "bấm “Xem đủ”" in shown
        # Delivered twice, then tapped twice by somebody with shaking hands: sent once.
        for number, query in ((2, "q1"), (2, "q1"), (3, "q2")):
            await gateway.telegram({"update_id": number, "callback_query": tap(LAN, query, key)})
            await gateway.settled()
        assert [text for text in telegram.texts(LAN) if text.startswith(long["text"])] == telegram.texts(LAN)[
            1:
        ]
        assert len(telegram.texts(LAN)) == 2 and len(gateway.engine.turns) == 1
        # Nobody else's button leads there.
        await gateway.telegram({"update_id": 4, "callback_query": tap(LAN + 1, "q3", key)})
        await gateway.settled()

    play(scene)
    assert telegram.texts(LAN + 1) == [NOTICES["old_button"]["text"]]


def test_an_edited_question_is_answered_anew_and_replaces_one_that_still_waits(
    play: Any, telegram: FakeTelegram
) -> None:
    def edited(text: str, at: int) -> dict[str, Any]:
        return {"update_id": at, "edited_message": message(LAN, 1, text=text, edit_date=at)}

    async def scene(gateway: Rig) -> None:
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text="khai sin")})
        await gateway.settled()
        now = int(time.time())
        await gateway.telegram(edited("khai sin", now))  # only a picture of the link was added, say
        await gateway.telegram(edited("khai sinh", now + 1))
        await gateway.telegram(edited("khai sinh", now + 1))
        place = {"location": {"latitude": 21.0, "longitude": 105.8}, "edit_date": now}
        await gateway.telegram({"update_id": 9, "edited_message": message(LAN, 2, **place)})
        await gateway.settled()
        assert gateway.engine.heard == ["khai sin", "khai sinh"]

    play(scene)


def test_an_edit_takes_back_what_waits(url: str, tmp_path: Path, telegram_url: str) -> None:
    async def scene() -> None:
        settings = rigs.settings_for(None, telegram_url)
        async with rigs.rig(url, tmp_path, settings, working=False) as gateway:
            await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text="khai sin")})
            fixed = message(LAN, 1, text="khai sinh", edit_date=int(time.time()))
            await gateway.telegram({"update_id": 2, "edited_message": fixed})
            states = [(row.body["text"], row.state) for row in await gateway.messages()]
            assert states == [("khai sin", "recorded"), ("khai sinh", "waiting")]

    asyncio.run(scene())


def test_groups_are_politely_refused_once_an_hour(play: Any, telegram: FakeTelegram) -> None:
    said = [
        {"text": "chuyện riêng của nhóm"},
        {"text": "/thutuc"},
        {"text": "hỏi @MotCua_Thu_Bot cái này"},
        {"text": "vâng", "reply_to_message": {"message_id": 1, "date": 1, "chat": {}, "from": platform.ME}},
        {"text": "/thutuc@another_bot"},
    ]

    async def scene(gateway: Rig) -> None:
        await until(lambda: "setMyCommands" in methods(telegram))
        for n, content in enumerate(said):
            when = {"date": 1_800_000_000 + n}
            update = platform.group_message(GROUP, n, **content) | when
            assert (await gateway.telegram({"update_id": n, "message": update})).status_code == 200
        change = {
            "chat": {"id": GROUP - 1, "type": "group", "title": "Khác"},
            "from": {"id": 1, "is_bot": False, "first_name": "A"},
            "date": 1_800_000_000,
            "old_chat_member": {"status": "left", "user": platform.ME},
            "new_chat_member": {"status": "member", "user": platform.ME},
        }
        await gateway.telegram({"update_id": 90, "my_chat_member": change})
        await gateway.settled()
        assert gateway.engine.turns == []
        assert "chuyện riêng" not in str(await gateway.messages())

    play(scene, greet=True)
    assert len(telegram.texts(GROUP)) == 1 and "tin nhắn riêng" in telegram.texts(GROUP)[0]
    assert len(telegram.texts(GROUP - 1)) == 1


def test_a_group_that_moved_is_followed(play: Any, telegram: FakeTelegram) -> None:
    telegram.moved[GROUP] = GROUP * 10

    async def scene(gateway: Rig) -> None:
        update = platform.group_message(GROUP, 1, text="/help")
        await gateway.telegram({"update_id": 1, "message": update})
        await gateway.settled()

    play(scene)
    assert telegram.texts(GROUP) == [] and len(telegram.texts(GROUP * 10)) == 1


def test_whoever_blocked_the_bot_is_left_alone_until_they_write_again(
    play: Any, telegram: FakeTelegram
) -> None:
    async def scene(gateway: Rig) -> None:
        telegram.blocked.add(LAN)
        await gateway.telegram({"update_id": 1, "message": message(LAN, 1, text="một")})
        await gateway.settled()
        (known,) = await gateway.rows(conversations)
        assert known.blocked
        assert [(row.state, row.reason) for row in await gateway.letters()] == [("dead", "blocked")]
        telegram.blocked.clear()
        await gateway.telegram({"update_id": 2, "message": message(LAN, 2, text="hai")})
        await gateway.settled()
        change = {
            "chat": {"id": LAN, "type": "private"},
            "date": 1,
            "old_chat_member": {"status": "member"},
            "new_chat_member": {"status": "kicked"},
        }
        await gateway.telegram({"update_id": 3, "my_chat_member": change})
        (known,) = await gateway.rows(conversations)
        assert known.blocked

    play(scene)
    assert telegram.texts(LAN) == ["Em nghe: hai"]


def test_what_is_not_text(play: Any, telegram: FakeTelegram) -> None:
    file = {"file_id": "F1", "file_unique_id": "u"}
    contents: list[dict[str, Any]] = [
        {"photo": [{**file, "width": 1, "height": 1}, {**file, "file_id": "F2"}], "caption": "đây ạ"},
        {"location": {"latitude": 21.0286, "longitude": 105.8543}},
        {"sticker": file},
        {"new_chat_title": "x"},
    ]

    async def scene(gateway: Rig) -> None:
        for n, content in enumerate(contents):
            await gateway.telegram({"update_id": n, "message": message(LAN, n, **content)})
            await gateway.settled(60)
        bodies = [row.body for row in await gateway.messages()]
        assert [body["event"] for body in bodies] == ["attachment", "location", "sticker"]
        assert bodies[0]["attachments"] == [{"file_id": "F2"}] and bodies[0]["text"] == "đây ạ"

    play(scene)
    photo, place, sticker = telegram.texts(LAN)
    assert "ảnh" in photo and "rất gần" in place and "gõ giúp" in sticker
    assert [given["location"] for name, given in telegram.sent if name == "sendLocation"] == [
        {"latitude": 21.0285, "longitude": 105.8542}
    ]


def test_an_update_of_a_new_shape_is_taken_and_left_alone(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        odd: list[Any] = [
            {"update_id": 1, "purchased_paid_media": {"from": {}}},
            {"update_id": 2, "message": {"message_id": "x", "chat": 7}},
            {"update_id": 3, "message": message(LAN, 1, text={"new": "shape"})},
            {"update_id": 4, "callback_query": {"id": "1", "data": "x"}},
        ]
        for update in odd:
            assert (await gateway.telegram(update)).status_code == 200
        headers = {"X-Telegram-Bot-Api-Secret-Token": platform.SECRET}
        response = await gateway.http.post("/webhooks/telegram", content=b"{", headers=headers)
        assert response.status_code == 400
        assert await gateway.messages() == []

    play(scene)
