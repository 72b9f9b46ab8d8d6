"""A turn as it is heard with the catalogue at hand."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.bootstrap import Services, services
from actions.turn import Slip, Turn
from procedures_catalog.search import Ranker
from vietnamese import normalize


def hear(tracker: Tracker) -> tuple[Turn, Services]:
    """The turn, and what it is answered with.

    The engine mends by the words that it was trained on; an entry may have come since. A word that makes part
    of a name with the one before or after it is no slip, where what it was mended to makes none.
    """
    s = services()
    text = tracker.latest_message.get("text") or ""
    slips = tracker.latest_message.get("slips") or []
    return Turn.of(tracker, [slip for slip in slips if not _is_of_a_name(slip, text, s.catalog.ranker)]), s


def _is_of_a_name(slip: Slip, text: str, ranker: Ranker) -> bool:
    start, end, meant = slip
    before, after = normalize(text[:start]).split()[-1:], normalize(text[end:]).split()[:1]
    typed = [*before, *normalize(text[start:end]).split(), *after]
    mended = [*before, *normalize(meant).split(), *after]
    return _pairs_of_names(typed, ranker) > _pairs_of_names(mended, ranker)


def _pairs_of_names(words: list[str], ranker: Ranker) -> int:
    return sum(map(ranker.has_in_a_name, words, words[1:]))
