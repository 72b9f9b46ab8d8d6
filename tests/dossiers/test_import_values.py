from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.importing import values

MINUTES = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
FORMS = [
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%H:%M %d/%m/%Y",
    "%H:%M:%S %d/%m/%Y",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%I:%M %p %d/%m/%Y",
    "%d/%m/%Y %Hh%M",
    "%Hg%M ngày %d/%m/%Y",
]


@given(MINUTES, st.sampled_from(FORMS))
def test_every_usual_form_is_read(moment: datetime, form: str) -> None:
    assert values.moment(moment.strftime(form)) == moment.isoformat(" ")


@given(MINUTES)
def test_excel_serials_as_numbers_and_as_text(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert values.moment(serial) == moment.isoformat(" ")
    assert values.moment(f"{serial:.10f}") == moment.isoformat(" ")
    assert values.moment(f"{serial:.10f}".replace(".", ",")) == moment.isoformat(" ")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("14/05/2019", "2019-05-14 00:00:00"),
        ("4/5/2019", "2019-05-04 00:00:00"),
        ("14/05/19", "2019-05-14 00:00:00"),
        (" '14/05/2019 ", "2019-05-14 00:00:00"),
        ("14 / 05 / 2019", "2019-05-14 00:00:00"),
        ("2019-05-14T09:35:10.123+07:00", "2019-05-14 09:35:10"),
        ("2019-05-14T19:35:10Z", "2019-05-15 02:35:10"),
        ("2019-05-14 00:30-05:30", "2019-05-14 13:00:00"),
        ("2019-05-14 00:30+00", "2019-05-14 07:30:00"),
        (datetime(2019, 5, 14, 19, 35, tzinfo=UTC), "2019-05-15 02:35:00"),
        ("ngày 14 tháng 5 năm 2019", "2019-05-14 00:00:00"),
        ("Thứ Ba, ngày 14/05/2019", "2019-05-14 00:00:00"),
        ("Chủ nhật 19/05/2019 9 giờ", "2019-05-19 09:00:00"),
        ("14/05/2019 09 giờ 35 phút", "2019-05-14 09:35:00"),
        ("9 giờ 35 ngày 14/05/2019", "2019-05-14 09:35:00"),
        ("14/05/2019 02:35 ch", "2019-05-14 14:35:00"),
        ("20190514", "2019-05-14 00:00:00"),
        (20190514.0, "2019-05-14 00:00:00"),
        ("43599", "2019-05-14 00:00:00"),
        (43599, "2019-05-14 00:00:00"),
        (43599.399305555555, "2019-05-14 09:35:00"),
        (date(2019, 5, 14), "2019-05-14 00:00:00"),
        (datetime(2019, 5, 14, 9, 35, 10, 999), "2019-05-14 09:35:10"),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_moments(cell: object, moment: str | None) -> None:
    assert values.moment(cell) == moment


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2026",
        "13/13/2026",
        "05/14/2026",
        "14/05/1019",
        "14/05/0019",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00Z",
        "25:00 14/05/2026",
        "chưa có",
        "2026",
        "12",
        "nan",
    ],
)
def test_what_is_no_moment_is_told(cell: str) -> None:
    with pytest.raises(values.Unreadable):
        values.moment(cell)


@pytest.mark.parametrize("cell", [7, 1e300, float("nan"), float("inf"), -1, True, datetime(1019, 5, 14)])
def test_what_excel_calls_something_else_is_told(cell: object) -> None:
    with pytest.raises(values.Unreadable):
        values.moment(cell)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_wild_cells_never_break_the_reading(cell: object) -> None:
    for read in (values.text, values.phone, values.personal_number):
        value = read(cell)
        assert value is None or ("\0" not in value and value.encode())
    try:
        values.moment(cell)
    except values.Unreadable as error:
        assert str(error)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'000.00.14.H56-200203-0118", "000.00.14.H56-200203-0118"),
        ('="0912345678"', "0912345678"),
        ("Nguye\u0302\u0303n Va\u0306n An", "Nguyễn Văn An"),
        ("  Trần\u00a0  Thị \t Mẫu ", "Trần Thị Mẫu"),
        (123.0, "123"),
        (0, "0"),
    ],
)
def test_text(cell: object, text: str) -> None:
    assert values.text(cell) == text


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("0912.345.678", "0912345678"),
        (912345678, "0912345678"),
        ("912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("'0241234567", "0241234567"),
        ("9.12346E+08", None),
        ("không có", None),
    ],
)
def test_phones(cell: object, phone: str | None) -> None:
    assert values.phone(cell) == phone


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("001203004567", "001203004567"),
        (1203004567 + 10**10, "011203004567"),
        ("001 203 004 567", "001203004567"),
        ("123456789", "123456789"),
        ("1.20301E+11", None),
    ],
)
def test_personal_numbers(cell: object, number: str | None) -> None:
    assert values.personal_number(cell) == number
