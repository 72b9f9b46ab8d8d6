from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from bot.mailbox import Answer, Mailbox, Turn, Workers, notice
from bot.mailbox.privacy import TOMBSTONE_SECONDS, Erased
from bot.mailbox.tables import conversations
from dossiers.handover import record_handover
from tests.bot.mailbox.helpers import (
    Answerer,
    Clock,
    inbox_rows,
    notices,
    open_mailbox,
    outbox_rows,
    rows,
    say,
    ungreeted,
    until,
)

SECRET = "tôi tên Nguyễn Bí Mật"
DAY = 86_400.0


def remember(path: Path, conversation: str, words: str, updated_at: float = 0.0) -> None:
    """What the engine does at the end of a turn, in a file of its own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA secure_delete = ON")
        file.execute(
            "CREATE TABLE IF NOT EXISTS engine_conversations"
            " (conversation VARCHAR(160) PRIMARY KEY, updated_at FLOAT NOT NULL, events TEXT NOT NULL)"
        )
        row = (conversation, updated_at, words)
        file.execute("INSERT OR REPLACE INTO engine_conversations VALUES (?, ?, ?)", row)


def remembered(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return [row[0] for row in file.execute("SELECT conversation FROM engine_conversations ORDER BY 1")]


async def talk(mailbox: Mailbox, conversation: str, *texts: str) -> None:
    """A conversation that was answered, asked for a person, and still has something to be sent."""
    for words in texts:
        await say(mailbox, conversation, words)
        (turn,) = await mailbox.turns.claim(1)
        await mailbox.turns.finish(
            turn, "answered", Answer([notice(f"Anh/chị nói: {words}")], {"intent": "x"})
        )
        mailbox.turns.let_go(turn)

    def work(connection) -> None:  # type: ignore[no-untyped-def]
        from sqlalchemy.orm import Session

        with Session(connection, join_transaction_mode="rollback_only") as session:
            record_handover(session, conversation, conversation.partition(":")[0], "asked", texts[-1])

    await mailbox.core.ledger.run(work)


def everything(url: str) -> str:
    """All that the tables hold, as one text."""
    from dossiers.database import open_database

    names = ("conversations", "inbox", "outbox", "handover_requests", "mailbox_switches")
    database = open_database(url)
    with database.engine.connect() as connection:
        found = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in names]
    database.close()
    return "\n".join(found)


def test_erasing_leaves_no_text_and_nobody_elses_is_touched(url: str, tmp_path: Path) -> None:
    remember(tmp_path / "engine.db", "zalo:a", SECRET)
    remember(tmp_path / "engine.db", "zalo:b", "khác")
    remember(tmp_path / "demo-engine-8081.db", "zalo:a", SECRET)

    async def run() -> Erased:
        mailbox = open_mailbox(url, tmp_path)
        await talk(mailbox, "zalo:a", "chào", SECRET)
        await talk(mailbox, "zalo:b", "người khác")
        await say(mailbox, "zalo:a", f"{SECRET}, chưa được trả lời")
        erased = await mailbox.people.erase("zalo:a")
        assert await mailbox.turns.claim(5) == []
        again = await mailbox.people.erase("zalo:a")
        assert not again
        await mailbox.close()
        return erased

    assert asyncio.run(run()) == Erased(messages=3, replies=2, handovers=1, memories=2, conversations=1)
    left = everything(url)
    assert "Bí Mật" not in left
    assert "zalo:a'" not in left.replace('"', "'")
    assert "người khác" in left
    assert remembered(tmp_path / "engine.db") == ["zalo:b"]
    assert remembered(tmp_path / "demo-engine-8081.db") == []


def test_the_bytes_of_the_files_hold_nothing_either_while_a_gateway_runs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/motcua.db"

    async def run() -> None:
        gateway, command = (open_mailbox(url, tmp_path) for _ in range(2))
        # Enough for pages to split and rows to move between them.
        for n in range(60):
            person = "zalo:a" if n % 3 == 0 else f"zalo:{n}"
            words = f"{SECRET} {n} " * (n % 7 + 1) if person == "zalo:a" else f"chuyện khác {n} " * 20
            await say(gateway, person, words)
            (turn,) = await gateway.turns.claim(1)
            await gateway.turns.finish(turn, "answered", Answer([notice(words)]))
            gateway.turns.let_go(turn)
        assert "Bí Mật".encode() in _bytes(tmp_path)
        await command.people.erase("zalo:a")
        assert "Bí Mật".encode() not in _bytes(tmp_path)
        assert "chuyện khác".encode() in _bytes(tmp_path)
        await say(gateway, "zalo:b", "vẫn chạy")
        await asyncio.gather(gateway.close(), command.close())

    asyncio.run(run())


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def test_a_late_delivery_of_an_erased_message_is_still_known(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        await say(mailbox, "zalo:a", SECRET, "m1")
        await mailbox.people.erase("zalo:a")
        again = await mailbox.accept("zalo", "zalo:a", "m1", "text", {"text": SECRET})
        assert not again.new
        assert await mailbox.turns.claim(5) == []
        await mailbox.close()

    asyncio.run(run())
    (stone,) = inbox_rows(url)
    assert (stone.conversation, stone.body, stone.state, stone.reason) == ("", {}, "recorded", "erased")
    assert rows(url, conversations) == []


def test_the_number_of_an_erased_reply_is_never_given_to_another(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        await talk(mailbox, "zalo:a", "một")
        (erased,) = await mailbox.letters.claim("zalo", 5)
        await mailbox.people.erase("zalo:a")
        await talk(mailbox, "zalo:b", "hai")
        (letter,) = await mailbox.letters.claim("zalo", 5)
        # Its sending ends only now: nothing of another's is marked as sent.
        assert not await mailbox.letters.sent(erased, ["x"])
        assert await mailbox.letters.sent(letter, ["y"])
        await mailbox.close()

    asyncio.run(run())
    assert [row.platform_ids for row in outbox_rows(url)] == [["y"]]


def test_erasing_waits_for_the_turn_in_work(url: str, tmp_path: Path) -> None:
    answerer = Answerer()
    answerer.takes = 0.5

    async def run() -> None:
        gateway, command = (open_mailbox(url, tmp_path) for _ in range(2))
        async with Workers(gateway, answerer, notices(), greet=ungreeted):
            await say(gateway, "zalo:a", SECRET)
            await until(lambda: answerer.turns)
            erased = await command.people.erase("zalo:a")
            assert (erased.messages, erased.replies) == (1, 1)
        await asyncio.gather(gateway.close(), command.close())

    asyncio.run(run())
    assert "Bí Mật" not in everything(url)


def test_a_person_who_asks_in_the_chat_is_forgotten_and_told_so(url: str, tmp_path: Path) -> None:
    remember(tmp_path / "engine.db", "web:a", SECRET)
    remember(tmp_path / "engine.db", "zalo:a", SECRET)

    async def respond(turn: Turn) -> Answer:
        if turn.body["text"] == "xóa":
            return Answer([notice("Đã xóa.")], {"intent": "erase_confirm"}, erase=True)
        return Answer([notice(f"Anh/chị nói: {turn.body['text']}")])

    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        async with Workers(mailbox, respond, notices(), greet=ungreeted):
            for channel in ("zalo", "web"):
                number = await say(mailbox, f"{channel}:a", SECRET)
                await until(lambda n=number: _answered(url, n))
                outcome = await mailbox.wait(await say(mailbox, f"{channel}:a", "xóa"), 20)
                assert outcome.state == "answered"
                assert [reply["text"] for reply in outcome.replies] == ["Đã xóa."]
        await mailbox.close()

    asyncio.run(run())
    assert "Bí Mật" not in everything(url)
    assert remembered(tmp_path / "engine.db") == []
    assert [row.reply["text"] for row in outbox_rows(url)] == ["Đã xóa.", "Đã xóa."]
    assert {row.conversation for row in inbox_rows(url)} == {""}


def _answered(url: str, number: int) -> bool:
    return any(row.id == number and row.state == "answered" for row in inbox_rows(url))


def test_the_purge_takes_what_is_old_and_done(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock)
        remember(tmp_path / "engine.db", "zalo:a", "cũ", clock.now)
        await talk(mailbox, "zalo:a", "cũ")
        (letter,) = await mailbox.letters.claim("zalo", 5)
        await mailbox.letters.sent(letter, ["m1"])
        await talk(mailbox, "zalo:c", "cũ, chưa gửi")
        await say(mailbox, "zalo:b", "cũ, chưa trả lời")
        await mailbox.people.erase("zalo:nobody")
        clock.now += 91 * DAY
        remember(tmp_path / "engine.db", "zalo:d", "mới", clock.now)
        await talk_newly(mailbox, "zalo:d")
        purged = await mailbox.people.purge(90)
        assert purged == Erased(messages=2, replies=1, handovers=2, memories=1, conversations=1)
        assert not await mailbox.people.purge(90)
        await mailbox.close()

    asyncio.run(run())
    assert [row.conversation for row in inbox_rows(url)] == ["zalo:b", "zalo:d"]
    assert [row.conversation for row in outbox_rows(url)] == ["zalo:c", "zalo:d"]
    assert [row.id for row in rows(url, conversations)] == ["zalo:b", "zalo:c", "zalo:d"]
    assert remembered(tmp_path / "engine.db") == ["zalo:d"]


async def talk_newly(mailbox: Mailbox, conversation: str) -> None:
    await say(mailbox, conversation, "mới")
    turns = [turn for turn in await mailbox.turns.claim(9) if turn.conversation == conversation]
    await mailbox.turns.finish(turns[0], "answered", Answer([notice("mới")]))


def test_handover_requests_are_kept_no_longer_than_messages(url: str, tmp_path: Path) -> None:
    async def run() -> tuple[Erased, Erased]:
        mailbox = open_mailbox(url, tmp_path)
        await talk(mailbox, "zalo:a", "gặp người")
        before = await mailbox.people.purge(1)
        with mailbox.core.ledger.engine().begin() as connection:
            connection.execute(text("UPDATE handover_requests SET created_at = '2020-01-01 00:00:00'"))
        after = await mailbox.people.purge(1)
        await mailbox.close()
        return before, after

    before, after = asyncio.run(run())
    assert not before
    assert after == Erased(handovers=1)


def test_a_purge_of_everything_takes_many_rows_and_old_tombstones(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock)
        for n in range(600):
            await mailbox.accept("zalo", f"zalo:{n}", f"m{n}", "event", {"event": "follow"})
        for turn in await mailbox.turns.claim(600):
            await mailbox.turns.finish(turn, "answered", Answer([]))
        await mailbox.people.erase("zalo:0")
        clock.now += 60
        purged = await mailbox.people.purge(0)
        assert (purged.messages, purged.conversations) == (599, 599)
        assert not await mailbox.people.purge(0)
        # Until their platform cannot deliver them again, stones stay.
        assert not (await mailbox.accept("zalo", "zalo:7", "m7", "event", {"event": "follow"})).new
        clock.now += TOMBSTONE_SECONDS
        await mailbox.people.purge(90)
        await mailbox.close()

    asyncio.run(run())
    assert inbox_rows(url) == []
    assert rows(url, conversations) == []
