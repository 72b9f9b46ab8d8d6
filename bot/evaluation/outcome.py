"""What the assistant did with a message, read off its HTTP answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_OFFERED = 3
# Replies that state facts of a procedure; a question about the citizen's case follows such an answer or
# stands for it.
ANSWERING = ("answer", "question")


@dataclass(frozen=True)
class Outcome:
    """One turn. ``ranked``: the first three procedures understood, best first, with ``score`` of the first;
    ``answered``: procedures whose facts were told; ``offered``: those that a button leads to.
    """

    kinds: tuple[str, ...] = ()
    ranked: tuple[str, ...] = ()
    score: float | None = None
    answered: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    aspects: frozenset[str] = frozenset()
    error: str = ""

    @property
    def first(self) -> str | None:
        """The procedure that the assistant took the message to mean."""
        return next(iter(self.ranked or self.answered), None)

    @property
    def shown(self) -> frozenset[str]:
        """Every procedure among which the citizen finds the right one, or not."""
        return frozenset((*self.ranked, *self.answered, *self.offered))


def read_outcome(answer: dict[str, Any]) -> Outcome:
    """The outcome in an answer of ``POST /api/v1/messages`` or in its error; silence is an error too."""
    if "error" in answer:
        return Outcome(error=str(answer["error"].get("code") or "error"))
    replies, understood = answer.get("replies") or [], answer.get("understood") or {}
    if not replies:
        return Outcome(error="no_reply")
    found = understood.get("procedures") or []
    told = [reply for reply in replies if reply.get("procedure") and reply["kind"] in ANSWERING]
    aspects = understood.get("aspects") or [
        aspect for reply in replies for aspect in reply.get("aspects") or []
    ]
    score = found[0].get("score") if found else None
    return Outcome(
        kinds=tuple(reply["kind"] for reply in replies),
        ranked=_unique(hit["id"] for hit in found)[:MOST_OFFERED],
        score=None if score is None else min(1.0, max(0.0, float(score))),
        answered=_unique(reply["procedure"] for reply in told),
        offered=_unique(_of_button(button) for reply in replies for button in reply.get("buttons") or []),
        # To ask for nothing in particular is to ask for the overview.
        aspects=frozenset(aspects) or frozenset({"overview"}),
    )


def _of_button(button: dict[str, Any]) -> str:
    return next(iter(parse_qs(urlsplit(button.get("payload") or "").query).get("procedure", [])), "")


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
