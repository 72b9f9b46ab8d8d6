"""Half-typed names, over the catalogue as it is delivered."""

from __future__ import annotations

import pytest

from procedures_catalog import Catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("kha", "dang-ky-khai-sinh"),
        ("KHAI S", "dang-ky-khai-sinh"),
        ("tạm", "dang-ky-tam-tru"),
        ("tam tr", "dang-ky-tam-tru"),
        ("căn", "cap-can-cuoc"),
        ("kết", "dang-ky-ket-hon"),
        ("lý l", "cap-phieu-ly-lich-tu-phap"),
        ("dkks", "dang-ky-khai-sinh"),
    ],
)
def test_three_letters_are_enough(catalog: Catalog, typed: str, wanted: str) -> None:
    assert wanted in [p.id for p in catalog.half_typed.find(typed)[:3]]


@pytest.mark.parametrize("typed", ["", "k", "  ", "?!", "xyz", "khai sinh cho con ngoài giá thú cần gì"])
def test_what_begins_no_name_finds_none(catalog: Catalog, typed: str) -> None:
    assert catalog.half_typed.find(typed) == []
