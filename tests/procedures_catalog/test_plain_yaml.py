from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures_catalog import plain_yaml

words = st.text(alphabet="aăđ019.:-#'\"<=~ \n_yneotrufls", max_size=12)
scalars = st.one_of(words, st.integers(), st.booleans(), st.none(), st.dates(), st.floats(allow_nan=False))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4)
)


def by_the_library(text: str) -> object:
    return yaml.load(text, Loader=yaml.CSafeLoader)


@given(value=values, flow=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_the_library_writes_is_read_as_it_reads_it(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=flow)
    assert repr(plain_yaml.load(text)) == repr(by_the_library(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "# nothing",
            "---\n",
            "~",
            "- yes\n- 0x1F\n- 1_000\n- 1e3\n- 12:30\n- .inf\n- 2026-11-22 10:00:00",
        ),
        *("a: &x [1]\nb: *x", "base: &b {c: 1}\nd:\n  <<: *b\n  e: 2", "a: !!str 5", "a: =", "'<<': 1"),
        *("{a: 1, a: 2}", "? [1, 2]\n: 3", "- |\n  hai\n  dòng\n- >\n  một\n  dòng", "2026-01-01: ngày"),
    ],
)
def test_unusual_text_is_read_as_the_library_reads_it(text: str) -> None:
    try:
        expected = repr(by_the_library(text))
    except yaml.YAMLError as error:
        with pytest.raises(type(error)) as caught:
            plain_yaml.load(text)
        assert str(caught.value) == str(error)
    else:
        assert repr(plain_yaml.load(text)) == expected


@pytest.mark.parametrize("text", ["a: [", "a: 1\n---\nb: 2", "a: *x", "a: !!python/name:os x"])
def test_faults_are_the_librarys_own(text: str) -> None:
    with pytest.raises((yaml.YAMLError, ValueError)) as expected:
        by_the_library(text)
    with pytest.raises(type(expected.value)) as caught:
        plain_yaml.load(text)
    assert str(caught.value) == str(expected.value)


def test_a_day_that_there_cannot_be_is_named_with_its_line() -> None:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        plain_yaml.load("a: 1\nb: [x, 2026-13-45]")
    assert caught.value.problem_mark.line == 1
    assert "there is no '2026-13-45'" in caught.value.problem


def test_a_date_without_quotes_is_a_date() -> None:
    assert plain_yaml.load("a: 2026-11-22\nb: '2026-11-22'") == {"a": date(2026, 11, 22), "b": "2026-11-22"}
