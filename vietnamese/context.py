"""What only the rest of a message can tell about a word.

Runs over the drafts of all tokens: groups of a telephone number are joined, words that may be Telex or
VNI are settled by whether others certainly are, short forms are spelled out by their neighbours, slips
are mended. Neighbours are the words before and after whatever punctuation stands between: what comes out
depends on words alone, which keeps `normalize` idempotent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from vietnamese.resources import ShortForm, short_forms
from vietnamese.slips import better_than_decoded, candidates, mend
from vietnamese.text import fold

_REACH = 4
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,4}|[0-9]+(?:[.,][0-9]+)+")
_PHONE_GROUPS = ("4,3,3", "3,3,4", "4,2,2,2", "3,4,3", "2,4,4", "3,7", "4,6")


@dataclass(slots=True)
class Draft:
    """A token in the making: its span in the cleaned text and its syllables with diacritics where known.

    `folded` is the word as typed, folded. `keyboard`, `doubtful` and `guess` are those of `spelling.Word`.
    """

    start: int
    end: int
    folded: str
    pieces: list[str]
    keyboard: str = ""
    doubtful: tuple[str, ...] = ()
    guess: tuple[str, ...] = field(default=())


def settle(drafts: list[Draft]) -> list[Draft]:
    """Return the drafts with every piece as it stays."""
    drafts = _join_phones(drafts)
    _settle_keyboards(drafts)
    _spell_out(drafts)
    return drafts


def is_settled(draft: Draft) -> bool:
    """Tell whether a word without digits stays as it is whatever stands beside it."""
    if draft.keyboard or draft.doubtful or draft.guess:
        return False
    pieces = [fold(piece) for piece in draft.pieces]
    return not any(piece in short_forms() or candidates(piece) for piece in pieces)


def _join_phones(drafts: list[Draft]) -> list[Draft]:
    """Make one draft of a telephone number written in groups (0912 345 678)."""
    joined: list[Draft] = []
    index = 0
    while index < len(drafts):
        count = _phone_groups(drafts, index)
        draft = drafts[index]
        if count > 1:
            last = drafts[index + count - 1]
            middle = [part.pieces[0] for part in drafts[index + 1 : index + count]]
            number = "".join([draft.pieces[-1], *middle])
            pieces = [*draft.pieces[:-1], number, *last.pieces[1:]]
            draft = Draft(draft.start, last.end, number, pieces)
        joined.append(draft)
        index += max(count, 1)
    return joined


def _phone_groups(drafts: list[Draft], index: int) -> int:
    """Count the drafts from `index` on that together hold a number of ten digits; 0 when they do not."""
    if not drafts[index].pieces[-1].startswith("0"):
        return 0
    lengths: list[str] = []
    for draft in drafts[index : index + 4]:
        digits = draft.pieces[0] if lengths else draft.pieces[-1]
        if not (digits.isascii() and digits.isdigit()):
            return 0
        lengths.append(str(len(digits)))
        if ",".join(lengths) in _PHONE_GROUPS:
            return len(lengths)
        if len(lengths) > 1 and len(draft.pieces) > 1:
            return 0
    return 0


def _settle_keyboards(drafts: list[Draft]) -> None:
    """Read doubtful words as Telex or VNI when another word of the message certainly is."""
    decoded = [index for index, draft in enumerate(drafts) if draft.keyboard]
    keyboards = {drafts[index].keyboard for index in decoded}
    for draft in drafts:
        if draft.doubtful and ("vni" if draft.folded[-1].isdigit() else "telex") in keyboards:
            draft.pieces = list(draft.doubtful)
    if len(decoded) == 1 and len(drafts) > 2:
        _doubt_lone_telex(drafts, decoded[0])


def _doubt_lone_telex(drafts: list[Draft], index: int) -> None:
    """Take the only Telex word of a message for a slip where its neighbours say so (tam tur → tam tru)."""
    before, after = _beside(drafts, index, 0)
    meant = better_than_decoded(drafts[index].folded, fold(drafts[index].pieces[0]), before, after)
    if meant is not None:
        drafts[index].pieces = [meant]


def _spell_out(drafts: list[Draft]) -> None:
    """Replace short forms and slips, again and again while a new neighbour explains one more."""
    known = short_forms()
    changed = True
    while changed:
        changed = False
        for index, draft in enumerate(drafts):
            for place, piece in enumerate(draft.pieces):
                folded = fold(piece)
                rows = known.get(folded)
                if rows:
                    full = _meaning(rows, drafts, index, place)
                elif draft.guess or candidates(folded):
                    full = mend(folded, draft.guess, *_beside(drafts, index, place))
                    draft.guess = ()
                else:
                    continue
                if full is not None:
                    draft.pieces[place : place + 1] = full.split()
                    changed = True
                    break


def _meaning(rows: tuple[ShortForm, ...], drafts: list[Draft], index: int, place: int) -> str | None:
    """Return what a short form stands for here, None where it stays."""
    if len(rows) == 1 and not (rows[0].before or rows[0].after or rows[0].near):
        return rows[0].full
    earlier, later = _neighbours(drafts, index, place)
    for row in rows:
        if row.before and not _matches(row.before, earlier[-1] if earlier else "<start>", place > 0):
            continue
        if row.after and not _matches(row.after, later[0] if later else "<end>", False):
            continue
        if row.near and row.near.isdisjoint(earlier) and row.near.isdisjoint(later):
            continue
        return row.full
    return None


def _neighbours(drafts: list[Draft], index: int, place: int) -> tuple[list[str], list[str]]:
    """Return up to four folded syllables before and after a piece."""
    earlier = [fold(piece) for piece in drafts[index].pieces[:place]]
    for draft in reversed(drafts[max(0, index - _REACH) : index]):
        earlier = [fold(piece) for piece in draft.pieces] + earlier
    later = [fold(piece) for piece in drafts[index].pieces[place + 1 :]]
    for draft in drafts[index + 1 : index + 1 + _REACH]:
        later += [fold(piece) for piece in draft.pieces]
    return earlier[-_REACH:], later[:_REACH]


def _beside(drafts: list[Draft], index: int, place: int) -> tuple[str, str]:
    earlier, later = _neighbours(drafts, index, place)
    return earlier[-1] if earlier else "", later[0] if later else ""


def _matches(wanted: frozenset[str], neighbour: str, glued: bool) -> bool:
    if neighbour in wanted:
        return True
    if not neighbour[:1].isdigit():
        return "<code>" in wanted and any(map(str.isdigit, neighbour))
    if _YEAR.fullmatch(neighbour):
        return "<year>" in wanted or "<num>" in wanted
    if "<glued>" in wanted and glued:
        return True
    number = "<num>" in wanted and _NUMBER.fullmatch(neighbour) is not None
    return number or ("<code>" in wanted and "/" in neighbour)
