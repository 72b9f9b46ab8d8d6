"""What a turn asks of a procedure, and what no entry holds."""

from __future__ import annotations

import pytest

from tests.actions.talk import Talk

BIRTH, MARRIAGE, RESIDENCE = "dang-ky-khai-sinh", "dang-ky-ket-hon", "dang-ky-thuong-tru"


def test_an_aspect_alone_asks_which_procedure_and_keeps_the_aspect(talk: Talk) -> None:
    reply = talk.ask("lệ phí bao nhiêu vậy", "fee")
    assert (reply["kind"], reply["procedure"]) == ("choice", None)
    assert "Gặp cán bộ" in talk.titles
    reply = talk.tap("Đăng ký thường trú")
    assert (reply["procedure"], reply["aspects"]) == (RESIDENCE, ["fee"])


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("khai sinh trễ hạn bị phạt bao nhiêu", "fee"),
        ("không đăng ký tạm trú thì mức phạt thế nào", "method"),
        ("chưa làm giấy khai sinh cho con có bị phạt không", "eligibility"),
    ],
)
def test_a_fine_is_in_no_entry_and_that_is_said(talk: Talk, text: str, aspect: str) -> None:
    reply = talk.ask(text, aspect)
    assert reply["kind"] == "unknown"
    assert "mức phạt" in reply["text"]
    assert reply["buttons"][-1]["payload"] == "talk_to_person"
    assert len(reply["buttons"]) > 1


def test_what_else_is_asked_beside_a_fine_is_answered(talk: Talk) -> None:
    reply = talk.ask("đăng ký khai sinh trễ sợ bị phạt, cần giấy tờ gì", "documents")
    assert (reply["kind"], reply["procedure"], reply["aspects"]) == ("answer", BIRTH, ["documents"])


def test_a_fee_asked_beside_a_fine_is_told_and_the_fine_is_not(talk: Talk) -> None:
    text = "đăng ký khai sinh trễ thì phạt bao nhiêu, lệ phí hết bao nhiêu"
    talk.ask(text, "fee", asked_in={"fee": "lệ phí hết bao nhiêu"})
    told, beside = talk.replies
    assert (told["kind"], told["procedure"], told["aspects"]) == ("answer", BIRTH, ["fee"])
    assert (beside["kind"], "mức phạt" in beside["text"]) == ("notice", True)


def test_what_was_asked_of_a_situation_is_kept_for_its_procedures(talk: Talk) -> None:
    reply = talk.ask("em mới sinh con thì cần giấy tờ gì", "documents")
    assert (reply["kind"], reply["aspects"]) == ("choice", ["documents"])
    assert all("aspect=documents" in button["payload"] for button in reply["buttons"])
    assert talk.say("cái thứ hai", "pick_option")["aspects"] == ["documents"]


def test_how_to_hand_in_by_the_portal_is_told_once_and_asks_for_online(talk: Talk) -> None:
    talk.say("nộp hồ sơ trên mạng thì bắt đầu từ đâu", "ask_online", also=["portal_help"])
    assert talk.kinds == ["notice"]
    assert talk.understood["aspects"] == ["online"]


def test_a_fee_in_a_clause_of_its_own_is_one_beside_what_is_received(talk: Talk) -> None:
    asked_in = {"fee": "nộp hồ sơ mất bao nhiêu"}
    text = "chế độ ốm đau nộp hồ sơ mất bao nhiêu, được mấy tháng lương"
    assert talk.ask(text, "fee", "result", asked_in=asked_in)["aspects"] == ["fee", "result"]
    text = "trợ cấp hưu trí xã hội được bao nhiêu tiền một tháng"
    assert talk.ask(text, "fee", "result")["aspects"] == ["result"]
