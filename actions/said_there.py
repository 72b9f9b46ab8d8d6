"""What an entry itself says about a detail: "em ly hôn rồi", "ủy quyền cho mẹ được không"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from procedures_catalog import Procedure
from procedures_catalog.facts import case_labels
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# More lines than these are no answer to a detail.
MAX_LINES = 3
# Of the pairs of words that tell something, so many have to stand in a line.
MOST = 0.5
# What stands around a detail and tells nothing of it.
_AROUND = ("filling", "leaning", "continuing", "supposing", "opening", "people", "kin", "asking")
Pair = tuple[str, str]


@dataclass(frozen=True)
class SaidThere:
    """``aspect``: the part of the entry that the first line is of; ``full``: all that was told is there."""

    aspect: str
    lines: list[str]
    full: bool


def said_there(text: str, procedure: Procedure) -> SaidThere | None:
    """The lines of the entry about what the text tells; None when there are none, or too many to be meant."""
    words = normalize(text).split()
    own = {pair for name in (procedure.name, *procedure.also_called) for pair in _pairs(_plain(name).split())}
    told = [pair for pair in pairs_told(words) if pair not in own]
    alike = [group for group in phrasing().alike_groups if group.within(words)]
    scored = []
    for aspect, line in _lines(procedure):
        stands = _plain(line).split()
        held = sum(pair in _pairs(stands) for pair in told)
        if any(group.within(stands) for group in alike):
            held = max(held, 1) + len(told)
        if held:
            scored.append((held, aspect, line))
    most = max((held for held, _, _ in scored), default=0)
    best = [(aspect, line) for held, aspect, line in scored if held == most]
    if not best or len(best) > MAX_LINES or (not alike and most < MOST * len(told)):
        return None
    return SaidThere(best[0][0], [line for _, line in best], bool(alike) or most >= len(told))


def pairs_told(words: Sequence[str]) -> list[Pair]:
    """Pairs of words side by side that tell something: neither is said whatever it is about."""
    known, runs, start = phrasing(), [[]], 0
    while start < len(words):
        length = max(known.phrases(name).at(words, start) for name in _AROUND)
        if length:
            runs.append([])
        else:
            runs[-1].append(words[start])
        start += length or 1
    return [
        pair for run in runs for pair in _pairs(run) if " ".join(pair) not in known.phrases("doing_words")
    ]


def named_in(words: Sequence[str], procedure: Procedure) -> bool:
    """Whether something told stands in a name of the procedure."""
    told = pairs_told(words)
    names = (procedure.name, *procedure.also_called)
    return any(pair in _pairs(_plain(name).split()) for name in names for pair in told)


def _lines(procedure: Procedure) -> Iterator[tuple[str, str]]:
    for text in procedure.eligibility:
        yield "eligibility", text
    for text in procedure.notes:
        yield "eligibility" if procedure.eligibility else "documents", text
    for row in procedure.documents:
        labels = f"{'; '.join(case_labels(procedure, row.when, {}))}: " if row.when else ""
        yield "documents", f"{labels}{row.name}{f' ({row.note})' if row.note else ''}"
    for fee in procedure.fees:
        for text in (*fee.exemptions, fee.note):
            if text:
                yield "fee", text
    for duration in procedure.processing_time:
        if duration.note:
            yield "time", duration.note
    for text in procedure.submit_at:
        yield "place", text
    for text in procedure.steps:
        yield "method", text


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return normalize(text)


def _pairs(words: Sequence[str]) -> list[Pair]:
    return list(pairwise(words))
