"""What becomes of a reply when a platform does not simply take it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.zalo.faults import FAULTS, send_error
from bot.mailbox import Refused, Retry, notice
from bot.mailbox.tables import conversations
from tests.bot.channels import fake_telegram
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_telegram import FakeTelegram, message
from tests.bot.channels.fake_zalo import FakeZalo, text_event
from tests.bot.channels.rig import Rig
from tests.bot.channels.serving import served

LAN, CHAT = "246845883529197922", 5_000_000_001
PDF = b"%PDF-1.7 mau to khai"


@pytest.fixture
def play(url: str, tmp_path: Path, zalo_url: str, telegram_url: str) -> Callable[..., None]:
    """Runs a scene in a gateway with both channels, and more settings."""

    def run(scene: Callable[[Rig], Awaitable[None]], **more: str) -> None:
        async def whole() -> None:
            settings = rigs.settings_for(zalo_url, telegram_url, **more)
            async with rigs.rig(url, tmp_path, settings) as gateway:
                await scene(gateway)

        asyncio.run(whole())

    return run


def told(caplog: pytest.LogCaptureFixture, *secrets: str) -> list[str]:
    """The log lines of ours and of our libraries with one of ``secrets``; the fakes' server logs as well."""
    lines = [r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn")]
    return [line for line in lines if any(secret in line for secret in secrets)]


async def ask_zalo(gateway: Rig, text: str = "chào", number: str = "m1") -> None:
    await gateway.zalo(text_event(LAN, text, number))


async def ask_telegram(gateway: Rig, text: str = "chào", number: int = 1) -> None:
    await gateway.telegram({"update_id": number, "message": message(CHAT, number, text=text)})


# --- Zalo ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["http 500", -200, -32, "http 429"])
def test_zalo_is_tried_again_and_the_person_reads_it_once(
    play: Any, zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch, fault: str | int
) -> None:
    monkeypatch.setattr("bot.channels.zalo.faults.RATE_SECONDS", 0.1)
    zalo.faults.append(fault)

    async def scene(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert (letter.state, letter.attempts, letter.doubts) == ("sent", 2, 0)

    play(scene)
    assert zalo.texts(LAN) == ["Em nghe: chào"]


@pytest.mark.parametrize("fault", ["lost after", "garbage"])
def test_an_answer_of_zalos_that_is_lost_is_a_doubt_and_counted(
    play: Any, zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("bot.mailbox.senders.AFTER_DOUBT", (0.1, 0.1))
    zalo.faults.append(fault)

    async def scene(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert (letter.state, letter.attempts, letter.doubts) == ("sent", 2, 1)

    play(scene)
    assert zalo.texts(LAN) == ["Em nghe: chào"] * 2


@pytest.mark.parametrize(
    ("prepare", "reason", "blocked"),
    [
        (lambda zalo: zalo.blocked.add(LAN), "blocked", True),
        (lambda zalo: zalo.not_following.add(LAN), "blocked", True),
        (lambda zalo: zalo.last_act.update({LAN: 0.0}), "window closed", False),
        (lambda zalo: zalo.faults.append(-210), "it is longer than Zalo takes (Zalo -210)", False),
        (lambda zalo: zalo.faults.append(-9999), "see Zalo's list of error codes (Zalo -9999)", False),
    ],
)
def test_what_zalo_refuses_is_dead_with_the_reason(
    play: Any, zalo: FakeZalo, prepare: Callable[[FakeZalo], object], reason: str, blocked: bool
) -> None:
    prepare(zalo)

    async def scene(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert letter.state == "dead" and letter.reason.endswith(reason)
        (known,) = await gateway.rows(conversations)
        assert known.blocked is blocked

    play(scene)


def test_every_error_code_has_words_and_an_outcome() -> None:
    for code, fault in FAULTS.items():
        error = send_error(code)
        assert fault.words in error.reason
        assert isinstance(error, Retry if fault.outcome in ("retry", "slow down") else Refused)
    for code in (-216, -220, -209, -212, -221, -223, -224, -211, -218):
        error = send_error(code)
        assert isinstance(error, Refused) and not error.permanent, "it is sent once it is set right"


@pytest.mark.parametrize("known", [True, False])
def test_an_expired_token_is_renewed_once_for_all(play: Any, zalo: FakeZalo, known: bool) -> None:
    if known:
        zalo.expire()
    else:
        zalo.tokens.clear()

    async def scene(gateway: Rig) -> None:
        for number in range(8):
            await gateway.zalo(text_event(str(number), "chào", f"m{number}"))
        await gateway.settled()
        assert all((row.state, row.attempts) == ("sent", 1) for row in await gateway.letters())

    play(scene)
    assert zalo.refreshes == 1 and len(zalo.messages) == 8


def test_a_refused_renewal_leaves_the_pair_alone_and_the_letter_waits(
    play: Any, zalo: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.expire()
    zalo.oauth_faults.append("refused")

    async def scene(gateway: Rig) -> None:
        await ask_zalo(gateway)
        async with asyncio.timeout(90):
            while not [row for row in await gateway.letters() if row.state == "failed"]:
                await asyncio.sleep(0.02)
        (letter,) = await gateway.letters()
        assert letter.reason == "Zalo does not renew the token: error -14014"
        # Set right again: the administrator's old pair is still good.
        zalo.tokens["access-0"] = time.time() + 3600
        await gateway.mailbox.core.run(
            lambda c, now: c.exec_driver_sql(f"UPDATE outbox SET next_attempt_at = {now}")
        )
        gateway.mailbox.core.ring_outboxes()
        await gateway.settled()

    with caplog.at_level(logging.DEBUG):
        play(scene)
    assert zalo.texts(LAN) == ["Em nghe: chào"] and zalo.refreshes == 0
    assert not told(caplog, "refresh-0", "access-0")


async def was_silent(gateway: Rig, days: float) -> None:
    """The person's last act was so many days ago."""
    earlier = update(conversations).values(last_seen=time.time() - days * 86_400)
    await gateway.mailbox.core.ledger.run(lambda c: c.execute(earlier))


def test_after_seven_days_a_message_waits_for_the_person(play: Any, zalo: FakeZalo) -> None:
    async def ask(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        await was_silent(gateway, 7.1)

    async def notify(gateway: Rig) -> None:
        await gateway.mailbox.letters.post(f"zalo:{LAN}", [notice("Hồ sơ đã xong")])
        await gateway.settled()
        assert (await gateway.letters())[-1].reason == "window closed"
        assert len(zalo.calls) == 1, "Zalo was not asked for what it would refuse"
        await ask_zalo(gateway, "có gì mới không", "m2")
        await gateway.settled()

    # Within one process nobody falls silent for days.
    play(ask)
    play(notify)
    assert zalo.texts(LAN) == ["Em nghe: chào", "Hồ sơ đã xong", "Em nghe: có gì mới không"]


NEWS = notice("Hồ sơ đã xong") | {
    "kind": "dossier",
    "template": {"ma_ho_so": "H99.01-261102-0001", "tinh_trang": "Đã xử lý xong", "ngay": "21/11/2026"},
}


@pytest.mark.parametrize(("days", "fault"), [(7.1, None), (7.1, -201), (2.0, None)])
def test_news_of_a_dossier_goes_out_as_a_template_where_one_is_set_up(
    play: Any, zalo: FakeZalo, days: float, fault: int | None
) -> None:
    async def ask(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        await was_silent(gateway, days)

    async def notify(gateway: Rig) -> None:
        if fault is not None:
            zalo.faults.append(fault)
        for reply in (NEWS, notice("Một tin khác")):
            await gateway.mailbox.letters.post(f"zalo:{LAN}", [reply])
        await gateway.settled()
        if days > 7 and fault is None:
            assert zalo.templates == [(LAN, "12345", NEWS["template"])]
        elif days > 7:
            assert [row.reason for row in (await gateway.letters())[1:]] == ["window closed"] * 2
        await ask_zalo(gateway, "có gì mới không", "m2")
        await gateway.settled()

    play(ask)
    play(notify, zalo_template_id="12345")
    once = [] if days > 7 and fault is None else ["Hồ sơ đã xong"]
    assert zalo.texts(LAN) == ["Em nghe: chào", *once, "Một tin khác", "Em nghe: có gì mới không"]


@pytest.mark.parametrize("days", [1.9, 2.1, 6.9])
def test_within_seven_days_it_is_sent(play: Any, zalo: FakeZalo, days: float) -> None:
    async def ask(gateway: Rig) -> None:
        await ask_zalo(gateway)
        await gateway.settled()
        await was_silent(gateway, days)

    async def notify(gateway: Rig) -> None:
        await gateway.mailbox.letters.post(f"zalo:{LAN}", [notice("Hồ sơ đã xong")])
        await gateway.settled()

    play(ask)
    play(notify)
    assert zalo.texts(LAN)[-1] == "Hồ sơ đã xong"


# --- Telegram ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [429, 500, 502])
def test_telegram_is_tried_again_and_the_person_reads_it_once(
    play: Any, telegram: FakeTelegram, fault: int
) -> None:
    telegram.faults.append(fault)

    async def scene(gateway: Rig) -> None:
        await ask_telegram(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert (letter.state, letter.attempts, letter.doubts) == ("sent", 2, 0)

    play(scene)
    assert telegram.texts(CHAT) == ["Em nghe: chào"]


def test_an_answer_of_telegrams_that_is_lost_is_a_doubt_and_counted(
    play: Any, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.mailbox.senders.AFTER_DOUBT", (0.1, 0.1))
    telegram.faults.extend(["lost after", "lost before"])

    async def scene(gateway: Rig) -> None:
        await ask_telegram(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert (letter.state, letter.attempts, letter.doubts) == ("sent", 3, 2)

    play(scene)
    assert telegram.texts(CHAT) == ["Em nghe: chào"] * 2


def test_text_that_telegram_cannot_parse_goes_plain(play: Any, telegram: FakeTelegram) -> None:
    telegram.cannot_parse = True

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[notice("1 < 2 & <b>")]]
        await ask_telegram(gateway)
        await gateway.settled()

    play(scene)
    assert telegram.texts(CHAT) == ["1 < 2 & <b>"]


def test_hostile_text_is_escaped(play: Any, telegram: FakeTelegram) -> None:
    async def scene(gateway: Rig) -> None:
        await ask_telegram(gateway, "<a href='https://x.vn'>bấm</a> &amp; <script>")
        await gateway.settled()

    play(scene)
    assert telegram.texts(CHAT) == ["Em nghe: <a href='https://x.vn'>bấm</a> &amp; <script>"]
    assert next(g for n, g in telegram.calls if n == "sendMessage")["parse_mode"] == "HTML"


def test_an_address_that_telegram_dislikes_becomes_text(play: Any, telegram: FakeTelegram) -> None:
    link = {"title": "Trong mạng nội bộ", "url": "http://may-chu/to-khai"}

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [
            [notice("Mời xem", [{"title": "Tiếp", "payload": "show_more"}]) | {"links": [link]}]
        ]
        await ask_telegram(gateway)
        await gateway.settled()

    play(scene)
    assert telegram.texts(CHAT) == ["Mời xem\nTrong mạng nội bộ: http://may-chu/to-khai"]
    assert "show_more" in telegram.sent[0][1]["reply_markup"]


def test_an_unknown_chat_is_given_up(play: Any, telegram: FakeTelegram) -> None:
    telegram.unknown.add(CHAT)

    async def scene(gateway: Rig) -> None:
        await ask_telegram(gateway)
        await gateway.settled()
        (letter,) = await gateway.letters()
        assert (letter.state, letter.reason) == ("dead", "blocked")

    play(scene)


def test_a_refused_token_is_said_without_the_token(
    url: str, tmp_path: Path, telegram_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def whole() -> None:
        settings = rigs.settings_for(None, telegram_url, telegram_token="999:AAwrong-token")
        async with rigs.rig(url, tmp_path, settings) as gateway:
            await ask_telegram(gateway)
            async with asyncio.timeout(90):
                while not [row for row in await gateway.letters() if row.state == "failed"]:
                    await asyncio.sleep(0.02)
            (letter,) = await gateway.letters()
            assert letter.reason == "MOTCUA_TELEGRAM_TOKEN is refused"

    with caplog.at_level(logging.DEBUG):
        asyncio.run(whole())
    assert "MOTCUA_TELEGRAM_TOKEN is refused (getMe)" in caplog.text
    assert not told(caplog, "AAwrong")


# --- both ----------------------------------------------------------------------------------------------


def test_no_log_line_holds_a_text_or_a_token(play: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(gateway: Rig) -> None:
        await ask_zalo(gateway, "chuyện rất riêng")
        await ask_telegram(gateway, "chuyện rất riêng")
        await gateway.settled()

    with caplog.at_level(logging.DEBUG):
        play(scene)
    assert not told(caplog, "rất riêng", fake_telegram.TOKEN, "access-0")


@pytest.fixture
def forms() -> Any:
    """A portal with a form, a log-in page under a form's name, and nothing else."""

    async def form(request: Request) -> Response:
        return Response(PDF, media_type="application/pdf")

    async def page(request: Request) -> Response:
        return Response("<html>Đăng nhập</html>", media_type="text/html")

    with served(Starlette(routes=[Route("/to-khai.pdf", form), Route("/dang-nhap.docx", page)])) as address:
        yield address


def test_a_form_goes_as_a_file_and_is_uploaded_once(
    play: Any, zalo: FakeZalo, telegram: FakeTelegram, forms: str
) -> None:
    link = {"title": "Tờ khai đăng ký khai sinh", "url": f"{forms}/to-khai.pdf"}

    async def scene(gateway: Rig) -> None:
        for number in range(2):
            gateway.engine.replies = [[notice("Mẫu đây ạ") | {"links": [link]}]] * 2
            await ask_zalo(gateway, number=f"m{number}")
            await ask_telegram(gateway, number=number)
            await gateway.settled()

    play(scene)
    assert zalo.uploads == {"file-0": ("to-khai.pdf", PDF)}
    attachments = [m["attachment"] for _, m in zalo.messages if "attachment" in m]
    assert attachments == [{"type": "file", "payload": {"token": "file-0"}}] * 2
    documents = [given["document"] for name, given in telegram.sent if name == "sendDocument"]
    assert [d["file_id"] for d in documents] == ["file-to-khai.pdf"] * 2
    calls = [given for name, given in telegram.calls if name == "sendDocument"]
    assert calls[0]["caption"] == link["title"] and calls[1]["document"] == "file-to-khai.pdf"


@pytest.mark.parametrize("path", ["dang-nhap.docx", "khong-co.pdf"])
def test_a_form_that_cannot_be_had_goes_as_a_link(
    play: Any, zalo: FakeZalo, telegram: FakeTelegram, forms: str, path: str
) -> None:
    link = {"title": "Tờ khai", "url": f"{forms}/{path}"}

    async def scene(gateway: Rig) -> None:
        gateway.engine.replies = [[notice("Mẫu đây ạ") | {"links": [link]}]] * 2
        await ask_zalo(gateway)
        await ask_telegram(gateway)
        await gateway.settled()

    play(scene)
    (button,) = zalo.messages[-1][1]["attachment"]["payload"]["buttons"]
    assert button == {"title": "Mở Tờ khai", "type": "oa.open.url", "payload": {"url": link["url"]}}
    assert telegram.texts(CHAT)[-1] == "Tờ khai" and link["url"] in telegram.sent[-1][1]["reply_markup"]
