"""Tells what asks something by its words: "nộp ở đâu" does, "em có giấy tờ đủ rồi" does not."""

from __future__ import annotations

from collections.abc import Sequence

from vietnamese.clauses import Clause
from vietnamese.resources import Phrases, question_words
from vietnamese.tokens import Token, tokenize

_LEAST = 2


def asks(clause: str) -> bool:
    """Whether there is a question word in `clause` that asks. Never raises."""
    return _asks(tokenize(clause))


def questions(clause: Clause) -> list[Clause]:
    """The questions of a clause that asks several without a mark between ("cần giấy gì ra đâu làm"), in
    order, all of its words in them; none when it asks one at most."""
    tokens = tokenize(clause.text)
    begins = question_words().begins_another
    cuts = [0]
    for index in range(_LEAST, len(tokens)):
        begin = index - cuts[-1] >= _LEAST and _begins(_words(tokens[index : index + 2]), 0, begins)
        if begin and _asks(tokens[cuts[-1] : index]) and _asks(tokens[index:]):
            cuts.append(index)
    if len(cuts) < 2:
        return []
    ends = [*(tokens[index - 1].end for index in cuts[1:]), tokens[-1].end]
    places = [(tokens[first].start, end) for first, end in zip(cuts, ends, strict=True)]
    return [Clause(clause.text[a:b], clause.start + a, clause.start + b) for a, b in places]


def _asks(tokens: Sequence[Token]) -> bool:
    said, known = _words(tokens), question_words()
    for place in range(len(said)):
        if tuple(said[max(place - 1, 0) : place + 1]) in known.no_question:
            continue
        if _begins(said, place, known.written) or _begins(said, place, known.bare):
            return True
    end = len(said)
    while end > 1 and (said[end - 1],) in known.after_it - known.at_the_end:
        end -= 1
    return end > 1 and (said[end - 1],) in known.at_the_end


def _begins(said: Sequence[str], place: int, phrases: Phrases) -> bool:
    """Whether one of `phrases`, two words at most, begins at `place`."""
    return any(tuple(said[place : place + length]) in phrases for length in (1, 2))


def _words(tokens: Sequence[Token]) -> list[str]:
    return [word for token in tokens for word in token.accented.split()]
