"""Left-overs of Vietnamese keyboards: words typed in Telex or VNI while the input method was off.

Telex writes marks with letters (thur tucj, dduwowcj), VNI with digits (thu3 tuc5, d9u7o75c).
`decode_telex` and `decode_vni` only undo the typing; whether a word should be decoded at all is decided
in `vietnamese.spelling`. Both take one lower-case NFC word and return it with diacritics, or None when it
is no such typing or what it spells is no possible syllable. A syllable with some of its marks left out
("duocj") counts as possible.
"""

from __future__ import annotations

from functools import lru_cache

from vietnamese.syllables import is_partly_marked, split_tone, with_tone

TELEX_TONES = {"s": "sắc", "f": "huyền", "r": "hỏi", "x": "ngã", "j": "nặng"}
VNI_TONES = {"1": "sắc", "2": "huyền", "3": "hỏi", "4": "ngã", "5": "nặng"}
# The keys around each letter's.
NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum",
    "k": "jli", "l": "ko", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn",
    "n": "bhjm", "m": "njk",
}  # fmt: skip
_VOWELS = "aăâeêioôơuưy"
_HATS = {"a": "â", "e": "ê", "o": "ô"}
_TELEX_KEYS = frozenset("sfrxjwdaeoz")


class _Typing:
    """The letters typed so far, with their marks."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.tone = ""
        self.toned = False
        self.shaped = False

    @property
    def marked(self) -> bool:
        return self.shaped or self.toned

    def has_vowel(self) -> bool:
        return any(letter in _VOWELS for letter in self.letters)

    def set_tone(self, tone: str) -> bool:
        if self.tone or not self.has_vowel():
            return False
        self.tone = tone
        self.toned = True
        return True

    def replace_last(self, replacements: dict[str, str]) -> bool:
        """Mark the last letter that `replacements` knows."""
        for index in range(len(self.letters) - 1, -1, -1):
            if self.letters[index] in replacements:
                self.letters[index] = replacements[self.letters[index]]
                self.shaped = True
                return True
        return False

    def bar_d(self) -> bool:
        if self.letters[:1] != ["d"]:
            return False
        self.letters[0] = "đ"
        self.shaped = True
        return True

    def horn(self) -> bool:
        """Turn uo into ươ, else the last u or o into ư or ơ (the u of qu is no vowel)."""
        word = "".join(self.letters)
        for index in range(len(word) - 1, 0, -1):
            after_q = index >= 2 and word[index - 2] == "q"
            if word[index] in "oơ" and word[index - 1] in "uư" and not after_q:
                if word[index - 1 : index + 1] == "ươ":
                    return False
                self.letters[index - 1 : index + 1] = ["ư", "ơ"]
                self.shaped = True
                return True
        for index in range(len(word) - 1, -1, -1):
            if word[index] in "uo" and word[index - 1 : index] not in (
                ("q", "u") if word[index] == "u" else ()
            ):
                self.letters[index] = "ư" if word[index] == "u" else "ơ"
                self.shaped = True
                return True
        return False

    def breve(self) -> bool:
        return self.replace_last({"a": "ă"})

    def finish(self) -> str | None:
        bare = "".join(self.letters)
        if bare.endswith("ươ"):
            bare = bare[:-2] + "uơ"
        if not self.marked:
            return None
        word = with_tone(bare, self.tone)
        # With a hat or a horn it is Vietnamese, though the tone be a slip (nooxp for nộp).
        sure = bare if self.shaped else word
        return word if is_partly_marked(sure) else None


def _start(word: str) -> tuple[_Typing, str] | None:
    """Begin with what is already marked in `word`, such as đươc in "đươcj"."""
    parts = split_tone(word)
    if parts is None:
        return None
    typing = _Typing()
    typing.tone = parts.tone
    return typing, parts.bare


@lru_cache(maxsize=65536)
def decode_telex(word: str) -> str | None:
    """Return the word that `word` spells in Telex: marks after their letters or at the end, w alone for ư."""
    if not word.isalpha() or _TELEX_KEYS.isdisjoint(word):
        return None
    started = _start(word)
    if started is None:
        return None
    typing, letters = started
    for index, letter in enumerate(letters):
        previous = letters[index - 1] if index else ""
        if letter in TELEX_TONES and typing.has_vowel():
            if not typing.set_tone(TELEX_TONES[letter]):
                return None
        elif letter == "w":
            if not _telex_w(typing):
                return None
        elif letter in _HATS and letter == previous and typing.letters[-1:] == [letter]:
            typing.letters[-1] = _HATS[letter]
            typing.shaped = True
        elif letter == "d" and index and (previous == "d" or index == len(letters) - 1):
            if not typing.bar_d():
                return None
        elif letter == "z" and typing.tone and index == len(letters) - 1:
            typing.tone = ""
        else:
            typing.letters.append(letter)
    return typing.finish()


def _telex_w(typing: _Typing) -> bool:
    vowels = "".join(letter for letter in typing.letters if letter in _VOWELS)
    if not vowels:
        typing.letters.append("ư")
        typing.shaped = True
        return True
    word = "".join(typing.letters)
    if "a" in vowels and ("ua" not in word or word.startswith("qu")):
        return typing.breve()
    return typing.horn()


@lru_cache(maxsize=65536)
def decode_vni(word: str) -> str | None:
    """Return the word that `word` spells in VNI: 1–5 tones, 6 hat, 7 horn, 8 breve, 9 the bar of đ."""
    started = _start(word)
    if started is None or not word[:1].isalpha() or word.isalpha():
        return None
    typing, letters = started
    for letter in letters:
        if letter in VNI_TONES:
            done = typing.set_tone(VNI_TONES[letter])
        elif letter == "6":
            done = typing.replace_last(_HATS)
        elif letter == "7":
            done = typing.horn()
        elif letter == "8":
            done = typing.breve()
        elif letter == "9":
            done = typing.bar_d()
        elif letter.isdigit():
            done = False
        else:
            typing.letters.append(letter)
            done = True
        if not done:
            return None
    return typing.finish()
