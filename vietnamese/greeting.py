"""What a message begins with before it comes to the matter: "xin chào anh chị, cho em hỏi chút".

Such words are names of nothing, but stand among the words by which a procedure is looked for.
"""

from __future__ import annotations

from vietnamese.tokens import tokenize

# A greeting ends in one of these, near the beginning; then people may be called on.
_MARKS = frozenset("chao alo hello hi hoi".split())
_CALLED_ON = frozenset(
    """a anh chi em ad admin ban bac bot chau chu co cac cau luat su moi nguoi shop oi nha nhe da
    ho chut ti xiu tro ly can bo quy""".split()
)
# Who speaks, and how it is put, before the mark.
_BEFORE = frozenset("cho xin muon minh toi tui con duoc thua".split())
_NEAR = 8
_LEAST = 2


def without_greeting(text: str) -> str:
    """The rest of ``text`` after its greeting, as it was typed; all of it when less than two words are left.

    Never raises; the result is always an end of ``text``.
    """
    tokens = tokenize(text)
    lemmas = [token.lemma for token in tokens]
    end = 0
    for index, lemma in enumerate(lemmas[:_NEAR]):
        if lemma in _MARKS:
            end = index + 1
        elif lemma not in _CALLED_ON and lemma not in _BEFORE:
            break
    if end == 0:
        return text
    while end < len(tokens) and lemmas[end] in _CALLED_ON:
        end += 1
    return text[tokens[end].start :] if len(tokens) - end >= _LEAST else text
