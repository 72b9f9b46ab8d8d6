"""Messages as people type them, made from clean ones: for evaluation, and in training (typos, other seeds).

`make_variant(text, variant, seed)` is deterministic. Variants and rates:

clean     the text itself.
folded    no diacritics at all, case kept.
telex     the input method was off: 70 % of the words that carry marks are left in Telex (the others stay
          right, as when it was switched on in between). The tone key stands at the end of the syllable in
          three of four words, else right after its vowel; ươ is uow or uwow (7:3); đ is dd.
vni       the same in VNI; all digits at the end of the syllable in half of the words, else after their
          letters.
typos     one word in eight has a slip: a neighbouring key (30 %), a letter left out (25 %), doubled (15
          %), two letters swapped (15 %), the space to the next word missing (15 %). Half of the messages
          are folded first. Words that hold a digit are left alone, so codes stay right.
teencode  a word for which chat has spellings takes one, drawn by how often each was seen in everyday
          comments. It does so the oftener the more such spellings were seen: không, được, tôi more than
          every other time, có or mấy once in ten. Phrases of several words are shortened one time in
          three. One word in thirty has ph as f, final ch as k, or a drawn-out last letter. Half of the
          messages are folded afterwards.

The chat spellings come from counts over everyday comments (`data/noise_teencode.tsv`). The normaliser keeps a
list of its own with contexts, chosen by hand, which knows some spellings this one lacks and lacks others that
this one has. Both describe the same habits, so figures on the teencode variant still flatter a little; so do
those on the typos variant, since the classifier has seen slips of the same kinds, though in other words.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from vietnamese.keyboard import NEIGHBOURS, TELEX_TONES, VNI_TONES
from vietnamese.resources import chat_spellings
from vietnamese.syllables import TONE_MARKS
from vietnamese.text import fold, nfc

VARIANTS = ("clean", "folded", "telex", "vni", "typos", "teencode")

_LEFT_OVER = 0.7
_TYPO = 1 / 8
_SHORT_WORD = 0.6
_SELDOM = 150
_SHORT_PHRASE = 1 / 3
_PLAYFUL = 1 / 30
_WORDS = re.compile(r"(\s+)")
_LETTERS = re.compile(r"[^\W\d_]+")
_TELEX_KEYS = {tone: key for key, tone in TELEX_TONES.items()}
_VNI_KEYS = {tone: key for key, tone in VNI_TONES.items()}
_TONE_OF = {mark: tone for tone, mark in TONE_MARKS.items() if mark}
_TELEX_SHAPES = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI_SHAPES = {"â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"}


def make_variant(text: str, variant: str, seed: int) -> str:
    """Return `text` as it would be typed in `variant`, one of `VARIANTS`; ValueError for any other."""
    chance = random.Random(f"{seed}/{variant}/{text}")
    text = nfc(text)
    match variant:
        case "clean":
            return text
        case "folded":
            return _without_marks(text)
        case "telex":
            return _LETTERS.sub(lambda word: _left_over(word.group(), to_telex, chance), text)
        case "vni":
            return _LETTERS.sub(lambda word: _left_over(word.group(), to_vni, chance), text)
        case "typos":
            return _typos(text if chance.random() < 0.5 else _without_marks(text), chance)
        case "teencode":
            chatty = _teencode(text, chance)
            return chatty if chance.random() < 0.5 else _without_marks(chatty)
    raise ValueError(f"unknown variant {variant!r}: expected one of {', '.join(VARIANTS)}")


def to_telex(word: str, chance: random.Random | None = None) -> str:
    """Return the keys that type `word` in Telex; without `chance` the tone is last and ươ is uow."""
    at_end = chance is None or chance.random() < 0.75
    both_horns = chance is not None and chance.random() < 0.3
    letters, tone_at, tone = _take_apart(word)
    keys = [_like(_TELEX_SHAPES.get(letter.lower(), letter), letter) for letter in letters]
    for index in range(len(letters) - 1):
        if letters[index].lower() == "ư" and letters[index + 1].lower() == "ơ" and not both_horns:
            keys[index] = keys[index][0]
    return _put_tone(keys, tone_at, _TELEX_KEYS.get(tone, ""), at_end)


def to_vni(word: str, chance: random.Random | None = None) -> str:
    """Return the keys that type `word` in VNI; without `chance` every digit follows its letter, tone last."""
    all_last = chance is not None and chance.random() < 0.5
    at_end = all_last or chance is None or chance.random() < 0.5
    letters, tone_at, tone = _take_apart(word)
    keys = [_like(_VNI_SHAPES.get(letter.lower(), letter), letter) for letter in letters]
    joined = [index for index in range(len(letters) - 1) if _is_horned_pair(letters, index)]
    if all_last:
        shapes = "".join(key[1] for index, key in enumerate(keys) if len(key) > 1 and index not in joined)
        keys = [key[0] for key in keys]
        return "".join(keys) + shapes + _VNI_KEYS.get(tone, "")
    for index in joined:
        keys[index] = keys[index][0]
    return _put_tone(keys, tone_at, _VNI_KEYS.get(tone, ""), at_end)


def _is_horned_pair(letters: list[str], index: int) -> bool:
    return letters[index].lower() == "ư" and letters[index + 1].lower() == "ơ"


def _take_apart(word: str) -> tuple[list[str], int, str]:
    """Return the letters without tone, the index of the one that carried it, and the tone's name."""
    letters: list[str] = []
    tone_at, tone = -1, ""
    for letter in nfc(word):
        marks = unicodedata.normalize("NFD", letter)
        found = [mark for mark in marks if mark in _TONE_OF]
        if found:
            tone_at, tone = len(letters), _TONE_OF[found[0]]
        plain = "".join(mark for mark in marks if mark not in _TONE_OF)
        letters.append(unicodedata.normalize("NFC", plain))
    return letters, tone_at, tone


def _put_tone(keys: list[str], tone_at: int, key: str, at_end: bool) -> str:
    if not key:
        return "".join(keys)
    if at_end:
        return "".join(keys) + key
    return "".join(keys[: tone_at + 1]) + key + "".join(keys[tone_at + 1 :])


def _like(keys: str, letter: str) -> str:
    return keys.upper() if letter.isupper() and len(keys) > 1 else keys


def _left_over(word: str, encode: Callable[[str, random.Random], str], chance: random.Random) -> str:
    if fold(word) == word.lower() or chance.random() >= _LEFT_OVER:
        return word
    return encode(word, chance)


def _without_marks(text: str) -> str:
    """Fold, but keep the case."""
    folded = fold(text)
    if len(folded) != len(text):
        return folded
    return "".join(b.upper() if a.isupper() else b for a, b in zip(text, folded, strict=True))


def _typos(text: str, chance: random.Random) -> str:
    pieces = _WORDS.split(text)
    for index in range(0, len(pieces), 2):
        word = pieces[index]
        if len(word) < 2 or any(map(str.isdigit, word)) or chance.random() >= _TYPO:
            continue
        kind = chance.choices(("near", "drop", "double", "swap", "space"), (30, 25, 15, 15, 15))[0]
        if kind == "space":
            if index + 1 < len(pieces) and pieces[index].isalpha() and "\n" not in pieces[index + 1]:
                pieces[index + 1] = ""
        else:
            pieces[index] = _slip(word, kind, chance)
    return "".join(pieces)


def _slip(word: str, kind: str, chance: random.Random) -> str:
    places = [index for index, letter in enumerate(word) if letter.isalpha()]
    if len(places) < 2:
        return word
    place = chance.choice(places)
    letter = word[place]
    if kind == "near":
        near = NEIGHBOURS.get(fold(letter))
        return word[:place] + (chance.choice(near) if near else letter) + word[place + 1 :]
    if kind == "drop":
        return word[:place] + word[place + 1 :]
    if kind == "double":
        return word[:place] + letter + word[place:]
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


@cache
def _phrases() -> re.Pattern[str]:
    phrases = sorted((full for full in chat_spellings() if " " in full), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)


def _teencode(text: str, chance: random.Random) -> str:
    def shorten(match: re.Match[str]) -> str:
        return _drawn(match.group(), chance) if chance.random() < _SHORT_PHRASE else match.group()

    return _LETTERS.sub(lambda word: _chatty(word.group(), chance), _phrases().sub(shorten, text))


def _chatty(word: str, chance: random.Random) -> str:
    seen = sum(chat_spellings().get(word.lower(), {}).values())
    if chance.random() < _SHORT_WORD * seen / (seen + _SELDOM):
        return _drawn(word, chance)
    if len(word) < 3 or chance.random() >= _PLAYFUL:
        return word
    if word[:2] in ("ph", "Ph"):
        return "f" + word[2:]
    return word[:-2] + "k" if word.endswith("ch") else word + word[-1] * chance.randint(2, 5)


def _drawn(full: str, chance: random.Random) -> str:
    spellings = chat_spellings()[full.lower()]
    return chance.choices(list(spellings), list(spellings.values()))[0]
