"""Our own entries: what the real data is wrong about, and they must not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from procedures_catalog import Catalog, Procedure
from procedures_catalog.facts import MAX_QUESTIONS, applies, documents_for, fees_for, open_questions
from vietnamese import fold

DAY = date(2026, 11, 21)
CUT = (date(2026, 8, 15), date(2027, 2, 28))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture(scope="module")
def full(catalog: Catalog) -> list[Procedure]:
    return [p for p in catalog.all(DAY) if p.completeness == "full"]


def papers(procedure: Procedure) -> str:
    return fold(" / ".join(f"{row.name} {row.note or ''}" for row in procedure.documents))


def paths(procedure: Procedure, answers: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Every way through the questions about papers, as a citizen is asked them."""
    answers = answers or {}
    questions = open_questions(procedure, ["documents"], answers)
    if not questions:
        yield answers
        return
    for choice in questions[0].choices:
        yield from paths(procedure, answers | {questions[0].id: choice.id})


def test_every_way_through_the_questions_ends_with_a_whole_checklist(full):
    faults = []
    for procedure in full:
        for answers in paths(procedure):
            unasked = {c.id for c in procedure.cases if c.id not in answers and applies(c.when, answers)}
            open_rows = [
                row.name
                for row in procedure.documents
                if applies(row.when, answers) is None and unasked & set(row.when or {})
            ]
            if len(answers) > MAX_QUESTIONS or open_rows:
                faults.append((procedure.id, answers, open_rows))
            elif procedure.documents and not documents_for(procedure, answers):
                faults.append((procedure.id, answers, "no paper at all"))
    assert faults == []


def test_free_is_told_only_with_a_text_and_the_portals_default_never_is(full):
    rows = [(p.id, row) for p in full for row in p.fees if row.state == "free"]
    assert rows
    assert [id for id, row in rows if not row.basis] == []
    # The page of these says "Miễn phí" and points to the province in the same cell.
    for id in ("thay-doi-cai-chinh-ho-tich", "cap-giay-phep-xay-dung", "cap-doi-so-do"):
        states = {row.state for row in next(p for p in full if p.id == id).fees if row.layer == "national"}
        assert states == {"set_elsewhere"}


def test_the_cut_for_digital_citizens_holds_on_its_days_only_and_says_for_whom(full):
    # The circular cuts the national fees; civil status fees are the province's, cut by the resolution itself.
    layers = {"117/2026/TT-BTC": "temporary", "66.22/2026/NQ-CP": "exemption"}
    rows = [(p, row) for p in full for row in p.fees if row.basis in layers]
    assert {row.basis: row.layer for _, row in rows} == layers
    assert len(rows) > 10
    assert {(row.valid_from, row.valid_until) for _, row in rows} == {CUT}
    assert [p.id for p, row in rows if "66.22/2026/NQ-CP" not in (row.note or "")] == []
    procedure, row = rows[0]
    for day, told in ((date(2026, 8, 14), False), (CUT[0], True), (CUT[1], True), (date(2027, 3, 1), False)):
        assert (row in fees_for(procedure, day, {})) is told


def test_a_building_permits_time_goes_by_the_work_and_not_by_the_channel(catalog):
    # The portal still shows 15 and 20 days by channel, of before 217/2026/NĐ-CP.
    rows = catalog.get("cap-giay-phep-xay-dung").processing_time
    assert [row.channels for row in rows if row.channels] == []
    times = {kind: (row.amount, row.unit) for row in rows for kind in row.when["loai-cong-trinh"]}
    assert times["nha-gia-dinh"] == (7, "working_days")
    assert times["khac"] == (10, "working_days")


@pytest.mark.parametrize(
    ("code", "current"),
    [
        ("1.014061", "cap-can-cuoc"),
        ("1.014062", "cap-can-cuoc"),
        ("1.014063", "cap-can-cuoc"),
        ("1.014064", "cap-can-cuoc"),
        ("1.014066", "thu-thap-dieu-chinh-thong-tin-goc-viet"),
    ],
)
def test_codes_that_were_merged_lead_on_from_the_day_of_the_decision(catalog, code, current):
    old = catalog.get(code)
    assert catalog.current(old, date(2026, 8, 17)) is old
    assert catalog.current(old, date(2026, 8, 18)).id == current


@pytest.mark.parametrize(
    ("code", "current", "now"),
    [
        ("1.012575", "dang-ky-xe-lan-dau", "1.115970"),
        ("1.013066", "dang-ky-xe-lan-dau", "1.115970"),
        ("1.013067", "dang-ky-xe-lan-dau", "1.115970"),
        ("1.013076", "sang-ten-xe", "1.115970"),
        ("1.013079", "doi-dang-ky-bien-so-xe", "1.115970"),
        ("1.013080", "cap-lai-dang-ky-xe", "1.115970"),
        ("1.013082", "cap-lai-dang-ky-xe", "1.115970"),
        ("1.013083", "dang-ky-xe-tam-thoi", "1.115970"),
        ("1.013086", "dang-ky-xe-tam-thoi", "1.115970"),
        ("1.013065", "thu-hoi-dang-ky-xe", "1.115971"),
        ("1.013123", "thu-hoi-dang-ky-xe", "1.115971"),
        ("3.000347", "doi-giay-phep-lai-xe", "1.115978"),
        ("3.000348", "cap-lai-giay-phep-lai-xe", "1.115978"),
        ("3.000349", "doi-bang-lai-xe-quan-su", "1.115979"),
        ("3.000350", "doi-bang-lai-xe-cong-an", "1.115979"),
    ],
)
def test_vehicles_and_driving_licences_have_new_codes_since_24_july_2026(catalog, code, current, now):
    old = catalog.get(code)
    assert catalog.current(old, date(2026, 7, 23)) is old
    following = catalog.current(old, date(2026, 7, 24))
    assert (following.id, following.code) == (current, now)
    assert following in catalog.with_code(now, DAY)


def test_an_abolished_entry_says_what_took_its_place(catalog):
    ended = [p for p in catalog if p.valid_until and p.valid_until < DAY]
    assert len(ended) >= 20
    assert [p.id for p in ended if p.replaced_by and not catalog.current(p, DAY).in_force(DAY)] == []


def test_funeral_money_is_five_procedures_that_know_each_other(catalog):
    five = {
        "mai-tang-huu-tri-xa-hoi",
        "mai-tang-bao-tro-xa-hoi",
        "mai-tang-cuu-chien-binh",
        "mai-tang-thanh-nien-xung-phong",
        "tro-cap-khi-nguoi-co-cong-mat",
    }
    for id in five:
        missing = five - {id} - set(catalog.get(id).siblings)
        assert missing == set(), f"{id} does not name {missing}"


def test_nobody_is_asked_for_papers_of_the_past(catalog):
    gone = ("so ho khau", "so tam tru", "giay chung minh nhan dan con gia tri")
    assert [(p.id, word) for p in catalog.all(DAY) for word in gone if word in papers(p)] == []


def test_a_marriage_at_home_needs_neither_a_certificate_nor_a_doctor(catalog):
    told = papers(catalog.get("dang-ky-ket-hon"))
    assert "tinh trang hon nhan" not in told
    assert "suc khoe" not in told


def test_what_changed_in_2026_holds_from_its_day(catalog):
    for id in ("lien-thong-khai-sinh", "lien-thong-khai-tu"):
        procedure = catalog.get(id)
        assert not procedure.in_force(date(2026, 8, 31))
        assert procedure.in_force(date(2026, 9, 1))
        assert "301/2026/NĐ-CP" in {row.number for row in procedure.legal_basis}
    assert {row.number for row in catalog.get("cap-phieu-ly-lich-tu-phap").legal_basis} >= {
        "107/2025/QH15",
        "216/2026/NĐ-CP",
    }
    ends = {
        row.in_force_until for p in catalog.all(DAY) for row in p.legal_basis if row.number == "60/2014/QH13"
    }
    assert ends == {date(2027, 2, 28)}
