"""The mailbox under any order of events: two gateways that crash, wake up too late, and take over."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import Row, Table, select

from bot.mailbox import Answer, Letter, Turn, notice
from bot.mailbox.database import open_engine
from bot.mailbox.tables import inbox, outbox
from tests.bot.mailbox.helpers import Clock, open_mailbox, say

# Nothing here has to survive a power cut: where there is a folder in memory, use it.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
APOLOGY = notice("xin lỗi")
PEOPLE = st.sampled_from(["zalo:a", "zalo:b"])
GATEWAYS = st.sampled_from([0, 1])


@cache
def _template() -> Path:
    """A migrated, empty database to begin with."""
    folder = Path(tempfile.mkdtemp(prefix="mailbox-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder)
    path = folder / "m.db"
    engine = open_engine(f"sqlite:///{path}")
    engine.dispose()
    return path


class MailboxMachine(RuleBasedStateMachine):
    """``delivered``: what the platform got, in order, as (conversation, outbox id, whether from the one
    who held the letter then: a gateway that stood still may hand over what is no longer its own)."""

    turns = Bundle("turns")
    letters = Bundle("letters")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mailbox-", dir=MEMORY))
        self.url = f"sqlite:///{self.folder}/m.db"
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        shutil.copy(_template(), self.folder / "m.db")
        self.gateways = [open_mailbox(self.url, self.folder, clock=self.clock) for _ in range(2)]
        self.accepted: dict[str, int] = {}
        self.erased: set[int] = set()
        self.delivered: list[tuple[str, int, bool]] = []

    def do(self, work):  # type: ignore[no-untyped-def]
        return self.loop.run_until_complete(work)

    def rows(self, table: Table) -> list[Row]:
        with self.gateways[0].core.ledger.engine().connect() as connection:
            return list(connection.execute(select(table).order_by(table.c.id)))

    @rule(person=PEOPLE, gateway=GATEWAYS)
    def write(self, person: str, gateway: int) -> None:
        name = f"m{len(self.accepted)}"
        self.accepted[name] = self.do(say(self.gateways[gateway], person, name, name))

    @rule(data=st.data(), gateway=GATEWAYS)
    def deliver_again(self, data: st.DataObject, gateway: int) -> None:
        if self.accepted:
            name = data.draw(st.sampled_from(sorted(self.accepted)))
            again = self.gateways[gateway].accept("zalo", "zalo:a", name, "text", {"text": name})
            assert self.do(again).id == self.accepted[name]

    @rule(target=turns, gateway=GATEWAYS)
    def take_turns(self, gateway: int):  # type: ignore[no-untyped-def]
        found = self.do(self.gateways[gateway].turns.claim(5))
        return multiple(*((gateway, turn) for turn in found))

    @rule(held=consumes(turns))
    def answer(self, held: tuple[int, Turn]) -> None:
        gateway, turn = held
        answer = Answer([notice(f"re {turn.id}"), notice(f"more {turn.id}")])
        self.do(self.gateways[gateway].turns.finish(turn, "answered", answer))
        self.gateways[gateway].turns.let_go(turn)

    @rule(held=consumes(turns))
    def engine_away(self, held: tuple[int, Turn]) -> None:
        gateway, turn = held
        self.do(self.gateways[gateway].turns.put_back(turn))
        self.gateways[gateway].turns.let_go(turn)

    @rule(held=consumes(turns))
    def engine_in_doubt(self, held: tuple[int, Turn]) -> None:
        gateway, turn = held
        self.do(self.gateways[gateway].turns.finish(turn, "apologised", Answer([APOLOGY])))
        self.gateways[gateway].turns.let_go(turn)

    @rule(gateway=GATEWAYS)
    def stall(self, gateway: int) -> None:
        """It renews nothing for so long that the other takes over; it may still end what it held, later."""
        self.freeze(gateway)
        self.clock.now += 9
        self.keep_house(1 - gateway)
        self.clock.now += 2
        self.keep_house(1 - gateway)

    @rule(seconds=st.sampled_from([1.0, 8.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(gateway=GATEWAYS)
    def keep_house(self, gateway: int) -> None:
        self.do(self.gateways[gateway].turns.keep_alive(APOLOGY))

    def freeze(self, gateway: int) -> None:
        self.gateways[gateway].core.held.clear()
        self.gateways[gateway].core.held_letters.clear()

    @rule(target=letters, gateway=GATEWAYS)
    def take_letters(self, gateway: int):  # type: ignore[no-untyped-def]
        found = self.do(self.gateways[gateway].letters.claim("zalo", 5))
        return multiple(*((gateway, letter) for letter in found))

    @rule(held=consumes(letters), known=st.booleans())
    def platform_takes(self, held: tuple[int, Letter], known: bool) -> None:
        """Delivered; the sender hears of it (``known``), or is killed before."""
        gateway, letter = held
        leases = [(r.id, r.attempts, r.state, r.lease_owner) for r in self.rows(outbox)]
        own = (letter.id, letter.attempts, "sending", self.gateways[gateway].core.owner) in leases
        self.delivered.append((letter.conversation, letter.id, own))
        if known:
            self.do(self.gateways[gateway].letters.sent(letter, ["p"]))
        self.gateways[gateway].letters.let_go(letter)

    @rule(held=consumes(letters), in_doubt=st.booleans())
    def platform_refuses_now(self, held: tuple[int, Letter], in_doubt: bool) -> None:
        gateway, letter = held
        self.do(self.gateways[gateway].letters.failed(letter, "429", 5.0, in_doubt))
        self.gateways[gateway].letters.let_go(letter)

    @precondition(lambda self: len(self.accepted) > 3)
    @rule(person=PEOPLE, gateway=GATEWAYS)
    def erase(self, person: str, gateway: int) -> None:
        self.clock.now += 11  # no lease lasts so long unrenewed
        self.erased |= {row.id for row in self.rows(inbox) if row.conversation == person}
        self.freeze(0)
        self.freeze(1)
        self.do(self.gateways[gateway].people.erase(person))

    @invariant()
    def every_message_is_there_once(self) -> None:
        rows = {row.platform_message_id: row.id for row in self.rows(inbox)}
        assert rows == self.accepted

    @invariant()
    def replies_to_a_message_are_there_once_and_only_when_it_is_settled(self) -> None:
        settled = {row.id for row in self.rows(inbox) if row.state in ("answered", "apologised")}
        letters = self.rows(outbox)
        assert {row.inbox_id for row in letters} <= settled
        assert max(Counter((row.inbox_id, row.position) for row in letters).values(), default=1) == 1

    @invariant()
    def one_letter_of_a_conversation_is_on_its_way(self) -> None:
        on_its_way = Counter(row.conversation for row in self.rows(outbox) if row.state == "sending")
        assert max(on_its_way.values(), default=1) == 1

    def teardown(self) -> None:
        """Both gateways live on and work for a while: everything is answered and delivered, in order."""
        try:
            for _ in range(20 + len(self.accepted)):
                self.freeze(0)
                self.freeze(1)
                self.clock.now += 20
                self.keep_house(0)
                for turn in self.do(self.gateways[0].turns.claim(5)):
                    self.answer((0, turn))
                for letter in self.do(self.gateways[1].letters.claim("zalo", 5)):
                    self.platform_takes((1, letter), True)
            messages, letters = self.rows(inbox), self.rows(outbox)
            kept = [row for row in messages if row.id not in self.erased]
            assert {row.state for row in kept} <= {"answered", "apologised"}
            assert {row.id for row in kept} <= {row.inbox_id for row in letters}
            assert {row.state for row in letters} <= {"sent"}
            # One that comes again was in doubt; as often at most, whoever delivers it.
            times = Counter(letter for _, letter, _ in self.delivered)
            assert all(1 <= times[row.id] <= 1 + row.doubts for row in letters)
            for person in ("zalo:a", "zalo:b"):
                theirs = [(letter, own) for to, letter, own in self.delivered if to == person]
                # It comes again before anything newer; only a gateway that was taken for dead while it
                # stood still may be later with it. Nothing newer is ever before something that never came.
                order = [letter for letter, own in theirs if own]
                assert order == sorted(order)
                there = {row.id for row in letters}
                first_times = list(dict.fromkeys(letter for letter, _ in theirs if letter in there))
                assert first_times == sorted(first_times)
        finally:
            for gateway in self.gateways:
                self.do(gateway.close())
            self.loop.close()
            shutil.rmtree(self.folder)


# Explaining a failure takes minutes, and says nothing that the shortest example does not show.
MailboxMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=list(HealthCheck),
)
TestMailbox = MailboxMachine.TestCase
