"""What a turn is about, and from which scores on that is sure enough to say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from actions.ages import age_told, bounds, within
from actions.bootstrap import Services
from actions.said_there import SaidThere
from procedures_catalog import Hit, Procedure
from procedures_catalog.life_events import LifeEvent
from vietnamese import normalize

# From these calibrated scores on: sure enough to answer; worth offering.
SURE = 0.85
OFFERED = 0.02
MAX_OFFERED = 4
MAX_SIBLINGS = 6
MAX_ANSWERED = 4
MAX_BESIDE = 2
# From this probability on, the words name something of the catalogue.
NAMED = 0.5
# From this score on, a situation of life is told.
EVENT = 0.5
# Below it, what is named is none of ours.
FAMILIAR = 0.5

Kind = Literal["procedures", "choice", "event", "which", "elsewhere", "unknown"]


@dataclass(frozen=True)
class Decision:
    """``procedures`` to answer about, or to choose from; ``hits`` as understood, best first; ``asked_at``: of
    several procedures, the span of the clause in the text that asks about each, by id; ``beside``: what else
    the message is likely about, which is offered and not answered; ``assumed``: nothing was chosen of what
    was offered, so the likeliest is answered about; ``cases``: what is told of the citizen's case; ``lines``:
    what is answered of the procedure, and nothing else."""

    kind: Kind
    procedures: list[Procedure] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    event: LifeEvent | None = None
    score: float = 0.0
    by_context: bool = False
    asked_at: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    beside: Sequence[Procedure] = ()
    assumed: bool = False
    cases: Mapping[str, str] = field(default_factory=dict)
    lines: SaidThere | None = None


def exactly(*found: Procedure | None) -> Decision:
    """These and no others, as a button or a code says it; unknown when there are none."""
    known = [procedure for procedure in found if procedure][:MAX_ANSWERED]
    if not known:
        return Decision("unknown")
    return Decision("procedures", known, [Hit(procedure, 1.0) for procedure in known])


def in_force(hits: list[Hit], services: Services, said: str = "") -> list[Hit]:
    """The hits with what is in force today in place of what was abolished; scores of one add up. What an age
    told in ``said`` does not fit ("cháu 7 tuổi": "… người dưới 06 tuổi") leaves its score to its sibling."""
    scores: dict[str, float] = {}
    for hit in hits:
        current = services.catalog.current(hit.procedure, services.today)
        scores[current.id] = scores.get(current.id, 0.0) + hit.score
    age = age_told(normalize(said).split()) if said else None
    if age is not None:
        _leave_to_siblings(scores, age, services)
    best = sorted(scores.items(), key=lambda pair: -pair[1])
    return [Hit(services.catalog.get(key), score) for key, score in best]


def _leave_to_siblings(scores: dict[str, float], age: int, services: Services) -> None:
    for key in list(scores):
        procedure = services.catalog.get(key)
        bounded = bounds(normalize(procedure.name))
        if bounded is None or within(age, bounded):
            continue
        heir = max((k for k in scores if k in procedure.siblings), key=lambda k: scores[k], default=None)
        if heir:
            scores[heir] += scores.pop(key)
