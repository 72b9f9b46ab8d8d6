"""A citizen at the web chat, with everything behind it real; on a small phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.stack import Stack

pytestmark = pytest.mark.stack
# The first answer after a start may take a moment on a busy machine.
PATIENCE = 30_000


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, locale="vi-VN", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: request.url.startswith(stack.url) or faults.append(request.url))
    page.goto(stack.url)
    yield page
    assert faults == [], "no script error, and no request to anywhere else"
    context.close()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Câu hỏi của anh/chị").fill(text)
    page.get_by_role("button", name="Gửi", exact=True).click()


def test_ask_tap_and_follow_up(page: Page) -> None:
    ask(page, "đăng ký kết hôn cần giấy tờ gì")
    answer = page.locator("article.bot.answer")
    expect(answer).to_contain_text("1.000894", timeout=PATIENCE)
    expect(answer.locator(".sources")).to_contain_text("Nguồn")
    answer.get_by_role("button", name="Lệ phí").click()
    expect(answer.nth(1)).to_contain_text("miễn phí")
    ask(page, "mất bao lâu")
    expect(answer.nth(2)).to_contain_text("1.000894")


def test_a_case_question_answered_by_button(page: Page) -> None:
    ask(page, "đăng ký khai sinh cần giấy tờ gì")
    question = page.locator("article.bot.question")
    question.get_by_role("button", name="Có giấy chứng sinh", exact=True).click()
    question.nth(1).get_by_role("button", name="Cha mẹ, ông bà, người thân").click()
    checklist = page.locator("article.bot.answer").last
    expect(checklist).to_contain_text("chứng sinh")
    expect(checklist).not_to_contain_text("mang thai hộ")


def test_a_dossier(page: Page, stack: Stack) -> None:
    dossier = next(d for d in stack.dossiers("--late") if d["open"])
    ask(page, f"hồ sơ {dossier['code']} tới đâu rồi")
    told = page.locator("article.bot.dossier")
    expect(told).to_contain_text(dossier["stage"])
    expect(told).to_contain_text("trễ hẹn")
    expect(page.locator("body")).not_to_contain_text(dossier["applicant"]["name"])


def test_the_conversation_is_there_after_a_reload(page: Page) -> None:
    ask(page, "đăng ký kết hôn lệ phí bao nhiêu")
    expect(page.locator("article.bot.answer")).to_contain_text("miễn phí")
    page.reload()
    expect(page.locator("article.bot.answer")).to_contain_text("miễn phí")
    ask(page, "mất bao lâu")
    expect(page.locator("article.bot.answer").nth(1)).to_contain_text("1.000894")


def test_from_the_page_of_a_procedure_to_the_chat(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/thu-tuc/dang-ky-ket-hon")
    expect(page.get_by_role("heading", level=1)).to_contain_text("kết hôn")
    page.goto(f"{stack.url}/?thu-tuc=dang-ky-ket-hon")
    expect(page.locator("article.bot.answer")).to_contain_text("1.000894")


def test_a_link_from_the_counter_opens_exactly_that_checklist(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/?thu-tuc=dang-ky-khai-sinh&tinh-trang-be=binh-thuong&nguoi-di-lam=cha-me-ong-ba")
    checklist = page.locator("article.bot.answer")
    expect(checklist).to_contain_text("chứng sinh", timeout=PATIENCE)
    expect(checklist).not_to_contain_text("mang thai hộ")
    expect(page.locator("article.bot.question")).to_have_count(0)
    ask(page, "DS 1001193 11")
    expect(checklist).to_have_count(2)
