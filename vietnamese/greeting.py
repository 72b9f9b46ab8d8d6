"""What a message begins with before it comes to the matter: "xin chào anh chị, cho em hỏi chút".

Such words are names of nothing, but stand among the words by which a procedure is looked for.
"""

from __future__ import annotations

from vietnamese.resources import greetings
from vietnamese.tokens import tokenize

_NEAR = 8
_LEAST = 2


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
        elif lemma not in words.called_on and lemma not in words.before:
            break
    if end == 0:
        return text
    while end < len(tokens) and lemmas[end] in words.called_on:
        end += 1
    return text[tokens[end].start :] if len(tokens) - end >= _LEAST else text
