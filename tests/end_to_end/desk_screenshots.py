"""The pictures of ``docs/volunteers.md``, from the real thing, by :mod:`tests.end_to_end.screenshots`."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.stack import ROOT, Stack

IMAGES = ROOT / "docs" / "images"
PHONE = {"width": 360, "height": 740}
PATIENCE = 30_000
PASSWORD = "hoa sen trắng 7"


def desk_pictures(browser: Browser, stack: Stack) -> None:
    """Writes ``desk-*.png`` and ``quay-*.png``."""
    citizen = _phone(browser)
    citizen.goto(stack.url)
    _ask(citizen, "con tôi sinh ở quê thì làm khai sinh ở đâu")
    _ask(citizen, "cho tôi gặp người thật")
    lan = _phone(browser)
    lan.goto(stack.motcua("desk", "invite", "Nguyễn Thị Lan", "--role", "volunteer").split()[0])
    for field in lan.locator("input[type=password]").all():
        field.fill(PASSWORD)
    lan.locator("main form button").click()
    expect(lan.get_by_role("button", name="Nhận").first).to_be_visible()
    lan.screenshot(path=IMAGES / "desk-queue.png")
    lan.get_by_role("button", name="Nhận").first.click()
    lan.get_by_role("button", name="Danh mục").click()
    expect(lan.locator("#chosen")).to_contain_text("khai sinh")
    lan.locator("#make").click()
    expect(lan.get_by_label("Câu trả lời")).not_to_have_value("")
    lan.screenshot(path=IMAGES / "desk-draft.png")
    _counter(lan, stack)
    _questions(lan, citizen, stack)


def _counter(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/quay")
    page.get_by_label("Anh/chị cần làm việc gì?").fill("kha")
    page.locator("#found button", has_text="Đăng ký khai sinh").first.click()
    page.locator("#list .case label").first.click()
    expect(page.locator(".chosen-case")).to_be_visible()
    page.locator("#list h1").scroll_into_view_if_needed()
    page.screenshot(path=IMAGES / "quay-list.png")
    page.get_by_role("button", name="Đưa lên điện thoại").click()
    page.locator("#ways button").nth(1).click()
    page.screenshot(path=IMAGES / "quay-code.png")


def _questions(page: Page, citizen: Page, stack: Stack) -> None:
    other = citizen.context.browser.new_context(viewport=PHONE, locale="vi-VN").new_page()
    other.goto(stack.url)
    _ask(other, "mua vé xe về quê ăn tết ở đâu")
    page.goto(f"{stack.url}/desk/cau-hoi")
    expect(page.get_by_role("button", name="Gán nghĩa", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Gán nghĩa", exact=True).first.click()
    page.screenshot(path=IMAGES / "desk-questions.png")


def _phone(browser: Browser) -> Page:
    page = browser.new_context(viewport=PHONE, locale="vi-VN", reduced_motion="reduce").new_page()
    page.set_default_timeout(PATIENCE)
    return page


def _ask(page: Page, text: str) -> None:
    answered = page.locator("article.bot").count()
    page.get_by_label("Câu hỏi của anh/chị").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("article.bot").nth(answered)).to_be_visible(timeout=PATIENCE)
