"""Of several procedures in one message each gets what is asked about it."""

from __future__ import annotations

import pytest

from tests.actions.talk import Talk

RECORD, PASSPORT = "cap-phieu-ly-lich-tu-phap", "cap-ho-chieu-pho-thong"


def told(talk: Talk) -> list[tuple[str, list[str]]]:
    return [(reply["procedure"], reply["aspects"]) for reply in talk.replies if reply["kind"] == "answer"]


@pytest.mark.parametrize("greeting", ["", "chào em, cho hỏi chút "])
def test_each_gets_what_is_asked_in_its_clause(talk: Talk, greeting: str) -> None:
    asked = {"time": "lý lịch tư pháp bao lâu có", "fee": "còn hộ chiếu hết bao nhiêu tiền"}
    talk.ask(f"{greeting}{asked['time']}, {asked['fee']}", "time", "fee", asked_in=asked)
    assert told(talk) == [(RECORD, ["time"]), (PASSPORT, ["fee"])]


def test_what_is_asked_of_none_in_particular_is_told_of_all(talk: Talk) -> None:
    asked = {"documents": "mỗi cái cần gì"}
    talk.ask("lý lịch tư pháp với hộ chiếu, mỗi cái cần gì", "documents", asked_in=asked)
    assert told(talk) == [(RECORD, ["documents"]), (PASSPORT, ["documents"])]


def test_one_beside_which_nothing_is_asked_gets_what_was_asked_of_the_other(talk: Talk) -> None:
    asked = {"time": "lý lịch tư pháp bao lâu có"}
    talk.ask("lý lịch tư pháp bao lâu có, còn hộ chiếu thì sao", "time", asked_in=asked)
    assert told(talk) == [(RECORD, ["time"]), (PASSPORT, ["time"])]


def test_what_is_asked_once_at_the_end_is_asked_of_all(talk: Talk) -> None:
    asked = dict.fromkeys(("documents", "fee"), "với hộ chiếu thì cần gì với tốn nhiêu")
    text = "em cần làm tạm trú, đổi bằng lái với hộ chiếu thì cần gì với tốn nhiêu"
    talk.ask(text, "documents", "fee", asked_in=asked)
    wanted = ["documents", "fee"]
    assert told(talk) == [(key, wanted) for key in ("dang-ky-tam-tru", "doi-giay-phep-lai-xe", PASSPORT)]


def test_what_no_longer_exists_is_said_beside_the_answer(talk: Talk) -> None:
    asked = {"documents": "đăng ký khai tử cần gì", "place": "xin cấp lại sổ hộ khẩu giấy ở đâu"}
    talk.ask(" và ".join(asked.values()), "documents", "place", asked_in=asked)
    assert talk.replies[0]["procedure"] == "dang-ky-khai-tu"
    assert "Sổ hộ khẩu giấy đã bỏ từ ngày 01/01/2023" in talk.replies[0]["text"]


@pytest.mark.parametrize("text", ["hồ sơ 1.001193 tới đâu rồi", "mã hồ sơ 1.004222 xử lý xong chưa"])
def test_a_procedures_code_is_no_dossiers(talk: Talk, text: str) -> None:
    reply = talk.ask(text, "place")
    assert reply["kind"] == "dossier"
    assert "là mã thủ tục, không phải mã hồ sơ" in reply["text"]


def test_a_procedures_code_beside_a_question_is_the_procedures(talk: Talk) -> None:
    assert talk.ask("hồ sơ 1.001193 gồm những gì", "documents")["procedure"] == "dang-ky-khai-sinh"


@pytest.mark.parametrize(
    "text",
    [
        "mà nhà em ở xa bố mẹ hai bên đều già yếu không ai đi được thì tính sao đây ạ",
        "dạ vậy trường hợp cả hai vợ chồng đều đi làm giờ hành chính không nghỉ được thì có cách nào khác",
    ],
)
def test_a_long_sentence_in_a_conversation_is_asked_about(talk: Talk, text: str) -> None:
    talk.ask("đăng ký kết hôn nộp ở đâu", "place")
    reply = talk.ask(text, "method")
    assert reply["kind"] == "choice"
    assert "dang-ky-ket-hon" in talk.slots["offered"]
    refused = Talk()
    assert refused.ask(text, "method", also=("out_of_scope",))["kind"] == "unknown"
