"""Temporary: pictures to look at."""

from __future__ import annotations

from tests.bot.desk.test_counter import *  # noqa

SHOTS = "/tmp/shots"


def test_shots(screen):
    page = screen.open("/quay")
    page.get_by_label("Anh/chị cần làm việc gì?").fill("kha")
    page.wait_for_timeout(800)
    page.screenshot(path=f"{SHOTS}/20-quay-find.png")
    page.locator("#found button").first.click()
    page.wait_for_timeout(800)
    page.locator("#list .case label").first.click()
    page.wait_for_timeout(800)
    page.screenshot(path=f"{SHOTS}/21-quay-list.png")
    page.get_by_role("button", name="Đưa lên điện thoại").click()
    page.wait_for_timeout(400)
    page.screenshot(path=f"{SHOTS}/22-quay-phone.png")
    page.keyboard.press("Escape")
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="In khổ A4").click()
    page.pdf(path=f"{SHOTS}/quay.pdf", prefer_css_page_size=True)
