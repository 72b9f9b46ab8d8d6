"""The engine's door, over the real launcher with a small model."""

from __future__ import annotations

import sqlite3
from uuid import uuid4

import pytest

from bot.engine.channel import MAX_TEXT
from tests.engine.project import SECRET, Engine, send


def anew() -> str:
    return f"web:{uuid4().hex}"


def test_a_message_is_understood_and_answered(engine: Engine) -> None:
    status, answer = engine.say("khai sinh lệ phí bao nhiêu", anew())
    assert status == 200
    assert answer["replies"] == [{"kind": "answer", "text": "Miễn phí."}]
    understood = answer["understood"]
    assert (understood["intent"], understood["aspects"]) == ("ask_fee", ["fee"])
    assert 0 < understood["confidence"] <= 1
    assert understood["procedures"] == [{"id": "khai-sinh"}], (
        "what the action understood travels beside the reply"
    )


def test_several_aspects_are_told(engine: Engine) -> None:
    answer = engine.say("hết bao nhiêu tiền và mất bao lâu", anew())[1]
    assert sorted(answer["understood"]["aspects"]) == ["fee", "time"]


def test_a_response_of_the_domain_is_small_talk(engine: Engine) -> None:
    assert engine.say("xin chào", anew())[1]["replies"] == [{"kind": "smalltalk", "text": "Xin chào"}]


def test_a_button_carries_intent_and_entities(engine: Engine) -> None:
    status, answer = engine.press("ask", ("procedure", "khai-sinh"), ("aspect", "fee"), ("aspect", "fee"))
    assert status == 200
    assert (answer["understood"]["intent"], answer["understood"]["confidence"]) == ("ask", 1.0)
    assert answer["understood"]["aspects"] == ["fee"]
    call = engine.actions.calls[-1]
    assert ("procedure", "khai-sinh") in [
        (e["entity"], e["value"]) for e in call["tracker"]["latest_message"]["entities"]
    ]


def test_the_message_id_and_the_network_reach_the_actions(engine: Engine) -> None:
    conversation = anew()
    said = {"conversation": conversation, "message_id": "abc-1", "text": "mất bao lâu", "network": "n1"}
    engine.post(said)
    call = engine.actions.calls[-1]
    assert call["sender_id"] == conversation
    assert call["tracker"]["latest_message"]["message_id"] == "abc-1"
    assert call["tracker"]["latest_message"]["metadata"]["network"] == "n1"


@pytest.mark.parametrize(
    "text", ["/ask_fee", "/restart", '/ask{"procedure": "x"}', " /erase_data", "//ask", "/ /ask"]
)
def test_a_leading_slash_never_names_an_intent(engine: Engine, text: str) -> None:
    answer = engine.say(text, anew())[1]
    said = engine.actions.calls[-1]["tracker"]["latest_message"] if engine.actions.calls else {}
    assert answer.get("understood", {}).get("confidence", 0) < 1
    assert not str(said.get("text", "")).startswith("/")


@pytest.mark.parametrize("text", ["/", "///", "  / ", "", "   ", "\n\t"])
def test_nothing_but_slashes_and_spaces_is_no_message(engine: Engine, text: str) -> None:
    status, answer = engine.say(text)
    assert (status, answer["error"]["code"]) == (422, "bad_message")


@pytest.mark.parametrize("secret", [None, "", "falsch", SECRET + "x", SECRET[:-1], "é"])
def test_without_the_secret_nobody_enters(engine: Engine, secret: str | None) -> None:
    before = len(engine.actions.calls)
    status, answer = engine.post({"conversation": "web:a", "text": "lệ phí bao nhiêu"}, secret=secret)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert len(engine.actions.calls) == before


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"null", b"[]", b"3", b'"text"', {}, {"text": "lệ phí"},
        {"conversation": "web:a"}, {"conversation": 3, "text": "x"}, {"conversation": "", "text": "x"},
        {"conversation": "web:a", "text": 5}, {"conversation": "web:a", "text": None},
        {"conversation": "web:a", "intent": 5}, {"conversation": "web:a", "intent": "khong_co"},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_in_words(engine: Engine, body: object) -> None:
    status, answer = engine.post(body)
    assert status == 422
    assert set(answer) == {"error"}
    assert answer["error"]["code"] == "bad_message"
    assert answer["error"]["message"]


def test_entities_of_the_wrong_shape_are_left_out(engine: Engine) -> None:
    for entities in ("x", [3, "a"], {"a": 1}, None):
        body = {"conversation": anew(), "intent": "ask", "entities": entities}
        assert engine.post(body)[0] == 200


@pytest.mark.parametrize(
    "text", ["a" * 10_000, "lệ phí " * 1500, "😀" * 500, "\x00\x07lệ phí\u200b", "ă̂́" * 200]
)
def test_odd_texts_get_an_answer_or_a_clear_error(engine: Engine, text: str) -> None:
    status, answer = engine.say(text, anew())
    assert status in (200, 502)
    assert ("error" in answer) == (status == 502)
    if engine.actions.calls:
        assert len(engine.actions.calls[-1]["tracker"]["latest_message"]["text"]) <= MAX_TEXT


@pytest.mark.parametrize("text", ["hỏng máy rồi", "im lặng"])
def test_a_turn_without_a_reply_is_an_error(engine: Engine, text: str) -> None:
    conversation = anew()
    status, answer = engine.say(text, conversation)
    assert (status, answer["error"]["code"]) == (502, "no_reply")
    assert engine.say("lệ phí bao nhiêu", conversation)[0] == 200, "the conversation goes on"


def test_the_door_says_when_it_is_open(engine: Engine) -> None:
    assert send(f"{engine.url}/")[0] == 200


def test_there_is_no_other_door(engine: Engine) -> None:
    root = f"http://127.0.0.1:{engine.port}"
    for path in (
        "/model/parse",
        "/conversations/web:a/tracker",
        "/webhooks/rest/webhook",
        "/domain",
        "/status",
    ):
        assert send(root + path, b"{}")[0] in (404, 405), path


def test_the_actions_get_slots_and_message_and_no_history(engine: Engine) -> None:
    conversation = anew()
    for text in ("lệ phí bao nhiêu", "mất bao lâu"):
        engine.say(text, conversation)
    call = engine.actions.calls[-1]
    assert call["tracker"]["slots"]["procedure"] == "khai-sinh", "remembered from the turn before"
    assert call["tracker"]["events"] == []
    assert call["tracker"]["latest_message"]["text"] == "mất bao lâu"
    assert "domain" not in call


def test_an_erased_conversation_leaves_nothing_that_was_said(engine: Engine) -> None:
    conversation = anew()
    engine.say("lệ phí bao nhiêu vậy em ơi", conversation)
    status, answer = engine.say("xóa dữ liệu của tôi", conversation)
    assert (status, answer["replies"][0]["text"]) == (200, "Đã xóa.")
    with sqlite3.connect(engine.database) as connection:
        (stored,) = connection.execute(
            "SELECT events FROM engine_conversations WHERE conversation = ?", [conversation]
        ).fetchone()
    assert "vậy em ơi" not in stored
    assert "khai-sinh" not in stored
    assert engine.say("mất bao lâu", conversation)[0] == 200
    assert engine.actions.calls[-1]["tracker"]["slots"]["procedure"] is None


def test_what_people_write_is_not_in_the_log(engine: Engine) -> None:
    engine.say("lệ phí bao nhiêu bí mật kiểm thử", anew())
    engine.say("hỏng máy bí mật kiểm thử", anew())
    assert "bí mật" not in engine.log
    assert SECRET not in engine.log


def test_a_turn_is_answered_while_the_conversations_cannot_be_kept(engine: Engine) -> None:
    conversation = anew()
    assert engine.say("lệ phí bao nhiêu", conversation)[0] == 200
    with sqlite3.connect(engine.database) as connection:
        connection.execute("ALTER TABLE engine_conversations RENAME TO away")
    try:
        assert engine.say("mất bao lâu", conversation)[0] == 200
    finally:
        with sqlite3.connect(engine.database) as connection:
            connection.execute("ALTER TABLE away RENAME TO engine_conversations")
    assert engine.say("mất bao lâu", conversation)[0] == 200
    assert engine.actions.calls[-1]["tracker"]["slots"]["procedure"] == "khai-sinh"
