"""From the web chat to the desk and back, over real HTTP."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from bot.desk.tables import cases, conversations, ratings
from tests.bot.desk.citizen import Citizen, waiting
from tests.bot.desk.conftest import Serve
from tests.bot.desk.rig import Browser, Rig, error_of
from tests.bot.desk.seeding import add_case
from tests.bot.running import wait_until


@pytest.fixture
def lan(rig: Rig, kept_password: str) -> Browser:
    rig.person("Lan", kept=kept_password)
    return rig.browser("Lan")


@pytest.fixture(scope="module")
def here(shared_rig: Rig, kept_password: str) -> Browser:
    """Lan at a gateway that several tests share."""
    shared_rig.person("Lan", kept=kept_password)
    return shared_rig.browser("Lan")


def test_the_whole_way(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say("làm giấy khai sinh cần gì")
    (told,) = citizen.say("cho gặp người thật")
    assert "trả lời trước" in told["text"]
    (row,) = waiting(lan)
    assert (row["text"], row["channel"], row["reason"]) == ("cho gặp người thật", "web", "asked")
    number = row["id"]
    assert citizen.letters() == ("waiting", [])

    assert lan.post(f"/desk/api/cases/{number}/claim").status_code == 200
    state, (hello,) = citizen.letters()
    assert state == "claimed" and hello.startswith("Lan của trung tâm")
    (kept,) = citizen.say("con tôi sinh ở quê")
    assert "đã tới cán bộ" in kept["text"]  # the assistant keeps silent

    case = lan.get(f"/desk/api/cases/{number}").json()
    assert case["mine"] and case["state"] == "claimed" and case["reachable"]
    assert case["understood"]["procedures"][0]["id"] == "dang-ky-khai-sinh"
    assert [line["text"] for line in case["lines"] if line["from"] == "citizen"] == [
        "làm giấy khai sinh cần gì",
        "cho gặp người thật",
        "con tôi sinh ở quê",
    ]
    draft = lan.post(
        "/desk/api/draft", {"procedure": "dang-ky-khai-sinh", "aspects": ["documents", "fee"]}
    ).json()
    assert draft["text"].startswith("Nút ask") and draft["procedure"] == "dang-ky-khai-sinh"
    saying = {
        "key": uuid4().hex,
        "text": "Bác mang giấy chứng sinh ạ.",
        "draft": {"procedure": "dang-ky-khai-sinh", "aspects": ["documents"], "page": True},
    }
    assert lan.post(f"/desk/api/cases/{number}/say", saying).status_code == 200
    assert lan.post(f"/desk/api/cases/{number}/say", saying).status_code == 200  # the answer was lost
    found = citizen.http.get(
        "/api/v1/letters", params={"session": citizen.session, "after": citizen.last}
    ).json()
    (reply,) = [letter["reply"] for letter in found["letters"]]
    assert reply["text"] == "Lan, tình nguyện viên:\nBác mang giấy chứng sinh ạ."
    assert reply["procedure_code"] == "1.001193" and reply["sources"][0]["checked_on"]
    assert reply["links"][0]["url"] == f"{rig.address}/thu-tuc/dang-ky-khai-sinh"
    citizen.letters()

    assert lan.post(f"/desk/api/cases/{number}/note", {"text": "nghe kém"}).status_code == 200
    assert lan.post(f"/desk/api/cases/{number}/close", {"reason": "answered"}).status_code == 200
    state, (goodbye,) = citizen.letters()
    assert state == "closed" and "chấm mấy điểm" in goodbye and "nghe kém" not in goodbye
    (thanks,) = citizen.say(payload="rate?rating=5")
    assert "5 điểm" in thanks["text"]

    def rated() -> bool:
        with rig.engine.connect() as connection:
            rows = connection.execute(select(ratings.c.stars, ratings.c.case_id)).all()
        return [tuple(row) for row in rows] == [(5, number)]

    wait_until(rated)
    closed = lan.get(f"/desk/api/cases/{number}").json()
    assert closed["stars"] == 5 and not closed["mine"]
    assert [
        (line["from"], line["text"]) for line in closed["lines"] if line["from"] in ("note", "closed")
    ] == [
        ("note", "nghe kém"),
        ("closed", "answered"),
    ]
    assert citizen.say("khai sinh")[0]["kind"] == "answer"  # the assistant is back


def test_facts_that_a_volunteer_changes_are_theirs(rig: Rig, lan: Browser) -> None:
    with rig.write() as connection:
        number = add_case(connection, time.time(), "web:edited")
    lan.post(f"/desk/api/cases/{number}/claim")
    draft = {"procedure": "dang-ky-khai-sinh", "aspects": ["fee"], "text": "Lệ phí: 8.000 đồng"}
    for text in (
        "Dạ lệ phí 8.000 đồng, mai 8 giờ bác ra quầy 3 ạ",
        "Lệ phí: 10.000 đồng\n1. Bản sao căn cước",
    ):
        saying = {"key": uuid4().hex, "text": text, "draft": draft}
        assert lan.post(f"/desk/api/cases/{number}/say", saying).status_code == 200
    letters = lan.get("/api/v1/letters", session="edited", after=0).json()["letters"]
    kept, changed = (letter["reply"] for letter in letters[-2:])
    assert "danh mục" not in kept["text"] and kept["sources"]
    assert "(Lan sửa hoặc viết thêm, không lấy từ danh mục: Bản sao căn cước; 10.000 đồng)" in changed["text"]
    assert changed["sources"]


def test_what_the_assistant_took_for_something_else_is_taught_with_one_tap(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say("em bé nhà tôi chưa có giấy, gọi 0912 345 678")
    citizen.say(payload="talk_to_person")
    (row,) = waiting(lan)
    path = f"/desk/api/cases/{row['id']}"
    meant = {"procedure": "dang-ky-khai-sinh", "aspects": ["documents"]}
    assert error_of(lan.post(f"{path}/teach", meant)) == "not_yours"
    lan.post(f"{path}/claim")
    assert lan.get(path).json()["asked"].startswith("em bé nhà tôi")
    assert error_of(lan.post(f"{path}/teach", {**meant, "procedure": "khong-co"})) == "unknown_procedure"
    assert [lan.post(f"{path}/teach", meant).json()["changed"] for _ in range(2)] == [1, 0]
    (group,) = lan.get("/desk/api/questions", state="labelled").json()["groups"]
    assert (group["procedure"], group["labelled_by"]) == ("dang-ky-khai-sinh", "Lan")
    assert group["text"] == "em bé nhà tôi chưa có giấy, gọi [số]"
    with rig.write() as connection:
        silent = add_case(connection, time.time(), "web:silent")
    lan.post(f"/desk/api/cases/{silent}/claim")
    assert error_of(lan.post(f"/desk/api/cases/{silent}/teach", meant)) == "nothing_asked"


def test_a_draft_for_the_citizens_own_case(rig: Rig, lan: Browser) -> None:
    with rig.write() as connection:
        number = add_case(connection, time.time(), "web:own")
    lan.post(f"/desk/api/cases/{number}/claim")
    wanted = {
        "procedure": "dang-ky-khai-sinh",
        "aspects": ["documents", "fee"],
        "answers": {"chung-sinh": "khong", "no-such": "case"},
    }
    draft = lan.post("/desk/api/draft", wanted).json()
    assert draft["answers"] == {"chung-sinh": "khong"}
    first, second = draft["text"].split("\n\n")
    assert first == "Nút ask: procedure=dang-ky-khai-sinh, aspect=fee"
    assert second.endswith("case=chung-sinh, choice=khong")
    saying = {"key": uuid4().hex, "text": "đây ạ", "draft": {**wanted, "page": True}}
    assert lan.post(f"/desk/api/cases/{number}/say", saying).status_code == 200
    found = lan.get("/api/v1/letters", session="own", after=0).json()["letters"]
    (link,) = found[-1]["reply"]["links"]
    assert link["url"] == f"{rig.address}/thu-tuc/dang-ky-khai-sinh?chung-sinh=khong#giay-to"
    assert "Danh sách giấy tờ của anh/chị" in link["title"]
    for bad in ([], "x", {"chung-sinh": 1}):
        answer = lan.post("/desk/api/draft", {**wanted, "answers": bad})
        assert (answer.status_code, error_of(answer)) == (422, "bad_field")


def test_what_was_promised_stands_in_the_case(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say(payload="talk_to_person")
    (row,) = waiting(lan)
    assert row["promised_at"] > time.time() and row["promised_at"] % 300 == 0
    (again,) = citizen.say(payload="talk_to_person")
    assert "trả lời trước" in again["text"] and len(waiting(lan)) == 1


def test_a_way_to_reach_somebody_who_waits_is_kept(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    assert citizen.say("0912 345 678")[0]["kind"] == "unknown"  # nobody waits: for the assistant
    citizen.say(payload="talk_to_person")
    (noted,) = citizen.say("số của tôi 0912 345 678 nhé")
    assert "0912345678" in noted["text"] and noted["kind"] == "handover"
    (row,) = waiting(lan)
    assert lan.get(f"/desk/api/cases/{row['id']}").json()["contact"] == "0912345678"
    (noted,) = citizen.say("gửi thư về lan.nguyen+1@thu.example.vn nhé")
    assert "lan.nguyen+1@thu.example.vn" in noted["text"] and noted["kind"] == "handover"
    assert lan.get(f"/desk/api/cases/{row['id']}").json()["contact"] == "lan.nguyen+1@thu.example.vn"
    assert citizen.say("a@b")[0]["kind"] == citizen.say("x" * 40 + "@thu.vn")[0]["kind"] == "unknown"
    citizen.say("khai sinh cần gì")
    assert citizen.say("0912 345 679")[0]["kind"] == "unknown"  # after another question: for the assistant


def test_a_broken_promise_is_not_repeated_but_renewed(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say(payload="talk_to_person")
    with rig.write() as connection:
        connection.execute(update(cases).values(promised_at=1000.0))
    (told,) = citizen.say(payload="talk_to_person")
    assert "đã trễ hẹn" in told["text"] and "trả lời trước" in told["text"]
    (row,) = waiting(lan)
    assert row["promised_at"] == 1000.0  # what was promised first is what counts


def test_letters_that_were_lost_come_again(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say(payload="talk_to_person")
    lan.post(f"/desk/api/cases/{waiting(lan)[0]['id']}/claim")
    first = citizen.letters()
    citizen.last = 0
    assert citizen.letters() == first
    assert citizen.letters() == ("claimed", [])
    for bad in (
        {"session": ""},
        {"session": "a b"},
        {"session": "a", "after": "-1"},
        {"session": "a", "after": "x"},
    ):
        assert citizen.http.get("/api/v1/letters", params=bad).status_code == 422
    assert Citizen(rig).letters() == ("none", [])


def test_two_tap_at_once_and_one_is_told(rig: Rig, lan: Browser, kept_password: str) -> None:
    rig.person("Minh", kept=kept_password)
    minh, citizen = rig.browser("Minh"), Citizen(rig)
    citizen.say(payload="talk_to_person")
    number = waiting(lan)[0]["id"]
    assert lan.post(f"/desk/api/cases/{number}/claim").status_code == 200
    assert lan.post(f"/desk/api/cases/{number}/claim").status_code == 200  # tapped twice
    lost = minh.post(f"/desk/api/cases/{number}/claim")
    assert lost.status_code == 409 and error_of(lost) == "taken" and "Lan" in lost.json()["error"]["message"]
    assert minh.get(f"/desk/api/cases/{number}").status_code == 403
    colleagues = lan.get("/desk/api/colleagues").json()["people"]
    assert [(p["name"], p["here"]) for p in colleagues] == [("Minh", True)]
    assert lan.post(f"/desk/api/cases/{number}/pass", {"to": colleagues[0]["id"]}).status_code == 200
    assert minh.get(f"/desk/api/cases/{number}").json()["mine"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("say", {"key": "x" * 10, "text": "  "}, 422, "bad_field"),
        ("say", {"key": "short", "text": "a"}, 422, "bad_field"),
        ("say", {"key": "x" * 10, "text": "a" * 4001}, 422, "bad_field"),
        ("say", {"key": "x" * 10, "text": ["a"]}, 422, "bad_field"),
        ("say", {"key": "x" * 10, "text": "a", "draft": 3}, 422, "bad_field"),
        (
            "say",
            {"key": "x" * 10, "text": "a", "draft": {"procedure": "no", "aspects": ["fee"]}},
            404,
            "unknown_procedure",
        ),
        (
            "say",
            {"key": "x" * 10, "text": "a", "draft": {"procedure": "dang-ky-khai-sinh", "aspects": ["x"]}},
            422,
            "bad_field",
        ),
        ("note", {"text": "a" * 1001}, 422, "bad_field"),
        ("pass", {"to": "1"}, 422, "bad_field"),
        ("pass", {"to": True}, 422, "bad_field"),
        ("close", {"reason": "because"}, 422, "bad_field"),
        ("close", {"reason": ["answered"]}, 422, "bad_field"),
    ],
)
def test_bad_bodies(shared_rig: Rig, here: Browser, path: str, body: Any, status: int, code: str) -> None:
    with shared_rig.write() as connection:
        number = add_case(connection, time.time())
    here.post(f"/desk/api/cases/{number}/claim")
    answer = here.post(f"/desk/api/cases/{number}/{path}", body)
    assert (answer.status_code, error_of(answer)) == (status, code)


def test_not_even_json(here: Browser) -> None:
    for content in (b"not json", b"[1]", b"\xff", b"[" * 5000):
        answer = here.http.post("/desk/api/draft", content=content, headers={"X-Csrf-Token": here.csrf})
        assert (answer.status_code, error_of(answer)) == (400, "bad_json")
    assert here.http.get("/desk/api/cases/99999999999999999999").status_code == 422
    assert here.http.get("/desk/api/cases/-1").status_code == 422


def test_without_an_engine_there_is_no_draft_but_everything_else(
    serving: Serve, sqlite_url: str, kept_password: str
) -> None:
    from bot.errors import EngineUnavailable

    async def away(message: object) -> dict:
        raise EngineUnavailable("no engine")

    rig = serving(sqlite_url, ask=away)
    rig.person("Lan", kept=kept_password)
    lan = rig.browser("Lan")
    answer = lan.post("/desk/api/draft", {"procedure": "dang-ky-khai-sinh", "aspects": ["fee"]})
    assert (answer.status_code, error_of(answer)) == (503, "no_draft")


def test_a_queue_that_has_not_changed_is_not_sent_again(rig: Rig, lan: Browser) -> None:
    Citizen(rig).say(payload="talk_to_person")
    first = lan.get("/desk/api/queue")
    same = lan.http.get("/desk/api/queue", headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304 and same.content == b""
    Citizen(rig).say(payload="talk_to_person")
    other = lan.http.get("/desk/api/queue", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200 and len(other.json()["waiting"]) == 2


def test_what_nobody_looks_at_is_settled_all_the_same(rig: Rig, lan: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say(payload="talk_to_person")
    number = waiting(lan)[0]["id"]
    lan.post(f"/desk/api/cases/{number}/claim")
    lan.post(f"/desk/api/cases/{number}/say", {"key": uuid4().hex, "text": "bác ơi"})
    with rig.write() as connection:
        connection.execute(update(cases).values(active_at=cases.c.active_at - 1300))
        connection.execute(update(conversations).values(last_seen=conversations.c.last_seen - 1400))
    wait_until(lambda: citizen.letters()[0] == "closed")
    assert lan.get(f"/desk/api/cases/{number}").json()["close_reason"] == "idle"
    assert citizen.say("khai sinh")[0]["kind"] == "answer"


def test_the_address_of_a_case_is_of_no_use_to_a_stranger(rig: Rig) -> None:
    assert httpx.get(f"{rig.address}/desk/api/cases/1", trust_env=False, timeout=60).status_code == 401
