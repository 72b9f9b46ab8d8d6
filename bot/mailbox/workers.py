"""The worker: takes turns from the inbox, has them answered, and puts the replies into the outbox.

One turn at a time per conversation, whichever gateway takes it. A turn that reached the engine is
never asked again: an answer in doubt becomes an apology.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Protocol, Self

from bot.errors import AnswerInDoubt, BadRequest, EngineRefused, EngineUnavailable
from bot.mailbox.claims import LEASE_SECONDS
from bot.mailbox.core import PULL
from bot.mailbox.leases import IN_DOUBT
from bot.mailbox.mailbox import Mailbox
from bot.mailbox.model import Answer, Turn
from bot.mailbox.persistence import described, keep_going, surely
from bot.mailbox.words import Notices

log = logging.getLogger(__name__)
AT_ONCE = 32
BEAT_SECONDS = LEASE_SECONDS / 4
PURGE_SECONDS = 3600.0
POLL_SECONDS = 0.5
STOP_WITHIN = 3.5
# With these the engine has not looked at the message: wrong secret, model not loaded yet.
_NOT_BEGUN = {403: "engine_error", 503: "engine_unavailable"}


class Respond(Protocol):
    """Answers a turn: asks the engine (``turn.body``), or handles an event.

    Raises:
        EngineUnavailable: nothing was sent to the engine; it will be asked again.
        AnswerInDoubt, EngineRefused, BadRequest: it will not.
    """

    async def __call__(self, turn: Turn) -> Answer: ...


class Workers:
    """``async with Workers(…):`` turns are answered inside, up to ``at_once`` at a time.

    ``channels``: those that this gateway answers; None: all. ``greet``: whether a channel's conversations
    begin with the first-contact notice. ``keeps_days``: after how many days messages are deleted; None
    leaves that to whoever runs the place.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        respond: Respond,
        notices: Notices,
        *,
        channels: Collection[str] | None = None,
        greet: Callable[[str], bool] = lambda channel: channel not in PULL,
        keeps_days: int | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._mailbox, self._respond, self._notices = mailbox, respond, notices
        self._channels, self._greet = channels, greet
        self._keeps_days, self._at_once = keeps_days, at_once
        self._active: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._away = self._stopping = False
        self._beat_at = float("-inf")

    async def __aenter__(self) -> Self:
        steps = (self._take_turns, self._keep_house, self._purge)
        self._loops = [asyncio.create_task(keep_going(step, lambda: self._stopping)) for step in steps]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes no more; what is in work has a few seconds. What is left then is in doubt, and is settled
        by whoever comes next."""
        taking, *others = self._loops
        self._stopping = True
        self._mailbox.core.inbox_alarm.ring()
        await taking
        if self._active:
            await asyncio.wait(self._active, timeout=STOP_WITHIN)
        for task in (*others, *self._active):
            task.cancel()
        await asyncio.gather(*others, *self._active, return_exceptions=True)

    async def _take_turns(self) -> None:
        free = self._at_once - len(self._active)
        turns = await self._mailbox.turns.claim(free, self._channels) if free else []
        for turn in turns:
            task = asyncio.create_task(self._turn(turn))
            self._active.add(task)
            task.add_done_callback(self._done)
        if not turns or len(self._active) >= self._at_once:
            await self._mailbox.core.inbox_alarm.sleep(POLL_SECONDS)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._mailbox.core.inbox_alarm.ring()

    async def _turn(self, turn: Turn) -> None:
        try:
            await self._answer(turn)
        finally:
            self._mailbox.turns.let_go(turn)

    async def _answer(self, turn: Turn) -> None:
        if turn.silent is not None:
            await self._keep(turn)
            return
        try:
            answer = await self._respond(turn)
        except EngineUnavailable as error:
            await self._engine_away(turn, str(error), "engine_unavailable")
        except AnswerInDoubt as error:
            log.error("turn %d: %s", turn.id, error)
            await self._apologise(turn, IN_DOUBT)
        except EngineRefused as error:
            if error.status in _NOT_BEGUN:
                await self._engine_away(turn, f"{error.status} {error.code}", _NOT_BEGUN[error.status])
            elif error.status == 422:
                # What was left after the engine's own cleaning ("/" alone, say) was nothing.
                await self._explain(turn, "empty_text")
            else:
                log.error("turn %d: %d %s", turn.id, error.status, error.code)
                await self._apologise(turn, "engine_error")
        except BadRequest:
            await self._explain(turn, "old_button")
        except Exception as error:  # a fault of ours must not leave anybody without an answer
            log.error("turn %d: %s", turn.id, described(error))
            await self._apologise(turn, "engine_error")
        else:
            await self._end(turn, "answered", answer)
            if self._away:
                self._away = False
                await surely(self._mailbox.turns.hurry)

    async def _keep(self, turn: Turn) -> None:
        """Somebody else answers: the person is told if they would wait in vain."""
        replies = []
        if turn.silent == "paused":
            replies = [self._notices.paused(turn.message)]
        elif turn.channel in PULL:
            replies = [self._notices["taken_over"]]
        await self._end(turn, "kept", Answer(replies), reason=turn.silent)

    async def _engine_away(self, turn: Turn, fault: str, reason: str) -> None:
        if not self._away:
            log.warning("the engine is away: %s", fault)
        self._away = True
        if turn.channel in PULL:
            # Whoever asked is told now, and will not be answered later behind their back.
            await self._end(turn, "recorded", Answer([]), reason=reason)
        else:
            await surely(lambda: self._mailbox.turns.put_back(turn))

    async def _apologise(self, turn: Turn, reason: str) -> None:
        replies = [] if turn.channel in PULL else [self._notices[reason]]
        await self._end(turn, "apologised", Answer(replies), reason=reason)

    async def _explain(self, turn: Turn, reason: str) -> None:
        if turn.channel in PULL:
            await self._end(turn, "recorded", Answer([]), reason=reason)
        else:
            await self._end(turn, "answered", Answer([self._notices[reason]]), reason=reason)

    async def _end(self, turn: Turn, state: str, answer: Answer, reason: str | None = None) -> None:
        notice = self._notices["first_contact"] if self._greet(turn.channel) else None
        finish = self._mailbox.turns.finish
        if not await surely(lambda: finish(turn, state, answer, reason=reason, notice=notice)):
            log.error("turn %d: its lease was lost, its answer is dropped", turn.id)

    async def _keep_house(self) -> None:
        # A process that was cut off itself does not take others for dead.
        sure = time.monotonic() - self._beat_at < LEASE_SECONDS
        turns, letters = await self._mailbox.turns.keep_alive(self._notices[IN_DOUBT] if sure else None)
        self._beat_at = time.monotonic()
        if turns or letters:
            log.warning("left by a process that ended: %d turns, %d letters in doubt", turns, letters)
        await asyncio.sleep(BEAT_SECONDS)

    async def _purge(self) -> None:
        if self._keeps_days is not None:
            await self._mailbox.people.purge(self._keeps_days)
        await asyncio.sleep(PURGE_SECONDS)
