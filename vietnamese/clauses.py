"""Cuts a message into clauses, each of which may be a question of its own.

Sentence marks, line breaks, + and | always cut. A comma, a dash or a stroke cuts where at least two words
stand on both sides. Of the conjunctions, và, với, cùng, rồi, còn cut only where what follows can begin a
request (đăng ký, làm, xin, lệ phí, ...), so that "kết hôn với người nước ngoài" and "nhà và đất" stay
whole. Và, với and cùng at a cut belong to neither side, rồi to the left, còn to the right. The cuts are
proposals: whoever reads the clauses should still weigh the whole message.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vietnamese.text import fold
from vietnamese.tokens import Token, tokenize

_HARD = re.compile(r"[?!;\n\r…|+&？！。]|\.\.|=>|->")
_STOP = re.compile(r"\.(?:\s|$|[\"')])")
_SOFT = re.compile(r",|\s[-–—/]\s|:\s")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_STOP_AFTER = _set("tp q p tx tt ths ts gs bs st mr mrs ong ba")

# First syllables of requests and aspects.
_STARTERS = _set("""
    dang lam xin cap nop can phai muon hoi le phi mat het ton bao may thu giay ho sang tach nhap chuyen
    doi chung gia cat khai ket tam thuong xac trich the khi thoi mang thi nhu thay cai xoa huy mo dong tra
    cho ly lien hop gui lay nhan sua bo tro chinh dinh luu sao rut""")
_NOT_BEFORE_VOI = _set("doi so cung phu hop gan lien kem tiep noi chung giong khac ket dong")
_NOT_AFTER_VOI = _set("cho thoi gia the nhu ho")
_NOT_BEFORE_CON = _set("""
    khong van dang chi da chua se cung cha me lam cho be dua la cua hai cac nhung em toi minh neu vo chong
    sinh nhan nuoi nhap ba bon mot thi tre chau nguoi ma voi va dat ten ve""")
_NOT_AFTER_CON = _set("cho chung lam phai mat")
_ALWAYS = tuple(
    tuple(phrase.split())
    for phrase in (
        "với lại", "ngoài ra", "đồng thời", "tiện thể", "nhân tiện", "sau đó", "thêm nữa", "một cái nữa",
        "một việc nữa", "cho hỏi thêm", "cho em hỏi thêm", "cho tôi hỏi thêm",
    )
)  # fmt: skip
_BEGIN_ALWAYS = frozenset(fold(phrase[0]) for phrase in _ALWAYS)
_HOW_OFTEN = _set("mot hai ba may nhieu moi")
# Conjunctions that belong to neither side of a cut.
_DROPPED = ("và", "với", "cùng", "lẫn")


class Clause(NamedTuple):
    """A piece of a message; `text == original[start:end]`."""

    text: str
    start: int
    end: int


def clauses(text: str) -> list[Clause]:
    """Split `text` into clauses, in order, never overlapping. A message without words has none."""
    tokens = tokenize(text)
    found = []
    first = 0
    for index in range(1, len(tokens) + 1):
        if index < len(tokens) and not _cuts_between(text, tokens, first, index):
            continue
        last = index - 1
        if index < len(tokens) and last > first and _is_dropped(tokens, last):
            last -= 1
        start, end = tokens[first].start, tokens[last].end
        found.append(Clause(text[start:end], start, end))
        first = index
    return found


def _cuts_between(text: str, tokens: list[Token], first: int, index: int) -> bool:
    """Tell whether a clause that began at `first` ends before the token at `index`."""
    left, right = tokens[index - 1], tokens[index]
    gap = text[left.end : right.start]
    if _HARD.search(gap):
        return True
    written = fold(left.text)
    if "." in gap and written not in _NO_STOP_AFTER and len(written) > 1:
        return bool(_STOP.search(gap)) or len(written) > 3
    if _SOFT.search(gap) and index - first >= 2 and _words_ahead(text, tokens, index) >= 2:
        return True
    return _conjunction_cuts(tokens, first, index)


def _words_ahead(text: str, tokens: list[Token], index: int) -> int:
    """Count the words up to the next mark, two at most."""
    if index + 1 >= len(tokens):
        return len(tokens[index].lemma.split())
    gap = text[tokens[index].end : tokens[index + 1].start]
    alone = _HARD.search(gap) or _SOFT.search(gap) or _STOP.search(gap)
    return len(tokens[index].lemma.split()) if alone else 2


def _conjunction_cuts(tokens: list[Token], first: int, index: int) -> bool:
    if index - first < 2 and " " not in tokens[first].lemma:
        return False
    word = _syllable(tokens, index)
    if word == "con":
        return _con_cuts(tokens, index)
    if tokens[index].lemma in _BEGIN_ALWAYS and any(_says(tokens, index, phrase) for phrase in _ALWAYS):
        return True
    previous, before = _syllable(tokens, index - 1), _syllable(tokens, index - 2)
    # "Mấy lần" joins nothing.
    times = previous == "lan" and (before in _HOW_OFTEN or not _is(tokens[index - 1], "lẫn"))
    if previous in ("va", "cung", "roi", "lan") and not times and index - first >= 2:
        return word in _STARTERS and not (previous == "cung" and word in _NOT_AFTER_VOI)
    if previous == "voi" and index - first >= 2:
        return word in _STARTERS - _NOT_AFTER_VOI and before not in _NOT_BEFORE_VOI
    return False


def _con_cuts(tokens: list[Token], index: int) -> bool:
    """còn (and what about) opens a clause; còn (still) and con (child) do not."""
    if fold(tokens[index].accented) != tokens[index].accented and tokens[index].accented != "còn":
        return False
    if _syllable(tokens, index - 1) in _NOT_BEFORE_CON or index + 1 >= len(tokens):
        return False
    return _syllable(tokens, index + 1) in _STARTERS - _NOT_AFTER_CON


def _is_dropped(tokens: list[Token], index: int) -> bool:
    """Tell whether the conjunction at the end of a clause belongs to neither side."""
    if tokens[index].lemma == "lan" and _syllable(tokens, index - 1) in _HOW_OFTEN:
        return False
    return any(_is(tokens[index], word) for word in _DROPPED)


def _syllable(tokens: list[Token], index: int) -> str:
    return tokens[index].lemma.split()[0] if index >= 0 and tokens[index].lemma else ""


def _says(tokens: list[Token], index: int, phrase: tuple[str, ...]) -> bool:
    said = tokens[index : index + len(phrase)]
    return len(said) == len(phrase) and all(map(_is, said, phrase))


def _is(token: Token, word: str) -> bool:
    """Whether `word` was typed, with its diacritics or without any: "nhận tiền" is not "nhân tiện"."""
    return token.lemma == fold(word) and token.accented in (word, token.lemma)
