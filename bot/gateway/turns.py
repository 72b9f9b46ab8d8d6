"""The web's way through the mailbox: a message goes in, and whoever asked waits here for its answer."""

from __future__ import annotations

from collections import Counter

from bot.errors import AnswerInDoubt, BadRequest, EngineRefused, EngineUnavailable, TooManyRequests
from bot.gateway.messages import Message
from bot.mailbox import Mailbox, Outcome

MOST_WAITING = 20
# The engine's own time and that of a few messages before this one.
WAIT_WITHIN = 60.0
CHANNEL = "web"


class Turns:
    """Has messages answered, one at a time per conversation, in order of arrival."""

    def __init__(self, mailbox: Mailbox, within: float = WAIT_WITHIN) -> None:
        self._mailbox, self._within = mailbox, within
        self._inside: Counter[str] = Counter()

    async def answer(self, message: Message) -> dict:
        """The answer to one message, after those that came before it in its conversation.

        A message whose turn has not begun in time is taken back: it is not answered later.

        Raises:
            TooManyRequests: too many messages of this conversation wait already.
            EngineError: see :meth:`EngineClient.turn`.
            BadRequest: nothing in it can be answered.
            DatabaseError: it cannot be kept.
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
        if message.payload is None:
            accepted = await mailbox.accept(*where, "text", {"text": message.text})
        else:
            accepted = await mailbox.accept(*where, "payload", {"payload": message.payload.text})
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
