"""Rasa tokenizer on top of :mod:`vietnamese`.

Each token keeps the citizen's own text and span; its *lemma* is the normalised, folded form
(Telex and teencode repaired, abbreviations written out), which is what the classifier reads.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

import vietnamese
from vietnamese import fold
from vietnamese.mending import Said

# What a token is, where its letters say nothing: a dossier code is told by its groups of digits.
_PLACEHOLDERS = (
    (
        "madossier",
        re.compile(
            r"(?i)^[a-z]?\d{2,3}(\.[a-z]?\d{2,3})+[-–]\d{4,}[-–]\d+$|^[a-z]?\d{2,3}(\.\w{2,3})+-\d{6}"
        ),
    ),
    ("mathutuc", re.compile(r"^\d\.\d{6}$")),
    ("sodienthoai", re.compile(r"^(\+84|0)\d{8,10}$")),
    ("conso", re.compile(r"^\d[\d.,]*$")),
)


def lemma(token: vietnamese.Token) -> str:
    """The token's lemma, with codes and numbers replaced by a word for their kind."""
    if token.text.isalpha():
        return token.lemma
    for word, pattern in _PLACEHOLDERS:
        if pattern.match(token.text):
            return word
    return token.lemma


def said(text: str, lemmas: str) -> Said:
    """A token with its lemmas as what mends slips reads it."""
    return Said(fold(text.lower()), tuple(lemmas.split()))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Tokens with spans into the original text and normalised lemmas."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute)
        tokens = [
            Token(t.text, t.start, t.end, lemma=word) for t in vietnamese.tokenize(text) if (word := lemma(t))
        ]
        return tokens or [Token(text, 0, len(text), lemma="rong")]
