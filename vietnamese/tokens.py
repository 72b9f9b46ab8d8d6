"""Tokens with spans into the text as it was typed, and the normalised text made of them.

The path of a message: clean the characters → cut into words, numbers, codes and addresses → put each word
right (`spelling`) → settle words that only the rest of the message explains (Telex or not, parts of a
telephone number) → spell out short forms by their neighbours. Neighbours are the words before and after
whatever punctuation stands between, which keeps `normalize` idempotent.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from vietnamese.resources import ShortForm, short_forms
from vietnamese.slips import candidates, mend
from vietnamese.spelling import repair
from vietnamese.text import clean_with_offsets, fold

_REACH = 4
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d{1,3}|\d{4}|\d+(?:[.,]\d+)+")
_PHONE_GROUPS = ("4,3,3", "3,3,4", "4,2,2,2", "3,4,3", "2,4,4", "3,7", "4,6")
_SCAN = r"""
  (?P<address> (?:https?://|www\.)[a-z0-9][a-z0-9._~:/?\#\[\]@!$&'()*+,;=%-]*[a-z0-9/=]
    | [a-z0-9][a-z0-9.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+
    | [a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:vn|com|net|org|gov|edu)\b(?:/[a-z0-9._~/?=&%-]*[a-z0-9/])? )
  | (?P<code> [0-9]+/(?:[0-9]{4}/)?(?:nđ|nd|qđ|qd|nq|tt|ttlt|vbhn|ct|qh[0-9]*|l|kh|tb|cv)[^\W_]*(?:-[^\W_]+)*
    | [a-zđ]?[0-9]+(?:[.\-/,:][a-zđ]?[0-9]+)+ )
  | (?P<etc> v\.\s?v\b )
  | (?P<word> [^\W_]+ (?:['’][^\W_]+)* | [a-z]-[a-z]{2,} )
"""


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


class _Draft:
    """A token in the making; `pieces` are accented syllables, `fixed` ones are never short forms."""

    __slots__ = ("doubtful", "end", "fixed", "keyboard", "pieces", "start")

    def __init__(self, start: int, end: int, pieces: list[str]) -> None:
        self.start = start
        self.end = end
        self.pieces = pieces
        self.fixed = False
        self.keyboard = ""
        self.doubtful: tuple[str, ...] = ()


@cache
def _scanner() -> re.Pattern[str]:
    signs = "|".join(re.escape(short) for short in short_forms() if not any(map(str.isalnum, short)))
    return re.compile(_SCAN + f"| (?P<sign> {signs} )", re.IGNORECASE | re.VERBOSE)


def tokenize(text: str) -> list[Token]:
    """Split `text` into tokens, in order, never overlapping.

    Punctuation and pictures yield none (a few signs with a meaning, such as a thumb up, do); `clauses` finds
    sentence limits. Codes, dates, amounts, telephone numbers, addresses stay whole. Never raises.
    """
    cleaned, offsets = clean_with_offsets(text)
    drafts = [_draft(match) for match in _scanner().finditer(cleaned)]
    drafts = _join_phones(drafts)
    _settle_keyboards(drafts)
    _spell_out(drafts)
    tokens = []
    for draft in drafts:
        start, end = draft.start, draft.end
        if offsets is not None:
            start, end = offsets[start], offsets[end]
        accented = " ".join(draft.pieces)
        tokens.append(Token(text[start:end], fold(accented), start, end, accented))
    return tokens


def normalize(text: str) -> str:
    """Return the lemmas of `text` joined by single spaces. Idempotent."""
    return " ".join(token.lemma for token in tokenize(text))


def normalize_accented(text: str) -> str:
    """Return the normalised words of `text` with diacritics where they are known, joined by spaces."""
    return " ".join(token.accented for token in tokenize(text))


def _draft(match: re.Match[str]) -> _Draft:
    written = match.group()
    start, end = match.span()
    if match.lastgroup == "etc":
        return _Draft(start, end, ["vv"])
    if match.lastgroup != "word" or "'" in written or "’" in written or "-" in written:
        draft = _Draft(start, end, [written.lower().replace("’", "'")])
        draft.fixed = match.lastgroup != "sign"
        return draft
    word = repair(written.lower())
    draft = _Draft(start, end, list(word.pieces))
    draft.keyboard = word.keyboard
    # A1, B2: capitals name classes and sizes.
    draft.doubtful = () if written[0].isupper() and written[-1].isdigit() else word.doubtful
    return draft


def _settle_keyboards(drafts: list[_Draft]) -> None:
    """Read doubtful words as Telex or VNI when another word of the message certainly is."""
    keyboards = {draft.keyboard for draft in drafts}
    for draft in drafts:
        if draft.doubtful and ("vni" if draft.pieces[-1][-1].isdigit() else "telex") in keyboards:
            draft.pieces = list(draft.doubtful)


def _join_phones(drafts: list[_Draft]) -> list[_Draft]:
    """Make one token of a telephone number written in groups (0912 345 678)."""
    joined: list[_Draft] = []
    index = 0
    while index < len(drafts):
        count = _phone_groups(drafts, index)
        draft = drafts[index]
        if count > 1:
            number = "".join(part.pieces[0] for part in drafts[index : index + count])
            draft = _Draft(draft.start, drafts[index + count - 1].end, [number])
            draft.fixed = True
        joined.append(draft)
        index += max(count, 1)
    return joined


def _phone_groups(drafts: list[_Draft], index: int) -> int:
    if not drafts[index].pieces[0].startswith("0"):
        return 0
    lengths: list[str] = []
    for draft in drafts[index : index + 4]:
        digits = draft.pieces[0]
        if len(draft.pieces) > 1 or not (digits.isascii() and digits.isdigit()):
            break
        lengths.append(str(len(digits)))
        if ",".join(lengths) in _PHONE_GROUPS:
            return len(lengths)
    return 0


def _spell_out(drafts: list[_Draft]) -> None:
    """Replace short forms, again and again while a new neighbour explains one more."""
    known = short_forms()
    changed = True
    while changed:
        changed = False
        for index, draft in enumerate(drafts):
            if draft.fixed:
                continue
            for place, piece in enumerate(draft.pieces):
                folded = fold(piece)
                rows = known.get(folded)
                if rows:
                    full = _meaning(rows, drafts, index, place)
                else:
                    full = _mended(folded, drafts, index, place) if candidates(folded) else None
                if full is not None:
                    draft.pieces[place : place + 1] = full.split()
                    changed = True
                    break


def _mended(folded: str, drafts: list[_Draft], index: int, place: int) -> str | None:
    earlier, later = _neighbours(drafts, index, place)
    return mend(folded, earlier[-1] if earlier else "", later[0] if later else "")


def _meaning(rows: tuple[ShortForm, ...], drafts: list[_Draft], index: int, place: int) -> str | None:
    if len(rows) == 1 and not (rows[0].before or rows[0].after or rows[0].near):
        return rows[0].full
    earlier, later = _neighbours(drafts, index, place)
    glued = place > 0
    for row in rows:
        if row.before and not _matches(row.before, earlier[-1] if earlier else "<start>", glued):
            continue
        if row.after and not _matches(row.after, later[0] if later else "<end>", False):
            continue
        if row.near and row.near.isdisjoint(earlier) and row.near.isdisjoint(later):
            continue
        return row.full
    return None


def _neighbours(drafts: list[_Draft], index: int, place: int) -> tuple[list[str], list[str]]:
    """Return up to four folded syllables before and after a piece."""
    earlier = [fold(piece) for piece in drafts[index].pieces[:place]]
    for draft in reversed(drafts[max(0, index - _REACH) : index]):
        earlier = [fold(piece) for piece in draft.pieces] + earlier
    later = [fold(piece) for piece in drafts[index].pieces[place + 1 :]]
    for draft in drafts[index + 1 : index + 1 + _REACH]:
        later += [fold(piece) for piece in draft.pieces]
    return earlier[-_REACH:], later[:_REACH]


def _matches(wanted: frozenset[str], neighbour: str, glued: bool) -> bool:
    if neighbour in wanted:
        return True
    if not neighbour[:1].isdigit():
        return "<code>" in wanted and any(map(str.isdigit, neighbour))
    if _YEAR.fullmatch(neighbour):
        return "<year>" in wanted or "<num>" in wanted
    if "<glued>" in wanted and glued:
        return True
    return ("<num>" in wanted and bool(_NUMBER.fullmatch(neighbour))) or (
        "<code>" in wanted and "/" in neighbour
    )
