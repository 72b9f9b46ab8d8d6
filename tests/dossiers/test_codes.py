from __future__ import annotations

import re
import string
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.codes import dossier_code, find_codes, load_formats
from dossiers.errors import DataFileError

FORMATS = {
    "old-unit-4": "{3}.{2}.{2}.{L}{2}-{day}-{4}",
    "old-unit-3": "{2}.{2}.{L}{2}-{day}-{4}",
    "province": "{L}{2}.{2}.{2}.{2}-{day}-{4}",
    "ministry-6": "{L}{2}.{3}.{3}-{day}-{6}",
    "ministry-7": "{L}{2}.{3}.{3}-{day}-{7}",
}


@st.composite
def canonical_codes(draw: st.DrawFn) -> str:
    def fill(match: re.Match[str]) -> str:
        if match[1] == "L":
            return draw(st.sampled_from("ABCDEGHKN"))
        if match[1] == "day":
            return draw(st.dates(date(2010, 1, 1), date(2039, 12, 31))).strftime("%y%m%d")
        return "".join(
            draw(st.lists(st.sampled_from(string.digits), min_size=int(match[1]), max_size=int(match[1])))
        )

    return re.sub(r"\{(\w+)\}", fill, draw(st.sampled_from(sorted(FORMATS.values()))))


@st.composite
def typed(draw: st.DrawFn, code: str) -> str:
    """``code`` as people type it: separators, case and the letters O and l."""
    gaps = ["", " ", ".", "-", " . ", " - ", "–", " — ", "\n", " ", ".\r\n", "_"]
    one_gap = draw(st.sampled_from(gaps))
    mixed = draw(st.booleans())
    out = []
    for sign in code:
        if sign in ".-":
            out.append(draw(st.sampled_from([sign, *gaps])) if mixed else one_gap)
        elif sign == "0":
            out.append(draw(st.sampled_from("00oO")))
        elif sign == "1":
            out.append(draw(st.sampled_from("11lI")))
        else:
            out.append(draw(st.sampled_from([sign, sign.lower()])))
    return "".join(out)


@given(st.data())
def test_a_code_is_found_however_typed(data: st.DataObject) -> None:
    code = data.draw(canonical_codes())
    spelling = data.draw(typed(code))
    before = data.draw(st.sampled_from(["", "cho em hỏi hồ sơ ", "mã:", "hs ", "số (", "Hồ sơ\n", "1. "]))
    after = data.draw(
        st.sampled_from(["", " tới đâu rồi ạ?", ".", ", cảm ơn", ")", "\nạ", " 2 tuần rồi", "!"])
    )
    text = before + spelling + after
    [found] = find_codes(text)
    assert (found.kind, found.code) == ("dossier", code)
    assert text[found.start : found.end] == spelling


@given(canonical_codes())
def test_canonical_spelling_is_a_fixed_point(code: str) -> None:
    assert dossier_code(code) == code
    assert dossier_code(f" {code.lower()} ") == code


@given(st.data())
def test_several_codes_in_one_message(data: st.DataObject) -> None:
    codes = data.draw(st.lists(canonical_codes(), min_size=2, max_size=4))
    glue = data.draw(st.sampled_from([" và ", ", ", "\n", "; ", " với mã "]))
    text = glue.join(codes)
    assert [found.code for found in find_codes(text)] == codes


@given(st.text() | st.text(alphabet="0123456789oOlIhHgG.-– \nKQPAN", max_size=200))
def test_wild_text_never_raises_and_spans_are_in_order(text: str) -> None:
    found = find_codes(text)
    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("giấy tờ 000.00.00.G04-KQ004853", "component", "000.00.00.G04-KQ004853"),
        ("g17 – kqoo327o", "component", "G17-KQ003270"),
        ("PAKN.20200812.0012", "feedback", "PAKN.20200812.0012"),
        ("pakn 20200812 0012 của em", "feedback", "PAKN.20200812.0012"),
        ("thủ tục 1.001193 ạ", "procedure", "1.001193"),
        ("l.OO1193", "procedure", "1.001193"),
        ("2.000815.000.00.00.H42", "procedure", "2.000815.000.00.00.H42"),
    ],
)
def test_look_alikes_are_told_apart(text: str, kind: str, code: str) -> None:
    [found] = find_codes(text)
    assert (found.kind, found.code) == (kind, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0912 345 678",
        "+84 91 234 5678",
        "001203004567",
        "căn cước 001 203 004 567 cấp ngày 20/11/2021",
        "20.11.2026 và 21-11-2026",
        "1.001.193 đồng",
        "10.01.05-261001-0010",
        "H15.50.05.13-261308-0975",  # there is no 13th month
        "H15.50.05.13-260230-0975",  # nor a 30th of February
        "H15.50.05.13-261008-09751",
        "14.H15.50.05.13-261008-0975",
        "38.98.H29-210519-00134",
        "biển số 30A-123.45",
    ],
)
def test_what_is_no_code_stays_unfound(text: str) -> None:
    assert find_codes(text) == []


def test_a_word_right_behind_the_code_does_not_hide_it() -> None:
    assert [f.code for f in find_codes("1.h15.50.05.13-261008-0975luôn nhé")] == ["H15.50.05.13-261008-0975"]


def test_a_long_message_of_digits_is_read_in_one_pass() -> None:
    assert find_codes("000.00.14.H56-" * 3000) == []


@pytest.mark.parametrize(
    "text",
    [
        "H29.31.4-251103-0012",
        "h29 31 4 251103 0012 xong chưa",
        "mã h29.31.4–2511o3–0012",
        "H29-31-4-251103-0012",
    ],
)
def test_offices_with_short_numbers(text: str) -> None:
    assert [found.code for found in find_codes(text)] == ["H29.31.4-251103-0012"]
    # Without anything between them nobody knows where one part ends.
    assert find_codes("H293142511030012") == []


def test_dossier_code_takes_nothing_else() -> None:
    assert dossier_code("hồ sơ H15.50.05.13-261008-0975") is None
    assert dossier_code("1.001193") is None


def test_the_coming_format_is_a_row_of_data(tmp_path: Path) -> None:
    rows = tmp_path / "formats.yml"
    rows.write_text(
        "formats:\n"
        "  - {name: new, kind: dossier, pattern: 'HS-yyyymmdd-9{8}', example: HS-20270101-00000042}\n",
        encoding="utf-8",
    )
    formats = load_formats(rows)
    assert [f.code for f in find_codes("em hỏi hs 2027o101 00000042", formats)] == ["HS-20270101-00000042"]


@pytest.mark.parametrize(
    "row",
    [
        "{name: bad, kind: dossier, pattern: '99#99', example: '12#34'}",
        "{name: bad, kind: letter, pattern: '99', example: '12'}",
        "{name: bad, kind: dossier, pattern: '99-99', example: '12-3'}",
        "{name: bad, kind: dossier}",
        "bad",
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    rows = tmp_path / "formats.yml"
    rows.write_text(f"formats:\n  - {row}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"formats\.yml: formats: (bad|\?)"):
        load_formats(rows)
