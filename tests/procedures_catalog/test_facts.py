from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog import Catalog
from procedures_catalog.facts import (
    CHANNELS,
    MAX_QUESTIONS,
    applies,
    case_labels,
    documents_for,
    durations_for,
    fees_for,
    laws_for,
    open_questions,
)
from procedures_catalog.model import Case, Choice, Document, Duration, Fee, Procedure, Source

DAY = date(2026, 11, 21)
CASES = {
    "ai": ("toi", "nguoi-khac"),
    "o-dau": ("trong-nuoc", "nuoc-ngoai", "bien-gioi"),
    "tuoi": ("nho", "lon"),
}
WHENS = st.none() | st.dictionaries(st.sampled_from(list(CASES)), st.just("")).flatmap(
    lambda keys: st.fixed_dictionaries(
        {
            key: st.sampled_from(CASES[key])
            | st.lists(st.sampled_from(CASES[key]), min_size=1, max_size=2, unique=True)
            for key in keys
        }
    )
)
DATES = st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3))


def procedure(**fields) -> Procedure:
    cases = [
        Case(id=key, question=f"{key}?", choices=[Choice(id=c, label=c.capitalize()) for c in choices])
        for key, choices in CASES.items()
    ]
    given = dict(
        id="thu", name="Thử", field="Hộ tịch", level="commune", completeness="full", checked_on=DAY,
        sources=[Source(title="Thử")], cases=cases,
    )  # fmt: skip
    return Procedure(**{**given, **fields})


def all_answers():
    return [dict(zip(CASES, choice, strict=True)) for choice in product(*CASES.values())]


@given(WHENS)
def test_a_row_is_open_exactly_while_its_case_is_not_decided(when):
    told = [applies(when, answers) for answers in all_answers()]
    if not when:
        assert all(told)
        assert applies(when, {}) is True
    else:
        assert applies(when, {}) is None
        assert None not in told
        assert any(told)


@given(st.lists(WHENS, max_size=6), st.sampled_from(all_answers()))
def test_questions_lead_to_one_checklist(whens, answers):
    entry = procedure(
        documents=[Document(name=f"Giấy {i}", originals=1, when=w) for i, w in enumerate(whens)]
    )
    told: dict[str, str] = {}
    asked = 0
    while questions := open_questions(entry, ["documents"], told):
        told[questions[0].id] = answers[questions[0].id]
        asked += 1
        assert asked <= MAX_QUESTIONS
    assert documents_for(entry, told) == documents_for(entry, answers)


@given(st.lists(WHENS, max_size=4))
def test_only_what_is_asked_about_asks_questions(whens):
    entry = procedure(documents=[Document(name="Giấy", originals=1, when=w) for w in whens])
    assert open_questions(entry, ["fee", "time", "place"], {}) == []


def test_a_question_waits_for_the_case_it_depends_on():
    first, second = (
        Case(
            id="cha-me",
            question="Cha mẹ?",
            choices=[Choice(id="co", label="Có"), Choice(id="chua", label="Chưa")],
        ),
        Case(
            id="nhan-con",
            question="Nhận con?",
            choices=[Choice(id="co", label="Có"), Choice(id="khong", label="Không")],
            when={"cha-me": "chua"},
        ),
    )
    entry = procedure(
        cases=[first, second], documents=[Document(name="Đơn", originals=1, when={"nhan-con": "co"})]
    )
    assert [c.id for c in open_questions(entry, ["documents"], {})] == ["cha-me"]
    assert [c.id for c in open_questions(entry, ["documents"], {"cha-me": "chua"})] == ["nhan-con"]
    assert open_questions(entry, ["documents"], {"cha-me": "co"}) == []


@given(DATES | st.none(), DATES | st.none(), DATES, WHENS, st.sampled_from(all_answers()))
def test_a_fee_holds_from_its_first_to_its_last_day(since, until, day, when, answers):
    row = Fee(state="amount", amount=5000, valid_from=since, valid_until=until, when=when)
    holds = (since is None or since <= day) and (until is None or day <= until)
    entry = procedure(fees=[row])
    assert (row in fees_for(entry, day, answers)) == (holds and applies(when, answers) is True)
    assert (row in fees_for(entry, day, {})) == holds


ROWS = st.builds(
    Fee,
    state=st.sampled_from(["set_elsewhere", "not_published"]),
    name=st.sampled_from([None, "Lệ phí", "Phí thẩm định"]),
    channels=st.lists(st.sampled_from(CHANNELS), unique=True),
)
PROVINCIAL = st.builds(
    Fee,
    state=st.just("amount"),
    amount=st.just(8000),
    name=st.sampled_from([None, "lệ phí"]),
    layer=st.just("provincial"),
    channels=st.lists(st.sampled_from(CHANNELS), unique=True),
    valid_until=DATES | st.none(),
)


@given(st.lists(ROWS, max_size=3), st.lists(PROVINCIAL, max_size=3), DATES)
def test_what_the_province_says_takes_the_place_of_set_elsewhere(national, provincial, day):
    """Channel by channel: a line that points elsewhere stays exactly where the province is silent."""
    given_rows = fees_for(procedure(fees=[*national, *provincial]), day, {})
    live = [row for row in provincial if row.valid_until is None or day <= row.valid_until]
    assert [row for row in given_rows if row.layer == "provincial"] == live

    def left(rows: list[Fee]) -> set[tuple[str | None, str, str]]:
        return {(row.name, row.state, channel) for row in rows for channel in row.channels or CHANNELS}

    def silent(name: str | None, channel: str) -> bool:
        return not any(
            (row.name is None or name is None or row.name.casefold() == name.casefold())
            and channel in (row.channels or CHANNELS)
            for row in live
        )

    expected = {(name, state, channel) for name, state, channel in left(national) if silent(name, channel)}
    assert left([row for row in given_rows if row.layer == "national"]) == expected


def test_amounts_exemptions_and_temporary_lines_stay_beside_the_provinces():
    rows = [
        Fee(state="amount", amount=8000, name="Lệ phí"),
        Fee(state="free", name="Lệ phí", layer="temporary", basis="117/2026/TT-BTC"),
        Fee(state="free", name="Lệ phí", layer="exemption", basis="85/2019/TT-BTC"),
        Fee(state="amount", amount=5000, name="Lệ phí", layer="provincial"),
    ]
    assert fees_for(procedure(fees=rows), DAY, {}) == rows


@given(st.lists(WHENS, max_size=4), st.sampled_from(all_answers()))
def test_a_time_limit_is_told_unless_it_surely_does_not_hold(whens, answers):
    rows = [Duration(unit="days", amount=i + 1, when=when) for i, when in enumerate(whens)]
    entry = procedure(processing_time=rows)
    assert durations_for(entry, {}) == rows
    assert durations_for(entry, answers) == [row for row in rows if applies(row.when, answers)]


def test_cases_that_are_not_told_are_named_in_words():
    entry = procedure()
    when = {"ai": "toi", "o-dau": ["nuoc-ngoai", "bien-gioi"]}
    assert case_labels(entry, when, {"ai": "toi"}) == ["Nuoc-ngoai hoặc bien-gioi"]
    assert case_labels(entry, None, {}) == []


def test_an_entry_in_force_includes_both_of_its_days():
    entry = msgspec.structs.replace(procedure(), valid_from=DAY, valid_until=DAY + timedelta(days=1))
    days = [entry.in_force(DAY + timedelta(days=n)) for n in range(-1, 3)]
    assert days == [False, True, True, False]


def test_legal_texts_that_ended_are_told_no_more(write_entry, entries):
    laws = [{"number": "60/2014/QH13", "in_force_until": "2027-02-28"}, {"number": "03/2026/QH16"}]
    write_entry("lam-giay", legal_basis=laws)
    entry = Catalog.load(entries).get("lam-giay")
    assert [row.number for row in laws_for(entry, date(2027, 2, 28))] == ["60/2014/QH13", "03/2026/QH16"]
    assert [row.number for row in laws_for(entry, date(2027, 3, 1))] == ["03/2026/QH16"]
