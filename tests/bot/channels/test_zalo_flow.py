"""Zalo from end to end: signed deliveries in, a real database, the fake platform out."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.zalo.events import EVENTS, known_event
from bot.mailbox import notice
from bot.mailbox.tables import conversations
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_zalo import FakeZalo, event, signed, text_event
from tests.bot.channels.golden import reply
from tests.bot.channels.rig import FIRST, Rig

FIXTURES = Path(__file__).parent / "fixtures" / "zalo"
LAN = "246845883529197922"
PERSON = f"zalo:{LAN}"
Scene = Callable[[Rig], Awaitable[None]]


@pytest.fixture
def play(url: str, tmp_path: Path, zalo: FakeZalo, zalo_url: str) -> Callable[..., None]:
    """Runs a scene in a gateway with Zalo."""

    def run(scene: Scene, **options: Any) -> None:
        async def whole() -> None:
            settings = rigs.settings_for(zalo_url, None)
            async with rigs.rig(url, tmp_path, settings, **options) as gateway:
                await scene(gateway)

        asyncio.run(whole())

    return run


def fixture(name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def test_a_question_is_answered_once_however_often_it_is_delivered(play: Any, zalo: FakeZalo) -> None:
    async def scene(gateway: Rig) -> None:
        question = text_event(LAN, "làm khai sinh cần gì", "m1")
        for retry in (0, 0, 1, 2):
            assert (await gateway.zalo(question, retry)).status_code == 200
        await gateway.settled()
        assert (await gateway.zalo(question, 5)).status_code == 200
        await gateway.settled()
        assert gateway.engine.heard == ["làm khai sinh cần gì"]

    play(scene)
    assert zalo.texts(LAN) == ["Em nghe: làm khai sinh cần gì"]


def test_text_reaches_the_engine_composed_and_clean(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.zalo(text_event(LAN, " la\u0300m\u200b khai sinh\x00 ", "m1"))
        await gateway.settled()
        assert gateway.engine.heard == ["làm khai sinh"]

    play(scene)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 200),
        (b"", {}, 200),
        (b"{}", {"X-ZEvent-Signature": "mac=00"}, 200),
        (json.dumps(text_event(LAN, "chào", "m1")).encode(), {}, 200),
        (json.dumps(text_event(LAN, "chào", "m1")).encode(), {"X-ZEvent-Signature": "mac=00"}, 403),
        (b"[1]", {"X-ZEvent-Signature": "mac=00"}, 400),
        (b"{", {"X-ZEvent-Signature": "mac=00"}, 400),
        (b" " * 1_100_000, {"X-ZEvent-Signature": "mac=00"}, 413),
    ],
)
def test_what_is_not_signed_is_not_believed(
    play: Any, body: bytes, headers: dict[str, str], status: int
) -> None:
    async def scene(gateway: Rig) -> None:
        response = await gateway.http.post("/webhooks/zalo", content=body, headers=headers)
        assert response.status_code == status
        if status != 200:
            assert set(response.json()["error"]) == {"code", "message"}
        assert await gateway.messages() == []

    play(scene)


def test_the_signature_covers_every_byte(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        body, headers = signed(text_event(LAN, "chào", "m1"))
        changed = body.replace("chào".encode(), b"chao")
        response = await gateway.http.post("/webhooks/zalo", content=changed, headers=headers)
        assert response.status_code == 403
        # The same event, written otherwise: not what was signed.
        spaced = json.dumps(json.loads(body), indent=1).encode()
        assert (await gateway.http.post("/webhooks/zalo", content=spaced, headers=headers)).status_code == 403
        assert (await gateway.http.post("/webhooks/zalo", content=body, headers=headers)).status_code == 200
        assert len(await gateway.messages()) == 1

    play(scene)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_is_answered_or_left_alone_as_the_table_says(
    play: Any, zalo: FakeZalo, path: Path
) -> None:
    sample = fixture(path.name)
    known = known_event(sample["event_name"])
    assert known is not None

    async def scene(gateway: Rig) -> None:
        assert (await gateway.zalo(sample)).status_code == 200
        await gateway.settled()
        rows = await gateway.messages()
        if known.treatment in ("ignore", "leave"):
            assert rows == [] and zalo.messages == []
        elif known.treatment == "answer" and sample["event_name"] != "user_withdraw":
            assert [row.state for row in rows] == ["answered"]
            assert zalo.messages
        else:
            assert zalo.messages == []

    play(scene)


def test_every_treatment_of_the_table_has_its_reason() -> None:
    assert {known.treatment for known in EVENTS.values()} == {"answer", "ignore", "leave", "silence"}
    assert all(known.does for known in EVENTS.values())
    assert known_event("oa_send_gif") is EVENTS["oa_send_*"]
    assert known_event("anonymous_send_image") is EVENTS["anonymous_send_*"]
    assert known_event("oa_send_consent") is EVENTS["oa_send_consent"]
    assert known_event("something_new") is None and known_event(7) is None


def test_an_event_that_nobody_knows_is_taken_and_left_alone(play: Any) -> None:
    async def scene(gateway: Rig) -> None:
        assert (await gateway.zalo(event("user_dances"))).status_code == 200
        assert (await gateway.zalo({"event_name": ["x"], "timestamp": 5})).status_code == 200
        nobody = event("user_send_text", sender={"id": {"a": 1}}, message={"text": "chào"})
        assert (await gateway.zalo(nobody)).status_code == 200
        assert await gateway.messages() == []

    play(scene)


def test_whoever_follows_is_told_who_answers_and_greeted(play: Any, zalo: FakeZalo) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.zalo(event("follow", follower={"id": LAN}))
        await gateway.settled()
        first, greeting = zalo.messages
        assert first[1]["text"] == FIRST
        assert [b["type"] for b in greeting[1]["attachment"]["payload"]["buttons"]] == ["oa.query.hide"] * 5
        # Told once.
        await gateway.zalo(text_event(LAN, "chào", "m2"))
        await gateway.zalo(event("user_click_chatnow", user_id=LAN))
        await gateway.settled()
        assert [m.get("text") for _, m in zalo.messages[2:]] == ["Em nghe: chào"]

    play(scene, greet=True)


def test_a_tapped_button_comes_back_as_text_and_is_the_button_again(play: Any, zalo: FakeZalo) -> None:
    payload = "ask?procedure=dang-ky-khai-sinh&aspect=fee"

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[notice("Chọn", [{"title": "Lệ phí", "payload": payload}])]]
        await gateway.zalo(text_event(LAN, "khai sinh", "m1"))
        await gateway.settled()
        (button,) = zalo.messages[0][1]["attachment"]["payload"]["buttons"]
        assert button["type"] == "oa.query.hide" and payload not in button["payload"]
        await gateway.zalo(text_event(LAN, button["payload"], "m2"))
        await gateway.settled()
        assert gateway.engine.turns[-1].body == {"payload": payload}
        # It is nobody else's button.
        await gateway.zalo(text_event("999", button["payload"], "m3"))
        await gateway.settled()
        assert zalo.texts("999") == [rigs.NOTICES["old_button"]["text"]]

    play(scene)


def test_more_than_five_choices_come_in_turns(play: Any, zalo: FakeZalo) -> None:
    rows = [{"title": f"Nút {n}", "payload": f"ask?procedure=p{n}"} for n in range(11)]
    link = {"title": "Cổng", "url": "https://dichvucong.gov.vn"}

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[notice("Chọn", rows) | {"links": [link]}]]
        await gateway.zalo(text_event(LAN, "gì cũng được", "m0"))
        titles, number = [], 0
        while True:
            await gateway.settled()
            buttons = zalo.messages[-1][1]["attachment"]["payload"]["buttons"]
            assert len(buttons) <= 5
            last = buttons[-1]
            if last["title"] != "Xem thêm":
                titles += [b["title"] for b in buttons]
                break
            titles += [b["title"] for b in buttons[:-1]]
            number += 1
            await gateway.zalo(text_event(LAN, last["payload"], f"more-{number}"))
        assert titles == [*(row["title"] for row in rows), "Cổng"]
        assert last == {"title": "Cổng", "type": "oa.open.url", "payload": {"url": link["url"]}}
        # Asked once: the rest did not trouble the engine.
        assert len(gateway.engine.turns) == 1

    play(scene)


def test_a_long_answer_is_folded_and_its_button_sends_all_of_it(play: Any, zalo: FakeZalo) -> None:
    long = reply("answer_folded")
    flat = " ".join(long["text"].split())

    def whole(text: str) -> bool:
        return " ".join(text.split()).startswith(flat)

    async def tell(gateway: Rig, text: str, number: str) -> list[str]:
        known = len(zalo.texts(LAN))
        for retry in (0, 1):  # what is delivered again is not answered again
            await gateway.zalo(text_event(LAN, text, number), retry)
            await gateway.settled()
        return zalo.texts(LAN)[known:]

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[long], [long], [notice("Dạ vâng")]]
        (first,) = await tell(gateway, "giấy tờ, lệ phí, bao lâu, ở đâu", "m0")
        button = zalo.messages[-1][1]["attachment"]["payload"]["buttons"][0]
        assert button["title"] == "Xem đủ" and not whole(first) and len(first) < 1600
        pieces = await tell(gateway, button["payload"], "m1")
        assert whole(" ".join(pieces)) and all(len(piece) < 2000 for piece in pieces)
        titles = [b["title"] for b in zalo.messages[-1][1]["attachment"]["payload"]["buttons"]]
        assert titles == ["Nộp trực tuyến", "Biểu mẫu"]
        # Tapped again at once: it stands right above.
        assert await tell(gateway, button["payload"], "m2") == []
        # Typed instead of tapped, and the first button again when other things were said meanwhile.
        assert await tell(gateway, "hỏi lại", "m3") == [first]
        assert await tell(gateway, "xem du", "m4") == pieces
        assert await tell(gateway, "cảm ơn", "m5") == ["Dạ vâng"]
        assert await tell(gateway, button["payload"], "m6") == pieces
        assert await tell(gateway, "xem đủ", "m7") == ["Em nghe: xem đủ"]
        assert len(gateway.engine.turns) == 4

    play(scene)


def test_a_picture_is_acknowledged_once_and_handed_over(play: Any, zalo: FakeZalo) -> None:
    picture = fixture("user_send_image.json")

    async def scene(gateway: Rig) -> None:
        for number in range(3):
            picture["message"]["msg_id"] = f"p{number}"
            await gateway.zalo(picture)
        await gateway.settled()
        (text,) = zalo.texts(LAN)
        assert "ảnh" in text and "yêu cầu số 1" in text
        buttons = zalo.messages[0][1]["attachment"]["payload"]["buttons"]
        assert buttons[-1]["type"] == "oa.open.phone"
        assert buttons[-1]["payload"] == {"phone_code": "19000000"}
        bodies = [row.body for row in await gateway.messages()]
        assert all(b["attachments"][0]["url"].startswith("https://zalo-cdn") for b in bodies)

    play(scene)


def test_a_place_gets_the_way_and_is_not_kept(play: Any, zalo: FakeZalo) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.zalo(fixture("user_send_location.json"))
        await gateway.settled()
        (row,) = await gateway.messages()
        assert row.body["event"] == "location" and set(row.body) == {"event", "km"}
        message = zalo.messages[0][1]
        assert "Số 1 đường Sen Hồng" in message["text"] and "Thứ Hai đến Thứ Sáu: 07:30" in message["text"]
        # Ho Chi Minh City to the sample centre in Ha Noi.
        assert "khoảng 1144 km" in message["text"]
        (button,) = message["attachment"]["payload"]["buttons"]
        assert button["type"] == "oa.open.url" and "21.028500,105.854200" in button["payload"]["url"]

    play(scene)


def test_the_assistant_keeps_silent_while_staff_answer_in_zalos_own_tool(play: Any, zalo: FakeZalo) -> None:
    def staff(user: str, at: float, msg_id: str) -> dict[str, Any]:
        return event(
            "oa_send_text",
            sender={"id": "388613280878808645", "admin_id": "admin_1"},
            recipient={"id": user},
            message={"text": "Chào anh/chị", "msg_id": msg_id},
            timestamp=str(int(at * 1000)),
        )

    async def scene(gateway: Rig) -> None:
        await gateway.zalo(text_event(LAN, "một", "m1"))
        await gateway.settled()
        # Our own echo changes nothing.
        await gateway.zalo(fixture("oa_send_text.echo.json") | {"sender": {"id": "388613280878808645"}})
        await gateway.zalo(text_event(LAN, "hai", "m2"))
        await gateway.settled()
        await gateway.zalo(staff(LAN, time.time(), "s1"))
        await gateway.zalo(text_event(LAN, "ba", "m3"))
        await gateway.settled()
        # A retry of something long past does not shorten it, nor begin it anew.
        await gateway.zalo(staff(LAN, time.time() - 7200, "s0"), retry=5)
        await gateway.zalo(text_event(LAN, "bốn", "m4"))
        await gateway.settled()
        assert gateway.engine.heard == ["một", "hai"]
        # Somebody we never heard of, whom staff wrote to first.
        await gateway.zalo(staff("555", time.time(), "s2"))
        await gateway.settled()
        await gateway.zalo(text_event("555", "năm", "m5"))
        await gateway.settled()
        assert gateway.engine.heard == ["một", "hai"]
        assert {row.id: row.silent_until is not None for row in await gateway.rows(conversations)} == {
            PERSON: True,
            "zalo:555": True,
        }

    play(scene)
    assert zalo.texts("555") == []


@pytest.mark.parametrize(
    ("paused", "who"), [(False, {"user_id": LAN}), (True, {"user_id": LAN}), (False, {"sender": {"id": LAN}})]
)
def test_user_withdraw_erases_even_while_the_assistant_is_paused(
    play: Any, zalo: FakeZalo, paused: bool, who: dict[str, Any]
) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.zalo(text_event(LAN, "bí mật", "m1"))
        await gateway.settled()
        if paused:
            await gateway.mailbox.people.pause()
        await gateway.zalo(event("user_withdraw", **who))
        async with asyncio.timeout(90):
            while await gateway.rows(conversations):
                await asyncio.sleep(0.02)
        assert await gateway.letters() == []
        assert not any("bí mật" in str(row) or row.conversation for row in await gateway.messages())
        # A late retry of what was erased is not a new message.
        assert (await gateway.zalo(text_event(LAN, "bí mật", "m1"), retry=3)).status_code == 200
        await gateway.settled()
        assert gateway.engine.heard == ["bí mật"]

    play(scene)


def test_unfollow_gives_up_what_waits_until_the_person_writes_again(play: Any, zalo: FakeZalo) -> None:
    async def scene(gateway: Rig) -> None:
        await gateway.zalo(text_event(LAN, "chào", "m1"))
        await gateway.settled()
        await gateway.zalo(event("unfollow", follower={"id": LAN}))
        await gateway.mailbox.letters.post(PERSON, [notice("Hồ sơ đã xong")])
        await gateway.settled()
        assert zalo.texts(LAN) == ["Em nghe: chào"]
        await gateway.zalo(text_event(LAN, "còn tôi", "m2"))
        await gateway.settled()
        assert zalo.texts(LAN)[-1] == "Em nghe: còn tôi"

    play(scene)


def test_links_stickers_empty_and_long_lines_get_their_words(play: Any, zalo: FakeZalo) -> None:
    def link(text: str, number: int) -> dict[str, Any]:
        return event("user_send_link", LAN, message={"text": text, "msg_id": f"l{number}"})

    async def scene(gateway: Rig) -> None:
        await gateway.zalo(link("https://x.vn/a", 1))
        await gateway.zalo(link("cái này là gì https://x.vn/a", 2))
        await gateway.zalo(text_event(LAN, "\u200b\u200b", "m1"))
        await gateway.zalo(text_event(LAN, "dài " * 300, "m2"))
        await gateway.settled()
        assert gateway.engine.heard == ["cái này là gì"]
        texts = zalo.texts(LAN)
        assert len(texts) == 4 and "1199" in texts[3]

    play(scene)


def test_the_database_away_is_no_200(url: str, tmp_path: Path, zalo_url: str) -> None:
    async def scene() -> None:
        settings = rigs.settings_for(zalo_url, None)
        blocked = f"sqlite:////proc/none/{tmp_path.name}.db"
        async with rigs.rig(blocked, tmp_path, settings, working=False) as gateway:
            response = await gateway.zalo(text_event(LAN, "chào", "m1"))
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "unavailable"

    asyncio.run(scene())


def test_a_late_first_delivery_is_answered_and_dated_as_it_was_sent(
    play: Any, zalo: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    sent = time.time() - 3000

    async def scene(gateway: Rig) -> None:
        late = text_event(LAN, "chuyện riêng", "m1") | {"timestamp": str(int(sent * 1000))}
        await gateway.zalo(late, retry=4)
        await gateway.settled()
        (row,) = await gateway.messages()
        assert abs(row.received_at - sent) < 1 and row.state == "answered"

    with caplog.at_level(logging.INFO):
        play(scene)
    assert "came with retry 4" in caplog.text and "chuyện riêng" not in caplog.text
