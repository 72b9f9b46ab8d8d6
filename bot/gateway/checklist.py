"""What the page of a procedure shows a citizen whose case is known in full, in part or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from procedures_catalog.facts import applies, case_labels, documents_for, durations_for, fees_for
from procedures_catalog.model import Case, Document, Duration, Fee, Procedure


@dataclass(frozen=True)
class Group:
    """Papers that belong together: ``labels`` are the cases they are for, none when everybody's."""

    labels: list[str]
    documents: list[Document] = field(default_factory=list)


@dataclass(frozen=True)
class Checklist:
    """``answers`` (case → choice) are those of the citizen that this procedure knows."""

    answers: dict[str, str]
    questions: list[Case]
    groups: list[Group]
    fees: list[tuple[Fee, list[str]]]
    durations: list[tuple[Duration, list[str]]]


def checklist(procedure: Procedure, given: Mapping[str, str], day: date) -> Checklist:
    """The checklist on ``day`` for the ``given`` answers; those the procedure does not know are left out."""
    answers = {
        case.id: given[case.id]
        for case in procedure.cases
        if given.get(case.id) in {choice.id for choice in case.choices}
    }
    questions = [case for case in procedure.cases if applies(case.when, answers) is not False]
    answers = {case.id: answers[case.id] for case in questions if case.id in answers}
    return Checklist(
        answers=answers,
        questions=questions,
        groups=_groups(procedure, answers),
        fees=[(row, case_labels(procedure, row.when, answers)) for row in fees_for(procedure, day, answers)],
        durations=[
            (row, case_labels(procedure, row.when, answers)) for row in durations_for(procedure, answers)
        ],
    )


def _groups(procedure: Procedure, answers: Mapping[str, str]) -> list[Group]:
    groups = [Group([], documents_for(procedure, answers))]
    for row in procedure.documents:
        if applies(row.when, answers) is None:
            labels = case_labels(procedure, row.when, answers)
            known = next((group for group in groups if group.labels == labels), None)
            if known is None:
                groups.append(known := Group(labels))
            known.documents.append(row)
    return [group for group in groups if group.documents]
