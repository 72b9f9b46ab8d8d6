from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.tokenizer import VietnameseTokenizer

TOKENIZER = VietnameseTokenizer(VietnameseTokenizer.get_default_config())


def tokens(text: str) -> list[Token]:
    return TOKENIZER.tokenize(Message({TEXT: text}), TEXT)


def lemmas(text: str) -> list[str]:
    return [token.lemma for token in tokens(text)]


@pytest.mark.parametrize(
    "typed",
    [
        "thủ tục khai sinh",
        "thu tuc khai sinh",
        "THỦ TỤC KHAI SINH",
        "thur tucj khai sinh",
        "thu3 tuc5 khai sinh",
    ],
)
def test_however_it_is_typed_the_lemmas_are_the_same(typed: str) -> None:
    assert lemmas(typed) == ["thu", "tuc", "khai", "sinh"]


def test_short_forms_are_written_out_and_their_spans_stay() -> None:
    (token,) = [t for t in tokens("cần đk kết hôn") if t.text == "đk"]
    assert token.lemma == "dang ky"
    assert (token.start, token.end) == (4, 6)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hồ sơ H99.10.01.05-261021-0009 sao rồi", "madossier"),
        ("hồ sơ 000.17.22.H56-210531-0001 sao rồi", "madossier"),
        ("thủ tục 1.001193 sao rồi", "mathutuc"),
        ("gọi 0912345678 nhé", "sodienthoai"),
        ("gọi +84912345678 nhé", None),
        ("hết 50.000 hay 2,5", "conso"),
    ],
)
def test_codes_and_numbers_are_told_by_their_kind(text: str, kind: str | None) -> None:
    if kind:
        assert kind in lemmas(text)
    assert not any(character.isdigit() for lemma in lemmas(text) for character in lemma if kind)


@pytest.mark.parametrize("text", ["", " ", "?!", "\u200b", "😀", "\n\n"])
def test_without_a_word_there_is_one_token_over_everything(text: str) -> None:
    (token,) = tokens(text)
    assert (token.text, token.start, token.end) == (text, 0, len(text))
    assert token.lemma


TEXTS = st.one_of(
    st.text(max_size=120),
    st.text("đăng ký khai sinh DDANGW 0123.-/\u0301\u0323\u200b😀\n?!", max_size=80),
)


@given(TEXTS)
def test_tokens_lie_in_the_message_in_order(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert token.start >= end
        assert token.text == text[token.start : token.end]
        assert token.lemma
        end = token.end
    assert end <= len(text)


@given(TEXTS)
def test_lemmas_are_plain_and_stay_what_they_are(text: str) -> None:
    for lemma in lemmas(text):
        assert lemma == lemma.lower()
    assert lemmas(text) == lemmas(text)


def test_rasa_takes_the_tokens_of_a_message() -> None:
    message = Message({TEXT: "lệ phí khai sinh bao nhiêu"})
    TOKENIZER.process([message])
    assert [t.text for t in message.get("text_tokens")] == ["lệ", "phí", "khai", "sinh", "bao", "nhiêu"]
