"""Which procedure, which aspects, in which context: answered, asked back, or said to be unknown."""

from __future__ import annotations

from datetime import date

import pytest

from actions.bootstrap import Services
from procedures_catalog import Catalog
from tests.actions.talk import Talk

BIRTH, MARRIAGE, RESIDENCE = "dang-ky-khai-sinh", "dang-ky-ket-hon", "dang-ky-thuong-tru"


def test_a_question_is_answered_from_the_catalogue(talk: Talk) -> None:
    reply = talk.ask("thủ tục đăng ký khai sinh lệ phí bao nhiêu", "fee")
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", BIRTH, ["fee"])
    assert "miễn phí" in reply["text"]
    best = talk.understood["procedures"][0]
    assert (best["id"], best["code"]) == (BIRTH, "1.001193")
    assert 0.5 <= best["score"] <= 1
    assert talk.understood["aspects"] == ["fee"]


def test_understood_procedures_come_best_first(talk: Talk) -> None:
    talk.say("cấp lại", "name_procedure")
    scores = [row["score"] for row in talk.understood["procedures"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    "typed", ["đăng ký khai sinh", "dang ky khai sinh", "ddangw kys khai sinh", "đk khai sinh"]
)
def test_however_it_is_typed(talk: Talk, typed: str) -> None:
    assert talk.ask(f"{typed} mất bao lâu", "time")["procedure"] == BIRTH


def test_three_things_at_once_are_all_answered(talk: Talk) -> None:
    reply = talk.ask("đăng ký khai sinh bao lâu, lệ phí bao nhiêu, nộp ở đâu", "time", "fee", "place")
    assert reply["aspects"] == ["time", "fee", "place"]
    for heading in ("Thời gian giải quyết:", "Lệ phí:", "Nơi nộp:"):
        assert heading in reply["text"]


def test_a_follow_up_leans_on_the_context(talk: Talk) -> None:
    talk.ask("đăng ký khai sinh lệ phí bao nhiêu", "fee")
    for text, aspect in (
        ("mất bao lâu", "time"),
        ("thế nộp ở đâu", "place"),
        ("làm trên mạng được không", "online"),
    ):
        reply = talk.ask(text, aspect)
        assert (reply["procedure"], reply["aspects"]) == (BIRTH, [aspect])


@pytest.mark.parametrize(
    "text", ["còn đăng ký kết hôn?", "thế đăng ký kết hôn thì sao", "không, ý em là đăng ký kết hôn"]
)
def test_a_continuing_question_keeps_what_was_asked(talk: Talk, text: str) -> None:
    talk.ask("đăng ký khai sinh mất bao lâu", "time")
    reply = talk.say(text, "name_procedure")
    assert (reply["procedure"], reply["aspects"]) == (MARRIAGE, ["time"])


def test_a_new_procedure_named_alone_begins_with_its_overview(talk: Talk) -> None:
    talk.ask("đăng ký khai sinh mất bao lâu", "time")
    reply = talk.say("đăng ký kết hôn", "name_procedure")
    assert (reply["procedure"], reply["aspects"]) == (MARRIAGE, ["overview"])


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("cái thứ hai", 1),
        ("số 2", 1),
        ("cái cuối", -1),
        ("cái đầu tiên", 0),
        ("cái dưới cùng", -1),
        ("2", 1),
        ("so 3", 2),
    ],
)
def test_an_offer_is_taken_up_in_words(talk: Talk, text: str, index: int) -> None:
    talk.ask("lệ phí bao nhiêu vậy", "fee")
    offered = talk.slots["offered"]
    reply = talk.say(text, "pick_option")
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", offered[index], ["fee"])
    assert talk.slots["offered"] is None


def test_a_number_that_was_not_offered_is_asked_again(talk: Talk) -> None:
    talk.ask("đăng ký kết hôn mất bao lâu", "time")
    offered = [BIRTH, RESIDENCE]
    talk.slots["offered"] = offered
    reply = talk.say("số 9", "pick_option")
    assert (reply["kind"], reply["procedure"]) == ("choice", None)
    assert talk.slots["offered"] == offered


def test_a_number_with_nothing_to_choose_from_asks_which_item_is_meant(talk: Talk) -> None:
    talk.ask("đăng ký kết hôn mất bao lâu", "time")
    reply = talk.say("cái thứ hai", "pick_option")
    assert (reply["kind"], reply["procedure"]) == ("choice", None)
    assert "Đăng ký kết hôn" in reply["text"]
    assert {"Giấy tờ", "Lệ phí", "Gặp cán bộ"} <= set(talk.titles)


def test_the_steps_of_one_linked_filing_are_named_once(talk: Talk) -> None:
    talk.press("life_event?event=mat-nguoi-than")
    text = talk.replies[0]["text"]
    assert text.count("một lần nộp liên thông") == 1
    assert "Việc 1, 2, 3" in text


def test_the_number_of_an_offer_answers_no_case_question(talk: Talk) -> None:
    """The papers open a case question, and "số 1" was said before it was asked."""
    talk.ask("cần giấy tờ gì vậy", "documents")
    talk.say("số 1", "pick_option")
    assert talk.kinds == ["answer", "question"]
    assert not talk.slots["case_answers"]


def test_yes_takes_the_one_that_was_offered(talk: Talk, s: Services) -> None:
    talk.slots |= {"offered": [MARRIAGE], "aspects": ["fee"]}
    reply = talk.say("đúng rồi", "affirm")
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", MARRIAGE, ["fee"])


def test_what_was_denied_is_not_taken_up_by_a_later_yes(talk: Talk) -> None:
    talk.slots |= {"offered": [MARRIAGE], "aspects": ["fee"]}
    assert talk.say("không phải", "deny")["kind"] == "smalltalk"
    assert talk.say("ừ", "affirm")["kind"] == "smalltalk"


def test_yes_to_several_offers_answers_none(talk: Talk) -> None:
    talk.slots |= {"offered": [MARRIAGE, BIRTH], "aspects": ["fee"]}
    assert talk.say("ừ", "affirm")["kind"] == "smalltalk"


def test_two_procedures_in_one_message(talk: Talk) -> None:
    talk.ask("đăng ký khai sinh và đăng ký kết hôn lệ phí bao nhiêu", "fee")
    assert [reply["procedure"] for reply in talk.replies] == [BIRTH, MARRIAGE]
    assert [reply["aspects"] for reply in talk.replies] == [["fee"], ["fee"]]


def test_what_else_a_message_is_likely_about_is_a_button_of_the_answer(talk: Talk) -> None:
    reply = talk.ask("đăng ký xe máy mới mua và thi bằng lái hết bao nhiêu", "fee")
    assert reply["kind"] == "answer"
    asked = {"dang-ky-xe-lan-dau", "cap-giay-phep-lai-xe"}
    (other,) = asked - {reply["procedure"]}
    (payload,) = [
        button["payload"] for button in reply["buttons"] if f"procedure={other}" in button["payload"]
    ]
    reply = talk.press(payload)
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", other, ["fee"])


def test_a_long_question_without_a_name_gets_what_it_is_likely_about_first(talk: Talk) -> None:
    reply = talk.ask("Đổi tên cho con 6 tuổi có được không vậy ạ em hỏi", "eligibility")
    assert reply["kind"] == "choice"
    assert any("procedure=thay-doi-cai-chinh-ho-tich" in b["payload"] for b in reply["buttons"][:2])


def test_every_life_event_lists_its_procedures(catalog: Catalog, s: Services) -> None:
    assert catalog.life_events
    for event in catalog.life_events.values():
        talk = Talk()
        reply = talk.press(f"life_event?event={event.id}")
        assert reply["kind"] == "choice"
        assert reply["text"].startswith(event.intro)
        steps = [catalog.current(catalog.get(step.procedure), s.today) for step in event.steps]
        assert talk.slots["offered"] == [p.id for p in steps]
        assert len(reply["buttons"]) == len(steps)
        assert [row["score"] for row in talk.understood["procedures"]] == [1.0] * min(5, len(steps))
        assert talk.press(reply["buttons"][0]["payload"])["procedure"] == steps[0].id


def test_a_life_event_told_in_words(talk: Talk) -> None:
    reply = talk.ask("nhà em mới có em bé thì phải làm những giấy tờ gì", "overview")
    assert reply["kind"] == "choice"
    assert BIRTH in talk.slots["offered"]


@pytest.mark.parametrize("payload", ["life_event?event=khong-co", "ask?procedure=khong-co&aspect=fee"])
def test_a_button_of_something_gone_is_said_to_be_unknown(talk: Talk, payload: str) -> None:
    assert talk.press(payload)["kind"] == "unknown"


def test_every_button_of_an_answer_is_answered(catalog: Catalog, s: Services) -> None:
    for key in (BIRTH, MARRIAGE, "cap-ho-chieu-pho-thong", "cap-giay-phep-xay-dung"):
        first = Talk().press(f"ask?procedure={key}&aspect=fee")
        for button in first["buttons"]:
            reply = Talk().press(button["payload"])
            assert (reply["kind"], reply["procedure"]) == ("answer", key)


def test_the_opening_hours_beside_a_procedure(talk: Talk) -> None:
    talk.ask("đăng ký kết hôn nộp ở đâu và mấy giờ mở cửa", "place", also=("opening_hours",))
    assert talk.kinds == ["answer", "notice"]
    assert "7 giờ 30" in talk.replies[1]["text"]


def test_an_emergency_beside_a_procedure_is_not_lost(talk: Talk) -> None:
    talk.ask("đăng ký kết hôn nộp ở đâu, mà nhà đang cháy", "place", also=("emergency_fire",))
    assert "114" in talk.text


def test_a_dossier_code_in_a_question_leads_to_the_dossier(talk: Talk) -> None:
    assert talk.ask("hồ sơ H99.10.01.05-261021-9999 bao giờ có", "time")["kind"] == "dossier"


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("giấy hẹn ghi hôm qua trả, giờ hồ sơ của tôi đang ở đâu", ("dossier_status",)),
        ("xin cho biết tiến độ xử lý hồ sơ tôi đã nộp tuần trước", ()),
    ],
)
def test_where_a_dossier_is_asks_for_its_code(talk: Talk, text: str, also: tuple[str, ...]) -> None:
    assert talk.ask(text, "place", also=also, confidence=0.6)["kind"] == "dossier"


def test_a_matter_of_others_is_not_ours_even_if_it_sounds_like_a_question(talk: Talk) -> None:
    reply = talk.ask("mua vé tàu tết giá bao nhiêu", "fee", also=("out_of_scope",))
    assert reply["kind"] == "unknown"
    assert reply["procedure"] is None


def test_a_false_premise_in_a_question_is_put_right(talk: Talk) -> None:
    reply = talk.ask("đăng ký thường trú có phải nộp sổ hộ khẩu không", "documents")
    assert reply["procedure"] == RESIDENCE
    assert "Sổ hộ khẩu giấy đã bỏ từ ngày 01/01/2023" in reply["text"]


def test_a_wrong_figure_gets_the_catalogues_own(talk: Talk) -> None:
    reply = talk.ask("đăng ký khai sinh lệ phí 50.000 đúng không", "fee")
    assert "miễn phí" in reply["text"]
    assert "50.000" not in reply["text"]


def test_is_that_right_names_the_source_again(talk: Talk, catalog: Catalog) -> None:
    talk.ask("đăng ký khai sinh lệ phí bao nhiêu", "fee")
    reply = talk.say("chắc không", "confirm_source")
    procedure = catalog.get(BIRTH)
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", BIRTH, ["fee"])
    assert procedure.sources[0].title in reply["text"]
    assert procedure.legal_basis[0].number in reply["text"]
    assert f"{procedure.checked_on:%d/%m/%Y}" in reply["text"]


def test_is_that_right_about_nothing_says_who_answers(talk: Talk) -> None:
    assert talk.say("chắc không", "confirm_source")["kind"] == "notice"


def test_the_list_of_fields_leads_to_each_procedure(catalog: Catalog, s: Services) -> None:
    talk = Talk()
    reply = talk.say("có những thủ tục nào", "list_procedures")
    assert reply["kind"] == "choice"
    assert reply["links"] == [{"title": "Danh mục đầy đủ", "url": "/thu-tuc"}]
    in_force = catalog.all(s.today)
    assert f"{len(in_force)} thủ tục" in reply["text"]
    assert talk.titles == sorted({p.field for p in in_force})
    listed = []
    for button in reply["buttons"]:
        inner = Talk()
        inner.press(button["payload"])
        listed += inner.slots["offered"]
    assert sorted(listed) == sorted(p.id for p in in_force)


def test_a_field_named_in_words_lists_it(talk: Talk) -> None:
    reply = talk.say("lĩnh vực hộ tịch có những thủ tục gì", "list_procedures")
    assert reply["text"].startswith("Lĩnh vực Hộ tịch có ")


def test_a_procedure_surely_named_is_answered_whatever_it_was_taken_for(talk: Talk) -> None:
    for intent in (
        "list_procedures",
        "opening_hours",
        "talk_to_person",
        "out_of_scope",
        "complaint",
        "dossier_status",
    ):
        reply = Talk().say("thủ tục đăng ký khai sinh", intent, confidence=0.4)
        assert (reply["kind"], reply["procedure"]) == ("answer", BIRTH), intent


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀😀", "?", "\u200b", "\x07\x00", "a" * 2000, "ă̂́" * 200, "<b>|;--'"]
)
def test_odd_text_gets_a_reply_and_no_facts(talk: Talk, text: str) -> None:
    assert talk.say(text, "name_procedure")["kind"] in ("choice", "unknown")


def test_siblings_are_offered_all_of_them(talk: Talk, catalog: Catalog) -> None:
    reply = talk.ask("mai táng phí cần giấy tờ gì", "documents")
    assert reply["kind"] == "choice"
    offered = {button["payload"].partition("procedure=")[2].partition("&")[0] for button in reply["buttons"]}
    assert {p.id for p in catalog if p.in_force(date(2026, 11, 21)) and "mai-tang" in p.id} <= offered | {""}


def test_a_lost_paper_is_not_the_first_one(talk: Talk) -> None:
    reply = talk.say("mất giấy kết hôn", "name_procedure")
    assert reply["kind"] == "choice"
    assert any("dang-ky-lai-ket-hon" in button["payload"] for button in reply["buttons"])


def test_a_question_after_a_greeting_is_the_question(talk: Talk) -> None:
    reply = talk.say("dạ em chào anh chị, em muốn sang tên sổ hồng ạ", "greet")
    assert reply["kind"] in ("answer", "choice")
    assert talk.say("em chào anh chị ạ", "greet")["kind"] == "smalltalk"


def test_a_small_word_on_a_line_of_its_own_names_nothing(talk: Talk) -> None:
    talk.ask("cho chị hỏi\nđăng ký tạm trú\nthì\nmất bao lâu\nvậy em", "time")
    assert [reply["procedure"] for reply in talk.replies] == ["dang-ky-tam-tru"]
