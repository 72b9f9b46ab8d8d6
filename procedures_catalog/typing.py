"""Procedures for a name that is only half typed: "kha", "khai si", or its initials, "dkks"; and for an id or
a code among other words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from procedures_catalog.model import Procedure
from vietnamese import fold

if TYPE_CHECKING:
    from procedures_catalog.catalog import Catalog

# Words in front of what a procedure is about.
_FOREWORDS = frozenset("thu tuc dang ky lam xin cap di giay giai quyet thuc hien khai bao".split())
_SHORTEST_INITIALS = 3
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")


@dataclass(frozen=True)
class _Name:
    words: tuple[str, ...]
    initials: str
    index: int


class HalfTyped:
    """The names of the procedures, ready to be looked up at each key that is pressed."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        self._procedures = list(procedures)
        self._names: list[_Name] = []
        for index, procedure in enumerate(self._procedures):
            for name in dict.fromkeys((procedure.name.removeprefix("Thủ tục"), *procedure.also_called)):
                words = tuple(_words(name))
                self._names.append(_Name(words, "".join(word[0] for word in words), index))

    def find(self, typed: str) -> list[Procedure]:
        """The procedures of which a name holds the typed words one after the other, the last one perhaps
        half; those that are about it first, the plainest name before longer ones."""
        said = _words(typed)
        if not said or len(typed.strip()) < 2:
            return []
        best: dict[int, tuple[int, int, int]] = {}
        for name in self._names:
            rank = self._rank(name, said)
            if rank is not None and rank < best.get(name.index, (9, 0, 0)):
                best[name.index] = rank
        return [self._procedures[index] for index in sorted(best, key=lambda n: (best[n], n))]

    def _rank(self, name: _Name, said: list[str]) -> tuple[int, int, int] | None:
        *whole, last = said
        listed = self._procedures[name.index].completeness == "listed"
        for start in range(len(name.words) - len(whole)):
            end = start + len(whole)
            if list(name.words[start:end]) == whole and name.words[end].startswith(last):
                about = _FOREWORDS.issuperset(name.words[:start])
                return (0 if about else 1, int(listed), len(name.words))
        if not whole and len(last) >= _SHORTEST_INITIALS and name.initials.startswith(last):
            return (0, int(listed), len(name.words))
        return None


def named(catalog: Catalog, text: str, day: date) -> list[Procedure]:
    """What holds on ``day`` of that which ``text`` names by its id, or by a code among other words or with a
    province's ending; a code may be that of several."""
    entry = catalog.find(text)
    if entry is not None and entry.id == text:
        found = [entry]
    else:
        code = text if entry is not None else next(iter(_CODE.findall(text)), "")
        found = catalog.with_code(code, day) if code else []
    current = (catalog.current(procedure, day) for procedure in found)
    return list({procedure.id: procedure for procedure in current}.values())


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in fold(text)).split()
