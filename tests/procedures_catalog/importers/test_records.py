"""The portal's structured records: one JSON object a procedure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.records import record_draft
from procedures_catalog.model import Procedure
from tests.procedures_catalog.importers.samples import DAY, record


def test_the_entry_has_what_the_record_says():
    entry = record_draft(record(), DAY).procedure
    assert (entry.code, entry.name, entry.level) == ("1.900002", "Cấp giấy phép thả diều", "commune")
    assert [(fee.amount, fee.unit, fee.channels) for fee in entry.fees if fee.amount] == [
        (15000, None, ["in_person"])
    ]
    assert {(d.amount, *d.channels) for d in entry.processing_time} == {(5, "in_person"), (3, "online")}
    assert [choice.label for choice in entry.cases[0].choices] == ["Cá nhân", "Tổ chức"]
    assert [(d.name, d.optional, d.originals, d.copies) for d in entry.documents] == [
        ("Đơn xin phép", False, 1, 0),
        ("Ảnh con diều", True, 0, 2),
        ("Giấy bảo lãnh", False, 1, 1),
    ]
    assert entry.steps == ["Nộp đơn: Nộp đơn ở Ủy ban nhân dân cấp xã", "Nhận giấy phép"]
    assert [(law.number, law.title) for law in entry.legal_basis] == [("10/2023/NĐ-CP", "Trò chơi dân gian")]
    assert entry.eligibility == ["Diều nhẹ hơn 1 kg"]
    assert entry.result == ["Giấy phép thả diều"]


def test_a_record_with_no_ways_to_file_names_none():
    entry = record_draft(record(methods=[], has_online_submission=False), DAY).procedure
    assert entry.channels == []
    assert [(limit.amount, limit.channels) for limit in entry.processing_time] == [(5, [])]
    assert [(fee.amount, fee.channels) for fee in entry.fees] == [(15000, [])]


@pytest.mark.parametrize("quantity", [-3, "-3", "", None, "khoảng 3"])
def test_a_time_that_is_no_number_is_left_out(quantity):
    method = {"submission_method": "Trực tuyến", "processing_time_unit": "day"}
    entry = record_draft(
        record(methods=[{**method, "processing_time_qty": quantity}], processing_time_text=""), DAY
    ).procedure
    assert entry.processing_time == []


def test_a_zero_fee_is_a_default_and_not_free():
    entry = record_draft(record(fees=[{"amount": 0}, {"amount": "0"}]), DAY).procedure
    assert {fee.state for fee in entry.fees} == {"not_published"}


def test_a_code_may_stand_in_another_place_or_be_missing():
    assert record_draft(record(proc_id="uuid-1", code="1.900002"), DAY).procedure.code == "1.900002"
    assert record_draft(record(proc_id="uuid-1"), DAY).procedure.code is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": 3}, "'name'"), ({"domain": None}, "'domain'"), ({"fees": "15000"}, "'fees'")],
)
def test_a_part_of_the_wrong_shape_is_named(changes, words):
    with pytest.raises(ImportFault, match=words):
        record_draft(record(**changes), DAY)


@given(
    st.dictionaries(
        st.sampled_from(sorted(record())),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "name",
                            "case_name",
                            "ordinal",
                            "case_ordinal",
                            "original_qty",
                            "amount",
                            "doc_code",
                        ]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=6,
        ),
    )
)
def test_wild_records_are_entries_or_refused_in_words(changes):
    try:
        assert isinstance(record_draft({**record(), **changes}, DAY).procedure, Procedure)
    except ImportFault as fault:
        assert str(fault)


def test_a_method_or_a_fee_may_name_several_channels():
    method = {"submission_method": "Trực tiếp, trực tuyến", "processing_time_qty": 5}
    fee = {"amount": 15000, "submission_method": "Trực tiếp, trực tuyến"}
    rows = record(methods=[{**method, "processing_time_unit": "Ngày"}], fees=[fee])
    entry = record_draft(rows, DAY).procedure
    assert [row.channel for row in entry.channels] == ["in_person", "online"]
    assert [(limit.amount, limit.channels) for limit in entry.processing_time] == [(5, [])]
    assert [(fee.amount, fee.channels) for fee in entry.fees] == [(15000, [])]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": [{"submission_method": "Tại chỗ", "processing_time_qty": 5}]}, "methods: Tại chỗ"),
        ({"fees": [{"amount": 9000, "submission_method": "Bưu chính"}]}, "fees: 9000 VNĐ"),
        ({"legal_basis": [{"doc_code": "số 7", "doc_name": "Công văn"}]}, "legal_basis: số 7 Công văn"),
        (
            {
                "methods": [{"submission_method": "Trực tiếp", "processing_time_qty": 5}],
                "processing_time_text": "",
            },
            "the time limit '5' is unclear",
        ),
    ],
)
def test_what_the_entry_will_not_say_is_named(changes, words):
    remarks = record_draft(record(**changes), DAY).remarks
    assert any(words in remark for remark in remarks), remarks
