"""The web chat in a real browser, on a small phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from bot.gateway.services import Services
from bot.settings import ROOT
from procedures_catalog.centre import load_centre
from tests.bot.running import FakeEngine, serve

PHONE, DESK = {"width": 320, "height": 568}, {"width": 1280, "height": 800}
CENTRE = load_centre(ROOT / "centre.yml")


class Visit:
    """A page of the gateway; what the browser complains of and where it goes are kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("request", lambda r: r.url.startswith(address) or self.elsewhere.append(r.url))

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.address + path)
        return self.page

    def ask(self, text: str) -> None:
        self.page.get_by_label("Câu hỏi của anh/chị").fill(text)
        self.page.keyboard.press("Enter")


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def visit(request: pytest.FixtureRequest, browser: Browser, gateway: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=request.param, locale="vi-VN", reduced_motion="reduce")
    visit = Visit(context.new_page(), gateway)
    yield visit
    assert visit.elsewhere == []
    assert [c for c in visit.complaints if "Failed to load resource" not in c] == []
    context.close()


def test_first_message_says_who_answers_what_is_kept_and_how_to_reach_a_person(visit: Visit) -> None:
    hello = visit.open().locator("#hello")
    expect(hello).to_contain_text("trợ lý tự động")
    expect(hello).to_contain_text("không phải cán bộ")
    expect(hello).to_contain_text(f"{CENTRE.keeps_days} ngày")
    expect(hello).to_contain_text("xóa dữ liệu của tôi")
    expect(hello).to_contain_text(CENTRE.hotline)


def test_a_question_its_answer_and_a_tapped_button(visit: Visit) -> None:
    page = visit.open()
    visit.ask("làm khai sinh cần giấy gì")
    expect(page.locator(".bubble.me")).to_contain_text("làm khai sinh cần giấy gì")
    answer = page.locator(".bubble.answer").last
    expect(answer.locator("ol > li")).to_have_text(
        ["Tờ khai đăng ký khai sinh (1 bản chính)", "Giấy chứng sinh (1 bản chính)"]
    )
    expect(answer.locator(".sources")).to_contain_text("Cổng Dịch vụ công quốc gia")
    expect(answer.locator(".sources")).to_contain_text("20/11/2026")
    expect(answer.get_by_role("link", name="Nộp trực tuyến")).to_have_attribute(
        "href", "https://dichvucong.gov.vn/"
    )
    answer.get_by_role("button", name="Nộp ở đâu").click()
    expect(page.locator(".bubble.me").last).to_contain_text("Nộp ở đâu")
    expect(page.locator(".bubble.answer").last).to_contain_text(
        "Nút ask: procedure=dang-ky-khai-sinh, aspect=place"
    )


def test_suggestions_start_a_conversation(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("button", name="Gặp cán bộ").click()
    expect(page.locator(".bubble.me")).to_contain_text("Gặp cán bộ")
    expect(page.locator(".bubble.answer")).to_contain_text("Nút talk_to_person")


def test_a_long_answer_is_folded_between_items_and_unfolds(visit: Visit) -> None:
    page = visit.open()
    visit.ask("câu dài")
    items = page.locator(".bubble.answer ol > li")
    expect(items).to_have_count(30)
    expect(items.nth(29)).to_be_hidden()
    more = page.get_by_role("button", name="Xem đủ")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(items.nth(29)).to_be_visible()
    second = page.locator(".bubble.answer ol").nth(1)
    assert second.get_attribute("start") == str(
        page.locator(".bubble.answer ol").first.locator("li").count() + 1
    )
    page.get_by_role("button", name="Thu gọn").click()
    expect(items.nth(29)).to_be_hidden()


def test_plain_text_becomes_lists_paragraphs_and_links(visit: Visit) -> None:
    page = visit.open()
    visit.ask("chữ")
    body = page.locator(".bubble.notice .text-body")
    expect(body.locator("p.title")).to_have_text("Liên hệ:")
    expect(body.locator("ul > li")).to_have_count(1)
    expect(body.locator("ul .note")).to_contain_text("Ghi chú: hồ sơ H99.01-260916-0012")
    expect(body.locator("ol")).to_have_attribute("start", "2")
    expect(body.locator("ol > li")).to_have_text(["Hai", "Ba"])
    expect(body.locator("p").last).to_have_text("Dòng mộtdòng hai")
    addresses = [link.get_attribute("href") for link in body.locator("a").all()]
    assert addresses == ["tel:19000000", "tel:0912345678", "https://hoasen.example/a?b=1"]


def test_nothing_in_a_reply_becomes_markup_or_a_script(visit: Visit) -> None:
    page = visit.open()
    visit.ask("xấu")
    answer = page.locator(".bubble.answer")
    expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    expect(answer.locator("img")).to_have_count(0)
    expect(answer.locator("a[href^=javascript]")).to_have_count(0)
    visit.ask("<script>alert(1)</script>")
    expect(page.locator(".bubble.me").last).to_contain_text("<script>alert(1)</script>")


def test_layout_fits_and_everything_can_be_read_and_tapped(visit: Visit) -> None:
    page = visit.open()
    visit.ask("làm khai sinh")
    expect(page.locator(".bubble.answer")).to_be_visible()
    visit.ask("fail")
    expect(page.get_by_role("button", name="Gửi lại")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate("""[...document.querySelectorAll('body *')]
        .filter(e => e.checkVisibility() && e.textContent.trim())
        .filter(e => parseFloat(getComputedStyle(e).fontSize) < 16)
        .map(e => e.outerHTML.slice(0, 80))""")
    assert small == []
    tight = page.evaluate("""[...document.querySelectorAll('button, textarea, .links a, nav a, .brand')]
        .filter(e => e.checkVisibility()).map(e => [e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || box.width < 44)
        .map(([text, box]) => `${text} ${box.width}x${box.height}`)""")
    assert tight == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser: Browser, gateway: str, scheme: str) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    visit = Visit(page, gateway)
    visit.open()
    visit.ask("làm khai sinh")
    expect(page.locator(".bubble.answer")).to_be_visible()
    weak = page.evaluate("""() => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = (c) => {
        const linear = (v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const [r, g, b] = c.slice(0, 3).map(linear);
        return .2126 * r + .7152 * g + .0722 * b;
      };
      const ground = (e) => {
        for (; e; e = e.parentElement) {
          const c = rgb(getComputedStyle(e).backgroundColor);
          if (c.length < 4 || c[3] === 1) return c;
        }
        return [255, 255, 255];
      };
      return [...document.querySelectorAll('body *')]
        .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => [e, light(rgb(getComputedStyle(e).color)), light(ground(e))])
        .filter(([, a, b]) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5)
        .map(([e]) => e.outerHTML.slice(0, 100));
    }""")
    page.close()
    assert weak == []


def test_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit.open()
    expect(page.get_by_label("Câu hỏi của anh/chị")).to_be_visible()
    page.locator(".brand").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Đến ô nhập câu hỏi")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#cau-hoi")).to_be_focused()
    page.keyboard.type("khai sinh")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("ạ")
    assert page.locator("#cau-hoi").input_value() == "khai sinh\nạ"
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.answer")).to_be_visible()
    expect(page.locator("#cau-hoi")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_screen_readers_are_told(visit: Visit) -> None:
    page = visit.open()
    log = page.get_by_role("log", name="Cuộc trò chuyện")
    expect(log).to_have_attribute("aria-live", "polite")
    visit.ask("wait 0.4")
    expect(page.locator("#waiting")).to_have_text("Trợ lý đang trả lời…")
    expect(page.locator("#waiting")).to_have_attribute("role", "status")
    expect(log).to_contain_text("Trợ lý:")
    expect(page.locator("#waiting")).to_have_text("")
    assert page.evaluate("document.documentElement.lang") == "vi"
    assert page.locator("h1").count() == 1


def test_what_was_said_survives_a_reload_and_a_new_conversation_starts_clean(visit: Visit) -> None:
    page = visit.open()
    visit.ask("khai sinh")
    expect(page.locator(".bubble.answer")).to_be_visible()
    session = page.evaluate("localStorage.getItem('motcua.session')")
    page.locator("#cau-hoi").fill("đang gõ dở")
    page.reload()
    expect(page.locator(".bubble.answer")).to_contain_text("Giấy chứng sinh")
    expect(page.locator("#cau-hoi")).to_have_value("đang gõ dở")
    assert page.evaluate("localStorage.getItem('motcua.session')") == session
    page.get_by_role("button", name="Trò chuyện mới").click()
    expect(page.locator(".bubble.answer")).to_have_count(0)
    expect(page.locator("#hello")).to_be_visible()
    assert page.evaluate("localStorage.getItem('motcua.session')") != session


def test_it_works_where_storage_is_forbidden(browser: Browser, gateway: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.add_init_script("""for (const area of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, area, { get() { throw new DOMException('no', 'SecurityError'); } });""")
    visit = Visit(page, gateway)
    visit.open()
    visit.ask("khai sinh")
    expect(page.locator(".bubble.answer")).to_be_visible()
    visit.ask("xin chào")
    expect(page.locator(".bubble.smalltalk")).to_be_visible()
    page.close()
    assert visit.complaints == []


def test_without_a_network_what_was_typed_is_kept_and_can_be_sent_again(visit: Visit) -> None:
    page = visit.open()
    page.route("**/api/v1/messages", lambda route: route.abort())
    visit.ask("làm khai sinh")
    mine = page.locator(".bubble.me")
    expect(mine).to_contain_text("làm khai sinh")
    expect(mine.get_by_role("alert")).to_contain_text("mất kết nối mạng")
    page.unroute("**/api/v1/messages")
    mine.get_by_role("button", name="Gửi lại").click()
    expect(page.locator(".bubble.answer")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(mine).to_have_count(1)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (503, '{"error": {"code": "engine_unavailable", "message": "Lời của máy chủ."}}', "Lời của máy chủ."),
        (429, '{"error": {"code": "too_many_requests", "message": "Chậm lại ạ."}}', "Chậm lại ạ."),
        (502, "<html>proxy</html>", "Câu trả lời nhận được bị lỗi"),
        (200, "not json", "Câu trả lời nhận được bị lỗi"),
    ],
)
def test_errors_are_told_in_the_servers_words_and_can_be_sent_again(
    browser: Browser, gateway: str, status: int, body: str, told: str
) -> None:
    page = browser.new_page(viewport=PHONE)

    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, content_type="application/json")

    page.route("**/api/v1/messages", answer)
    visit = Visit(page, gateway)
    visit.open()
    visit.ask("khai sinh")
    expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.get_by_role("button", name="Gửi lại")).to_be_visible()
    page.close()


def test_a_refused_text_goes_back_into_the_box(visit: Visit) -> None:
    page = visit.open()
    visit.ask("////")
    expect(page.get_by_role("alert")).to_contain_text("Tin nhắn chưa có chữ nào")
    expect(page.get_by_role("button", name="Gửi lại")).to_have_count(0)
    expect(page.locator("#cau-hoi")).to_have_value("////")


def test_several_lines_in_a_row_are_answered_in_order(visit: Visit) -> None:
    page = visit.open()
    for text in ("wait 0.3 một", "hai", "ba"):
        visit.ask(text)
    expect(page.locator(".bubble.smalltalk")).to_have_count(3)
    texts = [
        text.removeprefix("Trợ lý:Em nghe: ")
        for text in page.locator(".bubble.smalltalk").all_text_contents()
    ]
    assert texts == ["wait 0.3 một", "hai", "ba"]


def test_a_link_opens_the_chat_at_its_procedure_once(visit: Visit, steady_engine: FakeEngine) -> None:
    page = visit.open("/?thu-tuc=1.001193")
    expect(page.locator(".bubble.me")).to_contain_text("Thủ tục đăng ký khai sinh")
    expect(page.locator(".bubble.answer")).to_contain_text(
        "Nút choose_procedure: procedure=dang-ky-khai-sinh"
    )
    assert page.url == visit.address + "/"
    page.reload()
    expect(page.locator(".bubble.me")).to_have_count(1)


def test_a_link_to_nothing_is_told(visit: Visit) -> None:
    page = visit.open("/?thu-tuc=khong-co")
    expect(page.locator(".bubble.notice")).to_contain_text("không trỏ tới thủ tục nào")


def test_without_javascript_there_is_a_way_on(browser: Browser, gateway: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(gateway)
    expect(page.locator("#hello")).to_contain_text("JavaScript")
    expect(page.locator("#hello").get_by_role("link", name="Thủ tục")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    context.close()


def test_engine_killed_in_mid_conversation(
    browser: Browser, make_services: Callable[..., Services], engine: FakeEngine
) -> None:
    with serve(make_services(engine.url)) as address:
        page = browser.new_page(viewport=PHONE)
        visit = Visit(page, address)
        visit.open()
        visit.ask("die")
        expect(page.get_by_role("alert")).to_contain_text("Trợ lý bị gián đoạn")
        engine.stop()
        engine.start()
        visit.ask("khai sinh")
        expect(page.locator(".bubble.answer")).to_contain_text("Giấy chứng sinh")
        page.close()
