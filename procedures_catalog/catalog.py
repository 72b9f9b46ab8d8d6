"""The catalogue: all entries at one moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from procedures_catalog.cache import cache_folder
from procedures_catalog.centre import centre_entries, centre_learned, centre_overlay
from procedures_catalog.errors import CatalogError, DuplicateEntry, UnknownProcedure
from procedures_catalog.learned import Learned, read_learned
from procedures_catalog.life_events import LIFE_EVENTS, LifeEvent, life_events_and_faults
from procedures_catalog.loading import ENTRIES, read_entries
from procedures_catalog.model import Procedure
from procedures_catalog.overlay import overlaid, read_overlay
from procedures_catalog.typing import HalfTyped
from vietnamese import fold, normalize

if TYPE_CHECKING:
    from procedures_catalog.search import Finding, Hit, Ranker

# Of the questions in evaluation/ and all names and everyday names none is below, even to a catalogue that
# knows official names alone (the least has 0.19); of letters thrown together nine in ten are.
LEAST_FAMILIAR = 0.15

_FIELD_PARTS = re.compile(r",|\bvà\b")
_FIELD_FOREWORDS = re.compile(r"^((dang ky|quan ly|hoat dong|thu tuc hanh chinh|cap|cua)( |$))+")


class Catalog:
    """Every entry at one moment. Immutable: a changed file gives a new catalogue.

    ``problems`` holds an error for each file that could not be taken in; the others answer. ``learned``
    holds what people asked and the centre approved: search knows it, the entries do not show it.
    """

    def __init__(
        self,
        procedures: Iterable[Procedure],
        life_events: Iterable[LifeEvent] = (),
        problems: Iterable[CatalogError] = (),
        learned: Learned | None = None,
    ) -> None:
        self.problems: list[CatalogError] = list(problems)
        self.learned = learned or Learned()
        self.life_events = {event.id: event for event in life_events}
        self._by_id: dict[str, Procedure] = {}
        self._by_code: dict[str, list[Procedure]] = {}
        procedures = list(procedures)
        by_hand = {code for p in procedures if not p.imported for code in p.codes}
        for procedure in procedures:
            if procedure.imported and procedure.code in by_hand:
                continue  # what is written by hand knows more of the same procedure
            if procedure.id in self._by_id:
                self.problems.append(DuplicateEntry(f"{procedure.id}: two files claim this id"))
                continue
            self._by_id[procedure.id] = procedure
            for code in procedure.codes:
                self._by_code.setdefault(code, []).append(procedure)

    @classmethod
    def load(
        cls,
        *directories: Path | str,
        overlay: Path | str | None = None,
        life_events: Path = LIFE_EVENTS,
        learned: Path | None = None,
    ) -> Catalog:
        """The catalogue of the entries below ``directories`` (default: the ones that come with us)."""
        files = [f for d in directories or (ENTRIES,) for f in read_entries(Path(d)).values()]
        problems: list[CatalogError] = [file.fault for file in files if file.fault]
        procedures = [file.procedure for file in files if file.procedure]
        if overlay:
            changes, faults = read_overlay(Path(overlay))
            procedures, inner = overlaid(procedures, changes, overlay)
            problems += [*faults, *inner]
        events, faults = life_events_and_faults(life_events)
        asked, others = read_learned(learned)
        return cls(procedures, events, [*problems, *faults, *others], asked)

    @classmethod
    def of_centre(cls, centre_file: Path | str) -> Catalog:
        """The entries that come with us, and the entries and the overlay beside the centre's file."""
        own = {"overlay": centre_overlay(centre_file), "learned": centre_learned(centre_file)}
        return cls.load(ENTRIES, centre_entries(centre_file), **own)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self._by_id.values())

    def all(self, day: date | None = None) -> list[Procedure]:
        """Every entry, or those in force on ``day``, by field and name."""
        chosen = [p for p in self if day is None or p.in_force(day)]
        return sorted(chosen, key=lambda p: (fold(p.field), p.field, fold(p.name)))

    def find(self, key: str) -> Procedure | None:
        """The entry with that id or code, a province's own too (the one in force longest of several)."""
        if key in self._by_id:
            return self._by_id[key]
        same_code = self._by_code.get(key, [])
        return max(same_code, key=lambda p: p.valid_until or date.max, default=None)

    def with_code(self, code: str, day: date) -> list[Procedure]:
        """The entries in force on ``day`` that share a national code (a merged one covers several matters);
        else what :meth:`find` finds."""
        shared = [p for p in self._by_code.get(code, ()) if p.in_force(day)]
        found = self.find(code)
        return shared or ([found] if found else [])

    def get(self, key: str) -> Procedure:
        """Like :meth:`find`.

        Raises:
            UnknownProcedure: no entry has that id or code.
        """
        procedure = self.find(key)
        if procedure is None:
            raise UnknownProcedure(f"no procedure has the id or code {key!r}")
        return procedure

    def current(self, procedure: Procedure, day: date) -> Procedure:
        """What is in force on ``day`` in place of ``procedure``: what took its place, or before its first day
        the only one that will give way to it; itself when there is none."""
        if procedure.valid_from and day < procedure.valid_from:
            before = self.before(procedure, day)
            return before[0] if len(before) == 1 else procedure
        seen = {procedure.id}
        while not procedure.in_force(day) and procedure.replaced_by:
            following = self._by_id.get(procedure.replaced_by)
            if following is None or following.id in seen:
                break
            seen.add(following.id)
            procedure = following
        return procedure

    def before(self, procedure: Procedure, day: date) -> list[Procedure]:
        """What is in force on ``day`` and will give way to ``procedure``."""
        return [p for p in self if p.replaced_by == procedure.id and p.in_force(day)]

    @cached_property
    def ranker(self) -> Ranker:
        # Loads the numeric libraries: seconds that listing and checking entries need not wait.
        from procedures_catalog.search import Ranker

        return Ranker(list(self), list(self.life_events.values()), self.learned.by_procedure())

    def prepare(self) -> None:
        """Builds what search needs and keeps it, so that the processes that come after find it built; does
        nothing where nothing can be kept."""
        if cache_folder():
            self.ranker  # noqa: B018

    def train(self) -> None:
        """Learns the entries' wordings once for all processes and keeps what is learnt beside the dialogue
        model; nothing when it is there already."""
        from procedures_catalog.kept_index import keep_trained

        keep_trained([*self, *self.life_events.values()], self.learned.by_procedure())

    @cached_property
    def half_typed(self) -> HalfTyped:
        """The procedures by half-typed names."""
        return HalfTyped(self)

    def search(self, text: str, limit: int = 5) -> list[Hit]:
        """The entries that ``text`` most likely means, best first; scores from 0 to 1. Nothing for letters
        and words that the catalogue has nothing to do with."""
        from procedures_catalog.search import Hit

        found = self.find_in(text)
        if found.familiar < LEAST_FAMILIAR:
            return []
        # Which of ours it is, if it is one of ours: told here is whether it is that one at all.
        return [Hit(hit.procedure, hit.score * found.familiar) for hit in found.hits[:limit]]

    def find_in(self, text: str) -> Finding:
        """What ``text`` is about: procedures, a life event, or nothing named."""
        return self.ranker.find(text)

    def field_in(self, text: str) -> str | None:
        """The field (lĩnh vực) whose name, or what it is about ("cư trú"), stands in ``text``."""
        words = f" {normalize(text)} "
        fields = sorted({p.field for p in self}, key=len, reverse=True)
        whole = next((name for name in fields if f" {normalize(name)} " in words), None)
        matters = sorted(((m, name) for name in fields for m in _matters(name)), key=lambda x: -len(x[0]))
        return whole or next((name for matter, name in matters if f" {matter} " in words), None)


def _matters(field: str) -> list[str]:
    """What a field is about: "cu tru" of "Đăng ký, quản lý cư trú"."""
    parts = [_FIELD_FOREWORDS.sub("", normalize(part)) for part in _FIELD_PARTS.split(field)]
    return [part for part in parts if part]
