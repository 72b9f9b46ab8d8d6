"""Which strings can be a Vietnamese syllable: onset + rime + tone.

The tables follow the orthography of the general language (Viện Ngôn ngữ học), with the few rimes of everyday
loans (xoong, moóc). Words such as "Đắk" or "Krông" are names, not syllables, for these tables.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from vietnamese.text import fold, nfc

# Tone name → combining mark; the level tone (ngang) has none.
TONE_MARKS = {"": "", "sắc": "\u0301", "huyền": "\u0300", "hỏi": "\u0309", "ngã": "\u0303", "nặng": "\u0323"}
_TONE_OF_MARK = {mark: tone for tone, mark in TONE_MARKS.items() if mark}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_HARD_ONSETS = _listed("b c ch d đ g h kh l m n ng nh p ph r s t th tr v x")
_FRONT_ONSETS = _listed("b ch d đ gh h k kh l m n ngh nh p ph r s t th tr v x")

_BACK_RIMES = _listed("""
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
o oc oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt ơng
u ua uc ui um un ung up ut uôc uôi uôm uôn uông uôt
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
""")
_FRONT_RIMES = _listed("""
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
""")
_ROUND_RIMES = _listed("""
oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
uân uâng uât uây uê uêch uênh uơ uy uya uych uyn uynh uyt uyp uyu uyên uyêt
""")
_Q_RIMES = _listed("""
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât âu ây
e en eo et ê êch ên ênh êt êu i ich in inh it y ych ynh yt yên yêt yêu ơ ơi ôc
""")
_GI_RIMES = _listed("""
a ac ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âp ât âu ây
e em eo ep ê êc êm ên êng êt êu o oc oi on ong op ot ô ôc ôi ôn ông ơ ơi
u ua uc ui um un up uôc uôi uôn uông uôt ư ưa ưng ưt ươi ươm ương oa
""")
_Y_RIMES = _listed("y yêm yên yêng yêt yêu")
_STOPS = ("p", "t", "c", "ch")
_LOANS = _listed("xoong boong goong sooc mooc")


@cache
def _bare_syllables() -> frozenset[str]:
    """Every onset + rime, with â ê ô ă ơ ư đ but without tone."""
    found = set(_Y_RIMES) | {"qu" + rime for rime in _Q_RIMES} | {"gi" + rime for rime in _GI_RIMES}
    found |= {"gi", "gia", "gin"} | set(_LOANS)
    for rime in _BACK_RIMES:
        found |= {onset + rime for onset in ["", *_HARD_ONSETS]}
    for rime in _FRONT_RIMES:
        found |= {onset + rime for onset in ["", *_FRONT_ONSETS]}
    for rime in _ROUND_RIMES:
        found |= {onset + rime for onset in ["", *_HARD_ONSETS]}
    found |= {onset + "y" for onset in "hklmstv"}
    return frozenset(found)


@cache
def folded_syllables() -> frozenset[str]:
    """Every possible syllable as `fold` leaves it: no tone, no circumflex, đ as d."""
    return frozenset(fold(bare) for bare in _bare_syllables())


@cache
def _bare_by_fold() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for bare in _bare_syllables():
        found[fold(bare)] = (*found.get(fold(bare), ()), bare)
    return found


class Syllable(NamedTuple):
    """A syllable taken apart: `bare` keeps â ê ô ă ơ ư đ and has no tone; `tone` is "" or its name."""

    bare: str
    tone: str


@lru_cache(maxsize=65536)
def parse(word: str) -> Syllable | None:
    """Return `word` (any case) as bare syllable and tone, or None when it is not a possible syllable.

    A syllable that ends in p, t, c or ch takes sắc or nặng only; without any tone such a string is not a
    syllable here although people who skip diacritics type it: ask `looks_like_syllable` for that.
    """
    parts = split_tone(word)
    if parts is None or parts.bare not in _bare_syllables():
        return None
    if parts.bare.endswith(_STOPS) and parts.tone not in ("sắc", "nặng"):
        return None
    return parts


def split_tone(word: str) -> Syllable | None:
    """Take the tone off `word`, lowered; None when it carries two tones."""
    word = nfc(word.lower())
    if word.isascii():
        return Syllable(word, "")
    tone = ""
    letters = []
    for mark in unicodedata.normalize("NFD", word):
        if mark in _TONE_OF_MARK:
            if tone:
                return None
            tone = _TONE_OF_MARK[mark]
        else:
            letters.append(mark)
    return Syllable(unicodedata.normalize("NFC", "".join(letters)), tone)


def is_syllable(word: str) -> bool:
    """Tell whether `word`, diacritics and all, is a possible syllable."""
    return parse(word) is not None


def looks_like_syllable(word: str) -> bool:
    """Tell whether `word` without its diacritics is what some possible syllable folds to."""
    return fold(word) in folded_syllables()


def is_partly_marked(word: str) -> bool:
    """Tell whether `word` is a possible syllable but for marks that were left out (duọc, đươc, giay)."""
    parts = split_tone(word)
    if parts is None or (parts.bare.endswith(_STOPS) and parts.tone not in ("", "sắc", "nặng")):
        return False
    return any(
        len(parts.bare) == len(whole)
        and all(typed in (letter, fold(letter)) for typed, letter in zip(parts.bare, whole, strict=True))
        for whole in _bare_by_fold().get(fold(parts.bare), ())
    )


_VOWELS = "aăâeêioôơuưy"
# Vowels that take the tone whenever they are there.
_STRONG = "ăâêôơư"


def _tone_index(bare: str) -> int | None:
    """Return where the tone goes in a bare syllable, in the older placement (hòa, thủy, khỏe)."""
    glide = bare.startswith("qu") or (bare.startswith("gi") and len(bare) > 2 and bare[2] in _VOWELS)
    start = 2 if glide else 0
    vowels = [index for index in range(start, len(bare)) if bare[index] in _VOWELS]
    if not vowels:
        return None
    strong = [index for index in vowels if bare[index] in _STRONG]
    if strong:
        return strong[-1]
    if len(vowels) == 1:
        return vowels[0]
    if vowels[-1] < len(bare) - 1:
        return vowels[-1]
    return vowels[-2]


@lru_cache(maxsize=65536)
def with_tone(bare: str, tone: str) -> str:
    """Put `tone` on a bare syllable where the older placement has it ("hoa", "huyền" → "hòa")."""
    index = _tone_index(bare)
    if index is None or not tone:
        return bare
    return unicodedata.normalize("NFC", bare[: index + 1] + TONE_MARKS[tone] + bare[index + 1 :])


@lru_cache(maxsize=65536)
def canonical(word: str) -> str:
    """Return a lower-case `word` with its tone in the older placement: hoà, uỷ, tòan → hòa, ủy, toàn.

    What is no possible syllable comes back unchanged, lowered and in NFC.
    """
    word = nfc(word.lower())
    if word.isascii():
        return word
    parts = split_tone(word)
    if parts is None or not parts.tone or parts.bare not in _bare_syllables():
        return word
    return with_tone(parts.bare, parts.tone)
