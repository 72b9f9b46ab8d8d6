from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.errors import AnswerInDoubt, BadRequest, EngineRefused, EngineUnavailable
from bot.mailbox import Answer, Entry, Mailbox, Postman, Turn, Workers, notice
from dossiers.database import open_database
from dossiers.errors import DatabaseError
from dossiers.handover import list_handovers
from tests.bot.mailbox.helpers import (
    UNHURRIED,
    Answerer,
    Platform,
    inbox_rows,
    notices,
    open_mailbox,
    outbox_rows,
    said,
    say,
    ungreeted,
    until,
)


def ask(url: str, var: Path, texts: list[str], answerer: Answerer, channel: str = "zalo") -> Platform:
    """Says ``texts`` one after the other, each settled before the next; the platform that got the answers."""
    platform = Platform()

    async def run() -> None:
        mailbox = open_mailbox(url, var)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            for text in texts:
                number = await say(mailbox, f"{channel}:a", text)
                await until(lambda n=number: _settled(url, n))
            await until(lambda: all(row.state in ("sent", "dead") for row in outbox_rows(url)))
        await mailbox.close()

    asyncio.run(run())
    return platform


def _settled(url: str, number: int) -> bool:
    return all(row.state not in ("waiting", "taken") for row in inbox_rows(url) if row.id == number)


def test_a_message_is_answered_and_the_answer_sent(url: str, tmp_path: Path) -> None:
    assert ask(url, tmp_path, ["chào", "tạm biệt"], Answerer()).got == [
        ("zalo:a", "chào"),
        ("zalo:a", "tạm biệt"),
    ]
    assert [row.platform_ids for row in outbox_rows(url)] == [["m1"], ["m2"]]


def test_many_people_over_several_gateways_each_in_order_and_once(url: str, tmp_path: Path) -> None:
    platform = Platform()
    people = [f"zalo:{n}" for n in range(50)]

    async def run() -> None:
        gateways = [open_mailbox(url, tmp_path) for _ in range(3)]
        answerers = [Answerer() for _ in gateways]
        async with AsyncExitStack() as stack:
            for gateway, answerer in zip(gateways, answerers, strict=True):
                answerer.takes = 0.001
                await stack.enter_async_context(Workers(gateway, answerer, notices(), greet=ungreeted))
                await stack.enter_async_context(Postman(gateway, platform))

            async def talk(person: str) -> None:
                for n in range(20):
                    gateway = gateways[n % len(gateways)]
                    await say(gateway, person, f"{n}", f"{person}/{n}")
                    if n % 5 == 0:
                        # The platform delivers an older one again, elsewhere.
                        await say(gateways[-1], person, f"{n // 2}", f"{person}/{n // 2}")

            await asyncio.gather(*(talk(person) for person in people))
            await until(lambda: len(platform.got) >= 1000, within=120)
        await asyncio.gather(*(gateway.close() for gateway in gateways))
        assert all(answerer.turns for answerer in answerers)

    asyncio.run(run())
    heard = defaultdict(list)
    for person, text in platform.got:
        heard[person].append(text)
    assert heard == {person: [str(n) for n in range(20)] for person in people}
    assert {row.state for row in inbox_rows(url)} == {"answered"}
    assert sum(row.doubts for row in outbox_rows(url)) == 0


def test_one_conversation_has_one_turn_at_a_time(url: str, tmp_path: Path) -> None:
    inside: set[str] = set()

    async def respond(turn: Turn) -> Answer:
        assert turn.conversation not in inside
        inside.add(turn.conversation)
        await asyncio.sleep(0.01)
        inside.remove(turn.conversation)
        return Answer([])

    async def run() -> None:
        gateways = [open_mailbox(url, tmp_path) for _ in range(2)]
        async with Workers(gateways[0], respond, notices()), Workers(gateways[1], respond, notices()):
            for n in range(30):
                await say(gateways[n % 2], f"zalo:{n % 3}", str(n))
            await until(lambda: all(row.state == "answered" for row in inbox_rows(url)))
        await asyncio.gather(*(gateway.close() for gateway in gateways))

    asyncio.run(run())


def test_five_short_lines_get_one_answer(url: str, tmp_path: Path) -> None:
    platform, answerer = Platform(), Answerer()

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path, rhythm=UNHURRIED)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            for n in range(5):
                await say(mailbox, "zalo:a", f"dòng {n}")
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    assert answerer.heard == ["dòng 0\ndòng 1\ndòng 2\ndòng 3\ndòng 4"]
    assert len(platform.got) == 1


def test_an_answer_in_doubt_is_not_asked_for_again_and_the_person_is_told(url: str, tmp_path: Path) -> None:
    answerer = Answerer()
    answerer.fault = AnswerInDoubt("the connection broke")
    platform = ask(url, tmp_path, ["một"], answerer)
    assert answerer.heard == ["một"]
    assert platform.texts("zalo:a") == [notices()["in_doubt"]["text"]]
    (row,) = inbox_rows(url)
    assert (row.state, row.reason) == ("apologised", "in_doubt")


@pytest.mark.parametrize(
    ("fault", "state", "key"),
    [
        (EngineRefused(502, "turn_failed", ""), "apologised", "engine_error"),
        (EngineRefused(422, "bad_message", ""), "answered", "empty_text"),
        (BadRequest(422, "unknown_payload"), "answered", "old_button"),
        (ZeroDivisionError(), "apologised", "engine_error"),
    ],
)
def test_every_fault_has_its_words(fault: Exception, state: str, key: str, tmp_path: Path) -> None:
    url, answerer = f"sqlite:///{tmp_path}/m.db", Answerer()
    answerer.fault = fault
    platform = ask(url, tmp_path, ["một"], answerer)
    assert platform.texts("zalo:a") == [notices()[key]["text"]]
    assert [row.state for row in inbox_rows(url)] == [state]


@pytest.mark.parametrize("fault", [EngineUnavailable("away"), EngineRefused(503, "not_ready", "")])
def test_a_message_waits_for_an_engine_that_is_away(url: str, fault: Exception, tmp_path: Path) -> None:
    answerer, platform = Answerer(), Platform()
    answerer.fault = fault

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            for person in "abc":
                await say(mailbox, f"zalo:{person}", "một")
                await say(mailbox, f"zalo:{person}", "hai")
            await until(lambda: len(answerer.turns) >= 6)
            assert platform.got == []
            answerer.fault = None
            await until(lambda: len(platform.got) == 6)
        await mailbox.close()

    asyncio.run(run())
    assert all(platform.texts(f"zalo:{person}") == ["một", "hai"] for person in "abc")


def test_whoever_waits_at_the_web_is_told_at_once_and_not_answered_later(url: str, tmp_path: Path) -> None:
    answerer = Answerer()
    answerer.fault = EngineUnavailable("away")

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, answerer, notices()):
            outcome = await mailbox.wait(await say(mailbox, "web:a", "một"), 20)
            assert (outcome.state, outcome.reason, outcome.replies) == ("recorded", "engine_unavailable", [])
            answerer.fault = AnswerInDoubt("broken")
            outcome = await mailbox.wait(await say(mailbox, "web:a", "hai"), 20)
            assert (outcome.state, outcome.reason, outcome.replies) == ("apologised", "in_doubt", [])
            answerer.fault = None
            outcome = await mailbox.wait(await say(mailbox, "web:a", "ba"), 20)
            assert (outcome.state, [reply["text"] for reply in outcome.replies]) == ("answered", ["ba"])
        await mailbox.close()

    asyncio.run(run())
    assert answerer.heard == ["một", "hai", "ba"]
    assert outbox_rows(url)[0].state == "sent"


def test_while_paused_everybody_is_told_and_every_message_kept_for_people(url: str, tmp_path: Path) -> None:
    answerer, platform = Answerer(), Platform()

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            await mailbox.people.pause()
            await say(mailbox, "zalo:a", "một")
            await say(mailbox, "zalo:a", "hai")
            outcome = await mailbox.wait(await say(mailbox, "web:a", "ba"), 20)
            assert (outcome.state, outcome.reason) == ("kept", "paused")
            assert outcome.replies == [notices()["paused"]]
            await until(lambda: len(platform.got) == 2)
            await mailbox.people.pause("Nghỉ đến 14 giờ.")
            await say(mailbox, "zalo:a", "bốn")
            await until(lambda: len(platform.got) == 3)
            assert await mailbox.people.resume()
            assert not await mailbox.people.resume()
            await say(mailbox, "zalo:a", "năm")
            await until(lambda: len(platform.got) == 4)
        await mailbox.close()

    asyncio.run(run())
    paused = notices()["paused"]["text"]
    assert platform.texts("zalo:a") == [paused, paused, "Nghỉ đến 14 giờ.", "năm"]
    assert answerer.heard == ["năm"]
    assert sorted(row.state for row in inbox_rows(url)) == ["answered", "kept", "kept", "kept", "kept"]
    database = open_database(url)
    with database.read() as session:
        waiting = sorted((h.conversation, h.reason, h.text) for h in list_handovers(session))
    database.close()
    assert waiting == [("web:a", "paused", "ba"), ("zalo:a", "paused", "một")]


def test_the_assistant_keeps_silent_where_a_person_answers(url: str, tmp_path: Path) -> None:
    answerer, platform = Answerer(), Platform()

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        await say(mailbox, "zalo:a", "gặp người")
        (turn,) = await mailbox.turns.claim(1)
        await mailbox.turns.finish(turn, "answered", Answer([]))
        await mailbox.people.take_over("zalo:a")
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            number = await say(mailbox, "zalo:a", "một")
            await until(lambda: _settled(url, number))
            await mailbox.letters.post("zalo:a", [notice("em Lan đây ạ")])
            await until(lambda: platform.got)
            await mailbox.people.take_over("zalo:a", False)
            await mailbox.people.silence("zalo:a", 3600)
            number = await say(mailbox, "zalo:a", "hai")
            await until(lambda: _settled(url, number))
            await mailbox.people.silence("zalo:a", 0)
            await say(mailbox, "zalo:a", "ba")
            await until(lambda: len(platform.got) == 2)
        await mailbox.close()

    asyncio.run(run())
    assert answerer.heard == ["ba"]
    assert platform.texts("zalo:a") == ["em Lan đây ạ", "ba"]
    assert [row.state for row in inbox_rows(url)] == ["answered", "kept", "kept", "answered"]


def test_a_clean_stop_ends_what_was_begun(url: str, tmp_path: Path) -> None:
    answerer, platform = Answerer(), Platform()
    answerer.takes = 0.3

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted):
            await say(mailbox, "zalo:a", "một")
            await say(mailbox, "zalo:a", "hai")
            await until(lambda: answerer.turns)
        assert [row.state for row in inbox_rows(url)] == ["answered", "waiting"]
        await mailbox.close()
        again = open_mailbox(url, tmp_path)
        async with Workers(again, answerer, notices(), greet=ungreeted), Postman(again, platform):
            await until(lambda: len(platform.got) == 2)
        await again.close()

    asyncio.run(run())
    assert platform.texts("zalo:a") == ["một", "hai"]


def test_nothing_that_was_written_reaches_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = "số căn cước 012345678901"
    answerer = Answerer()
    answerer.fault = ValueError(secret)
    with caplog.at_level(logging.DEBUG):
        ask(f"sqlite:///{tmp_path}/m.db", tmp_path, [secret], answerer)
    assert "ValueError" in caplog.text
    assert "012345678901" not in caplog.text


def test_a_database_that_goes_away_and_comes_back_loses_no_answer(tmp_path: Path) -> None:
    url, answerer, platform = f"sqlite:///{tmp_path}/m.db", Answerer(), Platform()
    answerer.takes = 0.2

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            await say(mailbox, "zalo:a", "một")
            await until(lambda: answerer.turns)
            engine = mailbox.core.ledger.engine()
            (tmp_path / "m.db").rename(tmp_path / "away.db")
            (tmp_path / "m.db").mkdir()
            engine.dispose()
            await asyncio.sleep(1)
            (tmp_path / "m.db").rmdir()
            (tmp_path / "away.db").rename(tmp_path / "m.db")
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    assert platform.texts("zalo:a") == ["một"]


def test_a_mailbox_whose_database_cannot_be_opened_says_so_and_opens_later(tmp_path: Path) -> None:
    (tmp_path / "m.db").mkdir()

    async def run() -> None:
        mailbox = Mailbox(f"sqlite:///{tmp_path}/m.db", tmp_path)
        with pytest.raises(DatabaseError, match="MOTCUA_DATABASE_URL"):
            await say(mailbox, "zalo:a", "một")
        (tmp_path / "m.db").rmdir()
        assert await say(mailbox, "zalo:a", "một") == 1
        await mailbox.close()

    asyncio.run(run())


def test_who_is_said_to_is_shown_by_kind() -> None:
    entries = tuple(Entry(n, "text", {"text": str(n)}, 0) for n in range(3))
    turn = Turn("zalo:a", "zalo", entries, "t")
    assert (turn.id, turn.kind, said(turn)) == (2, "text", "0\n1\n2")
    tapped = Turn("zalo:a", "zalo", (Entry(7, "payload", {"payload": "ask"}, 0),), "t")
    assert (tapped.id, tapped.kind, said(tapped)) == (7, "payload", "ask")


def test_a_fault_of_ours_does_not_end_the_loops(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url, answerer, platform = f"sqlite:///{tmp_path}/m.db", Answerer(), Platform()

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        claim, letters = mailbox.turns.claim, mailbox.letters.claim
        faults = [ZeroDivisionError("secret"), KeyError("secret")]

        async def faulty(*args):  # type: ignore[no-untyped-def]
            if faults:
                raise faults.pop()
            return await (letters if args[0] == "zalo" else claim)(*args)

        mailbox.turns.claim = mailbox.letters.claim = faulty  # type: ignore[method-assign]
        async with Workers(mailbox, answerer, notices(), greet=ungreeted), Postman(mailbox, platform):
            await say(mailbox, "zalo:a", "một")
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    assert platform.got == [("zalo:a", "một")]
    assert "ZeroDivisionError at " in caplog.text
    assert "secret" not in caplog.text
