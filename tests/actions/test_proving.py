"""The second proof in the chat: what it opens, to whom, and that its digits stay nowhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select, text

from actions import hearing
from actions.bootstrap import Services
from actions.proving import proof_in
from dossiers import open_database
from dossiers.models import Access, Applicant, Dossier, Kind, Subscription, ThrottleWindow
from dossiers.throttle import DEFAULT_LIMITS
from dossiers.view import LiveView
from tests.actions.talk import Talk

UNKNOWN = "H99.10.01.05-261021-9999"
NAME, PHONE, NUMBER = "Trần Thị Kín", "0000765432", "099300654321"
PAPERS, REASON, OFFICE = "Bản sao có chứng thực giấy khai sinh", "Chờ xác minh", "Đội Kín đáo"
_numbers = count(1)


@pytest.fixture
def code(s: Services) -> Iterator[str]:
    """A dossier of its own that waits for papers; nobody has tried any proof yet."""
    code = f"H99.10.01.06-261102-{next(_numbers):04d}"
    dossier = Dossier(
        code=code,
        kind=Kind(procedure_name=f"Đăng ký thường trú {code}", agency="Công an", department=OFFICE),
        status=5,
        status_since=datetime(2026, 11, 10, 9),
        received_at=datetime(2026, 11, 2, 8),
        due_at=datetime(2026, 11, 13, 17),
        updated_at=datetime(2026, 11, 18, 9),
        missing_papers=PAPERS,
        late_reason=REASON,
        paid=1,
        applicant=Applicant(name=NAME, phone=PHONE, personal_number=NUMBER, address="Số 7 ngõ Vắng"),
    )
    with s.database.write() as session:
        session.execute(delete(ThrottleWindow))
        session.add(dossier)
    yield code
    with s.database.write() as session:
        session.delete(session.scalar(select(Dossier).where(Dossier.code == code)))
        session.execute(delete(Access))
        session.execute(delete(Subscription))


def secrets_in(told: object) -> list[str]:
    said = json.dumps(told, ensure_ascii=False, default=str)
    return [
        part
        for part in (NAME, PHONE, NUMBER, PHONE[-6:], NUMBER[-6:], PAPERS, REASON, OFFICE)
        if part in said
    ]


def subscriptions(s: Services) -> list[tuple[str, str, bool]]:
    with s.database.read() as session:
        rows = session.scalars(select(Subscription).order_by(Subscription.id))
        return [(row.conversation, row.code, row.ended_at is None) for row in rows]


def test_details_after_the_proof(talk: Talk, code: str, s: Services) -> None:
    talk.say(f"hồ sơ {code}", "dossier_status")
    assert talk.titles[:2] == ["Xem chi tiết", "Báo khi có thay đổi"]
    asked = talk.tap("Xem chi tiết")
    assert asked["kind"] == "question"
    assert "6 số cuối" in asked["text"] and code in asked["text"]
    assert secrets_in([asked, talk.slots]) == []

    told = talk.say("765 432", "rate")
    assert told["kind"] == "dossier"
    assert "T*** T*** K***" in told["text"]
    for part in (PAPERS, REASON, OFFICE, "đã nộp"):
        assert part in told["text"]
    assert NAME not in told["text"] and PHONE not in str(told) and "765432" not in str(told)
    assert talk.effects == ["forget_words"]
    assert talk.titles == ["Báo khi có thay đổi", "Gặp cán bộ"]
    assert secrets_in(talk.slots) == []
    with s.database.read() as session:
        [access] = session.scalars(select(Access))
        assert access.code == code
        assert talk.conversation not in access.person


def test_whoever_proved_it_reads_the_apology_with_reason_and_new_date(
    talk: Talk, code: str, s: Services
) -> None:
    talk.press(f"dossier_details?dossier={code}")
    told = talk.say("765432", "rate")["text"]
    assert f"xin lỗi anh/chị vì trễ hẹn. Lý do: {REASON}." in told and "Chưa có ngày hẹn lại" in told
    with s.database.write() as session:
        session.scalar(select(Dossier).where(Dossier.code == code)).new_due_at = datetime(2026, 12, 1, 17)
    told = talk.press(f"dossier_details?dossier={code}")["text"]
    assert "Ngày hẹn lại: 01/12/2026." in told and "Chưa có ngày hẹn lại" not in told
    with s.database.write() as session:
        dossier = session.scalar(select(Dossier).where(Dossier.code == code))
        dossier.status, dossier.late_reason = 4, None
    told = talk.press(f"dossier_details?dossier={code}")["text"]
    assert "trễ hẹn mà phần mềm chưa ghi lý do. Trung tâm xin lỗi" in told


def test_for_a_while_the_proof_is_not_asked_for_again(
    talk: Talk, code: str, s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.press(f"dossier_details?dossier={code}")
    talk.say("số cuối là 654321 nhé", "name_procedure")
    assert PAPERS in talk.say("hồ sơ của em còn thiếu giấy gì", "dossier_details")["text"]
    later = replace(s, today_is=s.today_is and s.today_is + timedelta(days=1))
    monkeypatch.setattr(hearing, "services", lambda: later)
    assert talk.say("cho xem chi tiết", "dossier_details")["kind"] == "question"


def test_many_sessions_of_one_network_are_one_guesser(code: str) -> None:
    """A session costs nothing: somebody who begins a new one for every guess soon gets no further."""

    def guess(network: str | None, digits: str, dossier: str) -> str:
        talk = Talk(network=network)
        talk.press(f"dossier_details?dossier={dossier}")
        return talk.say(digits, "rate")["text"]

    for number in range(DEFAULT_LIMITS.per_network):
        guess("a cafe", "222222", f"{UNKNOWN[:-4]}{number:04d}")
    assert "Không đối chiếu được" in guess("a cafe", "765432", code)
    assert "T*** T*** K***" in guess("elsewhere", "765432", code)
    assert "T*** T*** K***" in guess(None, "765432", code)


def test_wrong_unknown_and_refused_look_the_same(code: str) -> None:
    answers = []
    wrong = Talk()
    wrong.press(f"dossier_details?dossier={code}")
    answers.append(wrong.say("111111", "affirm"))
    unknown = Talk()
    unknown.press(f"dossier_details?dossier={UNKNOWN}")
    answers.append(unknown.say("765432", "affirm"))
    many = Talk()
    for _ in range(5):
        many.press(f"dossier_details?dossier={code}")
        many.say("222222", "affirm")
    many.press(f"dossier_details?dossier={code}")
    answers.append(many.say("765432", "affirm"))
    assert len({answer["text"] for answer in answers}) == 1
    assert secrets_in(answers) == []
    assert many.titles == ["Nhập lại", "Gặp cán bộ"]
    shapes = [json.dumps(answer).replace(UNKNOWN, code) for answer in answers]
    assert shapes[0] == shapes[1] == shapes[2]


def test_try_again_opens_the_question_again(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    talk.say("000000", "deny")
    assert talk.tap("Nhập lại")["kind"] == "question"
    assert PAPERS in talk.say("654321", "deny")["text"]


def test_digits_typed_again_are_another_try(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    talk.say("000000", "deny")
    assert PAPERS in talk.say("à nhầm, 654321", "pick_option")["text"]
    assert talk.effects == ["forget_words"]


def test_other_questions_are_answered_and_the_question_stays_open(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    answer = talk.say("mấy giờ mở cửa", "opening_hours")
    assert (answer["kind"], talk.kinds) == ("notice", ["notice"])
    assert PAPERS in talk.say("765432", "rate")["text"]


def test_too_few_digits_do_not_count_as_a_try(talk: Talk, code: str, s: Services) -> None:
    talk.press(f"dossier_details?dossier={code}")
    for few in ("1", "12-34", "54321"):
        assert "đủ 6 số" in talk.say(few, "rate")["text"]
        assert talk.effects == ["forget_words"]
    with s.database.read() as session:
        assert session.scalar(select(ThrottleWindow)) is None
    assert PAPERS in talk.say("765432", "rate")["text"]


def test_another_dossier_closes_the_question(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    talk.say(f"tra giúp {UNKNOWN}", "dossier_status")
    assert talk.loop is None
    assert "Không tìm thấy" in talk.text


def test_the_digits_are_understood_after_another_topic(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    talk.ask("lệ phí chứng thực chữ ký bao nhiêu", "fee")
    assert PAPERS in talk.say("765432", "pick_option")["text"]
    assert talk.effects == ["forget_words"]


def test_yes_is_no_digits_and_no_is_the_end(talk: Talk, code: str) -> None:
    talk.press(f"dossier_details?dossier={code}")
    assert "đủ 6 số" in talk.say("vâng ạ", "affirm")["text"]
    assert "tình trạng chung" in talk.say("không", "deny")["text"]
    assert talk.loop is None
    assert talk.slots["dossier_wish"] is None


def test_an_old_question_is_closed_silently(
    talk: Talk, code: str, s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.press(f"dossier_details?dossier={code}")
    later = replace(s, today_is=s.today_is and s.today_is + timedelta(days=1))
    monkeypatch.setattr(hearing, "services", lambda: later)
    talk.say("mấy giờ mở cửa", "opening_hours")
    assert talk.loop is None
    assert talk.kinds == ["notice"]


def test_asked_before_the_code_is_known(talk: Talk, code: str) -> None:
    asked = talk.say("báo cho em khi có kết quả", "dossier_subscribe")
    assert "mã hồ sơ" in asked["text"]
    talk.say(f"{code} ạ", "dossier_status")
    assert talk.kinds == ["dossier", "question"]
    assert "đồng ý" in talk.say("765432", "rate")["text"]


def test_code_and_digits_in_one_message(talk: Talk, code: str) -> None:
    told = talk.say(f"chi tiết hồ sơ {code}, số cuối 765432", "dossier_details")
    assert PAPERS in told["text"]
    assert talk.effects == ["forget_words"]


@pytest.mark.parametrize("yes", ["button", "typed"])
def test_news_only_with_consent(talk: Talk, code: str, s: Services, yes: str) -> None:
    talk.press(f"dossier_subscribe?dossier={code}")
    asked = talk.say("765432", "rate")
    assert asked["kind"] == "question"
    assert talk.titles == ["Đồng ý", "Không"]
    assert subscriptions(s) == []
    told = talk.tap("Đồng ý") if yes == "button" else talk.say("đồng ý", "affirm")
    assert code in told["text"] and talk.titles == ["Ngừng báo"]
    assert subscriptions(s) == [(talk.conversation, code, True)]
    assert "rồi ạ" in talk.say("báo cho em khi có kết quả", "dossier_subscribe")["text"]
    assert code in talk.say("ngừng báo", "dossier_unsubscribe")["text"]
    assert subscriptions(s) == [(talk.conversation, code, False)]
    assert "không nhận báo" in talk.say("ngừng báo", "dossier_unsubscribe")["text"]


def test_no_is_no_and_a_later_yes_means_nothing(talk: Talk, code: str, s: Services) -> None:
    talk.press(f"dossier_subscribe?dossier={code}")
    talk.say("765432", "rate")
    assert "sẽ không báo" in talk.say("không", "deny")["text"]
    talk.say("vâng", "affirm")
    assert subscriptions(s) == []


def test_a_yes_button_without_the_proof_is_worth_nothing(talk: Talk, code: str, s: Services) -> None:
    asked = talk.press(f"dossier_subscribe?dossier={code}&choice=yes")
    assert "6 số cuối" in asked["text"]
    assert subscriptions(s) == []


def test_the_consent_of_one_is_not_that_of_another(code: str, s: Services) -> None:
    mine, other = Talk(), Talk()
    mine.press(f"dossier_subscribe?dossier={code}")
    mine.say("765432", "rate")
    mine.tap("Đồng ý")
    assert "không nhận báo" in other.press(f"dossier_unsubscribe?dossier={code}")["text"]
    assert subscriptions(s) == [(mine.conversation, code, True)]


def test_what_is_over_has_no_news(talk: Talk, code: str, s: Services) -> None:
    with s.database.write() as session:
        session.scalar(select(Dossier).where(Dossier.code == code)).status = 10
    talk.press(f"dossier_subscribe?dossier={code}")
    assert "đã kết thúc" in talk.say("765432", "rate")["text"]
    assert subscriptions(s) == []


def test_the_centre_chooses_the_number(
    talk: Talk, code: str, s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = s.centre.__class__(**{n: getattr(s.centre, n) for n in s.centre.__struct_fields__})
    rules = s.centre.dossiers.__class__(province_part="H99", proof=["personal_number"])
    centre.dossiers = rules
    monkeypatch.setattr(hearing, "services", lambda: replace(s, centre=centre))
    assert "số định danh" in talk.press(f"dossier_details?dossier={code}")["text"]
    assert "Không đối chiếu được" in talk.say("765432", "rate")["text"]
    talk.tap("Nhập lại")
    assert PAPERS in talk.say("654321", "rate")["text"]


def test_without_the_database_nothing_is_told(
    talk: Talk, code: str, s: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "away"
    database = open_database(f"sqlite:///{folder}/motcua.db")
    database.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    talk.press(f"dossier_details?dossier={code}")
    monkeypatch.setattr(hearing, "services", lambda: replace(s, database=database))
    assert "chưa tra được" in talk.say("765432", "rate")["text"]
    assert talk.effects == ["forget_words"]
    database.close()


def test_a_locked_database_is_told_in_words(
    talk: Talk, code: str, s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = open_database(s.database.engine.url.render_as_string(), patience=0.1)
    monkeypatch.setattr(hearing, "services", lambda: replace(s, database=hurried))
    talk.press(f"dossier_subscribe?dossier={code}")
    talk.say("765432", "rate")
    holder = sqlite3.connect(str(s.database.engine.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "chưa tra được" in talk.tap("Đồng ý")["text"]
        assert "chưa tra được" in talk.press("dossier_unsubscribe")["text"]
        talk.press(f"dossier_details?dossier={UNKNOWN}")
        assert "chưa tra được" in talk.say("765432", "rate")["text"]
        # Reading goes on beside a writer.
        assert code in talk.say(f"hồ sơ {code}", "dossier_status")["text"]
    finally:
        holder.close()
        hurried.close()
    assert subscriptions(s) == []


def test_a_dossier_of_the_centres_own_database(
    talk: Talk, s: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "H99.10.01.07-261102-0001"
    engine = create_engine(f"sqlite:///{tmp_path}/theirs.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (code text, n text, phone text, papers text, status text)"))
        connection.execute(
            text(f"INSERT INTO t VALUES ('{elsewhere}', '02/11/2026', '{PHONE}', '{PAPERS}', '5')")
        )
    engine.dispose()
    mapping = tmp_path / "v.yml"
    columns = "{code: code, received_at: n, phone: phone, missing_papers: papers, status: status}"
    mapping.write_text(f"table: t\ncolumns: {columns}\n", encoding="utf-8")
    view = LiveView(f"sqlite:///{tmp_path}/theirs.db", mapping, timeout=60)
    monkeypatch.setattr(hearing, "services", lambda: replace(s, view=view))
    assert "Yêu cầu bổ sung giấy tờ" in talk.say(f"hồ sơ {elsewhere}", "dossier_status")["text"]
    talk.tap("Báo khi có thay đổi")
    talk.say("765432", "rate")
    talk.tap("Đồng ý")
    assert subscriptions(s)[-1] == (talk.conversation, elsewhere, True)
    assert PAPERS in talk.press(f"dossier_details?dossier={elsewhere}")["text"]
    view.close()


@pytest.mark.parametrize(
    ("said", "proof"),
    [
        ("123456", "123456"),
        ("dạ 12 34 56 ạ", "123456"),
        ("số của em là 0912.345.678", "0912345678"),
        ("H99.10.01.05-261102-0001 đuôi 123456", "123456"),
        ("H99.10.01.05-261102-0001", None),
        ("1.001193", None),
        ("mấy giờ mở cửa", None),
        ("em có 3 con", None),
        ("12345", ""),
        ("1 2 3", ""),
        ("", None),
        ("１２３４５６", None),
    ],
)
def test_what_is_taken_for_a_proof(said: str, proof: str | None) -> None:
    assert proof_in(said) == proof


@given(st.text(max_size=200))
def test_any_text_is_a_proof_or_is_none(said: str) -> None:
    found = proof_in(said)
    assert found is None or found == "" or (len(found) >= 6 and found.isdigit())


def test_the_fixed_day_is_the_one_of_the_tests(s: Services) -> None:
    assert s.today == date(2026, 11, 21)
