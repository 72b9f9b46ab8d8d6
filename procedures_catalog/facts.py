"""Which facts of an entry hold for a citizen: by case, by day, by channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import get_args

from msgspec.structs import replace

from procedures_catalog.model import Case, ChannelName, Document, Duration, Fee, LegalBasis, Procedure, When

Answers = Mapping[str, str]
MAX_QUESTIONS = 3
CHANNELS: tuple[ChannelName, ...] = get_args(ChannelName)

# The parts of an entry whose rows can depend on the case, by the aspect that asks for them.
_ROWS_OF_ASPECT = {"documents": "documents", "fee": "fees", "time": "processing_time"}


def applies(when: When | None, answers: Answers) -> bool | None:
    """Whether a row holds: True, False, or None while a question it depends on is open."""
    known = True
    for case, wanted in (when or {}).items():
        if case not in answers:
            known = False
        elif answers[case] not in ([wanted] if isinstance(wanted, str) else wanted):
            return False
    return True if known else None


def open_questions(procedure: Procedure, aspects: Iterable[str], answers: Answers) -> list[Case]:
    """The case questions still to be asked for these aspects, at most three in one conversation."""
    left = MAX_QUESTIONS - sum(case.id in answers for case in procedure.cases)
    deciding = {
        case
        for aspect in aspects
        if aspect in _ROWS_OF_ASPECT
        for row in getattr(procedure, _ROWS_OF_ASPECT[aspect])
        if applies(row.when, answers) is None
        for case in row.when
    }
    deciding |= {key for case in procedure.cases if case.id in deciding for key in case.when or {}}
    questions = [
        case
        for case in procedure.cases
        if case.id in deciding and case.id not in answers and applies(case.when, answers)
    ]
    return questions[: max(left, 0)]


def documents_for(procedure: Procedure, answers: Answers) -> list[Document]:
    """The papers that surely belong to the citizen's dossier."""
    return [row for row in procedure.documents if applies(row.when, answers)]


def fees_for(procedure: Procedure, day: date, answers: Answers) -> list[Fee]:
    """The lines of fees in force on ``day`` that hold or may hold for the citizen.

    Where the province has spoken, a line that only points to it ("set elsewhere", "not published")
    gives way: wholly, or for the channels that the province names.
    """
    rows = [
        row
        for row in procedure.fees
        if applies(row.when, answers) is not False
        and (row.valid_from is None or row.valid_from <= day)
        and (row.valid_until is None or day <= row.valid_until)
    ]
    provincial = [row for row in rows if row.layer == "provincial"]
    return [kept for row in rows if (kept := _left_open(row, provincial)) is not None]


def _left_open(row: Fee, provincial: Sequence[Fee]) -> Fee | None:
    """The line, or what of it the province's lines on the same matter leave open."""
    if row.layer == "provincial" or row.state not in ("set_elsewhere", "not_published"):
        return row
    spoken = {
        channel
        for other in provincial
        if other.name is None or (row.name or "").casefold() in ("", other.name.casefold())
        for channel in other.channels or CHANNELS
    }
    left = [channel for channel in row.channels or CHANNELS if channel not in spoken]
    if not spoken or len(left) == len(row.channels or CHANNELS):
        return row
    return replace(row, channels=left) if left else None


def durations_for(procedure: Procedure, answers: Answers) -> list[Duration]:
    """The time limits that hold or may hold for the citizen."""
    return [row for row in procedure.processing_time if applies(row.when, answers) is not False]


def laws_for(procedure: Procedure, day: date) -> list[LegalBasis]:
    """The legal texts that have not ended before ``day``."""
    return [row for row in procedure.legal_basis if row.in_force_until is None or row.in_force_until >= day]


def _within(label: str) -> str:
    """A label as it stands within a sentence; an abbreviation stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def case_labels(procedure: Procedure, when: When | None, answers: Answers) -> list[str]:
    """In words, the cases that a row depends on and that the citizen has not told."""
    labels = {case.id: {choice.id: choice.label for choice in case.choices} for case in procedure.cases}
    words: list[str] = []
    for case, wanted in (when or {}).items():
        if case not in answers:
            chosen: Sequence[str] = [wanted] if isinstance(wanted, str) else wanted
            first, *others = (labels[case][choice] for choice in chosen)
            # "Họ hoặc tên hoặc dân tộc" reads as one thing: a label with an "or" of its own stands apart.
            between = "; " if any(" hoặc " in label for label in (first, *others)) else " hoặc "
            words.append(between.join([first, *(_within(label) for label in others)]))
    return words
