"""The sender: takes letters from the outbox, in order per conversation, and hands them to a platform."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from random import uniform
from types import TracebackType
from typing import Protocol, Self

from bot.mailbox.alarm import Alarm
from bot.mailbox.errors import Refused, Retry, SendError
from bot.mailbox.mailbox import Mailbox
from bot.mailbox.model import Letter, Reply, Sent
from bot.mailbox.pace import Limits, Pace
from bot.mailbox.persistence import keep_going, surely

log = logging.getLogger(__name__)
AT_ONCE = 32
POLL_SECONDS = 0.5
SEND_WITHIN = 60.0
STOP_WITHIN = 3.0
GIVE_UP_SECONDS = 24 * 3600.0
MOST_DOUBTS = 6
# Seconds to the next attempt: the first one, doubled each time, up to the second.
NOT_OURS, STOPPING = "its lease ran out", "the gateway stopped"
AFTER_RETRY, AFTER_DOUBT, AFTER_REFUSAL = (1.0, 300.0), (5.0, 600.0), (30.0, 900.0)


class Sender(Protocol):
    """What a channel gives to have its replies sent."""

    channel: str
    limits: Limits

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """``reply`` as what one call each can carry; the same ones each time it is asked."""
        ...

    async def send(self, conversation: str, part: Reply) -> Sent:
        """Hands one part to the platform.

        Raises:
            Retry, Refused: see :mod:`bot.mailbox.errors`.
        """
        ...


class Postman:
    """``async with Postman(mailbox, sender):`` the letters of one channel are sent inside."""

    def __init__(self, mailbox: Mailbox, sender: Sender, at_once: int = AT_ONCE) -> None:
        self._mailbox, self._sender, self._at_once = mailbox, sender, at_once
        self._pace = Pace(sender.limits)
        self._alarm = mailbox.core.outbox_alarms.setdefault(sender.channel, Alarm())
        self._active: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(keep_going(self._take_letters, self._stopping.is_set))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes no more and gives back what has not begun; what is on its way has a few seconds to arrive."""
        assert self._loop is not None
        self._stopping.set()
        self._alarm.ring()
        await self._loop
        if self._active:
            await asyncio.wait(self._active, timeout=STOP_WITHIN)
        for task in self._active:
            task.cancel()
        await asyncio.gather(*self._active, return_exceptions=True)

    async def _take_letters(self) -> None:
        free = self._at_once - len(self._active)
        letters = await self._mailbox.letters.claim(self._sender.channel, free) if free else []
        for letter in letters:
            task = asyncio.create_task(self._letter(letter))
            self._active.add(task)
            task.add_done_callback(self._done)
        if not letters or len(self._active) >= self._at_once:
            await self._alarm.sleep(POLL_SECONDS)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._alarm.ring()

    async def _letter(self, letter: Letter) -> None:
        done = list(letter.platform_ids)
        try:
            await self._deliver(letter, done)
        except Refused as refusal:
            await self._refused(letter, refusal)
        except Retry as retry:
            await self._again(letter, retry)
        except Exception as error:  # a fault of a channel's must not stop the others' letters
            log.error("letter %d: %s in the sender of %s", letter.id, type(error).__name__, letter.channel)
            await self._again(letter, Retry(f"fault: {type(error).__name__}", in_doubt=True))
        else:
            self._mailbox.core.metrics.letter(letter.channel, "sent")
            await surely(lambda: self._mailbox.letters.sent(letter, done))
        finally:
            self._mailbox.letters.let_go(letter)

    async def _deliver(self, letter: Letter, done: list[str]) -> None:
        """Sends what is left of a letter; ``done`` grows by an entry for each part."""
        rest = self._sender.parts(letter.reply)[len(done) :]
        for left, part in zip(reversed(range(len(rest))), rest, strict=True):
            await self._may_go(letter)
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    sent = await self._sender.send(letter.conversation, part)
            except TimeoutError:
                raise Retry("no answer in time", in_doubt=True) from None
            done.append(" ".join(sent.platform_ids))
            if left and not await surely(lambda: self._mailbox.letters.progress(letter, done)):
                raise Retry(NOT_OURS, in_doubt=True)

    async def _may_go(self, letter: Letter) -> None:
        """Waits until the pace allows it.

        Raises:
            Retry: it must not go now: this process stops, or stood still and another may have sent it.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.delay(letter.conversation, time.monotonic())):
                await self._stopping.wait()
        if self._stopping.is_set():
            raise Retry(STOPPING)
        if not self._mailbox.letters.holds(letter):
            raise Retry(NOT_OURS)

    async def _refused(self, letter: Letter, refusal: Refused) -> None:
        if refusal.blocked:
            # First those behind it: the next one's turn comes as soon as this one is given up.
            await surely(lambda: self._mailbox.people.block(letter.conversation))
            await self._dead(letter, "blocked")
        elif refusal.permanent:
            await self._dead(letter, refusal.reason)
        else:
            await self._later(letter, refusal, _pause(AFTER_REFUSAL, letter.attempts))

    async def _again(self, letter: Letter, retry: Retry) -> None:
        if retry.everyone and retry.after is not None:
            self._pace.hold(retry.after)
        if retry.in_doubt and letter.doubts + 1 >= MOST_DOUBTS:
            # Each attempt may have been delivered: no more of the same to this person.
            await self._dead(letter, f"in doubt: {retry.reason}", in_doubt=True)
            return
        after = (
            _pause(AFTER_DOUBT, letter.doubts + 1) if retry.in_doubt else _pause(AFTER_RETRY, letter.attempts)
        )
        await self._later(letter, retry, max(after, retry.after or 0.0), retry.in_doubt)

    async def _later(self, letter: Letter, error: SendError, after: float, in_doubt: bool = False) -> None:
        if time.time() + after - letter.created_at > GIVE_UP_SECONDS:
            await self._dead(letter, f"given up: {error.reason}", in_doubt)
            return
        self._mailbox.core.metrics.letter(letter.channel, "in_doubt" if in_doubt else "retry")
        await surely(lambda: self._mailbox.letters.failed(letter, error.reason, after, in_doubt))

    async def _dead(self, letter: Letter, reason: str, in_doubt: bool = False) -> None:
        log.error("letter %d to %s is given up: %s", letter.id, letter.channel, reason)
        self._mailbox.core.metrics.letter(letter.channel, "dead")
        await surely(lambda: self._mailbox.letters.dead(letter, reason[:200], in_doubt))


def _pause(bounds: tuple[float, float], attempt: int) -> float:
    """Seconds before the next attempt after the ``attempt``-th, with some jitter."""
    first, most = bounds
    return min(most, first * 2 ** min(attempt - 1, 20)) * uniform(0.75, 1.25)
