"""What a message begins with before it comes to the matter: "xin chào anh chị, cho em hỏi chút".

Such words are names of nothing, but stand among the words by which a procedure is looked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from vietnamese.resources import greetings
from vietnamese.text import fold, nfc
from vietnamese.tokens import Token, tokenize

_NEAR = 8
_LEAST = 2
# "Chào buổi sáng".
_TIME_OF_DAY = "buoi"


def without_greeting(text: str) -> str:
    """The rest of ``text`` after its greeting, as it was typed; all of it when less than two words are left.

    Never raises; the result is always an end of ``text``.
    """
    tokens = tokenize(text)
    lemmas = [token.lemma for token in tokens]
    words = greetings()
    end = 0
    for index, lemma in enumerate(lemmas[:_NEAR]):
        if lemma in words.marks:
            end = index + 1
        elif lemma == _TIME_OF_DAY and 0 < end == index:
            end = min(index + 2, len(tokens))
        elif index >= end and lemma not in words.before:
            break
    if end == 0:
        return text
    # A new clause is the matter, even when it begins with somebody: "chào em, bố tôi mất hôm qua".
    while (length := _called_on(text, tokens, end)) and not _parted(text, tokens, end):
        end += length
    return text[tokens[end].start :] if len(tokens) - end >= _LEAST else text


def _called_on(text: str, tokens: Sequence[Token], start: int) -> int:
    """How many tokens from ``start`` on call on somebody.

    A word alone that was typed without its diacritics may be of the matter ("cho hoi chi phi"): it counts
    before another one, or at the end of a clause.
    """
    longest = 0
    for phrase in greetings().called_on:
        said = tokens[start : start + len(phrase)]
        if len(phrase) <= longest or [token.lemma for token in said] != [fold(word) for word in phrase]:
            continue
        after = start + len(phrase)
        ends = after == len(tokens) or _parted(text, tokens, after)
        as_typed = all(nfc(token.text).lower() == word for token, word in zip(said, phrase, strict=True))
        if as_typed or ends or len(phrase) > 1 or _called_on(text, tokens, after):
            longest = len(phrase)
    return longest


def _parted(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether a mark stands before this token."""
    between = text[tokens[index - 1].end : tokens[index].start]
    return any(not character.isspace() for character in between)
