"""Tokens with spans into the text as it was typed, and the normalised text made of them.

The path of a message: clean the characters → cut into words, numbers, codes and addresses → put each word
right (`spelling`) → settle what only the rest of the message explains (`context`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from vietnamese.context import Draft, is_settled, settle
from vietnamese.resources import short_forms
from vietnamese.spelling import repair
from vietnamese.text import clean_with_spans, fold, nfc

# The bounds keep a hostile message from making the scanner slow.
_SCAN = r"""
  (?P<address> (?:https?://|www\.)[a-z0-9][a-z0-9._~:/?\#\[\]@!$&'()*+,;=%-]{0,2000}[a-z0-9/=]
    | [a-z0-9][a-z0-9.+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}
    | [a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}\.(?:vn|com|net|org|gov|edu)\b
      (?:/[a-z0-9._~/?=&%-]{0,500}[a-z0-9/])? )
  | (?P<code> [0-9]{1,6}/(?:[0-9]{4}/)?(?:nđ|nd|qđ|qd|nq|tt|ttlt|vbhn|ct|qh[0-9]*|l|kh|tb|cv)
      [^\W_]*(?:-[^\W_]+)*
    | [a-zđ]?[0-9]+(?:[.\-/,:][a-zđ]?[0-9]+)+
    | (?:e-mail|wi-fi|x-quang)\b )
  | (?P<etc> v\.\s?v\b )
  | (?P<word> [^\W_]+ (?:['’][^\W_]+)* )
"""
# Marks around a word that make no other token of it.
_MARKS = '.,;:?!()[]"“”…–-'
_LONGEST_ALONE = 24


class Token(NamedTuple):
    """One word, number, code or short form; `text == original[start:end]`.

    `lemma` is the normalised form without diacritics, lower case; a short form's holds several syllables
    parted by spaces ("dang ky"). `accented` is the same with diacritics where they are known.
    """

    text: str
    lemma: str
    start: int
    end: int
    accented: str


@cache
def _scanner() -> re.Pattern[str]:
    signs = "|".join(re.escape(short) for short in short_forms() if not any(map(str.isalnum, short)))
    return re.compile(_SCAN + f"| (?P<sign> {signs} )", re.IGNORECASE | re.VERBOSE)


def tokenize(text: str) -> list[Token]:
    """Split `text` into tokens, in order, never overlapping.

    Punctuation and pictures yield none (a few signs with a meaning, such as a thumb up, do); `clauses` finds
    sentence limits. Codes, dates, amounts, telephone numbers, addresses stay whole. Never raises.
    """
    return list(_tokens(text))


# Whoever reads a message cuts it into tokens several times on the way, and its parts too.
@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[Token, ...]:
    cleaned, spans = clean_with_spans(text)
    tokens = []
    for draft in settle([_draft(match) for match in _scanner().finditer(cleaned)]):
        start, end = draft.start, draft.end
        if spans is not None:
            start, end = spans[start][0], spans[end - 1][1]
        accented = " ".join(draft.pieces)
        tokens.append(Token(text[start:end], fold(accented), start, end, accented))
    return tuple(tokens)


def normalize(text: str) -> str:
    """Return the lemmas of `text` joined by single spaces. Idempotent."""
    said = [_alone(piece) if len(piece) <= _LONGEST_ALONE else None for piece in text.split()]
    if None in said:
        return " ".join([token.lemma for token in _tokens(text)])
    return " ".join(filter(None, said))


@lru_cache(maxsize=32768)
def _alone(piece: str) -> str | None:
    """The lemma of a word between spaces, "" for mere marks; None when only the rest of the text tells.

    Most words of official names are such, and catalogues hold a hundred thousand of them.
    """
    word = piece.strip(_MARKS)
    if not word:
        return ""
    # "v." and "v" beside each other are one token.
    if not word.isalpha() or nfc(word) != word or word in ("v", "V"):
        return None
    draft = _word(0, word)
    return fold(" ".join(draft.pieces)) if is_settled(draft) else None


def normalize_accented(text: str) -> str:
    """Return the normalised words of `text` with diacritics where they are known, joined by spaces."""
    return " ".join([token.accented for token in _tokens(text)])


def _draft(match: re.Match[str]) -> Draft:
    written = match.group()
    start, end = match.span()
    lower = written.lower().replace("’", "'")
    if match.lastgroup == "etc":
        return Draft(start, end, "vv", ["vv"])
    if match.lastgroup != "word" or "'" in lower:
        return Draft(start, end, fold(lower), [lower])
    return _word(start, written)


def _word(start: int, written: str) -> Draft:
    lower = written.lower()
    word = repair(lower)
    # A2 in capitals is a class of licence, not à.
    doubtful = () if len(written) == 2 and written[0].isupper() else word.doubtful
    end = start + len(written)
    return Draft(start, end, fold(lower), list(word.pieces), word.keyboard, doubtful, word.guess)
