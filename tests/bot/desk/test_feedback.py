"""Ratings, complaints with a number, and a lead's answer, over real HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.desk import feedback
from bot.desk.at_end import ask_at_end
from bot.desk.desk import Desk
from bot.desk.tables import asked, ratings
from bot.mailbox import outbox
from tests.bot.desk.citizen import Citizen
from tests.bot.desk.rig import Browser, Rig, error_of
from tests.bot.desk.seeding import add_request
from tests.bot.running import wait_until


@pytest.fixture
def minh(rig: Rig, kept_password: str) -> Browser:
    rig.person("Minh", "lead", kept_password)
    return rig.browser("Minh")


def listed(browser: Browser, state: str = "new") -> list[dict[str, Any]]:
    return browser.get("/desk/api/feedback", state=state).json()["rows"]


def test_a_complaint_has_a_number_reaches_a_lead_and_is_answered(rig: Rig, minh: Browser) -> None:
    citizen = Citizen(rig)
    told, _ = citizen.say("cán bộ thái độ kém quá <b>")
    wait_until(lambda: len(listed(minh)) == 1)
    (row,) = listed(minh)
    assert f"số {row['id']}" in told["text"] and row["text"] == "cán bộ thái độ kém quá <b>"
    assert minh.get("/desk/api/queue").json()["waiting"] == []  # it waits for a lead, not in the queue
    (state,) = citizen.say(f"phản ánh số {row['id']} tới đâu rồi")
    assert "đang được xem" in state["text"] and "thái độ" not in state["text"]

    path = f"/desk/api/feedback/{row['id']}"
    assert minh.post(f"{path}/sort", {"category": "attitude"}).status_code == 200
    assert error_of(minh.post(f"{path}/sort", {"category": "nonsense"})) == "bad_field"
    assert minh.post(f"{path}/answer", {"text": "Xin lỗi bác, em đã nhắc bạn trực."}).status_code == 200
    assert error_of(minh.post(f"{path}/answer", {"text": "lần nữa"})) == "closed"
    found = citizen.http.get("/api/v1/letters", params={"session": citizen.session, "after": 0}).json()
    (reply,) = [letter["reply"] for letter in found["letters"]]
    assert reply["text"].startswith(f"Minh, trưởng nhóm:\nVề ý kiến số {row['id']}")
    assert listed(minh) == [] and listed(minh, "answered")[0]["category"] == "attitude"
    (state,) = Citizen(rig).say(f"ý kiến số {row['id']}")
    assert "đã được xử lý" in state["text"]
    (state,) = Citizen(rig).say("khiếu nại số 999999")
    assert "Không có ý kiến" in state["text"]


def test_who_cannot_be_reached_is_settled_without_a_word(rig: Rig, minh: Browser) -> None:
    with rig.write() as connection:
        number = add_request(connection, "cli:gone", time.time(), "praise", "cảm ơn trung tâm")
    wait_until(lambda: len(listed(minh)) == 1)
    assert not listed(minh)[0]["reachable"]
    assert error_of(minh.post(f"/desk/api/feedback/{number}/answer", {"text": "x"})) == "unreachable"
    assert minh.post(f"/desk/api/feedback/{number}/answer", {"text": ""}).status_code == 200
    assert error_of(minh.post("/desk/api/feedback/999/answer", {"text": ""})) == "unknown_case"


def test_after_an_answer_and_thanks_one_is_asked_once_a_day(rig: Rig) -> None:
    citizen = Citizen(rig)
    (polite,) = citizen.say("cảm ơn nhé")
    assert not polite["buttons"]  # nothing was answered yet
    citizen.say("khai sinh cần gì")
    polite, question = citizen.say("cảm ơn nhé")
    assert [button["payload"] for button in question["buttons"]] == [f"rate?rating={n}" for n in range(1, 6)]
    assert len(citizen.say("cảm ơn lần nữa")) == 1
    with rig.write() as connection:
        connection.execute(update(asked).values(at=asked.c.at - 86_500))
    assert len(citizen.say("cảm ơn hôm sau")) == 2


def test_in_the_middle_of_questions_nobody_is_asked(rig: Rig) -> None:
    citizen = Citizen(rig)
    assert [len(citizen.say("khai sinh cần gì")) for _ in range(6)] == [1] * 6


def test_after_a_dossiers_end_the_stars_are_about_the_dossier(rig: Rig, desk: Desk) -> None:
    citizen = Citizen(rig)
    citizen.say("xin chào")
    conversation, at_end = f"web:{citizen.session}", ask_at_end(desk)
    with rig.write() as connection:
        (question,) = at_end(connection, time.time(), conversation)
        assert at_end(connection, time.time(), conversation) == []  # never twice in a row
        assert at_end(connection, time.time(), "web:unknown") == []
        outbox.add(connection, time.time(), conversation, "web", [question])
    citizen.say(payload=question["buttons"][3]["payload"])
    wait_until(lambda: rated(rig) == [(4, "dossier")])


def rated(rig: Rig) -> list[tuple[int, str]]:
    with rig.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(ratings.c.stars, ratings.c.about))]


def test_an_answer_after_a_high_rating_is_no_reason(rig: Rig) -> None:
    citizen = Citizen(rig)
    citizen.say("khai sinh cần gì")
    citizen.say(payload="rate?rating=5")
    (answer,) = citizen.say("xin chào lần nữa")
    assert answer["kind"] == "unknown"


@pytest.mark.parametrize("reason", ["chờ lâu quá", "hướng dẫn khai sinh sai, gọi 0912 345 678"])
def test_what_is_written_after_a_low_rating_is_its_reason(rig: Rig, reason: str) -> None:
    citizen = Citizen(rig)
    citizen.say("khai sinh cần gì")
    citizen.say(payload="rate?rating=1")
    (thanks,) = citizen.say(reason)
    assert "nói rõ" in thanks["text"]
    (other,) = citizen.say("chờ lâu quá")
    assert other["kind"] == "unknown"  # one reason, the next message is a question again
    with rig.engine.connect() as connection:
        (kept,) = connection.scalars(select(ratings.c.reason))
    assert kept == reason.replace("0912 345 678", "[số]")


@pytest.mark.parametrize("question", ["làm khai sinh cần gì", "chờ lâu quá, khai sinh bao giờ xong?"])
def test_a_question_after_a_low_rating_is_answered(rig: Rig, question: str) -> None:
    citizen = Citizen(rig)
    citizen.say(payload="rate?rating=2")
    (answer,) = citizen.say(question)
    assert answer["kind"] == "answer"
    assert citizen.say("chờ lâu quá")[0]["kind"] == "unknown"  # what comes later is no reason any more


def test_category_and_place_are_told_with_two_taps_and_reach_the_lead(rig: Rig, minh: Browser) -> None:
    citizen, stranger = Citizen(rig), Citizen(rig)
    _, about = citizen.say("cán bộ thái độ kém quá, nên có thêm ghế")
    (row,) = listed(minh)
    assert row["kind"] == "proposal" and f"số {row['id']}" in about["text"]
    tap = next(b["payload"] for b in about["buttons"] if b["title"] == "Nơi chốn và trang thiết bị")
    (refused,) = stranger.say(payload=tap)
    assert "Không có ý kiến" in refused["text"]  # it is not theirs
    (where,) = citizen.say(payload=tap)
    assert "ở đâu" in where["text"]
    (thanks,) = citizen.say("quầy số 3, tầng 1 <script>")
    assert f"số {row['id']}" in thanks["text"]
    (row,) = listed(minh)
    assert (row["category"], row["place"]) == ("place", "quầy số 3, tầng 1 <script>")
    (other,) = citizen.say("quầy số 4")
    assert other["kind"] == "unknown"  # nobody asked where any more


def test_without_a_word_more_it_is_complete(rig: Rig, minh: Browser) -> None:
    citizen = Citizen(rig)
    _, about = citizen.say("cán bộ thái độ kém quá")
    (where,) = citizen.say(payload=about["buttons"][0]["payload"])
    (thanks,) = citizen.say(payload=where["buttons"][-1]["payload"])
    assert "đã đủ" in thanks["text"] and listed(minh)[0]["place"] is None
    for payload in ("rate?feedback=x&category=late", "rate?feedback=99999999&category=late"):
        assert "Không có ý kiến" in citizen.say(payload=payload)[0]["text"]


def test_a_picture_goes_to_the_feedback_that_it_was_asked_for(rig: Rig, minh: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say("cán bộ thái độ kém quá")
    wait_until(lambda: len(listed(minh)) == 1)
    (row,) = listed(minh)
    conversation = f"web:{citizen.session}"
    pictures = [{"url": f"https://pictures.example/{n}.jpg", "name": f"{n}.jpg"} for n in range(9)]
    with rig.write() as connection:
        assert not feedback.add(connection, time.time(), "web:somebody", row["id"], files=pictures)
        for picture in pictures:
            assert feedback.add(connection, time.time(), conversation, row["id"], files=[picture])
    assert listed(minh)[0]["files"] == [{**picture, "picture": False} for picture in pictures[:6]]
