"""Turns, for the worker: take them, end them, put them back, keep them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Literal

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from bot.mailbox import claims, leases, outbox, privacy
from bot.mailbox.core import PULL, Core
from bot.mailbox.model import Answer, Outcome, Reply, Turn
from dossiers.handover import record_handover, waiting_request


class Turns:
    """See the module; ``Mailbox.turns``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def claim(self, most: int, channels: Collection[str] | None = None) -> list[Turn]:
        """Up to ``most`` turns that may begin, one per conversation; they are this process's now.

        ``channels``: only these.
        """
        core = self._core

        def work(connection: Connection, now: float) -> tuple[list[Turn], float | None]:
            turns, again = claims.claim(connection, now, core.owner, most, core.rhythm_of, channels)
            return turns, None if again is None else again - now

        turns, again = await core.run(work, durable=False)
        core.held.update((turn.conversation, turn.token) for turn in turns)
        if again is not None:
            core.inbox_alarm.ring(again)
        if len(turns) == most:
            core.inbox_alarm.ring()
        return turns

    async def finish(
        self,
        turn: Turn,
        state: Literal["answered", "apologised", "kept", "recorded"],
        answer: Answer,
        *,
        reason: str | None = None,
        notice: Reply | None = None,
    ) -> bool:
        """Ends a turn and puts its replies into the outbox, at once.

        ``notice`` goes before the first reply of this conversation. False: another process settled
        the turn meanwhile, since this one seemed dead; nothing is kept of the answer.
        """
        core = self._core
        here = turn.id in core.waiters

        def work(connection: Connection, now: float) -> tuple[bool, list[Reply]]:
            replies = [] if answer.erase else answer.replies
            waited: list[Reply] = []
            done = claims.finish(
                connection,
                now,
                turn,
                state,
                replies,
                reason=reason,
                understood=answer.understood,
                notice=notice,
                delivered=here,
            )
            if done and turn.silent == "paused":
                _leave_to_people(connection, turn)
            if done and answer.secret:
                claims.forget_words(connection, turn)
            # While a person answers, the page fetches what they write by itself.
            if done and here and turn.channel in PULL and state == "answered" and not answer.erase:
                waited = outbox.bring_along(connection, now, turn.conversation, turn.id)
            if done and answer.erase:
                privacy.erase(connection, now, turn.conversation, PULL, [turn.id])
                where = (turn.conversation, turn.channel)
                outbox.add(connection, now, *where, answer.replies, inbox_id=turn.id, sent=here)
            return done, waited

        if answer.erase:
            await asyncio.to_thread(core.files.erase, turn.conversation)
        done, waited = await core.run(work, durable=not here)
        if done:
            core.metrics.turn(turn.channel, state, reason)
            self._settled(turn, Outcome(state, [*waited, *answer.replies], answer.understood, reason))
        if answer.erase:
            await asyncio.to_thread(core.ledger.checkpoint)
        return done

    def _settled(self, turn: Turn, outcome: Outcome) -> None:
        core = self._core
        for entry in turn.entries:
            waiter = core.waiters.get(entry.id)
            if waiter is not None and not waiter.done():
                waiter.set_result(outcome)
        core.ring_outboxes(turn.channel)
        core.inbox_alarm.ring()

    def let_go(self, turn: Turn) -> None:
        """This process works on it no longer, whatever came of it: its lease is not renewed."""
        self._core.held.discard((turn.conversation, turn.token))

    async def put_back(self, turn: Turn) -> None:
        """The engine was away, nothing was sent to it: the turn is tried again, later each time."""
        after = await self._core.run(claims.put_back, turn)
        if after is not None:
            self._core.inbox_alarm.ring(after)

    async def hurry(self) -> None:
        """The engine is back: whatever waits for it is due now."""
        await self._core.run(claims.hurry)
        self._core.inbox_alarm.ring()

    async def keep_alive(self, apology: Reply | None) -> tuple[int, int]:
        """Renews this process's leases. With an apology, settles what dead ones left: (turns, letters)."""
        core, begun = self._core, time.monotonic()
        held = [conversation for conversation, _ in core.held]
        letters = [number for number, _ in core.held_letters]

        def work(connection: Connection, now: float) -> tuple[int, int]:
            leases.renew(connection, now, core.owner, held, letters)
            return (0, 0) if apology is None else leases.recover(connection, now, apology, PULL)

        found = await core.run(work)
        core.renewed(begun)
        core.metrics.in_doubt("turn", found[0])
        core.metrics.in_doubt("letter", found[1])
        if any(found):
            core.inbox_alarm.ring()
            core.ring_outboxes()
        return found


def _leave_to_people(connection: Connection, turn: Turn) -> None:
    """One request to the volunteers for a conversation that writes while the assistant is paused."""
    if waiting_request(connection, turn.conversation) is None:
        text = turn.body.get("text") or turn.body.get("payload") or str(turn.body.get("event", ""))
        # The transaction is the caller's, a savepoint among others perhaps: the session only writes.
        with Session(connection, join_transaction_mode="rollback_only") as session:
            record_handover(session, turn.conversation, turn.channel, "paused", text)
