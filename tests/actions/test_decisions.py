"""Messages of ``decisions.yml``: what they are about, decided without the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from actions.bootstrap import Services
from actions.decision import Decision
from actions.turn import Turn
from actions.which import decide

TABLE = yaml.safe_load(Path(__file__).with_name("decisions.yml").read_text("utf-8"))
NOT_YET = frozenset(TABLE.pop("not_yet"))


@dataclass(frozen=True)
class Row:
    """A line of the table. ``about``: for each procedure meant the ids that are right; ``beside``: what may
    be answered as well; ``event``: the life event that is told of."""

    text: str
    about: tuple[frozenset[str], ...]
    beside: frozenset[str]
    event: str | None

    @classmethod
    def read(cls, line: str) -> Row:
        text, _, right = line.rpartition(" | ")
        words = right.split()
        return cls(
            text,
            tuple(frozenset(word.split("/")) for word in words if word[0] != "~" and ":" not in word),
            frozenset(word[1:] for word in words if word[0] == "~"),
            next((word.partition(":")[2] for word in words if ":" in word), None),
        )

    def is_met_by(self, decision: Decision) -> bool:
        if self.event:
            return decision.event.id == self.event if decision.event else decision.kind == "choice"
        told = frozenset(procedure.id for procedure in decision.procedures)
        shown = told.union(procedure.id for procedure in decision.beside)
        right = self.beside.union(*self.about)
        return all(ids & shown for ids in self.about) and (decision.kind == "choice" or told <= right)


ROWS = [Row.read(line) for lines in TABLE.values() for line in lines]


def test_the_table_is_as_it_should_be(s: Services) -> None:
    texts = [row.text for row in ROWS]
    assert len(set(texts)) == len(texts)
    assert set(texts) >= NOT_YET
    ids = frozenset[str]().union(*(row.beside.union(*row.about) for row in ROWS))
    assert not [key for key in ids if s.catalog.find(key) is None]
    assert not [row for row in ROWS if row.event and row.event not in s.catalog.life_events]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.text)
def test_a_message_is_about(row: Row, s: Services, request: pytest.FixtureRequest) -> None:
    if row.text in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True))
    turn = Turn("web:table", row.text, "name_procedure", 0.97, [], [], {}, {}, question=0.97)
    decision = decide(turn, s)
    assert decision.kind in ("procedures", "choice", "event")
    assert row.is_met_by(decision), [procedure.id for procedure in decision.procedures]
