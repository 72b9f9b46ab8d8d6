"""The report on dossiers as a page and as files, over real HTTP from a real database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from xml.etree import ElementTree

import httpx
import openpyxl
import pytest
from playwright.sync_api import Browser
from starlette.requests import Request

from bot.gateway.charts import bar_chart
from bot.gateway.figures import period, show
from dossiers import open_database
from dossiers.models import Dossier, Kind
from tests.bot.desk.rig import Rig

PATH = "/thong-ke/ho-so"
QUARTER = "tu=2026-10-01&den=2026-11-20"
HOSTILE = '=HYPERLINK("http://evil.example")<script>alert(1)</script>'


def dossiers() -> Iterator[Dossier]:
    kinds = [
        Kind(
            procedure_code="1.004222", procedure_name="Đăng ký thường trú", field="Cư trú", agency="Công an"
        ),
        Kind(procedure_code="1.001193", procedure_name=HOSTILE, field=HOSTILE, agency="Ủy ban"),
    ]
    for number in range(12):
        late = number % 4 == 0
        yield Dossier(
            code=f"H99.10.01.05-261102-{number:04d}",
            kind=kinds[number % 2],
            status=4,
            status_since=datetime(2026, 11, 2, 9),
            received_at=datetime(2026, 11, 2 + number, 8),
            due_at=datetime(2026, 11, 10 if late else 27, 17),
            updated_at=datetime(2026, 11, 19),
            channel=1 + number % 3,
            late_reason=HOSTILE if late else None,
        )


@pytest.fixture(scope="module")
def client(shared_rig: Rig, kept_password: str) -> httpx.Client:
    database = open_database(shared_rig.url)
    with database.write() as session:
        session.add_all(dossiers())
    database.close()
    shared_rig.person("Minh", "lead", kept_password)
    return shared_rig.browser("Minh").http


def get(client: httpx.Client, query: str = "", page: bool = True, path: str = PATH) -> httpx.Response:
    return client.get(f"{path}?{QUARTER}&{query}", headers={"Accept": "text/html" if page else "*/*"})


@pytest.mark.parametrize("path", [PATH, "/thong-ke"])
def test_the_page_shows_what_matters_and_draws_it(client: httpx.Client, path: str) -> None:
    page = get(client, path=path)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "01/10/2026" in page.text and "20/11/2026" in page.text
    assert re.search(r"<dt>Tiếp nhận</dt><dd>12</dd>", page.text)
    # Each for wide screens and for phones.
    assert page.text.count("<svg") == 12
    assert "Nguyên nhân quá hạn nhiều nhất" in page.text
    assert "0–5 ngày" in page.text
    assert f"{PATH}?{QUARTER.replace('&', '&amp;')}&amp;tai=xlsx" in page.text


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)])
def test_it_fits_a_phone_and_the_tables_are_printed(
    client: httpx.Client, browser: Browser, shared_rig: Rig, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    for name, value in client.cookies.items():
        context.add_cookies([{"name": name, "value": value, "url": shared_rig.address}])
    page = context.new_page()
    page.goto(f"{shared_rig.address}{PATH}?{QUARTER}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("svg:visible").count() == 6
    assert page.locator("td:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("td:visible").count() > 50
    assert page.locator(".wide-only svg:visible").count() == 6
    assert page.locator("form:visible, .files:visible, header:visible").count() == 0
    context.close()


def test_without_a_period_it_is_the_quarter() -> None:
    request = Request({"type": "http", "query_string": b"", "headers": []})
    assert period(request, date(2026, 11, 20)) == (date(2026, 10, 1), date(2026, 11, 20))


def test_nothing_from_elsewhere_and_nothing_that_runs(client: httpx.Client) -> None:
    text = get(client).text
    assert "<script>" not in text
    assert not re.search(r"<style|style=|onload|@import|xlink", text)
    asked_for = re.findall(r"""(?:src|href|action|url)\s*[=(]\s*["']?([^"'\s>)]+)""", text)
    assert asked_for and all(address.startswith(("/", "#")) for address in asked_for)
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(drawing)


def test_a_period_of_ones_own(client: httpx.Client) -> None:
    report = client.get(f"{PATH}?tu=2026-11-03&den=2026-11-05&tai=json").json()
    assert (report["from"], report["to"], report["new"], report["carried_over"]) == (
        "2026-11-03",
        "2026-11-05",
        3,
        1,
    )


@pytest.mark.parametrize(
    "query",
    ["tu=yesterday", "tu=2026-12-01&den=2026-11-01", "den=1800-01-01", "tu=2026-02-30", "den=9999-12-31"],
)
def test_periods_that_are_none(client: httpx.Client, query: str) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_period")


def test_csv_is_read_by_excel_and_runs_nothing(client: httpx.Client) -> None:
    answer = get(client, "tai=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="ho-so-2026-10-01-2026-11-20.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["Toàn bộ", "12"] in [row[:2] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-"))]
    assert [f"'{HOSTILE}", "3"] in rows


def test_a_workbook_with_numbers_as_numbers(client: httpx.Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(get(client, "tai=xlsx").content))
    assert book.sheetnames == [
        "Tổng hợp", "Lĩnh vực", "Thủ tục", "Đơn vị", "Hình thức nộp", "Thời gian chờ", "Nguyên nhân quá hạn",
    ]  # fmt: skip
    assert book["Tổng hợp"]["B3"].value == 12
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert HOSTILE in [cell.value for cell in cells]


def test_an_empty_period_has_no_drawings(client: httpx.Client) -> None:
    page = client.get(f"{PATH}?tu=2020-01-01&den=2020-01-31", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<svg" not in page.text
    assert "Đã giải quyết" in page.text


def test_charts_say_the_same_label_twice_and_escape_it() -> None:
    drawn = bar_chart([("<b>&", 3), ("<b>&", 2), ("Không", 0)], 'Số "hồ sơ"')
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == 'Số "hồ sơ"'
    labels = [
        (text.text or "").replace("\u200b", "") for text in root.iter("{http://www.w3.org/2000/svg}text")
    ]
    assert {"<b>&: 3", "<b>&: 2", "Không: 0"} <= set(labels)
    assert {"0", "1", "2", "3"} <= set(labels)
    assert bar_chart([], "x") == bar_chart([("a", 0)], "x") == ""


def test_the_figures_are_written_as_vietnamese_writes_them() -> None:
    from tests.dossiers.test_report import KEYS

    report = dict.fromkeys(KEYS, 0) | {"from": "2026-07-01", "to": "2026-09-30", "received": 69_140}
    report |= {"on_time_rate": 98.74, "online_rate": None}
    report |= {key: [] for key in KEYS if key.startswith("by_") and key not in ("by_post", "by_post_rate")}
    report |= {"waiting_by_age": [], "late_causes": []}
    cards = dict(show(report).cards)
    assert (cards["Tiếp nhận"], cards["Tỷ lệ trước và đúng hạn"]) == ("69.140", "98,74 %")
    assert cards["Tỷ lệ nộp trực tuyến"] == "–"
