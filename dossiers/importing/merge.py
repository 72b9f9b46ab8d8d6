"""Staged rows into the tables of the tracking database, set by set, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from dossiers.database import lock_dossiers
from dossiers.importing.rows import KIND_FIELDS, KindParts
from dossiers.importing.staging import changes, staged, staged_kinds
from dossiers.models import Base, LocalTime
from dossiers.statuses import ENDED, FINISHED, RECEIVED, RETURNED

dossiers, applicants = Base.metadata.tables["dossiers"], Base.metadata.tables["applicants"]
events, kinds = Base.metadata.tables["dossier_events"], Base.metadata.tables["dossier_kinds"]

PERSONAL = ("name", "phone", "personal_number", "address")
# Copied as they are; status, its time, the closing time, kind and update time follow from several.
PLAIN = (
    "received_at",
    "due_at",
    "new_due_at",
    "finished_at",
    "returned_at",
    "channel",
    "return_channel",
    "applicant_kind",
    "paid",
    "late_reason",
    "missing_papers",
)


class Counts(NamedTuple):
    """Dossiers by what the file did to them."""

    new: int
    changed: int
    unchanged: int


def merge(
    connection: Connection, file_kinds: Mapping[KindParts, int], given: Collection[str], now: datetime
) -> Counts:
    """Brings staged rows in. ``given``: the fields the file has; known dossiers keep their others."""
    lock_dossiers(connection)
    step = _Merge(connection, frozenset(given), now)
    step.resolve_kinds(file_kinds)
    total = connection.scalar(select(func.count()).select_from(staged)) or 0
    changed = step.find_changed()
    if changed:
        step.change()
    new = step.add()
    return Counts(new, changed, total - new - changed)


class _Merge:
    def __init__(self, connection: Connection, given: frozenset[str], now: datetime) -> None:
        self.given, self.now = given, now
        # SQLAlchemy forgets the count of an INSERT … SELECT otherwise.
        self.connection = connection.execution_options(preserve_rowcount=True)
        self.last_id = connection.scalar(select(func.max(dossiers.c.id))) or 0

    # What a known dossier will hold.

    def becomes(self, name: str) -> ColumnElement[Any]:
        return staged.c[name] if name in self.given else dossiers.c[name]

    @property
    def status(self) -> ColumnElement[int]:
        return func.coalesce(staged.c.status, dossiers.c.status)

    @property
    def status_since(self) -> ColumnElement[datetime]:
        kept = case((self.status == dossiers.c.status, dossiers.c.status_since), else_=self.at_now)
        if "updated_at" not in self.given:
            return func.coalesce(staged.c.status_since, kept)
        # The record's own time says when a status was seen, not that it began then once more.
        ends = self.status.in_((RECEIVED, FINISHED, RETURNED))
        return case(
            (or_(ends, self.status != dossiers.c.status), func.coalesce(staged.c.status_since, kept)),
            else_=kept,
        )

    @property
    def at_now(self) -> ColumnElement[datetime]:
        return literal(self.now, LocalTime)

    # Steps.

    def resolve_kinds(self, file_kinds: Mapping[KindParts, int]) -> None:
        """A field that the file lacks keeps what the dossier's kind had."""
        parts_of = {number: parts for parts, number in file_kinds.items()}
        known = {tuple(row[1:]): row[0] for row in self.connection.execute(_kind_rows())}
        had_parts = {number: parts for parts, number in known.items()}
        pairs = self.connection.execute(
            select(staged.c.kind, func.coalesce(dossiers.c.kind_id, 0))
            .select_from(staged.outerjoin(dossiers, dossiers.c.code == staged.c.code))
            .distinct()
        ).all()
        rows = []
        for number, had in pairs:
            old = had_parts.get(had, ("",) * len(KIND_FIELDS))
            merged = tuple(
                new if name in self.given else kept
                for name, new, kept in zip(KIND_FIELDS, parts_of[number], old, strict=True)
            )
            if merged not in known:
                made = dict(zip(KIND_FIELDS, merged, strict=True))
                known[merged] = self.connection.scalar(insert(kinds).values(made).returning(kinds.c.id))
            rows.append({"kind": number, "had": had, "kind_id": known[merged]})
        if rows:
            self.connection.execute(insert(staged_kinds), rows)

    def find_changed(self) -> int:
        """Notes the known dossiers that the file says something else of."""
        differs = [
            self.becomes(name).is_distinct_from(dossiers.c[name]) for name in PLAIN if name in self.given
        ]
        differs += [
            staged.c[name].is_distinct_from(applicants.c[name]) for name in PERSONAL if name in self.given
        ]
        differs += [self.status != dossiers.c.status, self.status_since != dossiers.c.status_since]
        differs += [staged_kinds.c.kind_id != dossiers.c.kind_id]
        if "updated_at" in self.given:
            differs += [func.coalesce(staged.c.updated_at, dossiers.c.updated_at) != dossiers.c.updated_at]
        found = (
            select(dossiers.c.id)
            .select_from(_known().outerjoin(applicants, applicants.c.dossier_id == dossiers.c.id))
            .where(or_(*differs))
        )
        return self.connection.execute(insert(changes).from_select(["dossier_id"], found)).rowcount

    def change(self) -> None:
        """Applicants, then the dossiers themselves, then what that adds to their history."""
        here = and_(dossiers.c.id == changes.c.dossier_id, staged.c.code == dossiers.c.code)
        changed = changes.join(dossiers, dossiers.c.id == changes.c.dossier_id).join(
            staged, staged.c.code == dossiers.c.code
        )
        personal = {name: staged.c[name] for name in PERSONAL if name in self.given}
        if personal:
            self.connection.execute(
                update(applicants).values(personal).where(applicants.c.dossier_id == dossiers.c.id, here)
            )
            missing = ~exists().where(applicants.c.dossier_id == dossiers.c.id)
            lacking = select(dossiers.c.id, *personal.values()).select_from(changed).where(missing)
            self.connection.execute(
                insert(applicants).from_select(["dossier_id", *personal], lacking.where(_somebody(personal)))
            )
        self.connection.execute(
            update(dossiers)
            .values(
                {name: staged.c[name] for name in PLAIN if name in self.given}
                | {
                    "status": self.status,
                    "status_since": self.status_since,
                    "closed_at": self.closed_at(self.becomes, self.status, self.status_since),
                    "kind_id": staged_kinds.c.kind_id,
                    "updated_at": func.coalesce(staged.c.updated_at, self.at_now),
                }
            )
            .where(here, staged_kinds.c.kind == staged.c.kind, staged_kinds.c.had == dossiers.c.kind_id)
        )
        self.remember(dossiers.c.id.in_(select(changes.c.dossier_id)), only_news=True)

    def add(self) -> int:
        """New dossiers, in the order of the file, with what their dates tell of their history."""
        status = func.coalesce(staged.c.status, RECEIVED)
        when_received = case((status == RECEIVED, staged.c.received_at), else_=None)
        since = func.coalesce(staged.c.status_since, when_received, self.at_now)
        made = {
            "code": staged.c.code,
            "kind_id": staged_kinds.c.kind_id,
            "status": status,
            "status_since": since,
            "closed_at": self.closed_at(lambda name: staged.c[name], status, since),
            "updated_at": func.coalesce(staged.c.updated_at, self.at_now),
        } | {name: staged.c[name] for name in PLAIN}
        rows = (
            select(*made.values())
            .select_from(
                staged.outerjoin(dossiers, dossiers.c.code == staged.c.code).join(
                    staged_kinds, and_(staged_kinds.c.kind == staged.c.kind, staged_kinds.c.had == 0)
                )
            )
            .where(dossiers.c.id.is_(None))
            .order_by(staged.c.row)
        )
        new = self.connection.execute(insert(dossiers).from_select(list(made), rows)).rowcount
        if not new:
            return 0
        fresh = dossiers.c.id > self.last_id
        personal = {name: staged.c[name] for name in PERSONAL}
        self.connection.execute(
            insert(applicants).from_select(
                ["dossier_id", *PERSONAL],
                select(dossiers.c.id, *personal.values())
                .select_from(dossiers.join(staged, staged.c.code == dossiers.c.code))
                .where(fresh, _somebody(personal))
                .order_by(dossiers.c.id),
            )
        )
        self.remember(fresh, only_news=False)
        return new

    def remember(self, which: ColumnElement[bool], only_news: bool) -> None:
        """Events of dossiers as they are now: what their dates tell, and the present status."""
        history = _history(which, only_news)
        self.connection.execute(insert(events).from_select(["dossier_id", "at", "status"], history))

    @staticmethod
    def closed_at(becomes: Any, status: ColumnElement[int], since: ColumnElement[datetime]) -> ColumnElement:
        ended = case((status.in_((*ENDED, FINISHED, RETURNED)), since), else_=None)
        return func.coalesce(becomes("finished_at"), becomes("returned_at"), ended)


def _kind_rows() -> Select:
    return select(kinds.c.id, *(kinds.c[name] for name in KIND_FIELDS))


def _known() -> Any:
    """Staged rows beside the dossiers they speak of, and what those dossiers' kind becomes."""
    kind = and_(staged_kinds.c.kind == staged.c.kind, staged_kinds.c.had == dossiers.c.kind_id)
    return staged.join(dossiers, dossiers.c.code == staged.c.code).join(staged_kinds, kind)


def _somebody(personal: Mapping[str, Column]) -> ColumnElement[bool]:
    return or_(*(part.is_not(None) for part in personal.values()))


def _history(which: ColumnElement[bool], only_news: bool) -> Select:
    """Reception, end and return from their dates (once each), and the present status if it is another."""
    # Zero stands for the present status.
    step = union_all(
        *(select(literal(n).label("said")) for n in (RECEIVED, FINISHED, RETURNED, 0))
    ).subquery()
    said, now = step.c.said, dossiers.c.status
    told_by_date = or_(
        and_(now == RECEIVED, dossiers.c.received_at.is_not(None)),
        and_(now == FINISHED, dossiers.c.finished_at.is_not(None)),
        and_(now == RETURNED, dossiers.c.returned_at.is_not(None)),
    )
    at = case(
        (said == RECEIVED, dossiers.c.received_at),
        (and_(said == FINISHED, now.in_((FINISHED, RETURNED))), dossiers.c.finished_at),
        (and_(said == RETURNED, now == RETURNED), dossiers.c.returned_at),
        (and_(said == 0, ~told_by_date), dossiers.c.status_since),
        else_=None,
    )
    status = case((said == 0, now), else_=said)
    query = select(dossiers.c.id, at, status).select_from(dossiers.join(step, true()))
    if only_news:
        known = exists().where(
            events.c.dossier_id == dossiers.c.id,
            events.c.status == status,
            or_(said != 0, events.c.at == dossiers.c.status_since),
        )
        query = query.where(~known)
    return query.where(which, at.is_not(None)).order_by(dossiers.c.id)
