from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadRequest
from bot.gateway.messages import LONGEST_TEXT, clean, parse_message
from bot.gateway.payloads import INTENTS, parse_payload
from bot.words import load_words

WORDS = load_words()["errors"]


def parse(body: object) -> object:
    return parse_message(json.dumps(body).encode())


def refusal(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parse_message(body)
    return caught.value


def test_text_is_trimmed_composed_and_rid_of_control_characters() -> None:
    typed = "  la\u0300m\x00 khai\t sinh\r\n\u202egiấy\u200b tờ\x1b[31m  "
    assert clean(typed) == "làm khai  sinh\ngiấy tờ[31m"


def test_emoji_stay_whole() -> None:
    assert clean("👨‍👩‍👧 ❤️") == "👨‍👩‍👧 ❤️"


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\uDE00\\uD83D"])
def test_half_an_emoji_is_left_out(half: str) -> None:
    """Fields of limited length cut them off."""
    body = r'{"session": "a", "text": "khai sinh \\ud83d \ud83d\ude00 HALF"}'.replace("HALF", half)
    assert parse_message(body.encode()).text == "khai sinh \\ud83d 😀"


@given(st.text())
def test_clean_text_is_stable_and_can_be_sent(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_refusal_with_words(body: bytes) -> None:
    try:
        parse_message(body)
    except BadRequest as refused:
        assert refused.status in (400, 422)
        assert WORDS[refused.code].format(**refused.facts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(st.fixed_dictionaries({}, optional={"session": JSON, "text": JSON, "payload": JSON, "x": JSON}))
def test_any_json_object_is_a_message_or_a_refusal(body: dict) -> None:
    try:
        message = parse_message(json.dumps(body).encode())
    except BadRequest as refused:
        assert refused.status in (400, 422)
    else:
        assert message.conversation == f"web:{body['session']}"
        assert (message.text is None) != (message.payload is None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b'{"session": "a", "text": "\\ud800"}', 422, "empty_text"),
        (b'{"session": "a", "text": "\\ud800" x', 400, "bad_json"),
        (b"[" * 60_000, 400, "bad_json"),
        (b"[1]", 422, "bad_body"),
        (b'"text"', 422, "bad_body"),
        (b'{"text": "a"}', 422, "bad_session"),
        (b'{"session": "", "text": "a"}', 422, "bad_session"),
        (b'{"session": 5, "text": "a"}', 422, "bad_session"),
        (b'{"session": "a b", "text": "a"}', 422, "bad_session"),
        (b'{"session": "../x", "text": "a"}', 422, "bad_session"),
        (b'{"session": "a\\n", "text": "a"}', 422, "bad_session"),
        (b'{"session": "' + b"a" * 65 + b'", "text": "a"}', 422, "bad_session"),
        (b'{"session": "a"}', 422, "text_or_payload"),
        (b'{"session": "a", "text": "a", "payload": "ask"}', 422, "text_or_payload"),
        (b'{"session": "a", "text": null, "payload": null}', 422, "text_or_payload"),
        (b'{"session": "a", "text": ["a"]}', 422, "bad_text"),
        (b'{"session": "a", "text": " \\u0000\\t\\u200b\\n "}', 422, "empty_text"),
        (b'{"session": "a", "text": "' + b"a" * 10_000 + b'"}', 422, "text_too_long"),
        (b'{"session": "a", "payload": {"ask": 1}}', 422, "unknown_payload"),
        (b'{"session": "a", "payload": "/restart"}', 422, "unknown_payload"),
    ],
)
def test_refusals(body: bytes, status: int, code: str) -> None:
    refused = refusal(body)
    assert (refused.status, refused.code) == (status, code)


def test_limits_are_inclusive() -> None:
    assert len(parse({"session": "s" * 64, "text": "ờ" * LONGEST_TEXT + "  "}).text) == LONGEST_TEXT
    assert (
        refusal(json.dumps({"session": "s", "text": "ờ" * (LONGEST_TEXT + 1)}).encode()).code
        == "text_too_long"
    )


def test_each_message_has_an_id_of_its_own() -> None:
    body = {"session": "a", "text": "a"}
    assert parse(body).message_id != parse(body).message_id


def test_payload_becomes_intent_and_entities() -> None:
    payload = parse_payload("ask?procedure=dang-ky-khai-sinh&aspect=fee,time&choice=c%C3%B3%20%26%20c%C3%B2n")
    assert payload.intent == "ask"
    assert payload.entities == [
        ("procedure", "dang-ky-khai-sinh"),
        ("aspect", "fee"),
        ("aspect", "time"),
        ("choice", "có & còn"),
    ]


@pytest.mark.parametrize("intent", sorted(INTENTS))
def test_every_intent_of_a_button_is_known(intent: str) -> None:
    assert parse_payload(intent).entities == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "asks",
        "/restart",
        "session_start",
        "ask?",
        "ask?x",
        "ask?&",
        "ask?A=1",
        "ask?a-b=1",
        "ask?x=%00",
        "ask?x=%ff",
        "ask\n",
        "ask?x=" + "y" * 1000,
    ],
)
def test_payloads_that_no_button_carries(text: str) -> None:
    if text == "ask?":
        assert parse_payload(text).entities == []
        return
    with pytest.raises(BadRequest) as caught:
        parse_payload(text)
    assert (caught.value.status, caught.value.code) == (422, "unknown_payload")


@given(st.text(max_size=60))
def test_any_payload_is_known_or_refused(text: str) -> None:
    try:
        assert parse_payload(text).intent in INTENTS
    except BadRequest as refused:
        assert refused.code == "unknown_payload"


@given(st.text(max_size=60))
def test_nothing_after_a_known_intent_breaks_it(text: str) -> None:
    try:
        payload = parse_payload("ask?" + text)
    except BadRequest as refused:
        assert refused.code == "unknown_payload"
    else:
        assert all(key and value for key, value in payload.entities)
