"""The web's way through the mailbox: a message goes in, and whoever asked waits here for its answer."""

from __future__ import annotations

import asyncio
from collections import Counter

from bot.errors import AnswerInDoubt, BadRequest, EngineRefused, EngineUnavailable, TooManyRequests
from bot.gateway.messages import Message
from bot.mailbox import Mailbox, Outcome
from bot.mailbox.database import locked

MOST_WAITING = 20
# The engine's own time and that of a few messages before this one.
WAIT_WITHIN = 60.0
# A message that cannot be kept by then is not taken, and the caller is told so.
KEPT_WITHIN = 8.0
_COMMIT_SECONDS = 1.0
CHANNEL = "web"


class Turns:
    """Has messages answered, one at a time per conversation, in order of arrival."""

    def __init__(
        self, mailbox: Mailbox, within: float = WAIT_WITHIN, kept_within: float = KEPT_WITHIN
    ) -> None:
        self._mailbox, self._within, self._kept_within = mailbox, within, kept_within
        self._inside: Counter[str] = Counter()

    async def answer(self, message: Message) -> dict:
        """The answer to one message, after those that came before it in its conversation.

        A message whose turn has not begun in time is taken back: it is not answered later.

        Raises:
            TooManyRequests: too many messages of this conversation wait already.
            EngineError: see :meth:`EngineClient.turn`.
            BadRequest: nothing in it can be answered.
            DatabaseError: it cannot be kept, or not in time.
        """
        if self._inside[message.conversation] > MOST_WAITING:
            raise TooManyRequests(wait=5.0)
        self._inside[message.conversation] += 1
        try:
            return _answer(await self._outcome(message))
        finally:
            self._inside[message.conversation] -= 1
            if not self._inside[message.conversation]:
                del self._inside[message.conversation]

    async def _outcome(self, message: Message) -> Outcome:
        mailbox, where = self._mailbox, (CHANNEL, message.conversation, message.message_id)
        kind, said = ("text", message.text) if message.payload is None else ("payload", message.payload.text)
        try:
            async with asyncio.timeout(self._kept_within + _COMMIT_SECONDS):
                accepted = await mailbox.accept(*where, kind, {kind: said}, within=self._kept_within)
        except TimeoutError:
            raise locked() from None
        outcome = await mailbox.wait(accepted.id, self._within)
        if not outcome.final and not await mailbox.withdraw(accepted.id, "too_late"):
            # It was settled, or its turn began, at the last moment.
            outcome = await mailbox.wait(accepted.id, 0)
        return outcome


def _answer(outcome: Outcome) -> dict:
    """``{"replies": […], "understood": {…}}``, or the error that the outcome stands for."""
    reason = outcome.reason or outcome.state
    if outcome.state in ("answered", "kept"):
        nothing = {"intent": reason, "confidence": 1.0, "procedures": [], "aspects": []}
        return {"replies": outcome.replies, "understood": outcome.understood or nothing}
    if reason == "engine_error":
        raise EngineRefused(502, reason, "")
    if outcome.state in ("apologised", "taken"):
        raise AnswerInDoubt(reason)
    if reason == "empty_text":
        raise BadRequest(422, "empty_text")
    if reason == "old_button":
        raise BadRequest(422, "unknown_payload")
    raise EngineUnavailable(reason)
