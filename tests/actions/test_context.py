"""What a few words in the middle of a conversation mean: the matter talked of, an offer, one before it."""

from __future__ import annotations

import pytest

from procedures_catalog import Catalog
from tests.actions.talk import Talk

BIRTH, MARRIAGE, DEATH = "dang-ky-khai-sinh", "dang-ky-ket-hon", "dang-ky-khai-tu"
RESIDENCE, LAND = "dang-ky-thuong-tru", "cap-so-do-lan-dau"


@pytest.mark.parametrize(
    ("words", "intent", "confidence"),
    [
        ("nhà tôi là nhà thuê", "out_of_scope", 0.89),
        ("nghỉ mấy tháng", "opening_hours", 0.4),
        ("in ra ký tay được không", "manipulation", 0.32),
        ("đổi họ theo tôi", "dossier_unsubscribe", 0.2),
        ("nhanh lên nhé", "goodbye", 0.21),
    ],
)
def test_a_remark_in_the_middle_is_no_reason_to_close_the_door(
    talk: Talk, words: str, intent: str, confidence: float
) -> None:
    """It is said that nothing is known of it, and the matter goes on."""
    talk.ask("nhập hộ khẩu cần giấy tờ gì", "fee")
    reply = talk.say(words, intent, confidence=confidence)
    assert (talk.kinds, reply["procedure"]) == (["unknown"], None)
    assert "Đăng ký thường trú" in reply["text"]
    assert {"Giấy tờ", "Gặp cán bộ"} <= set(talk.titles)
    assert talk.ask("nộp ở đâu", "place")["procedure"] == RESIDENCE


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("còn mượn nhà thì sao", "out_of_scope"),
        ("thế nhà thuê thì sao", "out_of_scope"),
        ("còn ở nhờ thì sao", "ask_method"),
    ],
)
def test_a_case_told_in_words_gets_its_own_papers(talk: Talk, words: str, intent: str) -> None:
    talk.ask("nhập hộ khẩu lệ phí bao nhiêu", "fee")
    reply = talk.say(words, intent, *(["method"] if intent.startswith("ask") else []), confidence=0.89)
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", RESIDENCE, ["documents"])
    assert "cho thuê, cho mượn" in reply["text"] and "tín ngưỡng" not in talk.text


def test_another_case_is_asked_about_and_the_matter_stays_among_what_is_offered(talk: Talk) -> None:
    talk.ask("làm khai sinh cho con cần gì", "documents")
    reply = talk.say("mà em độc thân", "name_procedure", confidence=0.3)
    assert reply["kind"] == "choice"
    assert "procedure=dang-ky-khai-sinh" in reply["buttons"][0]["payload"]


def test_what_is_asked_of_another_thing_is_not_answered_of_the_matter_talked_of(talk: Talk) -> None:
    talk.say("tôi muốn tách thửa cho con", "name_procedure")
    reply = talk.ask("sổ bị mất thì sao", "method", confidence=0.2)
    assert reply["kind"] == "choice" and "cap-lai-so-do-bi-mat" in str(reply["buttons"])


def test_a_choice_is_shown_twice_and_then_its_first_is_answered(talk: Talk) -> None:
    first = talk.say("giờ tới bằng lái", "name_procedure", confidence=0.4)
    assert first["kind"] == "choice"
    assert talk.ask("lệ phí", "fee")["kind"] == "choice"
    reply = talk.ask("mấy ngày", "time")
    assert (reply["kind"], reply["aspects"]) == ("answer", ["time"])
    assert f"procedure={reply['procedure']}&" in first["buttons"][0]["payload"] + "&"
    assert "chưa chọn" in reply["text"] and "procedure=cap-" in str(reply["buttons"])


@pytest.mark.parametrize(
    ("words", "intent", "procedure"),
    [("kết hôn", "show_more", MARRIAGE), ("hộ chiếu nữa", "dossier_unsubscribe", "cap-ho-chieu-pho-thong")],
)
def test_a_new_name_outweighs_a_guess(talk: Talk, words: str, intent: str, procedure: str) -> None:
    talk.say("khai sinh", "name_procedure")
    assert talk.say(words, intent, confidence=0.6)["procedure"] == procedure


def test_an_age_that_does_not_fit_leads_to_nobody_elses_card(talk: Talk) -> None:
    talk.say("làm căn cước", "name_procedure")
    reply = talk.say("cho cháu 7 tuổi", "name_procedure", confidence=0.8)
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", "cap-can-cuoc", ["documents"])
    assert "người đại diện hợp pháp" in reply["text"]
    assert talk.ask("bao nhiêu tiền", "fee")["procedure"] == "cap-can-cuoc"


def test_official_questions_lean_on_the_matter(talk: Talk) -> None:
    assert talk.ask("Thành phần hồ sơ?", "documents")["kind"] == "choice"
    talk.ask("đăng ký tạm trú mấy ngày", "time")
    reply = talk.ask("Thời hạn giải quyết và cơ quan giải quyết?", "time", "agency")
    assert (reply["procedure"], reply["aspects"]) == ("dang-ky-tam-tru", ["time", "agency"])


def test_redoing_is_not_answered_of_the_first_one(talk: Talk) -> None:
    talk.ask("bhyt hộ gia đình mua ở đâu", "place")
    reply = talk.ask("làm lại mất tiền không", "fee")
    assert reply["procedure"] != "dong-bhyt-ho-gia-dinh"
    assert reply["kind"] == "choice" or reply["procedure"] == "cap-lai-so-bhxh-the-bhyt"


def test_one_of_the_list_is_pointed_at_beside_a_question(talk: Talk) -> None:
    talk.say("em mới sinh con", "name_procedure")
    reply = talk.ask("cái thứ nhất nộp ở đâu", "place")
    assert (reply["procedure"], reply["aspects"]) == ("lien-thong-khai-sinh", ["place"])


def test_a_grants_amount_is_no_fee(talk: Talk) -> None:
    talk.ask("trợ cấp thất nghiệp cần gì", "documents")
    assert talk.ask("bao nhiêu tiền 1 tháng", "fee")["aspects"] == ["result"]


def test_whether_the_matter_talked_of_is_meant_is_asked_once(talk: Talk) -> None:
    talk.ask("trợ cấp hưu trí xã hội cần gì", "documents")
    asked = talk.ask("bác không biết chữ, con bác làm thay được không", "method", confidence=0.6)
    assert asked["kind"] == "choice"
    assert talk.ask("nộp ở đâu hả cháu", "place")["procedure"] == "tro-cap-huu-tri-xa-hoi"


def test_with_nothing_talked_of_it_is_refused_as_before(talk: Talk) -> None:
    assert "phạm vi" in talk.say("hôm nay mưa quá", "out_of_scope")["text"]
    assert talk.say("mấy giờ mở cửa", "opening_hours", confidence=0.4)["kind"] == "notice"


def test_much_that_is_not_ours_is_refused_in_the_middle_too(talk: Talk) -> None:
    talk.ask("nhập hộ khẩu lệ phí bao nhiêu", "fee")
    said = "em muốn học nấu ăn ở trường nghề gần nhà thì học phí một khóa bao nhiêu"
    assert "phạm vi" in talk.say(said, "out_of_scope")["text"]


def test_an_offer_that_nobody_takes_up_does_not_last(talk: Talk) -> None:
    """First the present matter is offered beside it; whoever asks on means that one."""
    talk.ask("làm sổ đỏ lần đầu mất bao lâu", "time")
    talk.slots["offered"] = ["chung-thuc-di-chuc", "cap-ban-sao-trich-luc-ho-tich"]
    assert talk.ask("cần những gì", "documents")["kind"] == "choice"
    assert talk.slots["offered"][0] == LAND
    assert "Làm sổ đỏ lần đầu" in talk.titles
    reply = talk.ask("hết bao nhiêu tiền", "fee")
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", LAND, ["fee"])
    assert talk.slots["offered"] is None


def test_what_is_suggested_to_anybody_is_not_offered_again_and_again(talk: Talk) -> None:
    first = talk.ask("lệ phí bao nhiêu", "fee")
    assert talk.ask("ở đâu", "place")["text"] == first["text"]
    assert talk.say("số 2", "pick_option")["procedure"] == "cap-can-cuoc"


def test_words_take_one_of_an_offer(talk: Talk) -> None:
    companies = ["thanh-lap-cong-ty-tnhh-hai-thanh-vien", "thanh-lap-cong-ty-tnhh-mot-thanh-vien"]
    talk.slots["offered"] = companies
    assert talk.say("một mình", "name_procedure", confidence=0.57)["procedure"] == companies[1]


@pytest.mark.parametrize(
    ("before", "words", "meant"),
    [
        ("làm khai sinh cho con", "bị sai tên", "thay-doi-cai-chinh-ho-tich"),
        ("giấy độc thân", "cho người ở nước ngoài", "xac-nhan-tinh-trang-hon-nhan"),
    ],
)
def test_few_words_are_read_with_the_matter_talked_of(
    talk: Talk, before: str, words: str, meant: str
) -> None:
    talk.say(before, "name_procedure", "overview")
    reply = talk.say(words, "name_procedure", confidence=0.9)
    assert meant in (reply["procedure"], *(talk.slots["offered"] or []))


def three(talk: Talk) -> None:
    for words in ("khai sinh lệ phí bao nhiêu", "kết hôn lệ phí bao nhiêu", "khai tử lệ phí bao nhiêu"):
        talk.ask(words, "fee")
    assert talk.slots["talked"] == [DEATH, MARRIAGE, BIRTH]


def test_the_one_before_the_first_and_both(talk: Talk) -> None:
    three(talk)
    assert talk.ask("thế cái đầu tiên nộp ở đâu", "place")["procedure"] == BIRTH
    talk.ask("cả hai cái mất bao lâu", "time")
    assert [reply["procedure"] for reply in talk.replies] == [DEATH, BIRTH]
    assert talk.ask("cái lúc nãy nộp ở đâu", "place")["kind"] == "choice"
    assert set(talk.slots["offered"]) == {DEATH, BIRTH}
    assert talk.ask("cả hai vợ chồng cùng đi à", "eligibility")["procedure"] == BIRTH


def test_going_back_to_what_was_talked_of(talk: Talk) -> None:
    """ "Quay lại" asks for nothing to be registered again ("đăng ký lại")."""
    three(talk)
    reply = talk.ask("quay lại cái kết hôn, có làm online được không", "online")
    assert (reply["procedure"], reply["aspects"]) == (MARRIAGE, ["online"])


def test_again_is_not_meant_where_nobody_says_it(talk: Talk) -> None:
    assert talk.ask("lệ phí kết hôn bao nhiêu", "fee")["procedure"] == MARRIAGE
    assert talk.ask("lệ phí đăng ký lại kết hôn bao nhiêu", "fee")["procedure"] == "dang-ky-lai-ket-hon"


def test_a_no_of_many_words_asks(talk: Talk) -> None:
    talk.ask("khai sinh lệ phí bao nhiêu", "fee")
    reply = talk.say("ba nó đi được ko", "deny", confidence=0.63)
    assert (reply["procedure"], reply["aspects"]) == (BIRTH, ["eligibility"])
    assert talk.say("không cần đâu em", "deny")["kind"] == "smalltalk"


def test_a_death_is_understood_whatever_it_was_taken_for(talk: Talk) -> None:
    assert "chia buồn" in talk.say("bố tôi mất hôm qua", "out_of_scope", confidence=0.13)["text"]


def test_a_veteran_is_no_fire(talk: Talk) -> None:
    reply = talk.say("ông là cựu chiến binh", "emergency_fire", confidence=0.18)
    assert (talk.kinds, reply["procedure"]) == (["answer"], "mai-tang-cuu-chien-binh")
    assert talk.say("cháy nhà rồi", "emergency_fire", confidence=0.18)["kind"] == "notice"


def test_saturday_is_no_seventh_procedure(talk: Talk) -> None:
    talk.ask("kết hôn lệ phí bao nhiêu", "fee")
    assert "Thứ Bảy" in talk.say("thứ 7 thì sao", "pick_option")["text"]


def test_no_news_to_end_so_no_more_of_this(talk: Talk) -> None:
    assert talk.say("không cần nữa", "dossier_unsubscribe")["kind"] == "smalltalk"
    assert talk.say("đừng báo tin hồ sơ nữa", "dossier_unsubscribe")["kind"] == "dossier"


def test_the_case_question_is_told_twice_and_then_waits(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.ask("mất phí không", "fee")
    assert talk.kinds == ["answer", "question"]
    talk.ask("mấy ngày", "time")
    assert (talk.kinds, talk.loop) == (["answer"], "case_form")
    assert talk.say("có giấy chứng sinh", "name_procedure")["kind"] == "question"
    talk.ask("nộp ở đâu", "place")
    talk.ask("làm qua mạng được không", "online")
    talk.say("ok", "affirm")
    assert (talk.kinds, talk.loop) == (["smalltalk"], None)


@pytest.mark.parametrize(("words", "intent"), [("cảm ơn em", "thank"), ("chào em nhé", "goodbye")])
def test_who_thanks_is_not_asked_on(talk: Talk, catalog: Catalog, words: str, intent: str) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    old = talk.buttons
    talk.say(words, intent)
    assert "question" not in talk.kinds
    assert talk.loop is None
    talk.press(next(b["payload"] for b in old if b["title"] == "Có giấy chứng sinh"))
    assert talk.slots["case_answers"] == {"tinh-trang-be": "binh-thuong"}


def test_a_new_matter_beside_the_one_talked_of_is_asked_about(talk: Talk) -> None:
    talk.say("tách thửa", "name_procedure")
    assert talk.say("chuyển mục đích", "name_procedure", confidence=0.4)["kind"] == "choice"
    assert {"tach-hop-thua-dat", "giao-dat-cho-thue-chuyen-muc-dich"} <= set(talk.slots["offered"])


def test_a_paper_made_again_is_no_new_beginning(talk: Talk) -> None:
    talk.ask("mất bằng lái làm lại ở đâu", "place")
    assert talk.say("làm lại cái bằng lái trước", "start_over", confidence=0.22)["kind"] != "smalltalk"
    assert talk.slots["procedure"] == "cap-lai-giay-phep-lai-xe"


def test_what_was_hardly_understood_is_not_called_abuse(talk: Talk) -> None:
    assert "chưa hiểu" in talk.say("cái đó kỳ ghê", "abuse", confidence=0.15)["text"]


def test_both_are_the_last_two(talk: Talk) -> None:
    talk.ask("làm căn cước với hộ chiếu cần gì", "documents")
    talk.ask("cả hai lệ phí", "fee")
    assert [reply["procedure"] for reply in talk.replies] == ["cap-can-cuoc", "cap-ho-chieu-pho-thong"]
    assert talk.ask("cái thứ hai nộp ở đâu", "place")["procedure"] == "cap-ho-chieu-pho-thong"
