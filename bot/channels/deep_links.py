"""What follows ``?start=`` in a link to the Telegram bot, and the buttons that it stands for.

``tt-<id>`` opens a procedure, ``gt-<id>`` its papers, ``gt-<id>_201`` one's own checklist (which choice in
each of its case questions, 0 for none), ``hs`` the dossier form. An id that is too long is cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from procedures_catalog import Catalog, Procedure

LONGEST = 64
DOSSIER, _PROCEDURE, _PAPERS = "hs", "tt-", "gt-"


def procedure_link(procedure_id: str) -> str:
    """Opens the chat at a procedure."""
    return (_PROCEDURE + procedure_id)[:LONGEST]


def checklist_link(procedure: Procedure, answers: Mapping[str, str]) -> str:
    """Opens the chat at the checklist for these answers (case → choice)."""
    numbers = []
    for case in procedure.cases:
        choices = [choice.id for choice in case.choices]
        chosen = answers.get(case.id)
        numbers.append(choices.index(chosen) + 1 if chosen in choices else 0)
    end = f"_{''.join(map(str, numbers))}" if any(numbers) else ""
    return (_PAPERS + procedure.id)[: LONGEST - len(end)] + end


def payloads(what: str, catalog: Catalog) -> list[str] | None:
    """The buttons to be tapped one after the other, the last of which gives the answer.

    Empty when the procedure is not known; None when it is no link of ours.
    """
    if what == DOSSIER:
        return ["dossier_status"]
    kind, (name, _, digits) = what[: len(_PAPERS)], what[len(_PAPERS) :].partition("_")
    if kind not in (_PROCEDURE, _PAPERS):
        return None
    procedure = _find(name, len(what) == LONGEST, catalog)
    if procedure is None:
        return []
    if kind == _PROCEDURE:
        return [_payload("choose_procedure", procedure=procedure.id)]
    chosen = [
        _payload("choose_case", procedure=procedure.id, case=case.id, choice=case.choices[int(digit) - 1].id)
        for case, digit in zip(procedure.cases, digits, strict=False)
        if digit.isdecimal() and 0 < int(digit) <= len(case.choices)
    ]
    return chosen or [_payload("ask", procedure=procedure.id, aspect="documents")]


def _find(name: str, cut: bool, catalog: Catalog) -> Procedure | None:
    """The procedure of that id, or the only one whose id begins so where it may have been ``cut``."""
    exact = catalog.find(name)
    if exact is not None or not cut:
        return exact
    begins = [procedure for procedure in catalog.all() if procedure.id.startswith(name)]
    return begins[0] if len(begins) == 1 else None


def _payload(intent: str, **entities: str) -> str:
    return f"{intent}?{urlencode(entities)}"
