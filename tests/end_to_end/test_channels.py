"""Zalo and Telegram as a citizen meets them: real processes, real engine, the platforms' fakes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.channels import checklist_link
from bot.mailbox.tables import conversations, inbox, outbox
from procedures_catalog import CatalogStore
from tests.bot.channels import fake_telegram, fake_zalo
from tests.bot.mailbox.helpers import notices, rows
from tests.end_to_end.people import ANSWERED_WITHIN, TelegramPerson, Town, ZaloPerson, settled
from tests.end_to_end.platforms import platforms
from tests.end_to_end.stack import Stack, wait_until

pytestmark = pytest.mark.stack
TEAM = -100777
FIRST_CONTACT = notices()["first_contact"]["text"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with platforms() as both:
        more = {"MOTCUA_TELEGRAM_MODE": "polling", "MOTCUA_TELEGRAM_DESK_CHAT": str(TEAM)}
        settings = {**both.settings, **more}
        stack = Stack(tmp_path_factory.mktemp("town"), settings).start()
        yield Town(stack, both)
        assert stack.stop() == 0


@pytest.fixture
def lan(town: Town) -> ZaloPerson:
    return ZaloPerson(town)


@pytest.fixture
def minh(town: Town) -> TelegramPerson:
    return TelegramPerson(town)


def test_zalo_from_follow_to_the_answer_of_a_button(lan: ZaloPerson) -> None:
    follow = fake_zalo.event("follow", follower={"id": lan.id})
    first, greeting = lan.hears(lambda: lan.send(follow))
    assert first["text"] == FIRST_CONTACT
    assert len(greeting["attachment"]["payload"]["buttons"]) == 5
    (answer,) = lan.say("dang ky ket hon le phi bao nhieu")
    assert "miễn phí" in answer["text"].lower() and "Nguồn: " in answer["text"]
    assert len(lan.buttons) <= 5 and all("ask?" not in str(button["payload"]) for button in lan.buttons)
    title = next(b["title"] for b in lan.buttons if b["type"] == "oa.query.hide" and b["title"] != "Xem thêm")
    assert lan.tap(title)[0]["text"] not in (answer["text"], notices()["old_button"]["text"])


def test_zalo_shows_more_than_five_choices_in_turns(lan: ZaloPerson) -> None:
    lan.say("danh sách thủ tục")
    seen = []
    while lan.buttons[-1]["title"] == "Xem thêm":
        seen += [button["title"] for button in lan.buttons[:-1]]
        lan.tap("Xem thêm")
    seen += [button["title"] for button in lan.buttons]
    assert len(seen) == len(set(seen)) > 5
    assert lan.tap(next(b["title"] for b in lan.buttons if b["type"] == "oa.query.hide"))


def test_zalo_a_case_is_asked_for_and_answered_with_buttons(lan: ZaloPerson) -> None:
    lan.say("đăng ký khai sinh cần giấy tờ gì")
    lan.tap("Có giấy chứng sinh")
    checklist = "".join(message["text"] for message in lan.tap("Cha mẹ, ông bà, người thân"))
    assert "chứng sinh" in checklist and "bỏ rơi" not in checklist


def test_zalo_five_short_lines_get_one_answer(town: Town, lan: ZaloPerson) -> None:
    lan.say("chào em")

    def lines() -> None:
        for n, text in enumerate(("cho chị hỏi", "đăng ký tạm trú", "thì", "mất bao lâu", "vậy em")):
            lan.send(fake_zalo.text_event(lan.id, text, f"{lan.id}-line-{n}"))

    (answer,) = lan.hears(lines)
    assert "ngày làm việc" in answer["text"]


def test_zalo_a_place_a_picture_and_a_file(lan: ZaloPerson) -> None:
    place = {"type": "location", "payload": {"coordinates": {"latitude": "21.03", "longitude": "105.85"}}}
    way = lan.attach("user_send_location", place)[-1]
    assert "Số 1 đường Sen Hồng" in way["text"] and "07:30" in way["text"]
    assert way["attachment"]["payload"]["buttons"][0]["type"] == "oa.open.url"
    picture = {"type": "image", "payload": {"url": "https://zalo-cdn.example.com/i.jpg"}}
    (taken,) = lan.attach("user_send_image", picture)
    assert "Đã nhận ảnh" in taken["text"] and "yêu cầu số" in taken["text"]
    assert any(b["type"] == "oa.open.phone" for b in taken["attachment"]["payload"]["buttons"])


def test_zalo_staff_in_zalos_own_tool_are_not_interrupted(town: Town, lan: ZaloPerson) -> None:
    lan.say("chào")
    sender, message = (
        {"id": "388613280878808645", "admin_id": "a1"},
        {"text": "Chào chị", "msg_id": f"{lan.id}-s"},
    )
    lan.send(fake_zalo.event("oa_send_text", sender=sender, recipient={"id": lan.id}, message=message))
    before = len(lan.messages)
    lan.send(fake_zalo.text_event(lan.id, "đăng ký kết hôn lệ phí bao nhiêu", f"{lan.id}-silent"))
    settled(town, f"zalo:{lan.id}", lambda: True)
    assert len(lan.messages) == before
    kept = [
        row.state for row in rows(town.stack.database, inbox) if row.platform_message_id == f"{lan.id}-silent"
    ]
    assert kept == ["kept"]


def test_zalo_paused_and_withdrawn(town: Town, lan: ZaloPerson) -> None:
    lan.say("đăng ký kết hôn lệ phí bao nhiêu")
    town.stack.motcua("pause", "--message", "Trung tâm nghỉ đột xuất chiều nay.")
    try:
        assert lan.say("còn tạm trú")[0]["text"] == "Trung tâm nghỉ đột xuất chiều nay."
        withdraw = fake_zalo.event("user_withdraw", user_id=lan.id)
        lan.send(withdraw)
        wait_until(lambda: not traces(town, lan.id), ANSWERED_WITHIN, "everything is erased")
    finally:
        town.stack.motcua("resume")
    # A late retry of it, and of what was erased, brings nobody back.
    lan.send(withdraw)
    lan.send(fake_zalo.text_event(lan.id, "đăng ký kết hôn lệ phí bao nhiêu", f"{lan.id}-0"))
    assert not traces(town, lan.id)


def traces(town: Town, person: str) -> list[Any]:
    """What the database still knows of somebody on Zalo."""
    name = f"zalo:{person}"
    found = [
        row
        for table in (inbox, outbox)
        for row in rows(town.stack.database, table)
        if row.conversation == name
    ]
    return found + [row for row in rows(town.stack.database, conversations) if row.id == name]


def test_zalo_unfollow_gives_up_what_waits_and_writing_again_ends_it(town: Town, lan: ZaloPerson) -> None:
    lan.say("chào")
    lan.send(fake_zalo.event("unfollow", follower={"id": lan.id}))
    blocked = {row.id: row.blocked for row in rows(town.stack.database, conversations)}
    assert blocked[f"zalo:{lan.id}"]
    assert lan.say("đăng ký kết hôn lệ phí bao nhiêu")


def test_telegram_start_commands_and_deep_links(minh: TelegramPerson) -> None:
    first, _ = minh.say("/start")
    assert first["text"] == FIRST_CONTACT and len(minh.buttons) == 5
    assert "Đăng ký kết hôn" in minh.say("/start tt-dang-ky-ket-hon")[0]["text"]
    assert "mã" in minh.say("/start hs")[0]["text"]
    assert "/hoso" in minh.say("/help")[0]["text"]
    contact = "".join(given["text"] for given in minh.say("/lienhe"))
    assert "1900 0000" in contact and "Số 1 đường Sen Hồng" in contact and "7 giờ 30" in contact
    assert minh.say("/thutuc") and len(minh.buttons) > 5


def test_telegram_deep_links_to_a_checklist(minh: TelegramPerson) -> None:
    assert "trường hợp" in minh.say("/start gt-dang-ky-khai-sinh")[-1]["text"]
    birth = CatalogStore().current().find("dang-ky-khai-sinh")
    assert birth is not None
    link = checklist_link(birth, {case.id: case.choices[0].id for case in birth.cases})
    mine = "".join(given["text"] for given in minh.say(f"/start {link}"))
    assert "chứng sinh" in mine and "bỏ rơi" not in mine and "mang thai hộ" not in mine


def test_telegram_buttons_stop_their_clock_and_an_edit_is_answered_anew(
    town: Town, minh: TelegramPerson
) -> None:
    minh.say("đăng ký tạm trú")
    answer = minh.tap("Lệ phí")[0]
    assert "đồng" in answer["text"]
    assert any(m == "answerCallbackQuery" for m, _ in town.both.telegram.calls)
    assert any(m == "sendChatAction" and int(g["chat_id"]) == minh.id for m, g in town.both.telegram.calls)
    minh.hears(message=fake_telegram.message(minh.id, 900, text="đăng ký kết hôn mất bao lâu"))
    edited = fake_telegram.message(
        minh.id, 900, text="đăng ký kết hôn lệ phí bao nhiêu", edit_date=int(time.time())
    )
    assert "miễn phí" in minh.hears(edited_message=edited)[0]["text"].lower()


def test_telegram_being_forgotten(town: Town, minh: TelegramPerson) -> None:
    minh.say("đăng ký kết hôn lệ phí bao nhiêu")
    minh.say("/xoa")
    minh.tap("Xóa")
    left = [row for row in rows(town.stack.database, inbox) if row.conversation == f"telegram:{minh.id}"]
    assert [row.body for row in left if "kết hôn" in str(row.body)] == []
    assert "kết hôn" not in minh.say("mất bao lâu")[0]["text"]


def test_telegram_groups_are_refused_and_moved_ones_followed(town: Town) -> None:
    telegram, group = town.both.telegram, -100555
    telegram.moved[group] = group - 1_000_000
    telegram.put(telegram.update(message=fake_telegram.group_message(group, 1, text="/thutuc")))
    wait_until(lambda: telegram.texts(group - 1_000_000), ANSWERED_WITHIN, "the group is told")
    assert "tin nhắn riêng" in telegram.texts(group - 1_000_000)[0]


def test_telegram_what_is_written_is_escaped(minh: TelegramPerson) -> None:
    assert minh.say("<b>đăng ký</b> tạm trú & lệ phí < 5 nghìn?")


def test_a_team_answers_in_its_own_telegram_group(town: Town, lan: ZaloPerson) -> None:
    telegram = town.both.telegram
    lan.say("cho tôi gặp cán bộ")

    def shown(part: str) -> list[dict[str, Any]]:
        sent = [given for _, given in telegram.sent if given["chat"] == TEAM and "text" in given]
        topic = {g["message_thread_id"] for g in sent if "cho tôi gặp cán bộ" in g["text"]}
        return [g for g in sent if g["message_thread_id"] in topic and part in g["text"]]

    wait_until(lambda: shown(""), ANSWERED_WITHIN, "there is a topic")
    (first,) = shown("cho tôi gặp cán bộ")
    button = json.loads(first["reply_markup"])["inline_keyboard"][0][0]
    claim = fake_telegram.tap(TEAM, "claim-1", button["callback_data"])
    (claimed,) = lan.hears(lambda: telegram.put(telegram.update(callback_query=claim)))
    assert "Lan" in claimed["text"]
    words = {"text": "Mời chị tới quầy 3 ạ", "message_thread_id": int(first["message_thread_id"])}
    answer = fake_telegram.group_message(TEAM, 1, **words) | {"from": claim["from"]}
    (heard,) = lan.hears(lambda: telegram.put(telegram.update(message=answer)))
    assert "Mời chị tới quầy 3 ạ" in heard["text"]
    lan.send(fake_zalo.text_event(lan.id, "cảm ơn em", f"{lan.id}-thanks"))
    wait_until(lambda: shown("cảm ơn em"), ANSWERED_WITHIN, "the topic goes on")


def test_doctor_finds_both_platforms_well(town: Town) -> None:
    said = town.stack.motcua("doctor")
    assert "the access token is good" in said and "@motcua_thu_bot answers" in said
