"""Figures: counted right, on both databases; nothing in the CSV is a formula, nobody can be told by it."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.desk.figures import Period, figures
from bot.desk.statistics import as_csv
from bot.desk.tables import ratings
from bot.mailbox.tables import inbox, outbox
from procedures_catalog.centre import VIET_NAM
from tests.bot.desk.rig import Rig, engine_of, error_of
from tests.bot.desk.seeding import add_case, add_person, add_question

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
HOSTILE = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>'


def at(text: str) -> float:
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=VIET_NAM).timestamp()


def add_message(
    c: Connection, when: float, said: str, channel: str = "web", state: str = "answered", n: int = 0
) -> None:
    conversation = f"{channel}:p{n}"
    row = {"conversation": conversation, "channel": channel, "platform_message_id": f"{when}-{said}-{n}"}
    row |= {"received_at": when, "accepted_at": when, "kind": "text", "body": {"text": "x"}, "state": state}
    meant = {"procedures": [{"id": "dang-ky-khai-sinh"}]} if said == "answer" else {}
    number = c.execute(
        inbox.insert().values({**row, "understood": meant, "repeats": 0})
    ).inserted_primary_key[0]
    if state == "kept":
        return
    reply = {"kind": said, "text": "dài " * 50, "buttons": []}
    row = {
        "conversation": conversation,
        "channel": channel,
        "inbox_id": number,
        "position": 0,
        "reply": reply,
    }
    row |= {"created_at": when, "state": "sent", "attempts": 0, "doubts": 0, "next_attempt_at": when}
    c.execute(outbox.insert().values({**row, "platform_ids": []}))


def seeded(c: Connection) -> None:
    for n in range(6):
        add_message(c, at("17 09:10"), "answer", n=n)
    add_message(c, at("17 10:00"), "unknown", "zalo")
    add_message(c, at("18 10:30"), "unknown", "zalo", n=1)
    add_message(c, at("18 10:31"), "handover", "zalo", n=1)
    add_message(c, at("18 10:32"), "smalltalk", "zalo", state="kept", n=1)
    add_message(c, at("15 23:59"), "answer", n=9)  # the day before
    add_message(c, at("23 00:00"), "answer", n=9)  # the day after
    lan = add_person(c, "Lan")
    opened = at("18 10:31")
    for n, (waited, promised, kept) in enumerate(((300, 600, True), (900, 600, False), (None, 600, None))):
        answered = None if waited is None else opened + waited
        state = "waiting" if waited is None else "closed"
        owner = {"owner_id": lan, "close_reason": "answered"} if waited else {}
        times = {"answered_at": answered, "promised_at": opened + promised, "kept": kept}
        add_case(c, opened, f"zalo:h{n}", state, **times, **owner)
    for stars in (5, 4, 2):
        row = {"at": opened, "channel": "zalo", "stars": stars, "about": "person"}
        c.execute(ratings.insert().values(row))
    for _ in range(5):
        add_question(c, "giấy phép nuôi cá sấu", asked_at=opened)
    for _ in range(4):
        add_question(c, "việc riêng của nhà ông Tám", asked_at=opened)


@pytest.fixture
def found(both: str) -> dict[str, Any]:
    engine = engine_of(both)
    with engine.begin() as c:
        seeded(c)
    with engine.connect() as c:
        made = figures(c, at("20 08:00"), WEEK)
    engine.dispose()
    return made


def test_messages(found: dict[str, Any]) -> None:
    messages = found["messages"]
    assert (messages["total"], messages["persons"]) == (10, 8)
    assert messages["by_outcome"] == {"answered": 6, "unknown": 2, "handed": 1, "person": 1}
    assert messages["understood_rate"] == 75.0
    assert messages["by_channel"] == {"web": 6, "zalo": 4}
    assert messages["by_hour"] == {9: 6, 10: 4}
    assert messages["by_day"][date(2026, 11, 17)] == 7 and messages["by_day"][date(2026, 11, 22)] == 0
    assert messages["by_procedure"] == {"dang-ky-khai-sinh": 6}


def test_people(found: dict[str, Any]) -> None:
    handovers = found["handovers"]
    assert {key: handovers[key] for key in ("total", "answered", "waiting", "kept", "broken")} == {
        "total": 3,
        "answered": 2,
        "waiting": 1,
        "kept": 1,
        "broken": 2,  # one answered late, one still waits past its time
    }
    assert handovers["kept_rate"] == 33.3 and handovers["median_seconds"] == 600
    assert handovers["by_person"] == {"Lan": 2} and handovers["by_reason"] == {"answered": 2}
    assert found["ratings"]["person"] == {
        "count": 3,
        "mean": 3.67,
        "by_stars": {5: 1, 4: 1, 3: 0, 2: 1, 1: 0},
    }


def test_what_fewer_than_five_asked_is_not_shown(found: dict[str, Any]) -> None:
    assert [(row["text"], row["count"]) for row in found["wanted"]] == [("giấy phép nuôi cá sấu", 5)]


def test_nothing_at_all(both: str) -> None:
    engine = engine_of(both)
    with engine.connect() as c:
        made = figures(c, at("20 08:00"), WEEK)
    engine.dispose()
    assert made["messages"]["understood_rate"] is None and made["handovers"]["kept_rate"] is None


def test_page_and_csv(rig: Rig, kept_password: str) -> None:
    rig.person("Minh", "lead", kept_password)
    minh = rig.browser("Minh")
    with rig.write() as c:
        seeded(c)
        for _ in range(6):
            add_question(c, HOSTILE, asked_at=at("18 10:31"))
    page = minh.page("/thong-ke?tu=2026-11-16&den=2026-11-22")
    assert page.status_code == 200 and "Đăng ký khai sinh" in page.text
    assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
    answer = minh.http.get("/thong-ke.csv?tu=2026-11-16&den=2026-11-22")
    assert answer.headers["content-type"].startswith("text/csv") and answer.content.startswith(
        b"\xef\xbb\xbf"
    )
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert all(len(row) == 3 for row in rows)
    assert ["Câu hỏi theo kênh", "Trang web", "6"] in rows
    assert ["Tất cả", "Giờ đông nhất", "9 giờ, 10 giờ"] in rows
    assert ["Điểm cho người hỗ trợ", "5", "1"] in rows
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)
    assert minh.page("/thong-ke").status_code == 200


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    text = as_csv([{"title": cell, "rows": [(cell, cell, None)]}])
    (row,) = csv.reader(io.StringIO(text))
    assert row == [f"'{cell}"] * 3


@pytest.mark.parametrize(
    "query",
    [
        "tu=2026-11-20&den=2026-11-10",
        "tu=x",
        "den=2026-13-01",
        "den=0001-01-02",
        "tu=9999-12-30&den=9999-12-31",
        "tu=2020-01-01&den=2026-11-20",
        "tu=0001-01-01",
    ],
)
def test_a_period_that_cannot_be(shared_rig: Rig, kept_password: str, query: str) -> None:
    name = f"Lead {abs(hash(query)) % 10**6}"
    shared_rig.person(name, "lead", kept_password)
    answer = shared_rig.browser(name).http.get(f"/thong-ke.csv?{query}")
    assert (answer.status_code, error_of(answer)) == (422, "bad_period")
