from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog import Catalog
from procedures_catalog.lint import lint
from procedures_catalog.model import Fee, LegalBasis, Procedure, Source
from procedures_catalog.stale import stale

DAY = date(2026, 11, 21)


def procedure(**fields) -> Procedure:
    given = dict(
        id="thu", name="Thử", field="Hộ tịch", level="commune", completeness="listed", checked_on=DAY,
        sources=[Source(title="Thử")],
    )  # fmt: skip
    return Procedure(**{**given, **fields})


def kinds(*procedures: Procedure, **options) -> list[tuple[str, str]]:
    return [(row.kind, row.field) for row in stale(procedures, DAY, **options)]


def test_what_was_checked_long_ago_is_overdue():
    old = procedure(checked_on=DAY - timedelta(days=31))
    assert kinds(old, days=30) == [("unchecked", "checked_on")]
    assert kinds(old, days=31) == []
    assert stale([old], DAY, days=30)[0].overdue


def test_temporary_facts_are_told_before_they_end_and_are_overdue_after():
    entry = procedure(
        fees=[Fee(state="amount", amount=5, layer="temporary", valid_until=DAY + timedelta(days=60))],
        legal_basis=[LegalBasis(number="60/2014/QH13", in_force_until=DAY - timedelta(days=1))],
    )
    assert kinds(entry) == [("run_out", "legal_basis[0]"), ("running_out", "fees[0]")]
    assert kinds(entry, soon=59) == [("run_out", "legal_basis[0]")]
    assert [row.overdue for row in stale([entry], DAY)] == [True, False]


def test_a_procedure_about_to_end_is_told_and_one_that_ended_is_left_alone():
    assert kinds(procedure(valid_until=DAY + timedelta(days=10))) == [("running_out", "valid_until")]
    assert kinds(procedure(valid_until=DAY - timedelta(days=1), checked_on=date(2020, 1, 1))) == []


@given(st.integers(-400, 400), st.integers(0, 300))
def test_a_fact_is_overdue_exactly_from_the_day_after_its_last(left, soon):
    entry = procedure(fees=[Fee(state="amount", amount=5, valid_until=DAY + timedelta(days=left))])
    rows = stale([entry], DAY, soon=soon)
    assert [row.overdue for row in rows] == ([True] if left < 0 else [False] if left <= soon else [])


def test_our_own_entries_are_fresh():
    assert [row for row in stale(Catalog.load(), DAY) if row.overdue] == []


def test_the_calendar_alone_turns_no_check_out_red_within_a_year():
    """What make lint asks: errors of the lint, and entries not checked for 540 days."""
    in_a_year = max(p.checked_on for p in Catalog.load()) + timedelta(days=365)
    unchecked = [r.id for r in stale(Catalog.load(), in_a_year, days=540) if r.kind == "unchecked"]
    assert unchecked == []
    assert lint(today=in_a_year).of("error") == []
