from __future__ import annotations

from datetime import date

import pytest

from procedures_catalog import Catalog
from procedures_catalog.facts import fees_for

DAY = date(2026, 11, 21)


@pytest.fixture
def with_overlay(entries, tmp_path):
    """The catalogue of ``entries`` under an overlay of that text."""

    def load(text: str) -> Catalog:
        path = tmp_path / "overlay.yml"
        path.write_text(text, encoding="utf-8")
        return Catalog.load(entries, overlay=path, life_events=tmp_path / "none.yml")

    return load


def test_fields_are_replaced_and_rows_added_and_the_entry_stays_untouched(write_entry, with_overlay):
    path = write_entry("lam-giay", notes=["Cũ"], submit_at=["Ủy ban nhân dân cấp xã"])
    before = path.read_bytes()
    catalog = with_overlay("""
lam-giay:
  replace:
    submit_at: [Trung tâm phường, tầng 1]
    checked_on: 2026-11-01
  add:
    notes: [Chiều thứ sáu không nhận]
    also_called: [làm giấy nhanh]
    sources: [{title: Thông báo của trung tâm}]
""")
    entry = catalog.get("lam-giay")
    assert catalog.problems == []
    assert entry.submit_at == ["Trung tâm phường", "tầng 1"]
    assert entry.notes == ["Cũ", "Chiều thứ sáu không nhận"]
    assert entry.also_called == ["làm giấy nhanh"]
    assert entry.checked_on == date(2026, 11, 1)
    assert [source.title for source in entry.sources][-1] == "Thông báo của trung tâm"
    assert path.read_bytes() == before


def test_a_provinces_own_code_finds_the_entry_beside_the_national_one(write_entry, with_overlay):
    write_entry("tach-thua", code="1.012784", name="Tách thửa đất")
    write_entry("nhap-ve", code="1.116499", name="Tách thửa đất trong tỉnh", imported="0123456789abcdef")
    catalog = with_overlay('tach-thua: {add: {local_codes: ["1.116499"]}}')
    assert catalog.problems == []
    assert catalog.get("1.116499") is catalog.get("1.012784") is catalog.get("tach-thua")
    assert [procedure.id for procedure in catalog] == ["tach-thua"]


def test_a_code_that_no_province_can_have_is_named(write_entry, with_overlay):
    write_entry("tach-thua", code="1.012784")
    (problem,) = with_overlay('tach-thua: {add: {local_codes: ["H26.12"]}}').problems
    assert problem.field == "tach-thua.add.local_codes[0]"


def test_a_list_can_be_replaced_by_an_empty_one_and_a_value_by_none(write_entry, with_overlay):
    write_entry("lam-giay", notes=["Cũ"], valid_until="2026-12-31")
    entry = with_overlay("lam-giay: {replace: {notes: [], valid_until: null}}").get("lam-giay")
    assert entry.notes == []
    assert entry.valid_until is None


def test_rows_can_be_added_to_what_is_replaced(write_entry, with_overlay):
    write_entry("lam-giay", notes=["Cũ"])
    entry = with_overlay("lam-giay: {replace: {notes: [Một]}, add: {notes: [Hai]}}").get("lam-giay")
    assert entry.notes == ["Một", "Hai"]


def test_a_fee_without_a_layer_is_the_provinces(write_entry, with_overlay):
    write_entry("lam-giay", fees=[{"state": "set_elsewhere", "name": "Lệ phí"}])
    catalog = with_overlay("""
lam-giay:
  add:
    fees:
      - {state: amount, amount: 5000, name: Lệ phí, basis: 06/2020/NQ-HĐND}
      - {state: free, layer: exemption, name: Lệ phí, basis: 06/2020/NQ-HĐND}
""")
    assert [row.layer for row in catalog.get("lam-giay").fees] == ["national", "provincial", "exemption"]


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("- lam-giay", "file", "mapping"),
        ("lam-giay: ]", "line 1", "YAML"),
        ("lam-giay: 3", "lam-giay", "object"),
        ("lam-giay: {change: {notes: []}}", "lam-giay", "unknown field `change`"),
        ("lam-giay: {replace: {id: khac}}", "lam-giay.replace", "unknown field `id`"),
        ("lam-giay: {add: {notes: Một}}", "lam-giay.add.notes", "array"),
        ("lam-giay: {add: {agency: Công an}}", "lam-giay.add", "unknown field `agency`"),
        ("lam-giay: {add: {fees: [{state: amount}]}}", "lam-giay.add.fees[0]", "needs an amount"),
        (
            "lam-giay: {add: {documents: [{name: Đơn, when: {ai: toi}}]}}",
            "lam-giay.add.documents[0].when",
            "case",
        ),
        (
            "lam-giay: {replace: {documents: [{name: Đơn, form: mau}]}}",
            "lam-giay.replace.documents[0].form",
            "form",
        ),
        ("lam-giay:\n  replace: {checked_on: 2026-13-45}", "line 2", "there is no '2026-13-45'"),
        ("lam-giay: {replace: {sources: []}}", "lam-giay.replace.sources", "length"),
        ("khong-co: {add: {notes: [Một]}}", "khong-co", "no entry has it"),
    ],
)
def test_a_fault_names_file_and_field_and_leaves_the_rest(write_entry, with_overlay, text, field, words):
    write_entry("lam-giay", notes=["Cũ"])
    catalog = with_overlay(text)
    (problem,) = catalog.problems
    assert problem.path.endswith("overlay.yml")
    assert problem.field == field
    assert words in problem.expected
    assert catalog.get("lam-giay").notes == ["Cũ"]


def test_a_code_in_place_of_the_id_says_whose_it_is(write_entry, with_overlay):
    write_entry("lam-giay", code="1.000001")
    (problem,) = with_overlay('"1.000001": {add: {notes: [Một]}}').problems
    assert problem.expected.endswith("it is the code of lam-giay")


def test_one_faulty_part_keeps_no_other_from_holding(write_entry, with_overlay):
    write_entry("mot")
    write_entry("hai")
    catalog = with_overlay("mot: {add: {notes: 3}}\nhai: {add: {notes: [Vào cửa 2]}}")
    assert len(catalog.problems) == 1
    assert catalog.get("hai").notes == ["Vào cửa 2"]


def test_an_empty_overlay_changes_nothing(write_entry, with_overlay):
    write_entry("lam-giay")
    assert with_overlay("# chưa có gì\n").problems == []


# What a city's own list of fees says (Hà Nội, list of 8 October 2026), as a centre there would write it.
HA_NOI = """
dang-ky-khai-sinh:
  add:
    fees:
      - {state: amount, amount: 5000, name: "Lệ phí đăng ký khai sinh quá hạn", basis: 06/2020/NQ-HĐND}
xac-nhan-tinh-trang-hon-nhan:
  add:
    fees: [{state: amount, amount: 3000, unit: lần, basis: 06/2020/NQ-HĐND}]
thay-doi-cai-chinh-ho-tich:
  add:
    fees:
      - {state: amount, amount: 5000, note: Người dưới 14 tuổi, basis: 06/2020/NQ-HĐND}
      - {state: amount, amount: 25000, note: Người từ đủ 14 tuổi, basis: 06/2020/NQ-HĐND}
thanh-lap-ho-kinh-doanh:
  add:
    fees:
      - {state: amount, amount: 100000, unit: lần, channels: [in_person, post], valid_from: 2026-07-25,
         basis: 78/2026/NQ-HĐND}
      - {state: free, channels: [online], valid_from: 2026-07-25, basis: 78/2026/NQ-HĐND}
tam-ngung-ho-kinh-doanh:
  add:
    fees: [{state: free, basis: 78/2026/NQ-HĐND}]
tach-hop-thua-dat:
  replace:
    processing_time: [{unit: working_days, amount: 12}]
  add:
    fees: [{state: set_elsewhere, note: "Theo Nghị quyết 06/2020/NQ-HĐND, chưa gồm tiền đo đạc"}]
"""


@pytest.fixture(scope="module")
def ha_noi(tmp_path_factory) -> Catalog:
    path = tmp_path_factory.mktemp("ha-noi") / "overlay.yml"
    path.write_text(HA_NOI, encoding="utf-8")
    return Catalog.load(overlay=path)


class TestACitysFees:
    """A province's list of fees over our own entries."""

    def test_the_overlay_fits_our_entries(self, ha_noi):
        assert [str(problem) for problem in ha_noi.problems] == []

    def test_late_birth_registration_has_the_citys_fee_and_in_time_stays_free(self, ha_noi):
        rows = fees_for(ha_noi.get("dang-ky-khai-sinh"), DAY, {})
        lasting = [(row.state, row.amount) for row in rows if row.layer != "exemption"]
        assert lasting == [("free", None), ("amount", 5000)]

    def test_where_the_city_names_the_fee_nothing_points_to_the_province_any_more(self, ha_noi):
        for key in ("xac-nhan-tinh-trang-hon-nhan", "thay-doi-cai-chinh-ho-tich", "tam-ngung-ho-kinh-doanh"):
            rows = fees_for(ha_noi.get(key), DAY, {})
            assert any(row.layer == "provincial" for row in rows)
            assert not any(row.layer == "national" and row.state == "set_elsewhere" for row in rows), key

    def test_the_citys_fee_depends_on_the_channel_and_the_day(self, ha_noi):
        entry = ha_noi.get("thanh-lap-ho-kinh-doanh")
        now = {row.state: row for row in fees_for(entry, DAY, {})}
        assert now["free"].channels == ["online"]
        assert (now["amount"].amount, now["amount"].channels) == (100000, ["in_person", "post"])
        before = fees_for(entry, date(2026, 7, 1), {})
        assert {row.layer for row in before} == {"national"}
        assert {row.state for row in before} == {"set_elsewhere"}

    def test_the_citys_time_limit_takes_the_place_of_the_national_one(self, ha_noi):
        (limit,) = ha_noi.get("tach-hop-thua-dat").processing_time
        assert (limit.amount, limit.unit) == (12, "working_days")
