"""What Zalo's error codes mean for a letter. Errors come as HTTP 200 with ``error`` other than 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.channels.records import WINDOW_CLOSED
from bot.mailbox import Refused, Retry, SendError

TOKEN_CODES = frozenset({-216, -220, -124})
RATE_SECONDS = 15.0
Outcome = Literal["retry", "slow down", "wait", "give up", "blocked"]


@dataclass(frozen=True)
class Fault:
    """``wait``: not taken until something is set right; ``blocked``: nothing reaches this person."""

    outcome: Outcome
    words: str


_WINDOW = Fault("give up", WINDOW_CLOSED)
FAULTS: dict[int, Fault] = {
    -32: Fault("slow down", "too many requests a minute"),
    -124: Fault("wait", "the access token is refused"),
    -200: Fault("retry", "Zalo could not send it"),
    -201: Fault("give up", "a parameter is wrong"),
    -204: Fault("wait", "the Official Account is locked or deleted"),
    -205: Fault("give up", "this person is not known to Zalo any more"),
    -209: Fault("wait", "the app has no permission for this: tick it at developers.zalo.me"),
    -210: Fault("give up", "it is longer than Zalo takes"),
    -211: Fault("wait", "the Official Account's quota of messages is used up"),
    -212: Fault("wait", "the Official Account has not been registered for this: see developers.zalo.me"),
    -213: Fault("blocked", "this person does not follow the Official Account any more"),
    -216: Fault("wait", "the access token is refused"),
    -218: Fault("wait", "this person's quota of messages is used up"),
    -219: Fault("wait", "the app was removed or switched off at developers.zalo.me"),
    -220: Fault("wait", "the access token has expired"),
    -221: Fault("wait", "the Official Account is not verified"),
    -223: Fault("wait", "the Official Account is over the limit of its package"),
    -224: Fault("wait", "the Official Account's package does not include this"),
    -230: _WINDOW,
    -232: _WINDOW,
    -233: Fault("give up", "this kind of message is not supported"),
    -244: Fault("blocked", "this person wants no messages from the Official Account"),
}


def send_error(code: int) -> SendError:
    """The error to raise for a code; what is not in the table is given up, with the code in words."""
    fault = FAULTS.get(code, Fault("give up", "unknown to us: see Zalo's list of error codes"))
    words = fault.words if fault.words == WINDOW_CLOSED else f"{fault.words} (Zalo {code})"
    match fault.outcome:
        case "retry":
            return Retry(words)
        case "slow down":
            return Retry(words, RATE_SECONDS, everyone=True)
        case "wait":
            return Refused(words, permanent=False)
        case "blocked":
            return Refused(words, blocked=True)
        case "give up":
            return Refused(words)
