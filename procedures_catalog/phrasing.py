"""How people put what they ask, whatever it is about (``phrasing.yml``): wishes, states, losses, joints.

Every list is compared with normalised text (:func:`vietnamese.normalize`), word by word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml
from vietnamese import fold

PHRASING = Path(__file__).parent / "phrasing.yml"

Words = Sequence[str]
# What is no plain list of phrases.
NOT_PHRASES = ("ordinals", "alike", "asked_plainly", "case_words", "case_numbers")
Span = tuple[int, int]


class Phrases:
    """Phrases to be looked for in normalised words; the longest that stands somewhere counts."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = {tuple(fold(phrase).split()) for phrase in phrases}
        self._longest = max((len(phrase) for phrase in self._phrases), default=0)

    def __contains__(self, phrase: str) -> bool:
        return tuple(phrase.split()) in self._phrases

    def at(self, words: Words, start: int) -> int:
        """How many words from ``start`` on are one of the phrases; 0 when none is."""
        for length in range(min(self._longest, len(words) - start), 0, -1):
            if tuple(words[start : start + length]) in self._phrases:
                return length
        return 0

    def before(self, words: Words, end: int) -> int:
        """How many words up to ``end`` (exclusive) are one of the phrases; 0 when none is."""
        for length in range(min(self._longest, end), 0, -1):
            if tuple(words[end - length : end]) in self._phrases:
                return length
        return 0

    def spans(self, words: Words) -> list[Span]:
        """Where they stand, in order, never overlapping."""
        found, start = [], 0
        while start < len(words):
            length = self.at(words, start)
            if length:
                found.append((start, start + length))
            start += length or 1
        return found

    def within(self, words: Words) -> bool:
        return any(self.at(words, start) for start in range(len(words)))


class Phrasing(msgspec.Struct, forbid_unknown_fields=True, dict=True):
    """The lists as the file has them; see its comments."""

    doings: list[str]
    redoing: list[str]
    doing_words: list[str]
    filling: list[str]
    leaning: list[str]
    wishing_words: list[str]
    no_wish: list[str]
    acting: list[str]
    wishing: list[str]
    not_wishing: list[str]
    telling: list[str]
    not_telling: list[str]
    people: list[str]
    telling_of_people: list[str]
    asking: list[str]
    told_at_the_end: list[str]
    negating: list[str]
    certifying: list[str]
    losing: list[str]
    giving_again: list[str]
    changing: list[str]
    bringing: list[str]
    needing: list[str]
    matching: list[str]
    for_what: list[str]
    purpose: list[str]
    not_purpose: list[str]
    not_purpose_after: list[str]
    joining: list[str]
    as_well: list[str]
    after_that: list[str]
    both: list[str]
    forewords: list[str]
    shared: list[str]
    continuing: list[str]
    and_what_of: list[str]
    fines_asked: list[str]
    fines: list[str]
    dossier_words: list[str]
    dossier_states: list[str]
    handing_in: list[str]
    handed_in: list[str]
    around_a_thing: list[str]
    opening: list[str]
    despairing: list[str]
    supposing: list[str]
    official_questions: list[str]
    receiving: list[str]
    pointing: list[str]
    ordinals: dict[str, int]
    last: list[str]
    first: list[str]
    going_back: list[str]
    told_before: list[str]
    first_told: list[str]
    both_told: list[str]
    days_off: list[str]
    news: list[str]
    confirming: list[str]
    confirming_at_the_end: list[str]
    free_of_charge: list[str]
    at_once: list[str]
    lacking: list[str]
    done_away: list[str]
    overcharging: list[str]
    taxing: list[str]
    english: list[str]
    both_alone: list[str]
    kin: list[str]
    befallen: dict[str, str]
    papers: list[str]
    lost_at_the_end: list[str]
    alike: list[list[str]]
    asked_plainly: dict[str, list[str]]
    too_long: list[str]
    asked_before: list[str]
    done: list[str]
    of_the_dossier: list[str]
    case_words: dict[str, list[str]]
    case_numbers: dict[str, int]

    @cached_property
    def _known(self) -> dict[str, Phrases]:
        flat = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: Phrases(rows) for name, rows in flat if name not in NOT_PHRASES}

    @cached_property
    def alike_groups(self) -> list[Phrases]:
        """Groups of phrases that tell the same."""
        return [Phrases(group) for group in self.alike]

    @cached_property
    def _asking_plainly(self) -> dict[str, Phrases]:
        return {aspect: Phrases(rows) for aspect, rows in self.asked_plainly.items()}

    def plainly_asked(self, words: Words) -> list[str]:
        """The aspects that are asked in so many words, in order of the file."""
        return [aspect for aspect, asking in self._asking_plainly.items() if asking.within(words)]

    def done_then(self, words: Words) -> str | None:
        """What is done to the thing that the words say something befell ("" for nothing in particular), when
        nothing else is said; None when another thing is."""
        spans = self._known["befallen"].spans(words)
        around = ("filling", "leaning", "continuing", "supposing", "people", "kin", "papers", "befallen")
        if not spans or not self.consists_of(words, *around):
            return None
        said = " ".join(words[slice(*spans[0])])
        return next(doing for what, doing in self.befallen.items() if fold(what) == said)

    def loses(self, words: Words) -> bool:
        """Whether a paper is told to be lost: "bị mất", "giấy khai sinh mất rồi"."""
        at_the_end = self._known["lost_at_the_end"].before(words, len(words))
        told = words[: len(words) - at_the_end]
        of_a_paper = (
            at_the_end and self.says("papers", told) and not self._known["kin"].before(told, len(told))
        )
        return bool(of_a_paper) or self.says("losing", words)

    def phrases(self, name: str) -> Phrases:
        """The list of that name."""
        return self._known[name]

    def says(self, name: str, words: Words) -> bool:
        """Whether one of the phrases of the list ``name`` stands in ``words``."""
        return self._known[name].within(words)

    def next_of(self, name: str, words: Words, start: int) -> int | None:
        """Where the next phrase of the list ``name`` begins, from ``start`` on."""
        return next((i for i in range(start, len(words)) if self._known[name].at(words, i)), None)

    def without(self, words: Words, name: str) -> list[str]:
        """The words without the phrases of the list ``name``."""
        left, end = [], 0
        for start, after in self._known[name].spans(words):
            left += words[end:start]
            end = after
        return [*left, *words[end:]]

    def consists_of(self, words: Words, *names: str) -> bool:
        """Whether phrases of these lists are all that there is in the words."""
        start = 0
        while start < len(words):
            length = max(self._known[name].at(words, start) for name in names)
            if not length:
                return False
            start += length
        return True

    def tells(self, words: Words) -> bool:
        """Whether a clause tells what is, or was, and asks nothing."""
        at_the_end = self._known["told_at_the_end"].before(words, len(words))
        if at_the_end or self._beside("telling", "not_telling", words):
            return True
        return (
            bool(words)
            and words[0] in self._known["people"]
            and self._known["telling_of_people"].at(words, 1) > 0
        )

    def wishes(self, words: Words) -> bool:
        """Whether a wish is put in so many words."""
        return self._beside("wishing", "not_wishing", words)

    def asks_for_a_state(self, words: Words) -> bool:
        """Whether the state of a dossier is asked for, code or not."""
        asked = self.says("dossier_words", words) and self.says("dossier_states", words)
        return asked and (self.says("handed_in", words) or not self.says("handing_in", words))

    def joints(self, words: Words) -> list[Span]:
        """Where words join one thing to another; several in a row ("rồi sẵn tiện") are one joint."""
        joints: list[Span] = []
        for start, end in self._known["joining"].spans(words):
            if joints and joints[-1][1] == start:
                joints[-1] = (joints[-1][0], end)
            else:
                joints.append((start, end))
        return joints

    def purpose_at(self, words: Words) -> int | None:
        """Where the purpose of a wish begins."""
        purpose, other = self._known["purpose"], self._known["not_purpose"]
        after = self._known["not_purpose_after"]
        starts = (i for i in range(1, len(words)) if purpose.at(words, i) and not other.at(words, i))
        return next((i for i in starts if not after.before(words, i)), None)

    def ordinal(self, words: Words) -> int:
        """The first number in words; 0 when there is none."""
        numbers = {fold(word): number for word, number in self.ordinals.items()}
        return next((numbers[word] for word in words if word in numbers), 0)

    def picks(self, words: Words) -> bool:
        """Whether one of a list is pointed at ("cái thứ hai nộp ở đâu")."""
        pointing = self._known["pointing"]
        ends = (i + pointing.at(words, i) for i in range(len(words)) if pointing.at(words, i))
        return any(
            end < len(words) and (words[end].isdecimal() or self.ordinal(words[end : end + 1]))
            for end in ends
        )

    def _beside(self, name: str, unless: str, words: Words) -> bool:
        """Whether a phrase of ``name`` stands in ``words`` and does not begin one of ``unless``."""
        phrases, others = self._known[name], self._known[unless]
        return any(phrases.at(words, i) and not others.at(words, i) for i in range(len(words)))


def read_phrasing(path: Path = PHRASING) -> Phrasing:
    """Raises EntryError when the file is not as it should be."""
    try:
        return msgspec.convert(read_yaml(path), Phrasing)
    except msgspec.ValidationError as error:
        raise EntryError(path, "file", str(error)) from error


@cache
def phrasing() -> Phrasing:
    """The lists that come with us."""
    return read_phrasing()
