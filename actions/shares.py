"""Of several procedures in one message each gets what is asked about it: "lý lịch tư pháp bao lâu có, còn hộ
chiếu hết bao nhiêu"."""

from __future__ import annotations

from collections.abc import Sequence

from actions.decision import Decision
from actions.turn import Turn
from procedures_catalog import Procedure

Span = tuple[int, int]


def own_aspects(procedure: Procedure, aspects: Sequence[str], turn: Turn, decision: Decision) -> list[str]:
    """The aspects asked in the clause about ``procedure`` and in clauses about none; all of them when nothing
    is asked in its clause, for then they are asked once for all, or when it is not known where."""
    at = {key: _moved(span, turn.matter_at) for key, span in decision.asked_at.items()}
    if procedure.id not in at:
        return list(aspects)
    places = [place for aspect in aspects for place in turn.asked_in.get(aspect, ())]
    if not any(_meet(place, at[procedure.id]) for place in places):
        return list(aspects)
    others = [span for key, span in at.items() if key != procedure.id and span != at[procedure.id]]
    own = [a for a in aspects if not _asked_only_in(turn.asked_in.get(a, ()), others, at[procedure.id])]
    return own or list(aspects)


def _asked_only_in(places: Sequence[Span], others: Sequence[Span], own: Span) -> bool:
    """Whether something is asked in other clauses and not in this one."""
    inside = [place for place in places if any(_meet(place, other) for other in others)]
    return bool(inside) and len(inside) == len(places) and not any(_meet(place, own) for place in places)


def _meet(place: Span, clause: Span) -> bool:
    return place[0] < clause[1] and clause[0] < place[1]


def _moved(span: Span, by: int) -> Span:
    return (span[0] + by, span[1] + by)
