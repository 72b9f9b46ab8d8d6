"""What the page of a procedure shows a citizen whose case is known in full, in part or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from procedures_catalog import Catalog
from procedures_catalog.facts import applies, case_labels, documents_for, durations_for, fees_for
from procedures_catalog.model import Case, Document, Duration, Fee, Procedure

# What names a checklist in a link or a message: the procedure and the place of each answer. People type it
# from paper: around the seven digits of a national code every sign may be another one, or missing.
_BETWEEN = r"[\s.,:_–-]*"
CODE = re.compile(
    rf"\s*ds{_BETWEEN}(?:"
    rf"(?P<digits>\d{_BETWEEN}\d{{6}})(?:{_BETWEEN}(?P<ends>[0-9a-z](?:\s?[0-9a-z]){{0,11}}))?"
    r"|(?P<key>[a-z0-9][a-z0-9.-]*?)[\s-](?P<places>[0-9a-z]{1,12}))[\s.!]*",
    re.IGNORECASE,
)
_PLACES = "0123456789abcdefghijklmnopqrstuvwxyz"


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


def checklist_code(catalog: Catalog, procedure: Procedure, answers: Mapping[str, str]) -> str:
    """``ds-1001193-21``: short enough to be typed, to be opened by :func:`checklist_of`. After the
    procedure (by its id where others share its national code), for each of its cases the place of the choice,
    from 1; 0 where nothing is answered."""
    places = ""
    for case in procedure.cases:
        ids = [choice.id for choice in case.choices]
        place = ids.index(answers[case.id]) + 1 if answers.get(case.id) in ids else 0
        places += _PLACES[place if place < len(_PLACES) else 0]
    by_code = procedure.code and catalog.find(procedure.code) == procedure
    key = procedure.code.replace(".", "") if procedure.code and by_code else procedure.id
    return f"ds-{key}-{places.rstrip('0') or '0'}"


def checklist_of(catalog: Catalog, code: str, day: date) -> tuple[Procedure, dict[str, str]] | None:
    """The procedure and the answers that a code names; None when there is no such checklist."""
    found = CODE.fullmatch(code)
    if found is None:
        return None
    digits = re.sub(r"\D", "", found["digits"] or "")
    places = re.sub(r"\s", "", found["ends"] or found["places"] or "0").lower()
    entry = catalog.find(f"{digits[0]}.{digits[1:]}" if digits else found["key"].lower())
    if entry is None or len(places) > max(1, len(entry.cases)):
        return None
    entry = catalog.current(entry, day)
    answers = {
        case.id: case.choices[at - 1].id
        for case, place in zip(entry.cases, places, strict=False)
        if 0 < (at := _PLACES.index(place)) <= len(case.choices)
    }
    return entry, checklist(entry, answers, day).answers


def checklist_payload(procedure: Procedure, answers: Mapping[str, str]) -> str:
    """What a button carries that opens the conversation at this checklist."""
    if not answers:
        return "choose_procedure?" + urlencode({"procedure": procedure.id, "aspect": "documents"})
    # The comma says that these are all the answers, whatever was told before.
    told = {"case": ",".join([*answers, ""]), "choice": ",".join([*answers.values(), ""])}
    return "choose_case?" + urlencode({"procedure": procedure.id, **told})
