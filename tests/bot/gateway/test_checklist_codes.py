"""A checklist's code: whatever the counter makes of it opens exactly that checklist again."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from bot.gateway.checklist import checklist, checklist_code, checklist_of, checklist_payload
from bot.gateway.payloads import parse_payload
from procedures_catalog import Catalog

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def test_every_checklist_of_the_catalogue_has_a_code_that_opens_it(catalog: Catalog) -> None:
    for procedure in catalog.all(DAY):
        ways = [[None, *(choice.id for choice in case.choices)] for case in procedure.cases]
        for way in product(*ways):
            told = {case.id: choice for case, choice in zip(procedure.cases, way, strict=True) if choice}
            answers = checklist(procedure, told, DAY).answers
            code = checklist_code(catalog, procedure, answers)
            assert checklist_of(catalog, code.upper(), DAY) == (procedure, answers)
            assert parse_payload(checklist_payload(procedure, answers)).intent.startswith("choose_")


@pytest.mark.parametrize("text", ["DS 1001193 1", " ds-1.001193-1 ", "ds10011931", "Ds: 1 001193–1."])
def test_a_code_may_be_typed_as_people_type(catalog: Catalog, text: str) -> None:
    found = checklist_of(catalog, text, DAY)
    assert found and found[0].id == "dang-ky-khai-sinh" and len(found[1]) == 1


@pytest.mark.parametrize(
    "text", ["ds", "ds-", "ds-9999999-1", "ds-1001193-111111", "danh sách 1", "ds-100119", "ds-khong-co-0"]
)
def test_what_names_no_checklist_opens_none(catalog: Catalog, text: str) -> None:
    assert checklist_of(catalog, text, DAY) is None
