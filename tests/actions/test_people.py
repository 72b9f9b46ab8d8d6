"""What leads to people: handover, complaints, ratings, erasure, and what is turned down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from actions import hearing, people
from actions.bootstrap import Services
from dossiers import list_handovers, open_database
from tests.actions.talk import Talk

MARRIAGE = "dang-ky-ket-hon"


def recorded(s: Services, talk: Talk) -> list:
    with s.database.read() as session:
        return [row for row in list_handovers(session, None, 500) if row.conversation == talk.conversation]


@pytest.fixture
def database_away(s: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The tracking database was there when the actions started, and is gone."""
    folder = tmp_path / "away"
    database = open_database(f"sqlite:///{folder}/motcua.db")
    database.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    without = replace(s, database=database)
    monkeypatch.setattr(hearing, "services", lambda: without)
    yield without
    database.close()


def test_a_wish_to_speak_with_somebody_is_kept_with_its_number(talk: Talk, s: Services) -> None:
    reply = talk.say("cho gặp cán bộ với", "talk_to_person")
    (row,) = recorded(s, talk)
    assert reply["kind"] == "handover"
    assert f"số {row.id}." in reply["text"]
    assert s.centre.hotline in reply["text"]
    assert (row.channel, row.reason, row.text, row.state) == ("web", "asked", "cho gặp cán bộ với", "waiting")
    assert row.created_at.date() == s.today


def test_the_channel_is_that_of_the_conversation(s: Services) -> None:
    talk = Talk(conversation="zalo:12345-kiem-thu")
    talk.press("talk_to_person")
    assert recorded(s, talk)[0].channel == "zalo"


def test_who_waits_already_waits_on_under_the_same_number(talk: Talk, s: Services) -> None:
    talk.say("cô ở quầy 2 nhiệt tình lắm", "praise")
    texts = [talk.say("gặp cán bộ", "talk_to_person")["text"] for _ in range(2)]
    praise, wish = recorded(s, talk)
    assert len(set(texts)) == 1 and f"số {wish.id}." in texts[0]
    assert (praise.reason, wish.reason) == ("praise", "asked")


def test_a_null_character_is_kept_out(talk: Talk, s: Services) -> None:
    talk.say("gặp\x00 cán bộ " + "a" * 3000, "talk_to_person")
    text = recorded(s, talk)[0].text
    assert "\x00" not in text
    assert len(text) <= 2000


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("gặp cán bộ", "talk_to_person"),
        ("thái độ tệ quá", "complaint"),
        ("cảm ơn cô Lan nhiệt tình", "praise"),
    ],
)
def test_without_the_database_the_hotline_is_named(
    talk: Talk, database_away: Services, text: str, intent: str
) -> None:
    reply = talk.say(text, intent)
    assert reply["kind"] == "handover"
    assert "chưa ghi lại được" in reply["text"]
    assert database_away.centre.hotline in reply["text"]


def test_a_rating_is_thanked_for_without_the_database(talk: Talk, database_away: Services) -> None:
    assert talk.press("rate?rating=5")["text"].startswith("Cảm ơn anh/chị đã chấm 5 điểm.")


def test_a_complaint_is_kept_and_led_to_the_official_way(talk: Talk, s: Services) -> None:
    reply = talk.say("nhân viên quầy 3 quát tôi", "complaint")
    (row,) = recorded(s, talk)
    assert (row.reason, row.text) == ("complaint", "nhân viên quầy 3 quát tôi")
    assert reply["kind"] == "handover"
    assert "xin lỗi" in reply["text"]
    assert f"số {row.id}" in reply["text"]
    assert talk.tap("Phản ánh, kiến nghị")["procedure"] == people.COMPLAINT_PROCEDURE


def test_praise_is_kept_and_thanked_for(talk: Talk, s: Services) -> None:
    assert talk.say("em Lan nhiệt tình lắm", "praise")["kind"] == "smalltalk"
    assert recorded(s, talk)[0].reason == "praise"


@pytest.mark.parametrize(("text", "stars"), [("5 sao", 5), ("cho 4 điểm", 4), ("1", 1)])
def test_a_rating_in_words(talk: Talk, s: Services, text: str, stars: int) -> None:
    reply = talk.say(text, "rate")
    assert f"chấm {stars} điểm" in reply["text"]
    assert ("Điều gì chưa tốt" in reply["text"]) == (stars <= 2)
    assert recorded(s, talk)[0].reason == f"rating_{stars}"


@pytest.mark.parametrize("text", ["tôi muốn đánh giá", "chấm 9 điểm", "10 điểm", "2024"])
def test_a_rating_without_its_points_asks_for_them(talk: Talk, s: Services, text: str) -> None:
    talk.say(text, "rate")
    assert talk.titles == ["1", "2", "3", "4", "5"]
    assert recorded(s, talk) == []
    assert "chấm 3 điểm" in talk.tap("3")["text"]


def test_erasing_asks_once_and_then_forgets(talk: Talk) -> None:
    talk.ask("đăng ký kết hôn lệ phí bao nhiêu", "fee")
    talk.say("xóa hết dữ liệu của tôi đi", "erase_data")
    assert talk.titles == ["Xóa", "Không xóa"]
    assert talk.slots["procedure"] == MARRIAGE, "nothing is forgotten before the yes"
    reply = talk.tap("Xóa")
    assert (reply["kind"], talk.buttons) == ("notice", [])
    assert "Đã xóa" in reply["text"]
    assert not any(talk.slots.values())
    assert talk.events[-1]["event"] == "restart"


def test_the_wish_in_a_word_right_after_the_question_erases(talk: Talk) -> None:
    talk.say("xóa dữ liệu của tôi", "erase_data")
    assert "Đã xóa" in talk.say("xóa", "erase_data")["text"]


def test_a_typed_yes_right_after_the_question_erases(talk: Talk) -> None:
    talk.say("xóa dữ liệu", "erase_data")
    assert "Đã xóa" in talk.say("đồng ý", "affirm")["text"]


@pytest.mark.parametrize("intent", ["deny", "thank", "greet"])
def test_anything_but_a_yes_keeps_the_data(talk: Talk, intent: str) -> None:
    talk.ask("đăng ký kết hôn lệ phí bao nhiêu", "fee")
    talk.say("xóa dữ liệu", "erase_data")
    assert "giữ nguyên" in talk.say("thôi khỏi", intent)["text"]
    assert talk.slots["procedure"] == MARRIAGE
    assert "Đã xóa" not in talk.say("ok", "affirm")["text"]


@pytest.mark.parametrize(
    ("text", "intent", "aspects"),
    [
        ("đăng ký kết hôn mất bao lâu", "ask_time", ("time",)),
        ("mấy giờ mở cửa", "opening_hours", ()),
        ("hồ sơ H99.10.01.05-261021-9999 tới đâu", "dossier_status", ()),
        ("có những thủ tục nào", "list_procedures", ()),
        ("gặp cán bộ", "talk_to_person", ()),
        ("trời mưa không", "out_of_scope", ()),
        ("5 sao", "rate", ()),
        ("nguồn nào vậy", "confirm_source", ()),
    ],
)
def test_a_yes_after_something_else_does_not_erase(
    talk: Talk, text: str, intent: str, aspects: tuple[str, ...]
) -> None:
    talk.ask("đăng ký khai tử lệ phí bao nhiêu", "fee")
    talk.say("xóa dữ liệu", "erase_data")
    talk.say(text, intent, *aspects)
    assert "Đã xóa" not in talk.say("ok", "affirm")["text"]
    assert talk.slots["procedure"]


def test_erasing_leaves_the_case_questions(talk: Talk) -> None:
    """A yes must not be taken for the answer to a question about the citizen's case."""
    talk.press("ask?procedure=dang-ky-khai-sinh&aspect=documents")
    talk.say("xóa dữ liệu của tôi", "erase_data")
    assert talk.kinds == ["notice"]
    assert "Đã xóa" in talk.say("có", "affirm")["text"]


def test_starting_over_forgets_the_topic_and_the_questions(talk: Talk) -> None:
    talk.press("ask?procedure=dang-ky-khai-sinh&aspect=documents")
    talk.press("start_over")
    assert (talk.kinds, talk.loop) == (["smalltalk"], None)
    assert not any(talk.slots.values())


@pytest.mark.parametrize("intent", ["greet", "thank", "goodbye"])
def test_courtesy_is_small_talk(talk: Talk, intent: str) -> None:
    assert talk.say("chào em", intent)["kind"] == "smalltalk"


def test_a_death_told_after_a_greeting_is_heard(talk: Talk) -> None:
    reply = talk.say("chào em, bố tôi mất hôm qua", "greet", confidence=0.99)
    assert reply["kind"] == "choice" and "dang-ky-khai-tu" in str(talk.buttons)


@pytest.mark.parametrize("words", ["vợ em đang mang bầu", "em nghỉ việc hôm qua"])
def test_a_situation_told_in_our_words_is_not_refused(talk: Talk, words: str) -> None:
    assert talk.say(words, "out_of_scope", confidence=0.8)["kind"] == "choice"


def test_what_is_only_long_is_no_complaint_with_a_number(talk: Talk, s: Services) -> None:
    reply = talk.say("nói dài quá", "complaint", confidence=0.4)
    assert reply["kind"] == "unknown" and "ghi lại" not in talk.text


def test_grief_is_no_abuse(talk: Talk) -> None:
    assert "chia buồn" in talk.say("mẹ em mất rồi", "abuse", confidence=0.53)["text"]


def test_a_greeting_at_a_time_of_day_is_a_greeting(talk: Talk) -> None:
    assert talk.say("chào buổi sáng bạn nhé", "greet", confidence=0.99)["kind"] == "smalltalk"


def test_the_greetings_buttons_work(talk: Talk) -> None:
    talk.say("chào em", "greet")
    for title in talk.titles:
        further = Talk()
        further.say("chào em", "greet")
        assert further.tap(title)["kind"] in ("answer", "dossier", "choice"), title


def test_a_yes_or_no_to_nothing_invites_to_go_on(talk: Talk) -> None:
    assert talk.say("ok", "affirm")["kind"] == "smalltalk"
    assert talk.say("không", "deny")["kind"] == "smalltalk"


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("out_of_scope", "ngoài phạm vi"),
        ("legal_advice", "không tư vấn luật"),
        ("others_data", "không cung cấp thông tin của người khác"),
        ("manipulation", "chỉ trả lời theo danh mục"),
        ("abuse", "Anh/chị cần làm thủ tục gì"),
    ],
)
def test_what_is_not_for_us_is_turned_down_with_a_way_on(talk: Talk, intent: str, words: str) -> None:
    reply = talk.say("chuyện gì đó khác", intent)
    assert (reply["kind"], reply["procedure"], reply["sources"]) == ("unknown", None, [])
    assert words in reply["text"]
    assert talk.titles == ["Gặp cán bộ"]
    assert not re.search(r"\d{3}", reply["text"].replace("1900 0000", ""))


def test_a_doubtful_refusal_offers_a_person_and_a_yes_takes_it(talk: Talk, s: Services) -> None:
    reply = talk.say("abc xyz", "out_of_scope", confidence=0.3)
    assert (reply["kind"], "chưa hiểu chắc" in reply["text"]) == ("unknown", True)
    assert talk.say("vâng", "affirm")["kind"] == "handover"
    assert recorded(s, talk)[0].reason == "offered"


def test_the_hours_beside_a_refusal_are_told(talk: Talk) -> None:
    talk.say("giá vàng hôm nay, mà mấy giờ mở cửa", "out_of_scope", also=("opening_hours",))
    assert talk.kinds == ["unknown", "notice"]


def test_other_peoples_data_is_refused_even_with_a_procedure_in_it(talk: Talk) -> None:
    reply = talk.say("cho xem giấy khai sinh của ông Nguyễn Văn A", "others_data", confidence=0.95)
    assert (reply["kind"], reply["procedure"]) == ("unknown", None)


def test_a_greeting_with_a_question_in_it_is_a_question(talk: Talk) -> None:
    reply = talk.say("Chào cháu, bác muốn hỏi tiền cho người già trên 75 tuổi", "greet", confidence=1.0)
    assert "tro-cap-huu-tri-xa-hoi" in str(reply["buttons"]) + str(reply["procedure"])
    assert talk.say("dạ em chào anh chị nhiều ạ", "greet", confidence=1.0)["kind"] == "smalltalk"


def test_a_guess_is_no_rating(talk: Talk) -> None:
    assert "1 điểm" not in talk.say("1 mình em thôi", "rate", confidence=0.2)["text"]
    assert "1 điểm" in talk.say("cho 1 điểm", "rate", confidence=0.9)["text"]
