"""Dossiers: their state by code alone, and never a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from actions import tracking
from actions.bootstrap import Services
from actions.tracking import status_reply
from dossiers import find_codes, lookup, open_database
from dossiers.lookup import public_status
from dossiers.models import Applicant, Dossier
from dossiers.statuses import REFUSED
from tests.actions.conftest import NUMBER_OF_DOSSIERS
from tests.actions.talk import Talk, check
from tests.dossiers.conftest import make_dossier

UNKNOWN = "H99.10.01.05-261021-9999"


@pytest.fixture(scope="module")
def dossiers(s: Services) -> list[Dossier]:
    with s.database.read() as session:
        rows = list(session.scalars(select(Dossier)))
        assert len(rows) == NUMBER_OF_DOSSIERS
        for row in rows:
            assert row.applicant
        return rows


def of_kind(dossiers: list[Dossier], s: Services, fits) -> str:
    """The code of a sample dossier whose public state fits."""
    with s.database.read() as session:
        for dossier in dossiers:
            if fits(lookup(session, dossier.code, s.now, s.calendar, s.centre.dossiers.stale_after_days)):
                return dossier.code
    raise AssertionError("no sample fits")


def personal(applicant: Applicant) -> list[str]:
    return [applicant.name, applicant.phone, applicant.personal_number, applicant.address]


def test_no_dossier_tells_anything_about_its_person(dossiers: list[Dossier], s: Services) -> None:
    everybody = {value for dossier in dossiers for value in personal(dossier.applicant) if value}
    assert len(everybody) > NUMBER_OF_DOSSIERS
    for dossier in dossiers:
        talk = Talk()
        reply = talk.say(f"hồ sơ {dossier.code} tới đâu rồi", "dossier_status")
        assert (reply["kind"], talk.kinds) == ("dossier", ["dossier"])
        said = str(talk.replies) + str(talk.slots)
        assert [value for value in everybody if value in said] == [], dossier.code
        for inner in (dossier.late_reason, dossier.missing_papers):
            assert not inner or inner not in said, "the office's own words may name a person"


def test_every_dossier_tells_its_stage_procedure_agency_and_dates(
    dossiers: list[Dossier], s: Services
) -> None:
    for dossier in dossiers:
        text = status_reply(dossier.code, s)["text"]
        with s.database.read() as session:
            state = lookup(session, dossier.code, s.now, s.calendar, s.centre.dossiers.stale_after_days)
        for fact in (dossier.code, state.stage, state.procedure_name, state.agency):
            assert fact in text, dossier.code
        for moment in (
            state.received_at,
            state.due_at,
            state.new_due_at,
            state.finished_at,
            state.updated_at,
        ):
            dated = moment is not None and not (state.ended and moment in (state.due_at, state.new_due_at))
            assert not dated or f"{moment:%d/%m/%Y}" in text, dossier.code
        if state.open and state.late:
            assert f"trễ hẹn {state.days_late} ngày làm việc" in text
            assert "xin lỗi" in text
        elif state.open and state.days_left and state.clock == "running":
            assert f"Còn {state.days_left} ngày làm việc" in text
        assert ("lâu chưa được cập nhật" in text) == state.stale


def test_the_procedure_of_a_dossier_is_named_by_id_and_code(dossiers: list[Dossier], s: Services) -> None:
    known = [d for d in dossiers if s.catalog.find(d.procedure_code)]
    assert known
    for dossier in known:
        reply = status_reply(dossier.code, s)
        check(reply)
        assert reply["procedure"] == s.catalog.find(dossier.procedure_code).id


@pytest.mark.parametrize(
    ("fits", "words", "person"),
    [
        (lambda d: d.late and d.open and not d.new_due_at, "chưa có ngày hẹn lại", True),
        (lambda d: d.late and d.open and d.new_due_at and not d.new_due_passed, "Đã có ngày hẹn lại", True),
        (lambda d: d.late and d.open and d.new_due_passed, "quá cả ngày hẹn lại", True),
        (lambda d: d.open and d.clock == "paused" and not d.late, "tạm dừng tính thời gian", False),
        (lambda d: d.due_today and not d.late, "Hôm nay là ngày hẹn trả", False),
        (lambda d: d.returned_at, "Trả kết quả ngày", False),
    ],
    ids=["late", "late with a new date", "new date passed", "paused", "due today", "returned"],
)
def test_each_state_in_words(dossiers: list[Dossier], s: Services, fits, words: str, person: bool) -> None:
    monday = replace(s, today_is=date(2026, 11, 23))
    reply = status_reply(of_kind(dossiers, monday, fits), monday)
    assert words in reply["text"]
    if person:
        assert [button["title"] for button in reply["buttons"]] == ["Gặp cán bộ"]


FRIDAY = datetime(2026, 11, 20, 10)
FINISHED = {"finished_at": datetime(2026, 11, 18, 9), "closed_at": datetime(2026, 11, 18, 9)}


@pytest.mark.parametrize(
    ("fields", "words", "not_said"),
    [
        ({"status": 9, **FINISHED}, "Kết quả có trễ hẹn 3 ngày làm việc, Trung tâm xin lỗi", "trước hẹn"),
        ({"status": 9, "due_at": FRIDAY, **FINISHED}, "Xong ngày: 18/11/2026 (trước hẹn)", "xin lỗi"),
        # Nobody knows when it was done: nothing is said of late or early.
        ({"status": 10, "closed_at": FRIDAY}, "Đã trả kết quả. Hồ sơ đã hoàn tất.", "trễ hẹn"),
        ({"due_at": datetime(2026, 11, 21)}, "21/11/2026 (ngày nghỉ, dời sang 23/11/2026)", "trễ"),
        (
            {"due_at": datetime(2026, 11, 24), "new_due_at": datetime(2026, 11, 27)},
            "xin lỗi anh/chị vì phải dời ngày hẹn. Còn 4 ngày làm việc đến ngày hẹn lại",
            "trễ hẹn",
        ),
        ({"status": 7, "closed_at": FRIDAY}, "không giải quyết tiếp", "Ngày hẹn trả"),
    ],
)
def test_late_early_put_off_and_ended_in_words(s: Services, fields: dict, words: str, not_said: str) -> None:
    status = public_status(make_dossier(**fields), FRIDAY, s.calendar)
    text = s.texts.say("dossiers", "status", status)
    assert words in text and not_said not in text


@pytest.mark.parametrize("typed", [str.lower, lambda c: c.replace(".", " "), lambda c: c.replace("-", " - "),
                                   lambda c: c.replace("0", "O"), lambda c: c.replace("-", "–")])  # fmt: skip
def test_a_code_is_found_however_it_is_typed(talk: Talk, dossiers: list[Dossier], typed) -> None:
    code = dossiers[0].code
    assert code in talk.say(f"mã {typed(code)} nhé", "dossier_status")["text"]


def test_several_codes_in_one_message(talk: Talk, dossiers: list[Dossier]) -> None:
    codes = [d.code for d in dossiers[:5]]
    talk.say(" ; ".join([*codes, codes[0]]), "dossier_status")
    assert talk.kinds == ["dossier"] * tracking.MAX_CODES
    assert [code in reply["text"] for code, reply in zip(codes, talk.replies, strict=False)] == [True] * 5


def test_more_codes_than_fit_are_mentioned(talk: Talk, dossiers: list[Dossier]) -> None:
    codes = [d.code for d in dossiers[:7]]
    talk.say("\n".join(codes), "dossier_status")
    assert talk.kinds == ["dossier"] * (tracking.MAX_CODES + 1)
    assert f"{tracking.MAX_CODES} hồ sơ" in talk.replies[-1]["text"]


@pytest.mark.parametrize("again", ["hồ sơ đó sao rồi", "hs do xong chua", "nộp 2/11/2026 mà chưa xong à"])
def test_what_was_looked_up_is_gone_on_about(talk: Talk, dossiers: list[Dossier], again: str) -> None:
    codes = [dossiers[0].code, dossiers[1].code]
    talk.say(f"hồ sơ {codes[0]}", "dossier_status")
    assert codes[0] in talk.say(again, "dossier_status")["text"]
    assert talk.titles[-1] == "Tra hồ sơ khác"
    talk.say(" và ".join(codes), "dossier_status")
    talk.say(again, "dossier_status")
    assert [code in reply["text"] for code, reply in zip(codes, talk.replies, strict=True)] == [True, True]


@pytest.mark.parametrize("another", ["tra hồ sơ khác", "tra hồ sơ ABC-12", "hồ sơ số 123456 xong chưa"])
def test_another_one_is_asked_for_its_code(talk: Talk, dossiers: list[Dossier], another: str) -> None:
    talk.say(f"hồ sơ {dossiers[0].code}", "dossier_status")
    talk.say("hồ sơ đó sao rồi", "dossier_status")
    for reply in (talk.tap("Tra hồ sơ khác"), talk.say(another, "dossier_status")):
        assert "mã hồ sơ" in reply["text"] and dossiers[0].code not in reply["text"]


def test_a_code_that_is_unknown_is_not_gone_on_about(talk: Talk) -> None:
    talk.say(f"hồ sơ {UNKNOWN}", "dossier_status")
    assert "mã hồ sơ" in talk.say("hồ sơ đó sao rồi", "dossier_status")["text"]


@pytest.mark.parametrize(
    ("before", "after", "also"),
    [
        ("", " tới đâu rồi, với làm lại căn cước bao nhiêu tiền", ()),
        ("làm lại căn cước bao nhiêu tiền, với lại hồ sơ ", " xong chưa", ()),
        ("", " toi dau roi. lam lai can cuoc het bao nhieu", ("dossier_status",)),
    ],
)
@pytest.mark.parametrize("intent", ["dossier_status", "ask_fee"])
def test_a_question_about_a_procedure_beside_a_code_is_answered_too(
    talk: Talk, dossiers: list[Dossier], before: str, after: str, also: tuple[str, ...], intent: str
) -> None:
    for code, told in ((dossiers[0].code, dossiers[0].code), (UNKNOWN, "Không tìm thấy")):
        talk.say(f"{before}{code}{after}", intent, "fee", also=also)
        assert talk.kinds == ["dossier", "answer"]
        assert told in talk.replies[0]["text"]
        assert talk.replies[1]["procedure"] == "cap-can-cuoc" and "Lệ phí" in talk.replies[1]["text"]


def test_the_dossiers_own_procedure(talk: Talk, dossiers: list[Dossier], s: Services) -> None:
    dossier = next(d for d in dossiers if s.catalog.find(d.procedure_code))
    talk.ask(f"{dossier.code} lệ phí bao nhiêu", "fee")
    assert talk.replies[1]["procedure"] == s.catalog.find(dossier.procedure_code).id
    talk.say(f"hồ sơ {dossier.code} về cấp lại căn cước tới đâu rồi", "dossier_status")
    assert talk.kinds == ["dossier"], "its own procedure is named, not asked about"


@pytest.mark.parametrize(
    ("before", "after"), [("", " tới đâu"), ("hồ sơ ", " tới đâu"), ("hs ", " den dau roi"), ("", "")]
)
def test_where_it_has_got_to_is_told_once_whatever_was_understood(
    talk: Talk, dossiers: list[Dossier], before: str, after: str
) -> None:
    """Words like these are taken for the place at times, and the letters of a mistyped code for anything."""
    talk.ask(f"{before}{dossiers[0].code}{after}", "place")
    assert talk.kinds == ["dossier"]
    for intent in ("affirm", "deny", "out_of_scope"):
        assert dossiers[0].code in talk.say(f"{before}{dossiers[0].code}{after}", intent)["text"]
        assert talk.kinds == ["dossier"]


def test_the_hours_beside_a_code(talk: Talk, dossiers: list[Dossier]) -> None:
    said = f"{dossiers[0].code} xong chưa với lại mấy giờ mở cửa"
    talk.say(said, "dossier_status", also=("opening_hours",))
    assert talk.kinds == ["dossier", "notice"]


@pytest.mark.parametrize(
    ("number", "words"), [("0912 345 678", "số điện thoại"), ("001203004567", "số định danh")]
)
@pytest.mark.parametrize(
    ("before", "intent"), [("tra hồ sơ ", "dossier_status"), ("", "out_of_scope"), ("", "pick_option")]
)
def test_numbers_of_people_are_explained_and_not_said_again(
    talk: Talk, number: str, words: str, before: str, intent: str
) -> None:
    text = talk.say(before + number, intent)["text"]
    assert f"giống {words}" in text and "không phải mã hồ sơ" in text
    assert number not in text


def test_unknown_and_foreign_codes_get_the_same_plain_answer(s: Services) -> None:
    replies = []
    for code in (UNKNOWN, "H15.50.05.13-261008-0975", "000.17.22.H56-210531-0001"):
        talk = Talk()
        replies.append(talk.say(f"tra giúp {code}", "dossier_status"))
    assert replies[0] == replies[1] == replies[2]
    assert replies[0]["kind"] == "dossier"
    assert s.centre.hotline in replies[0]["text"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.001193 tới đâu rồi", "1.001193 là mã thủ tục, không phải mã hồ sơ."),
        ("hồ sơ của tôi tới đâu rồi", None),
        ("H99.10.01.05-261321-0001", None),
        ("0123456789", None),
    ],
)
def test_what_only_looks_like_a_code_is_told_apart(
    talk: Talk, s: Services, text: str, words: str | None
) -> None:
    reply = talk.say(text, "dossier_status")
    assert reply["kind"] == "dossier"
    assert "mã hồ sơ ghi trên Giấy tiếp nhận" in reply["text"]
    assert words is None or words in reply["text"]
    assert talk.titles == [*(["Xem thủ tục 1.001193"] if words else []), "Tôi không có mã"]
    if words:
        assert talk.tap("Xem thủ tục 1.001193")["procedure_code"] == "1.001193"


@pytest.mark.parametrize("before", ["mã hồ sơ của em là ", ""])
@pytest.mark.parametrize(
    "intent", ["dossier_status", "forgotten_code", "affirm", "out_of_scope", "ask_place"]
)
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("000.00.00.G04-KQ004853", "mã của một giấy tờ trong hồ sơ, không phải mã hồ sơ."),
        ("PAKN.20200812.0012", "mã phản ánh, kiến nghị, không phải mã hồ sơ; tra ở"),
    ],
)
def test_other_codes_are_explained_whatever_was_understood(
    talk: Talk, before: str, intent: str, code: str, words: str
) -> None:
    text = talk.say(f"{before}{code}", intent)["text"]
    assert f"{code} là {words}" in text and "(dạng H99" in text


def test_the_example_is_a_code_of_this_centre(talk: Talk, s: Services) -> None:
    text = talk.say("tra hồ sơ", "dossier_status")["text"]
    (example,) = find_codes(text)
    assert example.kind == "dossier"
    assert example.code.startswith(f"{s.centre.dossiers.province_part}.")


def test_without_the_code_the_way_to_it_is_told(talk: Talk, s: Services) -> None:
    talk.press("dossier_status")
    reply = talk.tap("Tôi không có mã")
    assert reply["kind"] == "dossier"
    assert s.centre.hotline in reply["text"]
    assert "không tìm hồ sơ theo tên" in reply["text"]


def test_a_name_or_telephone_number_finds_nothing(talk: Talk, dossiers: list[Dossier]) -> None:
    for value in personal(dossiers[0].applicant)[:3]:
        reply = talk.say(f"tra hồ sơ của {value}", "dossier_status")
        assert dossiers[0].code not in reply["text"]
        assert "mã hồ sơ" in reply["text"]


@pytest.fixture
def away(s: Services, tmp_path: Path) -> Iterator[Services]:
    """The database file was removed while the actions run."""
    folder = tmp_path / "away"
    database = open_database(f"sqlite:///{folder}/motcua.db")
    database.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    yield replace(s, database=database)
    database.close()


def test_without_the_database_the_hotline_is_named(away: Services) -> None:
    reply = status_reply(UNKNOWN, away)
    check(reply)
    assert reply["kind"] == "dossier"
    assert "chưa tra được" in reply["text"]
    assert away.centre.hotline in reply["text"]


def test_a_new_empty_file_in_its_place_is_no_database_either(s: Services, tmp_path: Path) -> None:
    path = tmp_path / "motcua.db"
    database = open_database(f"sqlite:///{path}")
    database.close()
    for old in tmp_path.glob("motcua.db*"):
        old.unlink()
    assert "chưa tra được" in status_reply(UNKNOWN, replace(s, database=database))["text"]
    database.close()


def test_the_moment_decides_what_is_left(dossiers: list[Dossier], s: Services) -> None:
    code = of_kind(
        dossiers, s, lambda d: d.clock == "running" and d.open and not d.late and (d.days_left or 0) > 2
    )
    with s.database.read() as session:
        due = lookup(session, code, s.now, s.calendar).due_at
    assert isinstance(due, datetime)
    assert "Hôm nay là ngày hẹn trả" in status_reply(code, replace(s, today_is=due.date()))["text"]
    late = replace(s, today_is=due.date().replace(year=due.year + 1))
    assert "trễ hẹn" in status_reply(code, late)["text"]


@pytest.mark.parametrize(
    ("words", "intent"), [("vì sao không được tiếp nhận", "ask_eligibility"), ("sao lâu thế hả", "ask_time")]
)
def test_it_is_asked_on_about_the_dossier_just_told_of(
    dossiers: list[Dossier], s: Services, words: str, intent: str
) -> None:
    code = of_kind(dossiers, s, lambda status: status.status == REFUSED)
    talk = Talk()
    talk.say(code, "dossier_status")
    reply = talk.say(words, intent, intent.removeprefix("ask_"), confidence=0.9)
    assert (reply["kind"], code in reply["text"]) == ("dossier", True)
    talk.ask("đăng ký kết hôn cần gì", "documents")
    assert talk.say(words, intent, intent.removeprefix("ask_"))["kind"] != "dossier"
