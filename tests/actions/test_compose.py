"""Answers hold the entry's own facts, all of them and nothing else, for every entry of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from actions.bootstrap import Services
from actions.compose import FIELD_OF_ASPECT, answer, case_question, every_case, told_by
from actions.turn import ASPECTS
from procedures_catalog import Catalog, Procedure
from procedures_catalog.facts import applies, documents_for, durations_for, fees_for
from tests.actions.talk import check

MONEY = re.compile(r"([\d.]+) đồng")
DAYS = re.compile(r"([\d,]+) (ngày làm việc|ngày|giờ)\b")
UNITS = {"working_days": "ngày làm việc", "days": "ngày", "hours": "giờ"}


def texts_of(entry: Any) -> Iterator[str]:
    """Every text of an entry."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for value in entry.values():
            yield from texts_of(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from texts_of(value)


def written_in(procedure: Procedure) -> str:
    return "\n".join(texts_of(msgspec.to_builtins(procedure)))


def folded(text: str) -> str:
    """Without the capital that a sentence's beginning may have lost or won."""
    return text.casefold()


@pytest.fixture(scope="module")
def procedures(catalog: Catalog, s: Services) -> list[Procedure]:
    return catalog.all(s.today)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_entry_answers_every_aspect(aspect: str, procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        reply = answer(procedure, [aspect], {}, s)
        check(reply)
        assert (reply["kind"], reply["procedure"], reply["procedure_code"], reply["aspects"]) == (
            "answer", procedure.id, procedure.code, [aspect],
        )  # fmt: skip
        assert reply["sources"] == [
            {"title": x.title, "url": x.url, "checked_on": procedure.checked_on.isoformat()}
            for x in procedure.sources
        ]
        # The channels show source and day beside the text: once is enough.
        assert "kiểm tra ngày" not in reply["text"]


def test_amounts_of_money_are_the_entrys_own(procedures: list[Procedure], s: Services) -> None:
    told = 0
    for procedure in procedures:
        own = {
            f"{value:,}".replace(",", ".")
            for fee in procedure.fees
            for value in (fee.amount, fee.maximum)
            if value is not None
        }
        own |= set(MONEY.findall(written_in(procedure)))
        for aspect in ASPECTS:
            said = set(MONEY.findall(answer(procedure, [aspect], {}, s)["text"]))
            assert said <= own, (procedure.id, aspect, said - own)
            told += len(said)
    assert told > 50


def test_every_fee_of_the_day_is_told(procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        text = answer(procedure, ["fee"], {}, s)["text"]
        for fee in fees_for(procedure, s.today, {}):
            if fee.amount is not None:
                assert f"{fee.amount:,}".replace(",", ".") + " đồng" in text, procedure.id
            for words in (fee.name, fee.note, *fee.exemptions):
                assert folded(words or "") in folded(text), procedure.id
            if fee.state == "free":
                assert "miễn phí" in text


def test_rows_of_the_same_name_say_which_case_is_which(catalog: Catalog, s: Services) -> None:
    adoption = catalog.get("dang-ky-nuoi-con-nuoi")
    paid, free = (
        line for line in answer(adoption, ["fee"], {}, s)["text"].splitlines() if line.startswith("• Lệ phí")
    )
    assert "hai vợ chồng nhận trẻ không phải cháu ruột" in paid and "400.000 đồng" in paid
    assert "cha dượng, mẹ kế nhận con riêng" in free and "miễn phí" in free
    own = answer(adoption, ["fee"], {"nguoi-nhan": "vo-chong"}, s)["text"]
    assert "400.000 đồng" in own and "cháu ruột" not in own and "miễn phí" not in own
    # The price of handing in online is told by the way, and the name tells the rest.
    assert "(Cá nhân, hộ gia đình tự" not in answer(catalog.get("dang-ky-tam-tru"), ["fee"], {}, s)["text"]


def test_times_are_the_entrys_own_and_all_told(procedures: list[Procedure], s: Services) -> None:
    told = 0
    for procedure in procedures:
        rows = durations_for(procedure, {})
        own = {(f"{r.amount:g}".replace(".", ","), UNITS[r.unit]) for r in rows if r.amount is not None}
        text = answer(procedure, ["time"], {}, s)["text"]
        said = set(DAYS.findall(text))
        assert own <= said, procedure.id
        assert said <= own | set(DAYS.findall(written_in(procedure))), procedure.id
        assert ("ngay trong ngày" in text) >= any(r.unit == "same_day" for r in rows)
        told += len(said)
    assert told > 200


def test_each_plain_aspect_tells_all_rows(procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        rows = {
            "place": procedure.submit_at,
            "method": procedure.steps,
            "eligibility": procedure.eligibility,
            "result": procedure.result,
            "agency": [procedure.agency] if procedure.agency else [],
            "legal_basis": [row.number for row in procedure.legal_basis],
            "forms": [form.name for form in procedure.forms],
        }
        for aspect, wanted in rows.items():
            text = answer(procedure, [aspect], {}, s)["text"]
            assert [row for row in wanted if row not in text] == [], (procedure.id, aspect)


def test_online_says_how_far_it_goes(procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        if not procedure.channels:
            continue
        reply = answer(procedure, ["online"], {}, s)
        row = next((c for c in procedure.channels if c.channel == "online"), None)
        assert ("Có thể nộp trực tuyến" in reply["text"]) == (row is not None), procedure.id
        if row is not None:
            assert ("toàn trình" in reply["text"]) >= (row.service == "full")
            assert ("một phần" in reply["text"]) >= (row.service == "partial")
            assert (row.url in [link["url"] for link in reply["links"]]) == bool(row.url)


def test_what_the_entry_does_not_hold_is_said_to_be_missing(procedures: list[Procedure], s: Services) -> None:
    gaps = 0
    for procedure in procedures:
        for aspect in ASPECTS[1:]:
            reply = answer(procedure, [aspect], {}, s)
            missing = not getattr(procedure, FIELD_OF_ASPECT[aspect])
            words = s.texts.say("choices", "aspect_words", aspect)
            gap = f"Danh mục chưa có thông tin về {words} của thủ tục này."
            assert (gap in reply["text"]) == missing, (procedure.id, aspect)
            assert (reply["buttons"][:1] == [{"title": "Gặp cán bộ", "payload": "talk_to_person"}]) == missing
            gaps += missing
    assert gaps > 100


def test_a_gap_beside_a_known_aspect(s: Services, catalog: Catalog) -> None:
    procedure = msgspec.structs.replace(catalog.get("dang-ky-ket-hon"), legal_basis=[], forms=[])
    text = answer(procedure, ["fee", "legal_basis", "forms"], {}, s)["text"]
    assert "Lệ phí:" in text
    assert "chưa có thông tin về biểu mẫu, căn cứ pháp lý" in text
    assert text.count("Danh mục chưa có thông tin") == 1


def test_buttons_lead_to_what_the_entry_knows(procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        for button in answer(procedure, ["documents"], {}, s)["buttons"]:
            if button["payload"] == "talk_to_person":
                continue
            aspect = button["payload"].rpartition("aspect=")[2]
            assert aspect != "documents"
            assert getattr(procedure, FIELD_OF_ASPECT[aspect]), (procedure.id, button)


def test_several_aspects_are_one_reply_with_papers_first(catalog: Catalog, s: Services) -> None:
    reply = answer(catalog.get("dang-ky-ket-hon"), ["place", "time", "documents", "fee"], {}, s)
    titles = ("Giấy tờ", "Lệ phí:", "Thời gian giải quyết:", "Nơi nộp:")
    parts = [reply["text"].index(f"\n{title}") for title in titles]
    assert parts == sorted(parts)
    assert reply["aspects"] == ["place", "time", "documents", "fee"]


def temporary(catalog: Catalog) -> list[tuple[Procedure, str, date | None, date | None]]:
    """The fee rows with dates that can be told apart by their name."""
    return [
        (procedure, fee.name, fee.valid_from, fee.valid_until)
        for procedure in catalog
        for fee in procedure.fees
        if fee.name and (fee.valid_from or fee.valid_until)
        and sum(other.name == fee.name for other in procedure.fees) == 1
    ]  # fmt: skip


def test_temporary_fees_appear_only_between_their_dates(catalog: Catalog, s: Services) -> None:
    rows = temporary(catalog)
    assert rows
    one = timedelta(days=1)
    for procedure, name, first, last in rows:
        days = {day: True for day in (first, last) if day}
        days |= {day: False for day in (first and first - one, last and last + one) if day}
        for day, wanted in days.items():
            text = answer(procedure, ["fee"], {}, replace(s, today_is=day))["text"]
            assert (f"• {name}" in text) == wanted, (procedure.id, name, day)
            if wanted and last and name in text:
                assert f"đến hết {last:%d/%m/%Y}" in text, (procedure.id, name)


def test_legal_texts_out_of_force_are_no_basis(catalog: Catalog, s: Services) -> None:
    procedure = catalog.get("dang-ky-khai-sinh")
    gone = msgspec.structs.replace(procedure.legal_basis[0], in_force_until=s.today - timedelta(days=1))
    changed = msgspec.structs.replace(procedure, legal_basis=[gone, *procedure.legal_basis[1:]])
    for reply in (answer(changed, ["fee"], {}, s), every_case(changed, s)):
        basis = next(line for line in reply["text"].splitlines() if line.startswith("Căn cứ:"))
        assert gone.number not in basis
        assert procedure.legal_basis[1].number in basis
    told = answer(changed, ["legal_basis"], {}, s)["text"]
    assert gone.number not in told and procedure.legal_basis[1].number in told


@pytest.mark.parametrize(
    ("text", "named", "since"),
    [
        ("nộp sổ hộ khẩu được không", "Sổ hộ khẩu giấy", "01/01/2023"),
        ("nop so ho khau dc ko", "Sổ hộ khẩu giấy", "01/01/2023"),
        ("lên công an huyện làm à", "Cấp huyện", "01/07/2025"),
    ],
)
def test_a_false_premise_is_put_right(
    text: str, named: str, since: str, catalog: Catalog, s: Services
) -> None:
    told = answer(catalog.get("dang-ky-thuong-tru"), ["documents"], {}, s, text)["text"]
    assert f"{named}" in told
    assert f"đã bỏ từ ngày {since}" in told


def test_nothing_is_put_right_that_was_not_said(catalog: Catalog, s: Services) -> None:
    told = answer(catalog.get("dang-ky-thuong-tru"), ["documents"], {}, s, "cần giấy tờ gì")["text"]
    assert "đã bỏ từ ngày" not in told


def test_all_papers_by_case_miss_none(catalog: Catalog, s: Services) -> None:
    for procedure in catalog:
        reply = every_case(procedure, s, in_full=True)
        check(reply)
        lines = reply["text"].splitlines()
        for row in procedure.documents:
            assert any(line.startswith(f"• {row.name}") for line in lines), (procedure.id, row.name)
        assert len([line for line in lines if line.startswith("• ")]) == len(procedure.documents)


def test_the_papers_of_all_cases_fit_a_phone_and_the_rest_is_a_tap_away(
    catalog: Catalog, s: Services
) -> None:
    glances = 0
    for procedure in catalog:
        reply, whole = every_case(procedure, s), every_case(procedure, s, in_full=True)
        check(reply)
        assert len(reply["text"]) <= 1100, procedure.id
        if reply["text"] == whole["text"]:
            continue
        glances += 1
        assert len(reply["text"]) < len(whole["text"])
        first, *choices = reply["buttons"]
        assert first == {"title": "Xem đủ", "payload": f"skip_cases?procedure={procedure.id}&choice=all"}
        question = case_question(procedure, ["documents"], {}, s, again=False)
        assert choices == question["buttons"][:-1]
        for row in procedure.documents:
            if applies(row.when, {}):
                assert f"• {row.name}" in reply["text"], (procedure.id, row.name)
    assert glances > 20


def test_no_answer_says_a_thing_twice(procedures: list[Procedure], s: Services) -> None:
    for procedure in procedures:
        for aspect in ("overview", "fee", "documents"):
            text = answer(procedure, [aspect], {}, s)["text"]
            assert "Lệ phí: Lệ phí" not in text, procedure.id
            assert "• Lệ phí:" not in text, procedure.id
            assert aspect != "fee" or text.count("hỏi nơi nộp") <= max(1, len(procedure.fees)), procedure.id
            assert "ai cũng cần:\nGiấy tờ tùy" not in text, procedure.id


def test_what_an_entry_notes_is_told_where_it_answers(procedures: list[Procedure], s: Services) -> None:
    noted = [p for p in procedures if p.notes and p.documents and p.result]
    assert len(noted) > 50
    for procedure in noted:
        first, *others = procedure.notes
        papers, result, fee, all_ = (
            answer(procedure, aspects, {}, s)["text"]
            for aspects in (["documents"], ["result"], ["fee"], ["overview", "documents"])
        )
        assert f"Lưu ý: {first}." in papers, procedure.id
        assert not [note for note in others if f"• {note}" in papers]
        assert not [note for note in procedure.notes if note not in result]
        assert "Lưu ý" not in fee
        assert all_.count("Lưu ý:") == 1


def test_the_source_names_a_few_legal_texts_and_how_many_more(catalog: Catalog, s: Services) -> None:
    procedure = catalog.get("cap-can-cuoc")
    told = told_by(procedure, s)
    numbers = [row.number for row in procedure.legal_basis if row.number in told.rpartition("Căn cứ:")[2]]
    assert numbers == [row.number for row in procedure.legal_basis[:3]]
    assert f"và {len(procedure.legal_basis) - 3} văn bản khác" in told
    few = msgspec.structs.replace(procedure, legal_basis=procedure.legal_basis[:2])
    assert "văn bản khác" not in told_by(few, s)


def test_a_case_question_offers_its_choices_and_a_way_out(procedures: list[Procedure], s: Services) -> None:
    asked = 0
    for procedure in procedures:
        question = case_question(procedure, ["documents"], {}, s, again=False)
        again = case_question(procedure, ["documents"], {}, s, again=True)
        if question is None:
            assert not any(applies(row.when, {}) is None for row in procedure.documents), procedure.id
            continue
        check(question)
        check(again)
        asked += 1
        case = next(c for c in procedure.cases if c.question in question["text"])
        titles = [button["title"] for button in question["buttons"]]
        assert titles == [*(choice.label for choice in case.choices), "Không rõ, xem tất cả"]
        assert question["text"] != again["text"]
        assert again["buttons"] == question["buttons"]
    assert asked > 40


def test_the_overview_of_a_full_entry_names_its_sure_papers(catalog: Catalog, s: Services) -> None:
    for procedure in catalog.all(s.today):
        if procedure.completeness == "listed":
            continue
        text = answer(procedure, ["overview"], {}, s)["text"]
        papers = [row.name for row in documents_for(procedure, {}) if not row.optional]
        assert [name for name in papers[:4] if name not in text] == [], procedure.id


def test_who_decides_is_told_where_the_place_is_not_known(catalog: Catalog, s: Services) -> None:
    procedure = msgspec.structs.replace(catalog.get("nhap-quoc-tich-viet-nam"), submit_at=[])
    text = answer(procedure, ["place"], {}, s)["text"]
    assert "chưa có thông tin về nơi nộp" in text and f"Cơ quan giải quyết: {procedure.agency}" in text
