"""A citizen in the web chat and a volunteer at the desk, each in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import Connection, insert

from bot.desk.intake import take_in
from bot.mailbox.tables import inbox
from tests.bot.desk.rig import PASSWORD, Rig
from tests.bot.desk.seeding import add_case, add_question, add_request

SMALL, PHONE = {"width": 320, "height": 568}, {"width": 360, "height": 740}
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202edcba =cmd|calc'
LONG = "á" * 2000


class Screen:
    """One browser window; what it complains of and where it goes are kept."""

    def __init__(self, context: BrowserContext, address: str, shots: Path | None = None) -> None:
        self.page, self.address, self.context = context.new_page(), address, context
        self.shots = shots
        self.complaints: list[str] = []
        page = self.page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        page.on("request", lambda r: r.url.startswith(address) or self.complaints.append(r.url))

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def fits(self) -> None:
        """Nothing is wider than the screen."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0


@pytest.fixture
def screens(browser: Browser, rig: Rig) -> Iterator[list[Screen]]:
    made: list[Screen] = []
    for size in (SMALL, PHONE):
        context = browser.new_context(viewport=size, locale="vi-VN", reduced_motion="reduce", has_touch=True)
        made.append(Screen(context, rig.address))
    yield made
    for screen in made:
        # 409 and the like are told on the page; the browser notes them as well.
        assert [c for c in screen.complaints if "Failed to load resource" not in c] == []
        screen.context.close()


def sign_in(screen: Screen, name: str) -> Page:
    page = screen.open("/desk")
    page.get_by_label("Tên của bạn").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Vào bàn tình nguyện").click()
    expect(page.locator("#queue")).to_be_visible()
    return page


def ask(page: Page, text: str) -> None:
    page.get_by_label("Câu hỏi của anh/chị").fill(text)
    page.keyboard.press("Enter")


def test_from_asking_for_a_person_to_a_rated_close(
    rig: Rig, screens: list[Screen], kept_password: str
) -> None:
    rig.person("Nguyễn Thị Lan", kept=kept_password)
    citizen, desk = screens[0].open("/"), sign_in(screens[1], "Nguyễn Thị Lan")
    expect(desk.locator(".empty")).to_have_text("Không ai đang chờ.")

    ask(citizen, "làm giấy khai sinh cho bé cần gì")
    expect(citizen.locator(".bubble.answer").last).to_contain_text("Giấy chứng sinh")
    ask(citizen, "cho gặp người thật")
    expect(citizen.locator(".bubble.handover")).to_contain_text("trả lời trước")
    expect(citizen.locator("#person")).to_contain_text("đang chờ")

    card = desk.locator(".case-card.waits")
    expect(card).to_contain_text("cho gặp người thật")
    assert desk.title().startswith("(1)")
    screens[1].fits()
    card.get_by_role("button", name="Nhận").click()
    expect(desk.locator("#case-name")).to_contain_text("Trang web")
    expect(desk.locator(".understood")).to_contain_text("khai sinh")
    expect(citizen.locator(".bubble.handover").last).to_contain_text("Nguyễn Thị Lan của trung tâm")
    expect(citizen.locator("#person")).to_contain_text("đang trò chuyện")

    ask(citizen, "con tôi sinh ở quê, " + HOSTILE)
    expect(desk.locator(".line.citizen").last).to_contain_text("onerror")
    screens[1].fits()

    # The procedure that was understood comes late, over a slow network: what is typed meanwhile stays.
    late: list[Route] = []
    desk.route("**/api/v1/procedures/dang-ky-khai-sinh", lambda route: late.append(route))
    desk.get_by_role("button", name="Danh mục").click()
    desk.get_by_label("Thủ tục", exact=True).fill("khai sinh")
    expect(desk.locator("#found button").first).to_be_visible()
    with desk.expect_response("**/api/v1/procedures/dang-ky-khai-sinh"):
        late.pop().continue_()
    desk.unroute("**/api/v1/procedures/dang-ky-khai-sinh")
    desk.locator("#found button").first.click()
    expect(desk.locator("#chosen")).to_contain_text("khai sinh")
    desk.locator("#aspects").get_by_text("Lệ phí").click()
    desk.get_by_label("Bé có giấy chứng sinh không ạ?").select_option(label="Không có giấy chứng sinh")
    expect(desk.get_by_label("Có người làm chứng không ạ?")).to_be_visible()
    screens[1].fits()
    desk.get_by_role("button", name="Đưa vào ô trả lời").click()
    answer = desk.get_by_label("Câu trả lời")
    expect(answer).to_have_value(
        "Nút ask: procedure=dang-ky-khai-sinh, aspect=fee\n\n"
        "Nút choose_case: procedure=dang-ky-khai-sinh, case=chung-sinh, choice=khong"
    )
    expect(desk.locator("#resting")).to_contain_text("Nguồn")
    desk.get_by_role("button", name="Mã QR").click()
    expect(desk.locator("#code svg")).to_be_visible()
    expect(desk.locator("#code-address")).to_contain_text("?chung-sinh=khong#giay-to")
    screens[1].fits()
    desk.locator("#code").get_by_role("button", name="Đóng").click()
    answer.fill("Bác mang giấy chứng sinh và căn cước của cha mẹ ạ.")
    desk.reload()  # what was typed is still there
    expect(answer).to_have_value("Bác mang giấy chứng sinh và căn cước của cha mẹ ạ.")
    desk.get_by_role("button", name="Gửi", exact=True).click()
    expect(desk.locator(".line.person").last).to_contain_text("Bác mang giấy chứng sinh")
    expect(answer).to_have_value("")

    expect(desk.locator("#teach")).to_be_hidden()  # the assistant had understood the same
    told = citizen.locator(".bubble.handover").last
    expect(told).to_contain_text("Nguyễn Thị Lan, tình nguyện viên:")
    expect(told.locator(".sources")).to_contain_text("Nguồn")
    expect(told.get_by_role("link", name="Danh sách giấy tờ của anh/chị")).to_be_visible()
    screens[0].fits()

    desk.get_by_role("button", name="Ghi chú").click()
    desk.get_by_role("textbox", name="Ghi chú").fill("bác nghe kém, gọi to")
    desk.get_by_role("button", name="Lưu ghi chú").click()
    expect(desk.locator(".line.note")).to_contain_text("bác nghe kém")
    desk.get_by_role("button", name="Chuyển, đóng").click()
    desk.get_by_role("button", name="Đã trả lời xong").click()
    expect(desk.locator(".empty")).to_be_visible()

    goodbye = citizen.locator(".bubble.handover").last
    expect(goodbye).to_contain_text("chấm mấy điểm")
    goodbye.get_by_role("button", name="5").click()
    expect(citizen.locator(".bubble.smalltalk").last).to_contain_text("5 điểm")
    assert "nghe kém" not in citizen.locator("#log").inner_text()
    ask(citizen, "khai sinh")
    expect(citizen.locator(".bubble.answer").last).to_contain_text("Giấy chứng sinh")
    assert citizen.title() not in ("1", "2") and desk.title() not in ("1", "2")


def test_what_is_typed_outlives_a_lost_connection_and_is_sent_once(
    rig: Rig, screens: list[Screen], kept_password: str
) -> None:
    rig.person("Lan", kept=kept_password)
    citizen, desk = screens[0].open("/"), sign_in(screens[1], "Lan")
    ask(citizen, "cho gặp người thật")
    desk.get_by_role("button", name="Nhận").click()
    answer = desk.get_by_label("Câu trả lời")
    answer.fill("câu này chỉ đến một lần")

    # The answer arrives, but its acknowledgement does not.
    def swallow(route) -> None:
        route.fetch()
        route.abort()

    desk.route("**/say", swallow)
    desk.get_by_role("button", name="Gửi", exact=True).click()
    expect(desk.locator("#told")).to_contain_text("Chưa gửi được")
    expect(answer).to_have_value("câu này chỉ đến một lần")
    desk.unroute("**/say")
    desk.get_by_role("button", name="Gửi", exact=True).click()
    expect(answer).to_have_value("")
    expect(citizen.locator(".bubble", has_text="câu này chỉ đến một lần")).to_have_count(1)
    expect(desk.locator(".line.person")).to_have_count(1)

    screens[1].context.set_offline(True)
    answer.fill("đang gõ dở")
    expect(desk.locator("#network")).to_contain_text("mất kết nối", timeout=20_000)
    expect(desk.locator(".line.person")).to_have_count(1)  # what was open stays readable
    screens[1].context.set_offline(False)
    expect(desk.locator("#network")).to_be_hidden(timeout=20_000)
    expect(answer).to_have_value("đang gõ dở")


def test_a_conversation_goes_on_after_the_citizens_page_was_closed(
    rig: Rig, screens: list[Screen], kept_password: str
) -> None:
    rig.person("Lan", kept=kept_password)
    citizen, desk = screens[0].open("/"), sign_in(screens[1], "Lan")
    ask(citizen, "cho gặp người thật")
    expect(citizen.locator("#person")).to_contain_text("đang chờ")
    citizen.close()
    desk.get_by_role("button", name="Nhận").click()
    desk.get_by_label("Câu trả lời").fill("Chào bác ạ")
    desk.get_by_role("button", name="Gửi", exact=True).click()
    expect(desk.locator(".line.person")).to_have_count(1)
    later = Screen(screens[0].context, rig.address).open("/")
    expect(later.locator(".bubble", has_text="Chào bác ạ")).to_be_visible()


def test_what_the_assistant_did_not_know_is_taught_with_a_tap(
    rig: Rig, screens: list[Screen], kept_password: str, tmp_path: Path
) -> None:
    rig.person("Lan", kept=kept_password)
    citizen, desk = screens[0].open("/"), sign_in(screens[1], "Lan")
    ask(citizen, "em bé nhà tôi chưa có giấy")
    expect(citizen.locator(".bubble.unknown")).to_be_visible()
    ask(citizen, "cho gặp người thật")
    desk.get_by_role("button", name="Nhận").click()
    desk.get_by_role("button", name="Danh mục").click()
    desk.get_by_label("Thủ tục", exact=True).fill("khai sinh")
    desk.locator("#found button").first.click()
    desk.locator("#aspects").get_by_text("Lệ phí").click()
    desk.get_by_role("button", name="Đưa vào ô trả lời").click()
    answer = desk.get_by_label("Câu trả lời")
    expect(answer).to_have_value("Nút ask: procedure=dang-ky-khai-sinh, aspect=fee")
    answer.fill("Lệ phí: 10.000 đồng ạ")
    desk.get_by_role("button", name="Gửi", exact=True).click()
    expect(citizen.locator(".bubble.handover").last).to_contain_text("Lan sửa hoặc viết thêm")
    expect(desk.locator("#teach")).to_contain_text("em bé nhà tôi chưa có giấy")
    screens[1].fits()
    desk.screenshot(path=tmp_path / "teach.png")
    desk.get_by_role("button", name="Gửi để duyệt").click()
    expect(desk.locator("#teach")).to_contain_text("Đã gửi")


def test_a_complaint_with_a_picture_reaches_the_lead(
    rig: Rig, screens: list[Screen], kept_password: str, tmp_path: Path
) -> None:
    rig.person("Minh", "lead", kept_password)
    Image.effect_mandelbrot((900, 600), (-2, -1, 1, 1), 40).save(tmp_path / "anh.png")
    (tmp_path / "thu.jpg").write_text("không phải ảnh")
    citizen, desk = screens[0].open("/"), sign_in(screens[1], "Minh")
    # From now on no chooser of files opens by itself, however busy the machine is.
    citizen.on("filechooser", lambda _: None)
    ask(citizen, "cán bộ thái độ kém quá")
    citizen.get_by_role("button", name="Thái độ phục vụ").click()
    expect(citizen.locator(".bubble.bot").last).to_contain_text("Chuyện ở đâu")
    choose = citizen.locator(".bubble.bot").last.get_by_role("button", name="Gửi ảnh")
    for name, told in (("thu.jpg", "không phải ảnh"), ("anh.png", "Đã nhận ảnh")):
        choose.focus()
        with citizen.expect_file_chooser() as chooser:
            citizen.keyboard.press("Enter")
        chooser.value.set_files(tmp_path / name)
        expect(citizen.locator("#log")).to_contain_text(told)
    expect(citizen.locator(".bubble.me canvas")).to_be_visible()
    screens[0].fits()
    ask(citizen, "quầy số 3")
    expect(citizen.locator(".bubble.bot").last).to_contain_text("đã đủ")

    screens[1].open("/desk/phan-anh")
    picture = desk.locator(".card img")
    expect(picture).to_have_js_property("naturalWidth", 900)
    expect(desk.locator(".card")).to_contain_text("quầy số 3")
    screens[1].fits()
    citizen.screenshot(path=tmp_path / "citizen.png")
    desk.screenshot(path=tmp_path / "lead.png")


def test_hostile_words_do_nothing_on_any_page(
    rig: Rig, screens: list[Screen], kept_password: str, tmp_path: Path
) -> None:
    rig.person("Lan", "admin", kept_password)
    with rig.write() as connection:
        number = _seed_hostile(connection)
    page = sign_in(screens[1], "Lan")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    places = {
        "/desk": ".case-card .text",
        f"/desk#{number}": ".line.citizen",
        "/desk/cau-hoi": ".asked",
        "/desk/phan-anh": ".card",
        "/thong-ke": "main",
        "/desk/tai-khoan": "main",
    }
    for path, shown in places.items():
        screens[1].open(path)
        expect(page.locator(shown).first).to_be_visible()
        screens[1].fits()
        assert page.title() not in ("1", "2") and not page.evaluate("window.hit")
        assert page.locator("main img, main script, main iframe, a[href^='javascript']").count() == 0
    screens[1].open(f"/desk#{number}")
    expect(page.locator(".line.citizen").nth(2)).to_contain_text(LONG)
    expect(page.locator(".line.citizen").last).to_contain_text("<img src=x")
    screens[1].page.screenshot(path=tmp_path / "hostile.png")
    assert asked == []


def _seed_hostile(connection: Connection) -> int:
    now = time.time()
    number = add_case(connection, now, "zalo:hostile", text=HOSTILE + LONG, contact=HOSTILE[:40])
    add_request(connection, "zalo:hostile", now, "complaint", HOSTILE + LONG)
    take_in(connection, now)
    add_question(connection, HOSTILE + LONG)
    files = [{"name": HOSTILE, "url": "javascript:window.hit=1"}, {"name": LONG, "url": "data:text/html,x"}]
    bodies = [
        ("text", {"text": HOSTILE}),
        ("payload", {"payload": HOSTILE}),
        ("text", {"text": LONG}),
        ("event", {"event": HOSTILE, "attachments": files, "text": HOSTILE}),
    ]
    for n, (kind, body) in enumerate(bodies):
        row = {"conversation": "zalo:hostile", "channel": "zalo", "platform_message_id": str(n)}
        row |= {"received_at": now, "accepted_at": now + n / 10, "kind": kind, "body": body}
        connection.execute(insert(inbox).values({**row, "state": "answered", "repeats": 0}))
    return number
