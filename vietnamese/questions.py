"""Tells whether a clause asks something, by its words: "nộp ở đâu" does, "em có giấy tờ đủ rồi" does not."""

from __future__ import annotations

from collections.abc import Sequence

from vietnamese.resources import Phrases, question_words
from vietnamese.tokens import tokenize


def asks(clause: str) -> bool:
    """Whether there is a question word in `clause` that asks. Never raises."""
    said = [word for token in tokenize(clause) for word in token.accented.split()]
    known = question_words()
    places = range(len(said))
    if any(_begins(said, n, known.written) or _begins(said, n, known.bare) for n in places):
        return True
    end = len(said)
    while end > 1 and (said[end - 1],) in known.after_it - known.at_the_end:
        end -= 1
    return end > 1 and (said[end - 1],) in known.at_the_end


def _begins(said: Sequence[str], place: int, phrases: Phrases) -> bool:
    """Whether one of `phrases` begins at `place`, and none that only looks like one."""
    before = tuple(said[max(place - 1, 0) : place + 1])
    if before in question_words().no_question:
        return False
    return any(tuple(said[place : place + length]) in phrases for length in (1, 2))
