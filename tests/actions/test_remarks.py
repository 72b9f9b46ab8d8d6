"""Details told in the middle of a conversation: of the matter talked of, of another one, or of none."""

from __future__ import annotations

import pytest

from tests.actions.talk import Talk


@pytest.mark.parametrize(
    ("before", "words", "held"),
    [
        ("em muốn xin giấy độc thân", "ủy quyền cho mẹ xin được không", "Văn bản ủy quyền"),
        ("tôi muốn tách thửa cho con", "rồi sang tên luôn", "nộp tiếp hồ sơ sang tên"),
        ("trợ cấp xã hội hàng tháng", "bác không có lương hưu", "không có lương hưu"),
    ],
)
def test_what_the_entry_says_about_a_detail_is_the_answer(
    talk: Talk, before: str, words: str, held: str
) -> None:
    """A detail opens no new matter; what the entry has of it is told, and nothing else."""
    about = talk.say(before, "name_procedure")["procedure"]
    reply = talk.say(words, "name_procedure", confidence=0.4)
    assert (reply["kind"], reply["procedure"]) == ("answer", about)
    assert held in reply["text"] and "Nơi nộp" not in reply["text"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("làm hộ chiếu", "lần đầu"),
        ("làm căn cước", "bị mất thì sao"),
        ("làm căn cước", "không, ý em là bị mất"),
        ("làm căn cước", "hết hạn"),
        ("chuyển trường cho con học lớp 7", "cháu 6 tuổi"),
        ("xin giấy phép xây dựng", "nhà em ở xã"),
        ("làm hộ chiếu", "xong"),
    ],
)
def test_a_detail_opens_no_new_matter(talk: Talk, before: str, words: str) -> None:
    about = talk.say(before, "name_procedure")["procedure"]
    reply = talk.say(words, "name_procedure", confidence=0.6)
    assert reply["procedure"] in (about, None) and reply["kind"] != "choice"
    assert talk.ask("bao nhiêu tiền", "fee")["procedure"] == about


@pytest.mark.parametrize(
    ("before", "words", "aspect", "likely"),
    [
        ("cấp lại giấy khuyết tật", "tiền trợ cấp thì xin sao", "method", "tro-cap-xa-hoi-hang-thang"),
        ("làm lại sổ đỏ bị mất", "thừa kế thì làm sao", "method", "chuyen-nhuong-tang-cho-thua-ke"),
        ("đăng ký giám hộ", "cháu có được tiền trợ cấp không", "eligibility", "tro-cap-xa-hoi-hang-thang"),
    ],
)
def test_another_matter_is_not_answered_with_the_one_talked_of(
    talk: Talk, before: str, words: str, aspect: str, likely: str
) -> None:
    talk.say(before, "name_procedure")
    reply = talk.ask(words, aspect)
    assert reply["kind"] == "choice" and likely in str(talk.slots["offered"])


def test_a_lost_paper_after_another_matter_is_not_the_first_one(talk: Talk) -> None:
    talk.say("chuyển trường cho con học lớp 7", "name_procedure")
    reply = talk.say("giấy khai sinh mất rồi", "name_procedure", confidence=0.43)
    assert reply["kind"] == "choice" and "dang-ky-lai-khai-sinh" in reply["buttons"][0]["payload"]


@pytest.mark.parametrize(
    ("before", "words", "intent", "procedure", "aspect"),
    [
        ("mua bảo hiểm y tế hộ gia đình", "mua ở đâu", "out_of_scope", "dong-bhyt-ho-gia-dinh", "place"),
        ("đăng ký tạm trú", "hết hạn thì gia hạn sao", "out_of_scope", "gia-han-tam-tru", "overview"),
    ],
)
def test_a_question_about_the_matter_is_not_turned_down(
    talk: Talk, before: str, words: str, intent: str, procedure: str, aspect: str
) -> None:
    talk.say(before, "name_procedure")
    reply = talk.say(words, intent, confidence=0.95)
    assert (reply["procedure"], reply["aspects"]) == (procedure, [aspect])


def test_a_sibling_told_of_in_few_words_is_offered(talk: Talk) -> None:
    talk.say("định danh mức 2", "name_procedure")
    reply = talk.say("bị khóa tài khoản", "out_of_scope", confidence=0.93)
    assert reply["kind"] == "choice" and "mo-khoa-tai-khoan-dinh-danh" in reply["buttons"][0]["payload"]


def test_what_is_told_of_oneself_is_no_wish_for_legal_advice(talk: Talk) -> None:
    talk.say("xin giấy độc thân", "name_procedure")
    assert "luật sư" not in talk.say("em ly hôn rồi", "legal_advice", confidence=0.88)["text"]


def test_whoever_finds_it_too_long_gets_the_gist(talk: Talk) -> None:
    talk.ask("làm căn cước cần gì", "documents")
    for words, intent in (("trời ơi nói dài quá", "greet"), ("dài dòng quá", "complaint")):
        reply = talk.say(words, intent, confidence=0.9)
        assert reply["kind"] == "answer" and len(reply["text"]) < 300 and "7 ngày làm việc" in reply["text"]


def test_an_aspect_that_the_next_matter_lacks_is_not_kept(talk: Talk) -> None:
    talk.ask("khai sinh ai được làm", "eligibility")
    reply = talk.say("còn thẻ bảo hiểm y tế cho bé?", "name_procedure")
    assert (reply["procedure"], reply["aspects"]) == ("cap-the-bao-hiem-y-te", ["overview"])


def test_hours_are_not_told_beside_the_days_of_a_leave(talk: Talk) -> None:
    talk.say("chế độ thai sản", "name_procedure")
    talk.ask("nghỉ mấy ngày", "time", also=("opening_hours",))
    assert talk.kinds == ["answer"]


def test_what_was_asked_before_is_told(talk: Talk) -> None:
    talk.ask("lệ phí chứng thực chữ ký bao nhiêu", "fee")
    reply = talk.say("nãy em hỏi cái gì ấy nhỉ", "greet", confidence=0.91)
    assert reply["kind"] == "choice" and talk.slots["offered"] == ["chung-thuc-chu-ky"]


@pytest.mark.parametrize(
    ("before", "told", "first"),
    [
        ("đăng ký kết hôn", "vợ mới đẻ, cần giấy tờ gì", "lien-thong-khai-sinh"),
        ("làm căn cước", "mẹ em mất rồi cần giấy gì", "lien-thong-khai-tu"),
    ],
)
def test_another_situation_is_no_question_about_what_was_talked_of(
    talk: Talk, before: str, told: str, first: str
) -> None:
    talk.say(before, "name_procedure")
    reply = talk.ask(told, "documents")
    assert (reply["kind"], talk.understood["procedures"][0]["id"]) == ("choice", first)


def test_what_is_gone_is_told_in_the_middle_of_another_matter(talk: Talk) -> None:
    talk.say("đăng ký kết hôn", "name_procedure")
    talk.ask("sổ hộ khẩu mất rồi xin lại ở đâu", "place")
    assert talk.understood["procedures"][0]["id"] == "xac-nhan-thong-tin-cu-tru"


def test_a_long_sentence_that_surely_means_another_matter_is_asked_about_that_first(talk: Talk) -> None:
    talk.say("đăng ký kết hôn", "name_procedure")
    talk.ask("bà em 78 tuổi ko có lương, được bao nhiêu một tháng", "result")
    first, second = talk.buttons[:2]
    assert "procedure=tro-cap-huu-tri-xa-hoi" in first["payload"]
    assert "procedure=dang-ky-ket-hon" in second["payload"]


def test_a_detail_that_is_not_understood_offers_no_list_of_strange_matters(talk: Talk) -> None:
    talk.ask("mất cà vẹt xe thì làm lại sao", "method")
    reply = talk.say("xe máy á", "out_of_scope", confidence=0.33)
    assert reply["kind"] == "unknown" and "Làm lại cà vẹt xe" in reply["text"]
    talk.ask("làm ở phường được hok", "place", confidence=0.9)
    assert (talk.kinds, talk.replies[0]["procedure"]) == (["answer"], "cap-lai-dang-ky-xe")


def test_what_a_detail_may_be_about_besides_is_a_button_beside_the_matter(talk: Talk) -> None:
    talk.ask("sang tên xe nộp ở đâu", "place")
    reply = talk.say("không có giấy mua bán", "out_of_scope", confidence=0.21)
    assert reply["kind"] == "unknown" and "Sang tên xe" in reply["text"]
    assert any("procedure=chung-thuc-hop-dong" in button["payload"] for button in reply["buttons"])


def test_what_is_told_under_an_offer_keeps_the_offer(talk: Talk) -> None:
    talk.ask("con dau moi sinh ma chua lam giay khai sinh, mang theo nhung gi", "documents")
    first = talk.replies[0]
    assert first["kind"] == "choice"
    again = talk.say("cha nó ở nước ngoài ko về được", "out_of_scope", confidence=0.09)
    assert again["kind"] == "choice"
    offered = [button["payload"].partition("&")[0] for button in again["buttons"]]
    assert offered[0] == first["buttons"][0]["payload"].partition("&")[0]
    assert offered[1].endswith("khai-sinh-co-yeu-to-nuoc-ngoai"), "what it means beside the first"


def test_what_is_asked_under_an_offer_opens_no_other(talk: Talk) -> None:
    talk.say("em muốn làm tạm trú cho người yêu ở chung", "name_procedure")
    first = [button["payload"].partition("&")[0] for button in talk.replies[0]["buttons"]]
    again = talk.ask("có cần chủ nhà ký không", "documents")
    assert [button["payload"].partition("&")[0] for button in again["buttons"]] == first
    assert talk.ask("làm online được không ạ", "online")["procedure"] == "dang-ky-tam-tru"


def test_a_day_off_asked_about_in_the_middle_is_told_by_the_hours(talk: Talk) -> None:
    talk.ask("làm hộ chiếu ở đâu", "place")
    reply = talk.ask("đi ngày chủ nhật được không", "time", also=["opening_hours"])
    assert talk.kinds == ["notice"] and "Chủ nhật" in reply["text"]


def test_what_is_only_guessed_to_be_an_i_do_not_know_gets_no_list_of_all_papers(talk: Talk) -> None:
    talk.say("vợ chồng em mới cưới muốn nhập khẩu về nhà chồng", "name_procedure")
    reply = talk.say("mẹ em không biết chữ thì ký sao", "dont_know", confidence=0.17)
    assert reply["kind"] == "unknown" and "Đăng ký thường trú" in reply["text"]


def test_who_asks_for_the_fine_is_led_to_the_procedure_named(talk: Talk) -> None:
    reply = talk.say("làm giấy khai sinh trễ hạn có bị phạt không", "legal_advice", confidence=0.93)
    assert reply["kind"] == "unknown"
    assert reply["buttons"][0]["payload"] == "ask?procedure=dang-ky-khai-sinh"


def test_what_is_surely_not_ours_is_no_situation_of_life(talk: Talk) -> None:
    assert talk.say("xin học bổng cho con", "out_of_scope", confidence=0.98)["kind"] == "unknown"


@pytest.mark.parametrize(
    ("said", "intent", "despairs"),
    [
        ("hồ sơ trả hoài, hay là treo cổ luôn", "dossier_status", True),
        ("chac la nhảy câù thôi", "ask_time", True),
        ("từ từ để em coi lại", "deny", False),
        ("khai tử cho người tự tử ở đâu", "ask_place", False),
    ],
)
def test_who_says_so_in_as_many_words_is_heard(talk: Talk, said: str, intent: str, despairs: bool) -> None:
    asks = [intent.removeprefix("ask_")] if intent.startswith("ask_") else []
    talk.say(said, intent, *asks)
    assert ("111" in talk.text) == despairs


def test_what_is_done_to_nothing_named_is_done_to_the_matter_talked_of(talk: Talk) -> None:
    talk.say("dk ket hon o xa", "name_procedure", confidence=0.65)
    talk.ask("vay khi nao moi dk dc", "time")
    assert talk.replies[0]["procedure"] == "dang-ky-ket-hon"
    assert talk.say("ban gai em 17 tuoi", "name_procedure", confidence=0.15)["kind"] == "unknown"
