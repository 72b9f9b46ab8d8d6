"""Labelled questions: one JSON object a line.

``{"text", "procedure", "aspects", "kind"?, "voice"?, "procedures"?, "accept"?, "aspects_or"?, "kind_or"?}``:
``procedure`` is an id, a national code or null; ``procedures`` names all of them when a message asks about
several; ``accept`` holds other procedures that are as right; ``aspects_or`` other right readings (lists of
aspects) and ``kind_or`` other right kinds. Any other field (an id, a remark) is the writer's own and is
passed over. ``evaluation/README.md`` tells how they are written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from bot.errors import BotError

Kind = Literal["answer", "choice", "question", "dossier", "handover", "smalltalk", "notice", "unknown"]
Aspect = Literal[
    "overview", "documents", "forms", "fee", "time", "place", "method", "online", "legal_basis",
    "eligibility", "result", "agency",
]  # fmt: skip
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class _Line(msgspec.Struct):
    text: Text
    procedure: str | None
    aspects: list[Aspect]
    kind: Kind | None = None
    voice: str | None = None
    procedures: list[str] = []
    accept: list[str] = []
    aspects_or: list[list[Aspect]] = []
    kind_or: list[Kind] = []


@dataclass(frozen=True)
class Question:
    """What was asked and what is right. ``meant``: for each procedure asked about, the ids that are right."""

    text: str
    meant: tuple[frozenset[str], ...]
    aspects: tuple[frozenset[str], ...]
    kinds: tuple[str, ...]
    voice: str = ""

    @property
    def right(self) -> frozenset[str]:
        """Every procedure that it is right to answer about."""
        return frozenset().union(*self.meant)

    @property
    def out_of_scope(self) -> bool:
        """Whether the only right thing is to say that we do not know."""
        return not self.meant and self.kinds[0] == "unknown"


def read_questions(path: Path, resolve: Callable[[str], frozenset[str]]) -> list[Question]:
    """The questions of a file. ``resolve`` turns an id or a national code into the ids that are right for it.

    Raises:
        BotError: the file is not UTF-8, a line is not such an object (its number and field are named), or
            there is no question in it.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BotError(f"{path}: must be UTF-8 text (byte {error.start} is not)") from None
    questions = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = msgspec.convert(json.loads(text), _Line)
        except msgspec.ValidationError as error:
            raise BotError(f"{path}, line {number}: {error}") from None
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", None) or error
            raise BotError(f"{path}, line {number}: is not JSON ({reason})") from None
        questions.append(_question(line, resolve))
    if not questions:
        raise BotError(f"{path}: holds no question")
    return questions


def _question(line: _Line, resolve: Callable[[str], frozenset[str]]) -> Question:
    named = line.procedures or ([line.procedure] if line.procedure else [])
    accepted = frozenset[str]().union(*(resolve(key) for key in line.accept))
    meant = [resolve(key) for key in named]
    if len(meant) == 1:
        meant = [meant[0] | accepted]
    elif accepted:
        # With several procedures, what else is right may stand for any of them.
        meant = [ids | accepted for ids in meant]
    kind = line.kind or ("answer" if named else "unknown")
    aspects = (frozenset(line.aspects), *map(frozenset, line.aspects_or))
    return Question(line.text, tuple(meant), aspects, (kind, *line.kind_or), line.voice or "")
