"""The pictures of the documentation, from the real thing: ``python -m tests.end_to_end.screenshots``.

Starts a stack of its own on a fixed day, talks to it in Chromium, writes ``docs/images/``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.end_to_end.desk_screenshots import desk_pictures
from tests.end_to_end.stack import ROOT, Stack

IMAGES = ROOT / "docs" / "images"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PATIENCE = 30_000


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="motcua-pictures-") as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder)).start()
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            _chat(browser, stack)
            _case(browser, stack)
            _dossier(browser, stack)
            _procedure(browser, stack)
            desk_pictures(browser, stack)
            browser.close()
        finally:
            stack.stop()


def _open(browser: Browser, url: str, viewport: dict) -> Page:
    page = browser.new_context(viewport=viewport, locale="vi-VN", reduced_motion="reduce").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def _ask(page: Page, text: str) -> None:
    answered = page.locator("article.bot").count()
    page.get_by_label("Câu hỏi của anh/chị").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("article.bot").nth(answered)).to_be_visible(timeout=PATIENCE)


def _from(page: Page, bubble: Locator) -> None:
    """Scrolls so that this bubble is the first to be seen, as far as there is enough below it."""
    page.locator("#scroll").evaluate(
        "(box, bubble) => { box.scrollTop = bubble.offsetTop - box.offsetTop - 12; }", bubble.element_handle()
    )


def _chat(browser: Browser, stack: Stack) -> None:
    page = _open(browser, stack.url, {"width": 800, "height": 1110})
    _ask(page, "dang ky ket hon het bn tien v ad")
    _ask(page, "mất bao lâu")
    _from(page, page.locator(".bubble.me").first)
    page.screenshot(path=IMAGES / "chat.png")


def _case(browser: Browser, stack: Stack) -> None:
    page = _open(browser, stack.url, PHONE)
    _ask(page, "làm khai sinh cho con cần giấy tờ gì")
    _from(page, page.locator("article.bot.question"))
    page.screenshot(path=IMAGES / "case-question.png")


def _dossier(browser: Browser, stack: Stack) -> None:
    late = next(d for d in stack.dossiers("--late") if d["open"] and d["new_due_at"])
    page = _open(browser, stack.url, PHONE)
    _ask(page, f"hồ sơ {late['code']} tới đâu rồi")
    page.screenshot(path=IMAGES / "dossier.png")


def _procedure(browser: Browser, stack: Stack) -> None:
    page = _open(browser, f"{stack.url}/thu-tuc/dang-ky-ket-hon", DESK)
    page.screenshot(path=IMAGES / "procedure.png")


if __name__ == "__main__":
    main()
