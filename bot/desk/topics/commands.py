"""What in a topic is not for the citizen: notes, commands, and the button below a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.desk.drafts import ASPECTS
from procedures_catalog import Procedure

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@\w{1,32})?(?:\s+(?P<rest>.*))?", re.DOTALL)
_NAMES = {"ghichu": "note", "thutuc": "draft"}
_NOTE = "//"
# Aspects stand as their places: a button of Telegram's holds 64 bytes.
_PLACES = "0123456789abcdefghijklmnopqrstuvwxyz"
_DRAFT = re.compile(r"desk:send:(\d{1,15}):([a-z0-9.-]{1,40}):([0-9a-z]{1,12})")


@dataclass(frozen=True)
class Command:
    """``name``: ``note``, ``draft``, or ``unknown``; ``rest``: what follows it."""

    name: str
    rest: str


def command_in(text: str) -> Command | None:
    """The command that a message is; None when it is for the citizen."""
    if text.startswith(_NOTE):
        return Command("note", text.removeprefix(_NOTE).strip())
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    return Command(_NAMES.get(found["name"].lower(), "unknown"), (found["rest"] or "").strip())


def draft_button(case_id: int, procedure: Procedure, aspects: Sequence[str]) -> str:
    """What the button carries that sends a draft; see :func:`draft_of`."""
    places = "".join(_PLACES[ASPECTS.index(aspect)] for aspect in aspects)
    return f"desk:send:{case_id}:{procedure.code or procedure.id}:{places}"


def draft_of(data: str) -> tuple[int, str, list[str]] | None:
    """(Case, code or id of the procedure, aspects) of such a button."""
    found = _DRAFT.fullmatch(data)
    if found is None:
        return None
    places = [_PLACES.index(place) for place in found[3]]
    if max(places) >= len(ASPECTS):
        return None
    return int(found[1]), found[2], [ASPECTS[place] for place in places]
