"""A long answer as a phone shows it first: what matters, and a button that sends the whole of it.

One rule for all channels that show buttons. Nothing is kept for it: what a person was sent lies in the outbox
as the assistant said it, and the button's key leads back there (:mod:`bot.channels.keys`).

Left out, until the rest fits: what the words call able to wait (``can_wait``: legal texts, who is exempt,
notes), remarks under an item, the last items of long lists. A list says how many of its items are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.channels.cutting import cut, units
from bot.channels.rendering import text_of
from bot.channels.words import Words
from bot.gateway.responding import UNFOLDED
from bot.mailbox import Reply

# A phone's screen; what papers may fill beyond it before some of them wait; how much must stay behind the
# button for it to be worth a tap.
ONE_SCREEN, LONGEST_SHOWN = 900, 1400
LEAST_HIDDEN = 150
_ITEM = re.compile(r"\s{0,1}(?:[•*–-]|\d{1,2}[.)])\s+\S")
_REMARK = re.compile(r"\s{2,}\S")
_BETWEEN = re.compile(r"\n[^\S\n]*\n\s*")
Block = list[str]


def folded(reply: Reply, words: Words) -> str | None:
    """What is shown of a long answer, ``ONE_SCREEN`` units or ``LONGEST_SHOWN`` at most and a line more; None
    when it is shown whole.

    The same reply always gives the same text. Answers that lead to the whole by a button of their own, and
    what was asked for whole, are not folded.
    """
    text, title = text_of(reply), words.say("whole")
    if reply.get("kind") != "answer" or reply.get(UNFOLDED) or units(text) <= ONE_SCREEN:
        return None
    if any(str(button.get("title")) == title for button in reply.get("buttons") or ()):
        return None
    shown = _short(text, words)
    if units(text) - units(shown) < LEAST_HIDDEN:
        return None
    return f"{shown}\n\n{words.say('folded', whole=title)}"


def _short(text: str, words: Words) -> str:
    ever_less = list(_without_what_can_wait([block.split("\n") for block in _BETWEEN.split(text)], words))
    for blocks in ever_less:
        if units(shown := _joined(blocks)) <= ONE_SCREEN:
            return shown
    blocks = ever_less[-1]
    lists = [n for n, block in enumerate(blocks) if any(map(_is_item, block))]
    left = [0] * len(blocks)

    def told() -> str:
        ends = ([words.say("left_out", count=count)] if count else [] for count in left)
        return _joined(block + end for block, end in zip(blocks, ends, strict=True))

    # The first list, mostly the papers, stays whole as long as it can: half of them is a second way to go.
    for places, kept, most in (
        (lists[1:], 2, ONE_SCREEN),
        (lists[1:], 1, LONGEST_SHOWN),
        (lists, 1, LONGEST_SHOWN),
    ):
        while units(told()) > most and (place := _longest(blocks, places, kept)) is not None:
            blocks[place].pop()
            left[place] += 1
    return cut(told(), LONGEST_SHOWN)[0]


def _without_what_can_wait(blocks: list[Block], words: Words) -> Iterator[list[Block]]:
    """The blocks with ever less in them."""
    first, *later = words["can_wait"]
    steps: list[Callable[[Block], Block]] = [
        lambda block: _without(block, first),
        lambda block: [line for line in block if not _is_remark(line)],
        *(lambda block, start=start: _without(block, start) for start in later),
    ]
    for step in steps:
        blocks = [made for block in blocks if (made := step(block))]
        yield blocks


def _without(block: Block, start: str) -> Block:
    """The block without the lines that begin so, and the items below them."""
    kept, inside = [], False
    for line in block:
        inside = line.startswith(start) or (inside and (_is_item(line) or _is_remark(line)))
        if not inside:
            kept.append(line)
    return kept


def _longest(blocks: Sequence[Block], places: Iterable[int], kept: int) -> int | None:
    """Which block in ``places`` has the most text, of those that end with more than ``kept`` items."""
    spare = (n for n in places if _is_item(blocks[n][-1]) and sum(map(_is_item, blocks[n])) > kept)
    return max(spare, key=lambda n: sum(map(len, blocks[n])), default=None)


def _joined(blocks: Iterable[Block]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks)


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None


def _is_remark(line: str) -> bool:
    return _REMARK.match(line) is not None and not _is_item(line)
