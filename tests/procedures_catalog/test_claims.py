"""Amounts and times that a message takes for true."""

from __future__ import annotations

import pytest

from procedures_catalog.claims import Time, is_amount_of, money_in, notes_amount, notes_time, time_in
from procedures_catalog.model import Duration, Fee
from vietnamese import normalize


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("phí 500.000đ đúng ko", 500_000),
        ("nghe nói 500k", 500_000),
        ("50 nghìn phải không", 50_000),
        ("1tr2 phải không", 1_200_000),
        ("1,5 triệu", 1_500_000),
        ("1 triệu rưỡi", 1_500_000),
        ("nửa triệu", 500_000),
        ("năm chục ngàn", 50_000),
        ("mười lăm nghìn", 15_000),
        ("2 trăm ngàn", 200_000),
        ("hết 20000 phải không", 20_000),
        ("10k 1 bản đúng không", 10_000),
        ("miễn phí đúng không", 0),
        ("không mất tiền phải không", 0),
        ("năm 2026 thì thu 100.000 đúng không", 100_000),
        ("vài chục ngàn", None),
        ("3 trang 5.000 đồng đúng không", None),
        ("năm 2026 phải không", None),
        ("cần 2 ảnh đúng không", None),
        ("", None),
    ],
)
def test_the_last_amount_said_is_read_however_it_is_written(text: str, amount: int | None) -> None:
    assert money_in(normalize(text)) == amount


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3 ngày là có phải không", Time(3, "ngay")),
        ("nộp rồi 2 tuần mới xong", Time(2, "tuan")),
        ("làm xong trong ngày đúng không", Time(0, "ngay")),
        ("hẹn ngày 15 tháng 3", None),
        ("bao lâu thì có", None),
    ],
)
def test_the_last_time_said_is_read(text: str, time: Time | None) -> None:
    assert time_in(normalize(text)) == time


@pytest.mark.parametrize(
    ("time", "row", "same"),
    [
        (Time(3, "ngay"), Duration(unit="working_days", amount=3), True),
        (Time(3, "ngay"), Duration(unit="days", amount=3), True),
        (Time(3, "ngay"), Duration(unit="working_days", amount=5), False),
        (Time(3, "ngay"), Duration(unit="hours", amount=3), False),
        (Time(1, "tuan"), Duration(unit="working_days", amount=5), True),
        (Time(1, "tuan"), Duration(unit="days", amount=7), True),
        (Time(1, "tuan"), Duration(unit="days", amount=5), False),
        (Time(8, "gio"), Duration(unit="hours", amount=8), True),
        (Time(1, "ngay"), Duration(unit="same_day"), True),
        (Time(0, "ngay"), Duration(unit="same_day"), True),
        (Time(0, "ngay"), Duration(unit="working_days", amount=3), False),
    ],
)
def test_a_time_is_compared_with_the_entrys(time: Time, row: Duration, same: bool) -> None:
    assert time.is_that_of(row) is same


def test_a_maximum_is_a_limit_and_no_range() -> None:
    row = Fee(state="amount", amount=1_000, maximum=200_000)
    assert [is_amount_of(claim, row) for claim in (1_000, 5_000, 200_000)] == [True, False, True]
    assert is_amount_of(0, Fee(state="free")) and not is_amount_of(5_000, Fee(state="free"))
    assert not is_amount_of(0, Fee(state="set_elsewhere"))


def test_what_some_pay_stands_in_a_note() -> None:
    assert notes_amount(100_000, Fee(state="amount", amount=200_000, note="Sinh viên 100.000 đồng"))
    assert not notes_amount(50_000, Fee(state="amount", amount=200_000, note="Sinh viên 100.000 đồng"))
    row = Duration(unit="working_days", amount=7, note="Trên mạng có thể 5 ngày làm việc")
    assert notes_time(Time(5, "ngay"), row) and not notes_time(Time(3, "ngay"), row)
