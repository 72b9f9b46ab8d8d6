"""The checks on one entry, by the name that a finding shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec

from procedures_catalog.model import Procedure
from procedures_catalog.recognise import (
    bare_numbers,
    gone_bodies,
    is_instruction,
    legal_numbers,
    number_fault,
)
from vietnamese import normalize

LEAST_ALSO_CALLED = 6
LEAST_ASKED_AS = 8
# A name of so few words that stands in the names of more others than this is everybody's.
FEW_WORDS, SHARED_BY = 2, 5
WORD_OF_ABSENCE = {"processing_time": "thời hạn"}

# (level, field, what is wrong)
Fault = tuple[Literal["error", "warning"], str, str]


@dataclass(frozen=True)
class Known:
    """What a check may ask of the rest: all entries by id, the ids of life events, the day."""

    procedures: Mapping[str, Procedure]
    life_events: frozenset[str]
    today: date

    @cached_property
    def _names(self) -> dict[str, str]:
        """By id what an entry is called, normalised, with a space around every word."""
        return {
            key: "|".join(f" {normalize(name)} " for name in (entry.name, *entry.also_called))
            for key, entry in self.procedures.items()
        }

    def called(self, norm: str) -> set[str]:
        """The ids of the entries that have these normalised words in a name."""
        return {key for key, names in self._names.items() if f" {norm} " in names}


def references(procedure: Procedure, known: Known) -> Iterator[Fault]:
    for index, sibling in enumerate(procedure.siblings):
        if sibling not in known.procedures:
            yield "error", f"siblings[{index}]", f"{sibling!r} is the id of no entry"
        elif sibling == procedure.id:
            yield "error", f"siblings[{index}]", "an entry is no sibling of itself"
    for index, event in enumerate(procedure.life_events):
        if event not in known.life_events:
            yield "error", f"life_events[{index}]", f"{event!r} is the id of no life event"
    if procedure.replaced_by:
        yield from _replacement(procedure, known)
    elif procedure.valid_until and procedure.valid_until < known.today:
        yield (
            "warning",
            "replaced_by",
            f"it ended on {procedure.valid_until} and nothing says what took its place",
        )


def _replacement(procedure: Procedure, known: Known) -> Iterator[Fault]:
    following, seen = procedure, {procedure.id}
    while following.replaced_by:
        if following.replaced_by not in known.procedures:
            if following is procedure:
                yield "error", "replaced_by", f"{procedure.replaced_by!r} is the id of no entry"
            return
        following = known.procedures[following.replaced_by]
        if following.id in seen:
            yield "error", "replaced_by", "leads back to the entry itself"
            return
        seen.add(following.id)
    if procedure.valid_until is None:
        yield "error", "valid_until", "an entry that was replaced needs the day it ended"


def papers(procedure: Procedure, known: Known) -> Iterator[Fault]:
    for index, document in enumerate(procedure.documents):
        if is_instruction(document.name):
            yield "error", f"documents[{index}].name", f"an instruction, not a paper: {document.name[:60]!r}"
        if not (document.originals or document.copies):
            yield "error", f"documents[{index}]", "needs a number of originals or copies"


def gone(procedure: Procedure, known: Known) -> Iterator[Fault]:
    """Places that a citizen is sent to must exist."""
    going = [("agency", procedure.agency)]
    going += [(f"submit_at[{i}]", text) for i, text in enumerate(procedure.submit_at)]
    going += [(f"channels[{i}].note", row.note) for i, row in enumerate(procedure.channels)]
    going += [(f"steps[{i}]", text) for i, text in enumerate(procedure.steps)]
    told = [(f"notes[{i}]", text) for i, text in enumerate(procedure.notes)]
    told += [(f"eligibility[{i}]", text) for i, text in enumerate(procedure.eligibility)]
    for field in ("documents", "fees", "processing_time", "forms"):
        told += [(f"{field}[{i}].note", row.note) for i, row in enumerate(getattr(procedure, field))]
    for i, case in enumerate(procedure.cases):
        told.append((f"cases[{i}].question", case.question))
        told += [(f"cases[{i}].choices[{j}].label", choice.label) for j, choice in enumerate(case.choices)]
    for level, rows in (("error", going), ("warning", told)):
        for name, text in rows:
            for body in gone_bodies(text or ""):
                yield level, name, f"{body!r} no longer exists"  # type: ignore[misc]


def fees(procedure: Procedure, known: Known) -> Iterator[Fault]:
    for index, row in enumerate(procedure.fees):
        name = f"fees[{index}]"
        if row.state == "free" and not row.basis:
            yield (
                "error",
                f"{name}.basis",
                "free of charge needs its basis; a bare «Miễn phí» is a form's default",
            )
        if row.state == "amount" and row.amount == 0:
            yield "error", f"{name}.amount", "0 đồng is state 'free', with its basis"
        if row.state == "set_elsewhere" and not row.note:
            yield "warning", f"{name}.note", "say who sets it"
        if row.layer == "temporary" and row.valid_until is None:
            yield "error", f"{name}.valid_until", "a temporary fee needs the day it ends"
        if row.valid_until and row.valid_until < known.today:
            yield "warning", name, f"ran out on {row.valid_until}: take it out"
        if row.basis and row.layer != "provincial" and _names_no_text(row.basis):
            yield "error", f"{name}.basis", f"needs the full number of a legal text: {row.basis!r}"


def _names_no_text(basis: str) -> bool:
    """Whether a basis has figures, but neither a full number nor the page it was read on."""
    numbered = any(True for _ in legal_numbers(basis))
    return not numbered and any(c.isdigit() for c in basis) and "trang" not in basis.lower()


def laws(procedure: Procedure, known: Known) -> Iterator[Fault]:
    for index, row in enumerate(procedure.legal_basis):
        fault = number_fault(row.number, known.today)
        if fault:
            yield "error", f"legal_basis[{index}].number", fault
        if row.in_force_until and row.in_force_until < known.today:
            yield "warning", f"legal_basis[{index}]", f"{row.number} ended on {row.in_force_until}"


def bare(procedure: Procedure, known: Known) -> Iterator[Fault]:
    """Numbers collide across issuers: 118/2025/NĐ-CP, 118/2025/QH15, 118/2026/TT-BCA."""
    for name, text in _texts(msgspec.to_builtins(procedure)):
        for number in bare_numbers(text):
            yield "error", name, f"{number} without its issuer says nothing: write the full number"


def wordings(procedure: Procedure, known: Known) -> Iterator[Fault]:
    if procedure.completeness == "full" and procedure.in_force(known.today):
        if len(procedure.also_called) < LEAST_ALSO_CALLED:
            told = f"{len(procedure.also_called)}, a full entry needs {LEAST_ALSO_CALLED}"
            yield "error", "also_called", told
        if len(procedure.asked_as) < LEAST_ASKED_AS:
            yield "error", "asked_as", f"{len(procedure.asked_as)}, a full entry needs {LEAST_ASKED_AS}"
    seen: set[str] = set()
    for text in (*procedure.also_called, *procedure.asked_as):
        if (norm := normalize(text)) in seen:
            yield "warning", "also_called", f"{text!r} is told twice"
        seen.add(norm)


def leftovers(procedure: Procedure, known: Known) -> Iterator[Fault]:
    """Everyday names that are but a piece of what many entries are called ("nhận con")."""
    for text in procedure.also_called:
        norm = normalize(text)
        if len(norm.split()) > FEW_WORDS:
            continue
        others = known.called(norm) - {procedure.id, *procedure.siblings}
        if len(others) > SHARED_BY:
            told = f"{text!r} also stands in the names of {len(others)} others, such as {min(others)}"
            yield "warning", "also_called", f"{told}: add the words that tell this one apart, or drop it"


def cases(procedure: Procedure, known: Known) -> Iterator[Fault]:
    rows = [*procedure.documents, *procedure.fees, *procedure.processing_time, *procedure.cases]
    deciding = {case for row in rows for case in row.when or {}}
    for index, case in enumerate(procedure.cases):
        if case.id not in deciding:
            yield "warning", f"cases[{index}]", f"no row depends on {case.id!r}"


def completeness(procedure: Procedure, known: Known) -> Iterator[Fault]:
    if procedure.checked_on > known.today:
        yield "error", "checked_on", f"{procedure.checked_on} lies in the future"
    if procedure.completeness == "full":
        for name in (
            "agency",
            "submit_at",
            "channels",
            "fees",
            "processing_time",
            "legal_basis",
            "result",
            "steps",
        ):
            if not getattr(procedure, name) and not _says_why(procedure, name):
                yield "warning", name, "a full entry should say this, or a source's note why it cannot"


def _says_why(procedure: Procedure, name: str) -> bool:
    """Whether a source's note tells why a fact is absent: no time limit is better than a guessed one."""
    word = WORD_OF_ABSENCE.get(name)
    return word is not None and any(word in (source.note or "").lower() for source in procedure.sources)


def addresses(procedure: Procedure, known: Known) -> Iterator[Fault]:
    for name, text in _texts(msgspec.to_builtins(procedure)):
        if name.endswith(".url") and not text.startswith(("https://", "http://")):
            yield "error", name, f"must be an address such as https://dichvucong.gov.vn, is {text[:60]!r}"


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the entry with the field it stands in; how citizens speak is left out."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{name}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("also_called", "asked_as", "also"):
                yield from _texts(item, f"{name}.{key}" if name else key)


RULES: dict[str, Callable[[Procedure, Known], Iterator[Fault]]] = {
    "reference": references,
    "paper": papers,
    "gone": gone,
    "fee": fees,
    "legal-number": laws,
    "bare-number": bare,
    "wordings": wordings,
    "leftover": leftovers,
    "case": cases,
    "completeness": completeness,
    "address": addresses,
}
