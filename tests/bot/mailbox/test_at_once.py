"""What two transactions do to each other on PostgreSQL, where each statement sees its own moment."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import OperationalError

from bot.mailbox import claims, inbox, leases, notice, outbox, privacy, switches
from bot.mailbox.core import PULL
from bot.mailbox.database import open_engine
from bot.mailbox.ledger import Ledger
from bot.mailbox.tables import conversations
from bot.mailbox.tables import inbox as messages
from bot.mailbox.tables import outbox as letters
from tests.bot.mailbox.helpers import NO_WAIT
from tests.racing import just_before, race

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def engine(postgresql_url: str):
    engine = open_engine(postgresql_url)
    yield engine
    engine.dispose()


def asked(engine: Engine, conversation: str = "web:a", at: float = NOW) -> int:
    with engine.begin() as connection:
        what = {"channel": "web", "conversation": conversation, "platform_message_id": conversation}
        said = {"kind": "text", "body": {"text": "lệ phí"}, "received_at": at, "due_at": at}
        return inbox.accept(connection, at, **what, **said).id


def claim(connection: Connection, now: float = NOW) -> list[claims.Turn]:
    return claims.claim(connection, now, "owner", 10, lambda channel: NO_WAIT)[0]


def test_no_turn_begins_with_a_message_that_is_being_taken_back(engine: Engine) -> None:
    number = asked(engine)
    taken_back: list[bool] = []

    def take_back() -> None:
        # It would wait for the end of the turn's beginning, which waits for this.
        with suppress(OperationalError), engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
            taken_back.append(inbox.withdraw(connection, NOW, number, "too_late"))

    with just_before(engine, "UPDATE inbox SET state=", take_back), engine.begin() as connection:
        turns = claim(connection)
    assert bool(turns) != any(taken_back), "answered behind somebody's back"


def test_what_nobody_waits_for_is_left_alone_while_its_turn_begins(engine: Engine) -> None:
    asked(engine, at=NOW - leases.PATIENCE_SECONDS - 1)
    with race(engine) as at_once:
        assert len(claim(at_once.first)) == 1
        late = at_once.also(lambda c: leases.recover(c, NOW, notice("…"), PULL))
        assert late.done(), "it waits for a turn that begins"
        at_once.commit()
    with engine.connect() as connection:
        assert connection.scalars(select(messages.c.state)).all() == ["taken"]


def test_two_who_pause_at_once_both_do(engine: Engine) -> None:
    with race(engine) as at_once:
        switches.pause(at_once.first, NOW, "trước")
        late = at_once.also(lambda c: switches.pause(c, NOW, "sau"))
        assert not late.done()
        at_once.commit()
        late.result(timeout=60)
    with engine.connect() as connection:
        assert (switches.paused_message(connection) or {})["message"] == "sau"


def test_a_letter_that_is_put_in_while_one_purges_keeps_its_conversation(engine: Engine) -> None:
    number = asked(engine, at=NOW - 10 * DAY)
    with engine.begin() as connection:
        connection.execute(messages.delete().where(messages.c.id == number))

    def post() -> None:
        with engine.begin() as connection:
            outbox.add(connection, NOW, "web:a", "web", [notice("tin mới")])

    with just_before(engine, "DELETE FROM conversations", post), engine.begin() as connection:
        privacy.purge(connection, NOW, NOW - DAY, PULL)
    with engine.connect() as connection:
        assert connection.scalars(select(conversations.c.id)).all() == ["web:a"]


def test_a_letter_that_is_tried_again_while_one_purges_stays(engine: Engine) -> None:
    asked(engine, "zalo:1", at=NOW - 10 * DAY)
    with engine.begin() as connection:
        outbox.add(connection, NOW - 10 * DAY, "zalo:1", "zalo", [notice("một")])
        connection.execute(update(letters).values(state="dead"))
    with race(engine) as at_once:
        assert outbox.revive(at_once.first, NOW) == 1
        late = at_once.also(lambda c: privacy.purge(c, NOW, NOW - DAY, PULL))
        at_once.commit()
        late.result(timeout=60)
    with engine.connect() as connection:
        assert connection.scalars(select(letters.c.state)).all() == ["failed"]


def test_a_transaction_that_was_ended_for_another_is_done_again(engine: Engine, postgresql_url: str) -> None:
    for name in ("web:a", "web:b"):
        asked(engine, name)

    def lock(connection: Connection, name: str) -> None:
        connection.execute(select(conversations).where(conversations.c.id == name).with_for_update())

    async def both() -> None:
        ledgers = Ledger(postgresql_url), Ledger(postgresql_url)
        for ledger in ledgers:
            await ledger.run(lambda c: None)
        have = [asyncio.Event(), asyncio.Event()]
        loop = asyncio.get_running_loop()

        async def crosswise(own: int, names: tuple[str, str]) -> None:
            def work(connection: Connection) -> None:
                lock(connection, names[0])
                loop.call_soon_threadsafe(have[own].set)
                asyncio.run_coroutine_threadsafe(have[1 - own].wait(), loop).result()
                lock(connection, names[1])

            await ledgers[own].run(work)

        await asyncio.gather(crosswise(0, ("web:a", "web:b")), crosswise(1, ("web:b", "web:a")))
        for ledger in ledgers:
            await asyncio.to_thread(ledger.close)

    asyncio.run(both())
