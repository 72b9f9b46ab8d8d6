"""Which facts have grown old, ran out, or are about to (``motcua catalog stale``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from procedures_catalog.model import Procedure

CHECK_EVERY_DAYS = 180
SOON_DAYS = 60

Kind = Literal["unchecked", "run_out", "running_out"]


@dataclass(frozen=True)
class Stale:
    """One reason to look at an entry again: ``day`` is when it was checked, or when a fact ends."""

    id: str
    kind: Kind
    field: str
    day: date
    words: str

    @property
    def overdue(self) -> bool:
        """Whether it is to be looked at today, and not only soon."""
        return self.kind != "running_out"


def stale(
    procedures: Iterable[Procedure], today: date, days: int = CHECK_EVERY_DAYS, soon: int = SOON_DAYS
) -> list[Stale]:
    """Entries not checked for ``days`` days, and facts that ran out or will within ``soon`` days.

    Entries that are no longer in force are left alone: they say only what took their place.
    """
    found = [row for p in procedures if p.in_force(today) for row in _of(p, today, days, soon)]
    order: dict[Kind, int] = {"run_out": 0, "running_out": 1, "unchecked": 2}
    return sorted(found, key=lambda row: (order[row.kind], row.day, row.id, row.field))


def _of(procedure: Procedure, today: date, days: int, soon: int) -> Iterator[Stale]:
    age = (today - procedure.checked_on).days
    if age > days:
        yield Stale(
            procedure.id, "unchecked", "checked_on", procedure.checked_on, f"not checked for {age} days"
        )
    for field, end, what in _ends(procedure):
        left = (end - today).days
        if left < 0:
            yield Stale(procedure.id, "run_out", field, end, f"{what} ran out {-left} days ago")
        elif end <= today + timedelta(days=soon):
            yield Stale(procedure.id, "running_out", field, end, f"{what} runs out in {left} days")


def _ends(procedure: Procedure) -> Iterator[tuple[str, date, str]]:
    """(field, last day, what it is) of every fact that holds only for a time."""
    for index, fee in enumerate(procedure.fees):
        if fee.valid_until:
            yield (
                f"fees[{index}]",
                fee.valid_until,
                f"the {fee.layer} fee ({fee.basis or fee.name or fee.state})",
            )
    for index, law in enumerate(procedure.legal_basis):
        if law.in_force_until:
            yield f"legal_basis[{index}]", law.in_force_until, law.number
    if procedure.valid_until:
        yield "valid_until", procedure.valid_until, "the procedure itself"
