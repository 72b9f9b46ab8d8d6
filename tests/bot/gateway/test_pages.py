"""The catalogue's pages: what they say over HTTP, and how they look in a browser."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, expect

from bot.desk.links import matrix
from bot.gateway.checklist import checklist
from procedures_catalog import CatalogStore

BROWSER = {"Accept": "text/html"}
DAY = date(2026, 11, 21)


def page_of(client: httpx.Client, path: str, status: int = 200) -> BeautifulSoup:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return BeautifulSoup(response.text, "lxml")


def section(page: BeautifulSoup, title: str) -> str:
    (found,) = [s for s in page.find_all("section") if s.h2 and s.h2.get_text(strip=True) == title]
    return " ".join(found.get_text(" ", strip=True).split())


def test_a_procedure_shows_everything_of_its_entry(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc/dang-ky-khai-sinh")
    assert page.h1.get_text() == "Đăng ký khai sinh"
    assert "1.001193" in page.text and "Kiểm tra ngày 20/11/2026" in page.text
    assert "8.000 đồng /bản" in section(page, "Lệ phí").replace("đồng/bản", "đồng /bản")
    assert "không mất phí" in section(page, "Lệ phí") and "Căn cứ: Luật Hộ tịch" in section(page, "Lệ phí")
    assert "đã hết" not in section(page, "Lệ phí")
    assert "trong ngày làm việc" in section(page, "Thời gian giải quyết")
    assert "Không có giấy chứng sinh: 2,5 ngày làm việc" in section(page, "Thời gian giải quyết")
    assert "Trung tâm Phục vụ hành chính công cấp xã" in section(page, "Nộp ở đâu, bằng cách nào")
    assert "Nộp trực tuyến (toàn trình)" in section(page, "Nộp ở đâu, bằng cách nào")
    laws = section(page, "Căn cứ pháp lý")
    assert "60/2014/QH13: Luật Hộ tịch" in laws and "158/2005/NĐ-CP" not in laws
    assert "Cổng Dịch vụ công quốc gia" in section(page, "Nguồn")
    assert "Mẫu số 1" in section(page, "Biểu mẫu")
    assert page.find("a", href="/?thu-tuc=dang-ky-khai-sinh")
    assert page.find("a", href="/thu-tuc/the-moi")


def test_papers_are_a_checklist_by_case(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc/dang-ky-khai-sinh")
    papers = page.find(id="giay-to")
    assert len(papers.find_all("input", type="checkbox")) == 5
    assert [h.text for h in papers.find_all("h3")] == [
        "Ai cũng cần",
        "Nếu: Có giấy chứng sinh",
        "Nếu: Có người làm chứng",
        "Nếu: Không có người làm chứng",
    ]
    assert "1 bản chính, 2 bản sao" in papers.text and "xuất trình rồi mang về" in papers.text


def test_the_citizens_own_case_gives_their_own_list(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc/dang-ky-khai-sinh?chung-sinh=khong&nguoi-lam-chung=co")
    papers = page.find(id="giay-to")
    names = [name.text for name in papers.select(".papers .name")]
    assert names == ["Tờ khai đăng ký khai sinh", "Văn bản của người làm chứng", "Thẻ căn cước"]
    assert papers.find_all("h3") == []
    assert "Danh sách cho trường hợp: Không có giấy chứng sinh; Có người làm chứng." in papers.text
    assert papers.find("input", value="khong", attrs={"name": "chung-sinh"}).has_attr("checked")


def test_answers_that_lead_nowhere_are_left_out(catalog: CatalogStore) -> None:
    birth = catalog.current().get("dang-ky-khai-sinh")
    # The second question is not asked where there is a birth certificate: its answer falls away.
    told = checklist(birth, {"chung-sinh": "co", "nguoi-lam-chung": "co", "x": "y"}, DAY)
    assert told.answers == {"chung-sinh": "co"}
    assert [case.id for case in told.questions] == ["chung-sinh"]
    assert checklist(birth, {"chung-sinh": "bogus"}, DAY).answers == {}


def test_hostile_query_stays_text(client: httpx.Client) -> None:
    for path in ('/thu-tuc?q="><script>alert(1)</script>', "/thu-tuc/dang-ky-khai-sinh?chung-sinh=<script>"):
        page = page_of(client, path)
        assert all(script.get("src", "").startswith("/static/") for script in page.find_all("script"))


def test_abolished_says_so_and_leads_on(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc/the-cu")
    assert "đã hết hiệu lực sau ngày 17/08/2026" in page.text
    assert page.find("a", href="/thu-tuc/the-moi")
    assert page.find(id="giay-to") is None
    assert page.find(id="ask")["href"] == "/?thu-tuc=the-moi"


def test_what_is_not_known_is_said(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc/the-moi")
    assert "mới có thông tin cơ bản" in page.text
    for title in ("Giấy tờ cần có", "Lệ phí", "Thời gian giải quyết", "Nộp ở đâu, bằng cách nào"):
        assert "Danh mục chưa có thông tin này." in section(page, title)


def test_unknown_is_a_page_in_vietnamese_with_a_search(client: httpx.Client) -> None:
    for path in ("/thu-tuc/khong-co", "/khong-co"):
        page = page_of(client, path, 404)
        assert page.html["lang"] == "vi" and "Không tìm thấy trang" in page.h1.text
        assert page.find("form", action="/thu-tuc")


def test_the_list_is_by_field_and_leaves_the_abolished_out(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc")
    assert [s.contents[0].strip() for s in page.select("details.field summary")] == ["Căn cước", "Hộ tịch"]
    assert page.find("a", href="/thu-tuc/the-moi") and not page.find("a", href="/thu-tuc/the-cu")


def test_search_works_on_the_server(client: httpx.Client) -> None:
    page = page_of(client, "/thu-tuc?q=lam giay khai sinh")
    results = page.find(id="ket-qua")
    assert results.find("a")["href"] == "/thu-tuc/dang-ky-khai-sinh"
    assert page.find(id="tim")["value"] == "lam giay khai sinh"
    assert "quá 200" not in page_of(client, "/thu-tuc?q=" + "x" * 300, 422).text


def test_life_events_lead_to_their_steps(client: httpx.Client, catalog: CatalogStore) -> None:
    events = catalog.current().life_events
    listed = page_of(client, "/thu-tuc").select(".chips a")
    assert [a["href"] for a in listed] == [f"/thu-tuc?su-kien={key}" for key in events]
    birth = next(e for e in events.values() if any(s.procedure == "dang-ky-khai-sinh" for s in e.steps))
    page = page_of(client, f"/thu-tuc?su-kien={birth.id}")
    assert page.h1.text == birth.name
    assert page.find("a", href="/thu-tuc/dang-ky-khai-sinh")
    assert page_of(client, "/thu-tuc?su-kien=none").h1.text == "Thủ tục"


def test_no_page_asks_anything_of_elsewhere_or_runs_inline_code(client: httpx.Client) -> None:
    for path in ("/", "/thu-tuc", "/thu-tuc/dang-ky-khai-sinh"):
        page = page_of(client, path)
        for element in page.select("script, link[href], img"):
            address = element.get("src") or element.get("href")
            assert address.startswith("/static/")
            assert client.get(address).status_code == 200
        assert not [
            e for e in page.find_all(True) if any(a.startswith("on") for a in e.attrs) or e.has_attr("style")
        ]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/thu-tuc", "/thu-tuc/dang-ky-khai-sinh", "/thu-tuc/the-cu", "/khong-co"])
def test_pages_fit_their_screen(browser: Browser, gateway: str, width: int, path: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    page.goto(gateway + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """tapped => [...document.querySelectorAll(tapped)]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML.slice(0, 90))""",
        "button, .button, .list a, .chips a, nav a, summary, label:has(input), input[type=search]",
    )
    page.close()
    assert small == []


def test_search_as_you_type(browser: Browser, gateway: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{gateway}/thu-tuc")
    page.get_by_label("Anh/chị cần làm việc gì?").press_sequentially("khai sinh")
    first = page.locator("#ket-qua a").first
    expect(first).to_contain_text("Đăng ký khai sinh")
    page.get_by_label("Anh/chị cần làm việc gì?").fill("")
    expect(page.locator("#ket-qua a")).to_have_count(0)
    page.close()


def test_search_as_you_type_by_keyboard_and_when_nothing_comes_back(browser: Browser, gateway: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{gateway}/thu-tuc")
    box, told = page.get_by_role("searchbox"), page.get_by_role("status")
    box.press_sequentially("khai s")
    expect(told).to_contain_text("gần nhất với “khai s”")
    page.route("**/api/v1/procedures?*", lambda route: route.abort())
    box.press_sequentially("inh $& x")
    expect(told).to_contain_text("Chưa tìm được lúc này")
    expect(page.locator("#ket-qua a")).to_have_count(0)
    page.unroute("**/api/v1/procedures?*")
    box.fill("xyzqwkj")
    expect(told).to_contain_text("Không có thủ tục nào khớp")
    box.fill("khai sinh")
    expect(page.locator("#ket-qua a").first).to_contain_text("Đăng ký khai sinh")
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/thu-tuc/dang-ky-khai-sinh")
    page.close()


def test_the_catalogue_needs_no_script(browser: Browser, gateway: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{gateway}/thu-tuc")
    page.get_by_role("searchbox").fill("khai sinh")
    page.get_by_role("button", name="Tìm").click()
    page.locator("#ket-qua").get_by_role("link").first.click()
    page.get_by_text("Không có giấy chứng sinh", exact=True).first.click()
    page.get_by_role("button", name="Lập danh sách của tôi").click()
    expect(page.locator("#giay-to")).to_contain_text("Danh sách cho trường hợp: Không có giấy chứng sinh.")
    expect(page.get_by_role("button", name="In trang này")).to_be_hidden()
    context.close()


def test_the_page_leads_into_the_chat(browser: Browser, gateway: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{gateway}/thu-tuc/dang-ky-khai-sinh")
    page.get_by_role("link", name="Hỏi trợ lý về thủ tục này").click()
    expect(page.locator(".bubble.answer")).to_contain_text("Nút choose_procedure")
    page.close()


def test_choosing_a_case_works_with_a_tap(browser: Browser, gateway: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{gateway}/thu-tuc/dang-ky-khai-sinh")
    page.get_by_text("Không có giấy chứng sinh", exact=True).first.click()
    page.get_by_role("button", name="Lập danh sách của tôi").click()
    expect(page.locator(".papers .name").first).to_be_visible()
    expect(page.locator("#giay-to")).to_contain_text("Danh sách cho trường hợp: Không có giấy chứng sinh.")
    expect(page.locator("#giay-to")).not_to_contain_text("Nếu: Có giấy chứng sinh")
    page.close()


def test_print_is_black_on_white_with_boxes_and_without_controls(browser: Browser, gateway: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{gateway}/thu-tuc/dang-ky-khai-sinh")
    expect(page.get_by_role("button", name="In trang này")).to_be_visible()
    page.emulate_media(media="print")
    for hidden in (".top", ".buttons", ".cases"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".print-only")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator(".letterhead .qr")).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert len(sheets) in (1, 2)
    page.close()


def test_the_printed_code_opens_the_chat_at_what_is_in_force(client: httpx.Client) -> None:
    """Drawn module by module as the library gives them."""
    for key, current in (("dang-ky-khai-sinh", "dang-ky-khai-sinh"), ("the-cu", "the-moi")):
        drawn = page_of(client, f"/thu-tuc/{key}").select_one(".letterhead .qr path")["d"]
        dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)}
        rows = matrix(f"{str(client.base_url).rstrip('/')}/?thu-tuc={current}")
        assert dark == {(x, y) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
