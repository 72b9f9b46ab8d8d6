"""How a turn of the mailbox is answered: the engine is asked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import BadRequest
from bot.gateway.engine import EngineClient
from bot.gateway.messages import Message
from bot.gateway.networks import Networks
from bot.gateway.payloads import parse_payload
from bot.gateway.turns import CHANNEL
from bot.mailbox import Answer, Turn

# The button that confirms it; a reply may also say so itself, in ``effect``.
ERASE_INTENT, ERASE_EFFECT = "erase_confirm", "erase"
# A reply to words that must not be kept (the proof that a dossier is somebody's) says so.
FORGET_EFFECT = "forget_words"
# A long list that somebody asked to see whole says so: the channels do not fold it once more. The web's
# replies get no key of our own; there the page folds, and what it hides is there.
IN_FULL_EFFECT, UNFOLDED = "in_full", "unfolded"


@dataclass(frozen=True)
class AskEngine:
    """A :class:`bot.mailbox.Respond` for texts and buttons."""

    engine: EngineClient
    networks: Networks

    async def __call__(self, turn: Turn) -> Answer:
        """The engine's answer.

        Raises:
            EngineError: see :meth:`EngineClient.turn`.
            BadRequest: an event that no channel answers, or a button that is not ours.
        """
        if turn.kind == "event":
            raise BadRequest(422, "unknown_payload")
        where = (turn.conversation, str(turn.id))
        payload = parse_payload(turn.body["payload"]) if turn.kind == "payload" else None
        network = self.networks.of(turn.conversation)
        answer = await self.engine.turn(Message(*where, turn.body.get("text"), payload, network))
        effects = set()
        for reply in answer["replies"]:
            effects.add(effect := reply.pop("effect", None))
            if effect == IN_FULL_EFFECT and turn.channel != CHANNEL:
                reply[UNFOLDED] = True
        erase = ERASE_EFFECT in effects or (payload is not None and payload.intent == ERASE_INTENT)
        secret = FORGET_EFFECT in effects
        return Answer(answer["replies"], answer["understood"], erase, secret)
