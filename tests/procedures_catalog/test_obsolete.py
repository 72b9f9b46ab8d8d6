from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from procedures_catalog.errors import EntryError
from procedures_catalog.obsolete import obsolete_in, read_obsolete
from vietnamese import fold, make_variant

ROWS = read_obsolete()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("có phải nộp sổ hộ khẩu không", ["Sổ hộ khẩu giấy"]),
        ("co can so ho khau ko", ["Sổ hộ khẩu giấy"]),
        ("nộp soor hooj khaaur", ["Sổ hộ khẩu giấy"]),
        ("mang SỔ HỘ KHẨU và sổ tạm trú", ["Sổ hộ khẩu giấy", "Sổ tạm trú giấy"]),
        ("lên công an huyện làm à", ["Cấp huyện (quận, huyện)"]),
        ("đăng ký thường trú cần gì", []),
        ("đăng ký tạm trú cần gì", []),
        ("", []),
        ("\x00\u200b😀", []),
    ],
)
def test_what_is_gone_is_found_in_a_message(text: str, names: list[str]) -> None:
    assert [row.name for row in obsolete_in(text, ROWS)] == names


@pytest.mark.parametrize("typed", [str, str.upper, fold], ids=["as written", "capitals", "without marks"])
def test_every_word_finds_its_own_row(typed) -> None:
    for row in ROWS:
        for word in row.words:
            assert row in obsolete_in(f"em hỏi {typed(word)} còn dùng không", ROWS), word


def test_telex_and_vni_find_it_as_well() -> None:
    for variant in ("telex", "vni"):
        for seed in range(5):
            text = make_variant("nộp sổ hộ khẩu ở đâu", variant, seed)
            assert [row.name for row in obsolete_in(text, ROWS)] == ["Sổ hộ khẩu giấy"], text


def test_a_part_of_a_word_is_not_it() -> None:
    assert obsolete_in("quyển tạm trúng thầu", ROWS) == []


@pytest.mark.parametrize("text", ["đưa lên quản lý", "số tạm trú là gì", "trên huyền thoại"])
def test_marks_that_say_something_else_count(text: str) -> None:
    assert obsolete_in(text, ROWS) == []


def test_each_row_is_gone_already_and_says_by_which_text() -> None:
    for row in ROWS:
        assert date(2015, 1, 1) < row.since <= date(2026, 11, 21)
        assert "/20" in row.basis


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("- {name: A, words: [a], since: hôm qua, basis: B}", "[0].since"),
        ("- {words: [a], since: 2023-01-01, basis: B}", "[0]"),
        ("- {name: A, words: [''], since: 2023-01-01, basis: B}", "[0].words[0]"),
        ("name: A", "file"),
        ("- {name: [", "line 2"),
    ],
)
def test_a_fault_names_file_and_field(tmp_path: Path, text: str, field: str) -> None:
    path = tmp_path / "obsolete.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EntryError) as caught:
        read_obsolete(path)
    assert caught.value.field == field
    assert "obsolete.yml" in str(caught.value)
