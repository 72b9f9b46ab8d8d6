"""What is told of a procedure for each aspect that may be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.bootstrap import Services
from procedures_catalog import Procedure
from procedures_catalog.facts import (
    Answers,
    case_labels,
    documents_for,
    durations_for,
    fees_for,
    laws_for,
    open_questions,
)
from procedures_catalog.model import Duration, Fee, When


@dataclass(frozen=True)
class FeeLine:
    fee: Fee
    labels: list[str]
    apart: bool


@dataclass(frozen=True)
class TimeLine:
    duration: Duration
    labels: list[str]


def at_a_glance(procedure: Procedure, answers: Answers, services: Services) -> tuple[str | None, str | None]:
    """Its fee and its time in a line each; None where they are not one."""
    fees = [f for f in fees_for(procedure, services.today, answers) if f.layer != "exemption"]
    times = durations_for(procedure, answers)
    say = services.texts.say
    fee_line = say("answers", "fee_row", fees[0], [], apart=False) if len(fees) == 1 else None
    return fee_line, say("answers", "duration", times[0]) if len(times) == 1 else None


def _overview(procedure: Procedure, answers: Answers, services: Services) -> str:
    say = services.texts.say
    fee_line, time_line = at_a_glance(procedure, answers, services)
    papers = [row.name for row in documents_for(procedure, answers) if not row.optional][:4]
    if procedure.completeness == "listed":
        return say("answers", "listed", procedure)
    return say("answers", "overview", procedure, papers, fee_line, time_line)


def _documents(procedure: Procedure, answers: Answers, services: Services) -> str:
    used = {case for row in procedure.documents for case in row.when or {}}
    told = {case.id: answers[case.id] for case in procedure.cases if case.id in answers and case.id in used}
    chosen = choices_of(procedure, told)
    more = bool(open_questions(procedure, ["documents"], answers))
    forms = {form.id: form for form in procedure.forms}
    rows = documents_for(procedure, answers)
    return services.texts.say("answers", "documents", procedure, rows, forms, chosen, more)


def choices_of(procedure: Procedure, when: When) -> list[list[str]]:
    """In words, the choices that ``when`` names: a list for each case."""
    labels = {(case.id, choice.id): choice.label for case in procedure.cases for choice in case.choices}
    return [
        [labels[case, choice] for choice in ([wanted] if isinstance(wanted, str) else wanted)]
        for case, wanted in when.items()
    ]


def _fee(procedure: Procedure, answers: Answers, services: Services) -> str:
    fees = fees_for(procedure, services.today, answers)
    labels = [case_labels(procedure, fee.when, answers) for fee in fees]
    told: dict[str | None, set[str]] = {}
    for fee, row in zip(fees, labels, strict=True):
        told.setdefault(fee.name, set()).add("; ".join(row))
    lines = [
        FeeLine(fee, row, apart=bool(fee.name and row) and len(told[fee.name]) > 1)
        for fee, row in zip(fees, labels, strict=True)
    ]
    exemptions = list(dict.fromkeys(text for fee in fees for text in fee.exemptions))
    return services.texts.say("answers", "fee", lines, exemptions)


def _time(procedure: Procedure, answers: Answers, services: Services) -> str:
    lines = [
        TimeLine(row, case_labels(procedure, row.when, answers)) for row in durations_for(procedure, answers)
    ]
    return services.texts.say("answers", "time", lines)


def _online(procedure: Procedure, answers: Answers, services: Services) -> str:
    row = next((c for c in procedure.channels if c.channel == "online"), None)
    return services.texts.say("answers", "online", procedure, row)


def _legal_basis(procedure: Procedure, answers: Answers, services: Services) -> str:
    return services.texts.say("answers", "legal_basis", laws_for(procedure, services.today))


def _plain(name: str) -> Callable[[Procedure, Answers, Services], str]:
    def section(procedure: Procedure, answers: Answers, services: Services) -> str:
        return services.texts.say("answers", name, procedure)

    return section


SECTIONS: dict[str, Callable[[Procedure, Answers, Services], str]] = {
    "overview": _overview,
    "documents": _documents,
    "forms": _plain("forms"),
    "fee": _fee,
    "time": _time,
    "place": _plain("place"),
    "method": _plain("method"),
    "online": _online,
    "legal_basis": _legal_basis,
    "eligibility": _plain("eligibility"),
    "result": _plain("result"),
    "agency": _plain("agency"),
}
