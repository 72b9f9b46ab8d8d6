"""From a question that was not understood to one that is: captured, redacted, labelled, approved, undone."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.desk import questions
from bot.desk.names import NAME
from bot.desk.redact import CODE, NUMBER, redacted
from bot.desk.tables import questions as table
from procedures_catalog import CatalogStore
from procedures_catalog.centre import centre_learned
from procedures_catalog.learned import Learned, read_learned
from tests.bot.desk.citizen import Citizen
from tests.bot.desk.rig import Browser, Rig, error_of
from tests.bot.desk.seeding import add_conversation, add_question
from tests.bot.running import HERE, wait_until

MOTCUA = Path(sys.executable).parent / "motcua"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sđt 0912 345 678 gọi em", f"sđt {NUMBER} gọi em"),
        ("căn cước 001199012345 của tôi", f"căn cước {NUMBER} của tôi"),
        ("sinh 12/03/1990 ở Hà Nội", f"sinh {NUMBER} ở Hà Nội"),
        ("mã 000.00.99.H99-261120-0123 tới đâu", f"mã {CODE} tới đâu"),
        ("gửi mail lan.nguyen@gmail.com nhé", "gửi mail [địa chỉ] nhé"),
        ("thủ tục 1.001193 làm sao", "thủ tục 1.001193 làm sao"),
        ("đăng ký trong 60 ngày", "đăng ký trong 60 ngày"),
        ("lương 12.500.000 có được miễn", f"lương {NUMBER} có được miễn"),
        ("tôi là Nguyễn Văn An, làm khai sinh", f"tôi là {NAME}, làm khai sinh"),
        ("nguyen thi lan muon lam khai sinh", f"{NAME} muon lam khai sinh"),
        ("NGUYỄN THỊ LAN HỎI HỒ SƠ", f"{NAME} HỒ SƠ"),
        ("tên là lê minh anh thì sao", f"tên là {NAME} thì sao"),
        ("giấy cho bé Bống với ông Tám", f"giấy cho bé {NAME} với ông {NAME}"),
        ("khai sinh ở Hà Nội hay Hồ Chí Minh", "khai sinh ở Hà Nội hay Hồ Chí Minh"),
        ("em là sinh viên, tên doanh nghiệp đặt sao", "em là sinh viên, tên doanh nghiệp đặt sao"),
        ("mai thi bằng lái cần gì", "mai thi bằng lái cần gì"),
        ("nhà số nhà 12A ngõ 35/7", "nhà [địa chỉ] [địa chỉ]"),
    ],
)
def test_what_names_a_person_is_masked(text: str, kept: str) -> None:
    assert redacted(text) == kept


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_redact_and_twice_is_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


@given(st.from_regex(r"[0-9]([ .\-]?[0-9]){5,11}", fullmatch=True))
def test_no_long_number_is_kept(number: str) -> None:
    if questions.redacted(number) != number:
        assert not any(c.isdigit() for c in redacted(f"số {number} nhé"))


@pytest.fixture
def people(rig: Rig, kept_password: str) -> tuple[Browser, Browser]:
    rig.person("Lan", kept=kept_password)
    rig.person("Minh", "lead", kept_password)
    return rig.browser("Lan"), rig.browser("Minh")


def listed(browser: Browser, state: str = "waiting") -> list[dict[str, Any]]:
    return browser.get("/desk/api/questions", state=state).json()["groups"]


def test_what_was_not_understood_waits_redacted(rig: Rig, people: tuple[Browser, Browser]) -> None:
    citizen = Citizen(rig)
    citizen.say("làm ghế cho bé, gọi 0912345678")
    citizen.say("khai sinh cần gì")  # understood: not worth a look
    (group,) = listed(people[0])
    assert group["text"] == f"làm ghế cho bé, gọi {NUMBER}" and group["why"] == {"unknown": 1}


def test_a_question_before_a_low_rating_waits_too_and_its_reason_is_kept(
    rig: Rig, people: tuple[Browser, Browser]
) -> None:
    citizen = Citizen(rig)
    citizen.say("khai sinh cần gì")
    citizen.say(payload="rate?rating=1")
    wait_until(lambda: [g["why"] for g in listed(people[0])] == [{"disliked": 1}])
    (thanks,) = citizen.say("trả lời chẳng đúng gì cả")
    assert "ghi lại" in thanks["text"]
    with rig.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT stars, reason FROM desk_ratings").all() == [
            (1, "trả lời chẳng đúng gì cả")
        ]
    assert len(listed(people[0])) == 1  # the reason is not a question


def test_a_thumb_down_keeps_the_question_before_it_and_one_person_counts_once(
    rig: Rig, people: tuple[Browser, Browser]
) -> None:
    citizen, other = Citizen(rig), Citizen(rig)
    citizen.say("khai sinh cần gì")
    (sorry,) = citizen.say("👎🏽")
    assert sorry["buttons"][0]["payload"] == "talk_to_person"
    citizen.say("khai sinh cần gì vậy")
    citizen.say("👎")
    assert [(g["why"], g["count"]) for g in listed(people[0])] == [({"disliked": 1}, 1)]
    other.say("khai sinh cần gì")
    other.say("👎")
    assert [g["count"] for g in listed(people[0])] == [2]


def test_similar_questions_stand_together(rig: Rig, people: tuple[Browser, Browser]) -> None:
    with rig.write() as connection:
        for text in ("làm ghế cho bé", "lam ghe cho be", "làm ghế cho bé?", "mua vé tàu", "bé làm ghế cho"):
            add_question(connection, text)
    first, second = listed(people[0])
    assert (first["count"], second["count"], second["text"]) == (4, 1, "mua vé tàu")


def label(browser: Browser, group: dict[str, Any], verdict: str = "procedure", **more: Any):
    return browser.post("/desk/api/questions/label", {"ids": group["ids"], "verdict": verdict, **more})


def test_approved_is_learned_at_once_and_undone_is_forgotten(
    rig: Rig, people: tuple[Browser, Browser]
) -> None:
    lan, minh = people
    with rig.write() as connection:
        add_conversation(connection, "web:x", time.time())
        add_question(connection, "làm ghế gỗ cho bé", conversation="web:x")
        add_question(connection, "bán vé tàu hỏa", why="unknown")
    path = centre_learned(rig.folder / "centre.yml")
    store = CatalogStore(HERE / "entries", learned=path, interval=0.0)
    before = store.current().search("làm ghế gỗ cho bé")[0].score
    elsewhere = store.current().find_in("bán vé tàu hỏa").elsewhere

    wooden = next(g for g in listed(lan) if "ghế" in g["text"])
    train = next(g for g in listed(lan) if "vé" in g["text"])
    meant = {"procedure": "1.001193", "aspects": ["documents"]}
    assert label(lan, wooden, **meant).json() == {"changed": 1}
    assert label(lan, wooden, **meant).json() == {"changed": 0}  # somebody was quicker
    assert label(lan, train, "out_of_scope").json() == {"changed": 1}
    assert not path.exists()  # nobody has agreed yet
    with rig.engine.connect() as connection:
        assert set(connection.scalars(select(table.c.conversation))) == {None}

    assert lan.post("/desk/api/questions/approve", {"ids": wooden["ids"]}).status_code == 403
    ids = wooden["ids"] + train["ids"]
    assert minh.post("/desk/api/questions/approve", {"ids": ids}).json() == {"changed": 2}
    learned, faults = read_learned(path)
    assert learned.by_procedure()["dang-ky-khai-sinh"] == ["làm ghế gỗ cho bé"] and faults == []
    assert "out_of_scope:\n- bán vé tàu hỏa" in path.read_text("utf-8")
    wait_until(lambda: bool(store.current().learned))
    assert store.current().find_in("bán vé tàu hỏa").elsewhere > elsewhere
    found = store.current().search("làm ghế gỗ cho bé")[0]
    assert found.procedure.id == "dang-ky-khai-sinh" and found.score > before
    assert "làm ghế gỗ cho bé" not in found.procedure.asked_as  # and no page shows it

    assert minh.post("/desk/api/questions/undo", {"ids": ids}).json() == {"changed": 2}
    assert read_learned(path) == (Learned(), [])
    wait_until(lambda: not store.current().learned)
    assert store.current().search("làm ghế gỗ cho bé")[0].score == pytest.approx(before)
    assert len(listed(lan)) == 2


def test_what_means_nothing_is_dropped(rig: Rig, people: tuple[Browser, Browser]) -> None:
    lan, minh = people
    with rig.write() as connection:
        add_question(connection, "asdf ghjk")
    (group,) = listed(lan)
    label(lan, group, "nothing")
    minh.post("/desk/api/questions/approve", {"ids": group["ids"]})
    assert [listed(lan, state) for state in ("waiting", "labelled", "approved")] == [[], [], []]
    assert not centre_learned(rig.folder / "centre.yml").exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"ids": [], "verdict": "nothing"}, 422, "bad_field"),
        ({"ids": "1", "verdict": "nothing"}, 422, "bad_field"),
        ({"ids": [True], "verdict": "nothing"}, 422, "bad_field"),
        ({"ids": [2**63], "verdict": "nothing"}, 422, "bad_field"),
        ({"ids": [1], "verdict": "what"}, 422, "bad_field"),
        ({"ids": [1], "verdict": ["procedure"]}, 422, "bad_field"),
        ({"ids": [1], "verdict": "procedure"}, 422, "bad_field"),
        ({"ids": [1], "verdict": "nothing", "procedure": "x"}, 422, "bad_field"),
        ({"ids": [1], "verdict": "procedure", "procedure": "khong-co"}, 404, "unknown_procedure"),
        ({"ids": [1], "verdict": "procedure", "procedure": "1.001193", "aspects": ["x"]}, 422, "bad_field"),
        (
            {"ids": [1], "verdict": "procedure", "procedure": "1.001193", "aspects": [["fee"]]},
            422,
            "bad_field",
        ),
    ],
)
def test_bad_labels(people: tuple[Browser, Browser], body: Any, status: int, code: str) -> None:
    answer = people[0].post("/desk/api/questions/label", body)
    assert (answer.status_code, error_of(answer)) == (status, code)


def test_a_folder_that_cannot_be_written_is_told_and_made_good_later(
    rig: Rig, people: tuple[Browser, Browser]
) -> None:
    lan, minh = people
    with rig.write() as connection:
        add_question(connection, "làm ghế cho bé")
    (group,) = listed(lan)
    label(lan, group, procedure="dang-ky-khai-sinh")
    (rig.folder / "centre").write_text("in the way")
    answer = minh.post("/desk/api/questions/approve", {"ids": group["ids"]})
    assert (answer.status_code, error_of(answer)) == (503, "learned_unwritable")
    (rig.folder / "centre").unlink()
    assert minh.post("/desk/api/questions/approve", {"ids": group["ids"]}).json() == {"changed": 0}
    learned, _ = read_learned(centre_learned(rig.folder / "centre.yml"))
    assert learned.by_procedure() == {"dang-ky-khai-sinh": ["làm ghế cho bé"]}


def test_a_faulty_file_is_named_and_keeps_nobody_from_answers(tmp_path: Path) -> None:
    path = tmp_path / "questions.yml"
    path.write_text("questions: [{text: a}]", encoding="utf-8")
    asked, (fault,) = read_learned(path)
    assert not asked and "procedure" in str(fault) and "questions.yml" in str(fault)
    assert CatalogStore(HERE / "entries", learned=path).current().search("khai sinh")


def test_the_command_line_lists_and_exports(
    rig: Rig, people: tuple[Browser, Browser], tmp_path: Path
) -> None:
    lan, minh = people
    with rig.write() as connection:
        for text in ("làm ghế cho bé", "lam ghe cho be", "mua vé tàu", "giấy phép nuôi cá sấu"):
            add_question(connection, text)
    env = {k: v for k, v in os.environ.items() if not k.startswith("MOTCUA_")}
    env |= {"MOTCUA_DATABASE_URL": rig.url, "MOTCUA_VAR": str(tmp_path / "var")}

    def motcua(*words: str) -> str:
        return subprocess.run([MOTCUA, *words], env=env, capture_output=True, text=True, check=True).stdout

    rows = json.loads(motcua("questions", "list", "--json", "--limit", "1"))
    assert [(row["text"], row["count"]) for row in rows] == [("lam ghe cho be", 2)]
    assert "mua vé tàu" in motcua("questions", "list")
    with rig.write() as connection:
        add_question(connection, "=cmd|'/C calc'!A0")
    motcua("questions", "export", str(tmp_path / "asked.csv"))
    cells = list(csv.reader((tmp_path / "asked.csv").read_text("utf-8-sig").splitlines()))
    assert cells[0][:2] == ["count", "text"] and cells[1][:2] == ["2", "lam ghe cho be"]
    assert "'=cmd|'/C calc'!A0" in [row[1] for row in cells]
    assert len(json.loads(motcua("questions", "export"))) == 4
    for group in listed(lan):
        verdicts = {"mua vé tàu": "out_of_scope", "giấy phép nuôi cá sấu": "lacking"}
        verdict = "nothing" if "calc" in group["text"] else verdicts.get(group["text"], "procedure")
        label(lan, group, verdict, **({"procedure": "1.001193"} if verdict == "procedure" else {}))
    minh.post("/desk/api/questions/approve", {"ids": [n for g in listed(lan, "labelled") for n in g["ids"]]})
    lines = [json.loads(line) for line in motcua("questions", "export", "--format", "jsonl").splitlines()]
    assert sorted(lines, key=lambda line: line["text"]) == [
        {"text": "lam ghe cho be", "procedure": "dang-ky-khai-sinh", "aspects": []},
        {"text": "mua vé tàu", "procedure": None, "aspects": []},
    ]
