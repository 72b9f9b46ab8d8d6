"""One word as typed → the Vietnamese word it stands for: keyboards, drawn-out letters, chat spellings.

What is already a possible syllable (with diacritics or without), a short form or a known foreign word is
never rewritten. Each decision looks at the folded word alone where it can, so that text typed with and
without diacritics comes out the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from vietnamese.keyboard import decode_telex, decode_vni
from vietnamese.resources import compounds, frequent_syllables, known_words, short_forms
from vietnamese.syllables import canonical, folded_syllables, split_tone, with_tone
from vietnamese.text import fold

_LONGEST = 40
_SHORTEST_CUT = 5
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_LAUGH = re.compile(r"k{3,}|(?:h+[aeiu]+){2,}h*|(?:hj){2,}|(?:k[ea]){2,}|a?(?:ha)+h")
_VOWEL = re.compile("[aeiouy]")
_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
# A number and what is counted, typed without a space: 50k, 2tr5, 8h30, 100m2, 5ngay.
_AMOUNT = re.compile(
    r"([0-9]+)(?:(d|dong|vnd|m2|m3|km|kg|th)|(k|tr|trieu|ty|ti|h|gio|g(?=[0-9])|m)([0-9]*))", re.ASCII
)
_COUNTED = re.compile(r"([0-9]+)([a-z]{2,})")
# à, ạ, ý, ở without its tone, ...: too short to tell from a code (A2 is also a driving licence).
_ONE_VOWEL_VNI = ("a2", "a5", "y1", "o6", "o7", "u7")
_TRAILING_NUMBER = re.compile(r"([a-z]+)([0-9]+)")
# lớp6, quan1, muc2: words that are counted, written together with their number.
_NUMBERED = re.compile(
    r"(lop|quan|phuong|khu|to|tang|xom|ap|khoi|ngo|ngach|hem|muc|hang|thu|thang)([0-9]{1,2})"
)
# i and y after these onsets are two spellings of one word (đăng kí, tỉ lệ, hy sinh, bác sỹ, qui định).
_ONE_SPELLING = {"ki": "ky", "li": "ly", "ti": "ty", "hy": "hi", "sy": "si", "qui": "quy"}
_CHAT_STARTS = (
    ("f", ("ph",)), ("w", ("qu",)), ("dz", ("v", "d", "gi")), ("z", ("v", "d", "gi")), ("j", ("gi", "ch")),
    ("kk", ("kh",)), ("nk", ("nh",)), ("tk", ("th",)), ("ck", ("ch",)), ("q", ("qu",)), ("k", ("c",)),
    ("c", ("k",)), ("ng", ("ngh",)), ("ngh", ("ng",)), ("g", ("gh",)), ("gh", ("g",)),
)  # fmt: skip
_CHAT_ENDS = (
    ("nk", ("nh",)), ("k", ("c", "ch", "t")), ("g", ("ng",)), ("h", ("nh", "ch", "")), ("nn", ("n",)),
    ("w", ("u", "o")), ("j", ("i",)),
)  # fmt: skip


class Word(NamedTuple):
    """A word put right. `pieces` are its syllables with diacritics where known, lower case.

    `keyboard` is "telex" or "vni" when it could only have been typed so; `doubtful` holds what the word
    spells in a keyboard's way when it is also something else; `guess` what it is if no slip of the finger
    explains it better.
    """

    pieces: tuple[str, ...]
    keyboard: str = ""
    doubtful: tuple[str, ...] = ()
    guess: tuple[str, ...] = ()


def repair(word: str) -> Word:
    """Return what `word` (letters and digits, lower case, NFC) stands for.

    The folded pieces stand for themselves: `repair` of each gives it back.
    """
    return _repair(word) if len(word) <= _LONGEST else Word((word,))


@lru_cache(maxsize=65536)
def _repair(word: str) -> Word:
    found = _read(word)
    folded = fold(word)
    if found.pieces == (word,) and folded != word and not found.guess:
        found = found._replace(guess=_repair(folded).guess)
    return found._replace(
        pieces=tuple(piece for read in found.pieces for piece in _stable(read, word)),
        guess=tuple(piece for read in found.guess for piece in _stable(read, word)),
    )


def _stable(piece: str, word: str) -> tuple[str, ...]:
    """Read a piece again where its folded spelling would be read otherwise (lượng1, whose fold is VNI)."""
    folded = fold(piece)
    if folded in folded_syllables():
        return (one_spelling(piece),)
    if folded == word:
        return (piece,)
    again = _repair(folded)
    return (piece,) if again.pieces == (folded,) else again.pieces


def _read(word: str) -> Word:
    folded = fold(word)
    if folded in short_forms():
        return Word((word,))
    barred = _barred(word)
    if fold(barred) in short_forms():
        return Word((barred,))
    if not folded.isalpha():
        return _with_digits(word, folded)
    if folded in folded_syllables():
        return Word((one_spelling(word),))
    known = known_words()
    if folded in known.always or (len(folded) > 1 and _ROMAN.fullmatch(folded)):
        return Word((word,))
    if _LAUGH.fullmatch(folded):
        return Word(("haha",))
    undrawn = _undraw(word)
    if undrawn != word:
        return _repair(undrawn)
    telex = decode_telex(word)
    if folded in known.unless_telex:
        return Word((word,), doubtful=_settled(telex) if telex else ())
    if telex:
        return Word(_settled(telex), keyboard="telex")
    chain = _chain(folded) if len(folded) == len(word) else None
    if chain is not None:
        return Word(_sliced(word, chain))
    return Word((word,), guess=_respelled(word, folded) or _cut(word, folded) or ())


def _barred(word: str) -> str:
    """Undo only the bar of đ, for short forms: ddc, d9c, dc9 → đc."""
    if word.startswith("dd"):
        return "đ" + word[2:]
    return word.replace("9", "") if word.startswith("d") else word


def _settled(decoded: str) -> tuple[str, ...]:
    return (one_spelling(decoded),)


def one_spelling(word: str) -> str:
    """Return `word` with its tone in the older place and y or i as dictionaries have it (kí → ký)."""
    word = canonical(word)
    if fold(word) not in _ONE_SPELLING:
        return word
    parts = split_tone(word)
    if parts is None or parts.bare not in _ONE_SPELLING:
        return _ONE_SPELLING[fold(word)]
    return with_tone(_ONE_SPELLING[parts.bare], parts.tone)


def _undraw(word: str) -> str:
    """Shorten letters that are drawn out: đượccccc → được, nhéeee → nhé."""
    folded = fold(word)
    if len(folded) != len(word) or not _VOWEL.search(folded):
        return word
    kept = []
    end = 0
    for run in _LONG_RUN.finditer(folded):
        first = max(word[run.start() : run.end()], key=lambda letter: not letter.isascii())
        kept += [word[end : run.start()], first]
        end = run.end()
    return "".join(kept) + word[end:]


def _with_digits(word: str, folded: str) -> Word:
    """Words that hold digits: amounts, VNI, codes."""
    amount = _AMOUNT.fullmatch(folded)
    if amount:
        return Word(tuple(part for part in amount.groups() if part))
    counted = _COUNTED.fullmatch(folded)
    if counted and counted[2] in folded_syllables():
        return Word((counted[1], one_spelling(word[len(counted[1]) :])))
    vni = decode_vni(word)
    numbered = _NUMBERED.fullmatch(folded)
    if numbered and (vni is None or len(numbered[2]) == 1):
        apart = (one_spelling(word[: len(numbered[1])]), numbered[2])
        return Word(apart, doubtful=_settled(vni) if vni else ())
    if vni is None:
        trailing = _TRAILING_NUMBER.fullmatch(folded)
        if trailing and not word.isascii() and trailing[1] in folded_syllables():
            return Word((one_spelling(word[: len(trailing[1])]), trailing[2]))
        return Word((word,))
    if len(folded) == 2:
        return Word((word,), doubtful=_settled(vni) if folded in _ONE_VOWEL_VNI else ())
    return Word(_settled(vni), keyboard="vni")


def _chain(folded: str) -> tuple[str, ...] | None:
    """Cut words that lost their spaces into compounds: hosokhaisinh, tamtru."""
    if not folded:
        return ()
    for end in range(min(len(folded), 14), 3, -1):
        pair = _compound(folded[:end])
        rest = _chain(folded[end:]) if pair else None
        if pair and rest is not None:
            return pair + rest
    return None


def _compound(folded: str) -> tuple[str, str] | None:
    for cut in range(1, len(folded)):
        if (folded[:cut], folded[cut:]) in compounds():
            return folded[:cut], folded[cut:]
    return None


def _cut(word: str, folded: str) -> tuple[str, ...] | None:
    """Cut two frequent syllables that lost the space between them, where there is only one way to."""
    frequent = frequent_syllables()
    if len(folded) != len(word) or len(folded) < _SHORTEST_CUT:
        return None
    cuts = [
        (folded[:cut], folded[cut:])
        for cut in range(2, len(folded) - 1)
        if folded[:cut] in frequent and folded[cut:] in frequent
    ]
    return _sliced(word, cuts[0]) if len(cuts) == 1 else None


def _sliced(word: str, folded_pieces: tuple[str, ...]) -> tuple[str, ...]:
    pieces = []
    start = 0
    for piece in folded_pieces:
        pieces.append(one_spelling(word[start : start + len(piece)]))
        start += len(piece)
    return tuple(pieces)


def _respelled(word: str, folded: str) -> tuple[str, ...] | None:
    """Undo chat spellings of onsets and endings: fải → phải, thík → thích, khôg → không."""
    if len(folded) != len(word):
        return None
    single = _RUN.sub(r"\1", word)
    if single != word and fold(single) in frequent_syllables():
        return (one_spelling(single),)
    for start in _variants(word, folded):
        if fold(start) in frequent_syllables():
            return (one_spelling(start),)
    return None


def _variants(word: str, folded: str) -> list[str]:
    starts = [word]
    for written, meant in _CHAT_STARTS:
        if folded.startswith(written):
            starts += [_joined(onset, word[len(written) :]) for onset in meant]
    found = starts[1:]
    for start in starts:
        plain = fold(start)
        for written, meant in _CHAT_ENDS:
            if plain.endswith(written):
                found += [start[: len(start) - len(written)] + ending for ending in meant]
    return found


def _joined(onset: str, rest: str) -> str:
    """Put an onset before a rime; gi and a rime in i share the letter (jì → gì)."""
    return "g" + rest if onset == "gi" and fold(rest[:1]) == "i" else onset + rest
