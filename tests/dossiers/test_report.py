from __future__ import annotations

import csv
import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dossiers import Database, WorkCalendar
from dossiers.importing import import_file
from dossiers.models import Kind
from dossiers.report import make_report
from tests.dossiers.conftest import make_dossier

CALENDAR = WorkCalendar()
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))
KEYS = [
    "from", "to", "received", "new", "carried_over", "resolved", "early", "on_time", "late", "on_time_rate",
    "open", "open_late", "late_without_new_date", "stale", "online", "online_rate", "by_post", "by_post_rate",
    "by_field", "by_procedure", "by_office", "by_channel", "waiting_by_age", "late_causes",
]  # fmt: skip

# A quarter that a province reported: totals, and what they were made of.
NEW, CARRIED_OVER, RESOLVED, ON_TIME, ONLINE, BY_POST = 64_002, 5_138, 64_768, 63_952, 33_348, 7_414
RECEIVED = NEW + CARRIED_OVER


def write_quarter(path: Path) -> None:
    """An export that holds the quarter, and what belongs to the quarters before and after."""
    dice = random.Random(7)
    order = list(range(RECEIVED))

    def chosen(count: int, among: list[int]) -> set[int]:
        return set(dice.sample(among, count))

    carried = chosen(CARRIED_OVER, order)
    resolved = chosen(RESOLVED, order)
    on_time = chosen(ON_TIME, sorted(resolved))
    by_post = chosen(BY_POST, sorted(resolved))
    online = chosen(ONLINE, order)
    headings = "MÃ HỒ SƠ,TEN THU TUC,Lĩnh vực,Cơ quan thực hiện,Hình thức nộp,Ngày nhận,Hạn xử lý"
    headings += ",Ngày có kết quả,Hình thức trả"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings.split(","))

        def row(number: int, received: date, due: date, finished: date | None, net: bool, post: bool) -> None:
            writer.writerow(
                [
                    f"H99.10.{number // 10_000:02d}-{received:%y%m%d}-{number % 10_000:04d}",
                    f"Thủ tục {number % 37}",
                    f"Lĩnh vực {number % 9}",
                    f"Phường {number % 21}",
                    "Trực tuyến" if net else ("Trực tiếp", "BCCI")[number % 11 == 0],
                    f"{received:%d/%m/%Y} 08:{number % 60:02d}",
                    f"{due:%d/%m/%Y}",
                    f"{finished:%d/%m/%Y} 16:30" if finished else "",
                    "Bưu chính công ích" if post else "Trực tiếp",
                ]
            )

        for i in order:
            received = date(2026, 6, 1 + i % 30) if i in carried else date(2026, 7, 1) + timedelta(i % 92)
            finished = max(received, date(2026, 7, 1) + timedelta(i % 92)) if i in resolved else None
            if finished is None:
                due = received + timedelta(20)
            elif i in on_time:
                due = finished + timedelta(i % 3)
            else:
                due = finished - timedelta(1 + i % 5)
                received = min(received, due)
                if i not in carried and received < QUARTER[0]:
                    received = due = QUARTER[0]
                    finished = QUARTER[0] + timedelta(3)
            row(i, received, due, finished, i in online, i in by_post)
        for n in range(RECEIVED, RECEIVED + 500):
            # Over before the quarter, and come after it.
            row(n, date(2026, 6, 1), date(2026, 6, 20), date(2026, 6, 30), True, True)
            row(n + 500, date(2026, 10, 1), date(2026, 10, 20), None, True, True)


def test_a_real_quarter_to_the_figure(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "quarter.csv"
    write_quarter(path)
    done = import_file(database, path)
    assert (done.new, done.rejected) == (RECEIVED + 1000, 0)
    with database.read() as session:
        report = make_report(session, *QUARTER, datetime(2026, 10, 5), CALENDAR).as_dict()
    assert list(report) == KEYS
    assert (report["from"], report["to"]) == ("2026-07-01", "2026-09-30")
    assert (report["received"], report["new"], report["carried_over"]) == (69_140, 64_002, 5_138)
    assert (report["resolved"], report["on_time"], report["late"]) == (64_768, 63_952, 816)
    assert (report["online"], report["by_post"]) == (33_348, 7_414)
    assert report["on_time_rate"] == 98.74
    assert report["online_rate"] == 48.23
    assert report["by_post_rate"] == 11.45
    assert report["open"] == 69_140 - 64_768
    for group in ("by_field", "by_procedure", "by_office", "by_channel"):
        for figure in ("received", "resolved", "on_time", "late", "open", "open_late", "online", "by_post"):
            assert sum(part[figure] for part in report[group]) == report[figure], (group, figure)
    assert (len(report["by_field"]), len(report["by_procedure"]), len(report["by_office"])) == (9, 37, 21)
    assert {part["channel"] for part in report["by_channel"]} == {1, 2, 3}


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00")


def figures(database: Database, now: datetime, *cases: dict) -> dict:
    """The report of November 2026 over cases, which are days by field."""
    with database.write() as session:
        kind = Kind(procedure_code="1.004222", procedure_name="Thường trú", field="Cư trú", agency="Công an")
        for number, case in enumerate(cases):
            given = {
                "due_at": at("2026-11-20", 17),
                "updated_at": now,
                "kind": kind,
                "events": [],
                "applicant": None,
            }
            session.add(make_dossier(f"H99.10.01.05-261102-{number:04d}", **given | case))
    with database.read() as session:
        return make_report(session, date(2026, 11, 1), date(2026, 11, 30), now, CALENDAR).as_dict()


def test_the_edges_of_a_period(database: Database) -> None:
    inside = {"received_at": at("2026-11-01", 0)}
    report = figures(
        database,
        at("2026-12-15"),
        {"received_at": datetime(2026, 10, 31, 23, 59, 59)},  # carried over
        inside,  # new
        {"received_at": datetime(2026, 11, 30, 23, 59, 59)},  # new
        {"received_at": at("2026-12-01", 0)},  # of the next
        {
            "received_at": at("2026-10-01"),
            "closed_at": datetime(2026, 10, 31, 23, 59, 59),
        },  # of the one before
        {"received_at": at("2026-10-01"), "closed_at": at("2026-11-01", 0)},  # carried over, resolved
        inside | {"closed_at": datetime(2026, 11, 30, 23, 59, 59)},  # new, resolved
        inside | {"closed_at": at("2026-12-01", 0)},  # new, open at the end
        {"received_at": None, "status": 1},  # not taken in
    )
    assert (report["received"], report["new"], report["carried_over"]) == (6, 4, 2)
    assert (report["resolved"], report["open"]) == (2, 4)


def test_on_time_is_by_the_day(database: Database) -> None:
    due = {"received_at": at("2026-11-02"), "due_at": at("2026-11-10", 9)}
    report = figures(
        database,
        at("2026-12-15"),
        due | {"closed_at": at("2026-11-09", 23)},  # early
        due | {"closed_at": at("2026-11-10", 8)},
        due | {"closed_at": at("2026-11-10", 17)},  # the same day, after the hour
        due | {"closed_at": at("2026-11-11", 0)},  # late
        due | {"due_at": None, "closed_at": at("2026-11-11", 0)},  # no limit to break
    )
    assert (report["early"], report["on_time"], report["late"], report["resolved"]) == (1, 4, 1, 5)
    assert report["on_time_rate"] == 80.0


def test_open_late_and_stale_as_of_today(database: Database) -> None:
    late = {"received_at": at("2026-11-02"), "due_at": at("2026-11-10", 17)}
    today = at("2026-11-20", 10)
    report = figures(
        database,
        today,
        late,  # late without a new date
        late | {"new_due_at": at("2026-11-27")},  # late with one
        late | {"status": 5, "status_since": at("2026-11-09")},  # paused in time
        late | {"status": 5, "status_since": at("2026-11-12")},  # paused when it was late already
        late | {"due_at": at("2026-11-20", 8)},  # due today
        late | {"due_at": at("2026-11-23"), "updated_at": at("2026-11-01")},  # stale
        late | {"closed_at": at("2026-11-19"), "updated_at": at("2026-11-01")},
    )
    assert (report["open"], report["open_late"], report["late_without_new_date"]) == (6, 3, 2)
    assert report["stale"] == 1


def test_waiting_by_age(database: Database) -> None:
    def received(day: str, **more: object) -> dict:
        return {"received_at": at(day), "due_at": at("2026-11-27")} | more

    report = figures(
        database,
        at("2026-11-20", 10),
        received("2026-11-20"),
        received("2026-11-15", due_at=at("2026-11-17")),  # five days, late
        received("2026-11-14"),  # six
        received("2026-11-10"),
        received("2026-11-09", due_at=at("2026-11-10"), status=5, status_since=at("2026-11-10")),  # not late
        received("2026-09-21", due_at=at("2026-10-10")),  # sixty
        received("2026-09-20", due_at=at("2026-10-10")),  # sixty-one
        received("2026-09-20", closed_at=at("2026-11-19")),
    )
    rows = report["waiting_by_age"]
    assert [(row["from_days"], row["to_days"]) for row in rows] == [
        (0, 5), (6, 10), (11, 20), (21, 30), (31, 60), (61, None),
    ]  # fmt: skip
    assert [(row["open"], row["open_late"]) for row in rows] == [
        (2, 1),
        (2, 0),
        (1, 0),
        (0, 0),
        (1, 1),
        (1, 1),
    ]
    assert sum(row["open"] for row in rows) == report["open"]
    assert sum(row["open_late"] for row in rows) == report["open_late"]


def test_waiting_by_age_when_the_period_ended(database: Database) -> None:
    report = figures(
        database,
        at("2027-03-01"),
        {"received_at": at("2026-11-28"), "due_at": at("2026-12-30"), "closed_at": at("2026-12-05")},
        {"received_at": at("2026-11-02"), "due_at": at("2026-11-10"), "closed_at": at("2026-12-05")},
        {"received_at": at("2026-11-29"), "due_at": at("2026-12-30")},
    )
    rows = [(row["open"], row["open_late"]) for row in report["waiting_by_age"]]
    assert rows == [(2, 0), (0, 0), (0, 0), (1, 1), (0, 0), (0, 0)]


def test_the_most_frequent_causes(database: Database) -> None:
    late = {"received_at": at("2026-11-02"), "due_at": at("2026-11-10")}
    over = late | {"closed_at": at("2026-11-12")}
    report = figures(
        database,
        at("2026-12-15"),
        over | {"late_reason": "Chờ xác minh"},
        over | {"late_reason": "Chờ xác minh"},
        late | {"late_reason": "Chờ xác minh"},
        late | {"late_reason": "Đo đạc lại", "closed_at": at("2026-12-10")},
        over,  # nobody said why
        late | {"late_reason": "In time all the same", "closed_at": at("2026-11-09")},
        late | {"late_reason": "Not late yet", "due_at": at("2026-12-30")},
        {"late_reason": "Before", "received_at": at("2026-10-01"), "due_at": at("2026-10-02"),
         "closed_at": at("2026-10-30")},
        *(over | {"late_reason": f"Lý do {n:02d}"} for n in range(20)),
    )  # fmt: skip
    causes = [(row["cause"], row["dossiers"]) for row in report["late_causes"]]
    assert causes[:3] == [("Chờ xác minh", 3), ("Lý do 00", 1), ("Lý do 01", 1)]
    assert len(causes) == 10


def test_a_last_day_on_a_day_off_is_not_over_before_the_next_working_day(database: Database) -> None:
    saturday = {"received_at": at("2026-11-02"), "due_at": at("2026-11-14", 17)}
    assert figures(database, at("2026-11-16"), saturday)["open_late"] == 0
    with database.read() as session:
        tuesday = make_report(session, date(2026, 11, 1), date(2026, 11, 30), at("2026-11-17"), CALENDAR)
    assert tuesday.as_dict()["open_late"] == 1


def test_a_period_that_is_over_is_told_as_of_its_end(database: Database) -> None:
    report = figures(
        database,
        at("2027-03-01"),
        {"received_at": at("2026-11-02"), "due_at": at("2026-11-27"), "closed_at": at("2026-12-20")},
        {"received_at": at("2026-11-02"), "due_at": at("2026-12-02"), "closed_at": at("2026-12-20")},
        {"received_at": at("2026-11-02"), "due_at": at("2026-12-02")},
    )
    assert (report["open"], report["open_late"]) == (3, 1)


def test_nothing_to_divide_by(database: Database) -> None:
    with database.read() as session:
        report = make_report(session, *QUARTER, datetime(2026, 10, 5), CALENDAR).as_dict()
    assert list(report) == KEYS
    assert (report["received"], report["on_time_rate"], report["online_rate"]) == (0, None, None)
    assert report["by_field"] == []


@pytest.mark.parametrize("channel", [1, 2, 3, None])
def test_channels_have_names(database: Database, channel: int | None) -> None:
    [part] = figures(database, at("2026-12-15"), {"channel": channel})["by_channel"]
    assert part["channel"] == channel
    assert part["name"]
    assert part["online"] == (channel == 2)
