"""The tables of the tracking database.

All times are naive and in Viet Nam's time (UTC+7, no daylight saving), whole seconds: that is what
the one-window software exports and what people read. Personal data lives in :class:`Applicant`
alone, so that look-ups, reports and erasure can be told apart by table.

A centre has ten million dossiers but a few thousand ways to describe them, so procedure, field and
office are one row of :class:`Kind` that many dossiers share.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import DateTime, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

# Whole seconds as text: readable in any SQLite browser, and 7 bytes a value less than the default.
LocalTime = DateTime().with_variant(
    sqlite.DATETIME(
        storage_format="%(year)04d-%(month)02d-%(day)02d %(hour)02d:%(minute)02d:%(second)02d",
        regexp=r"(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)",
    ),
    "sqlite",
)


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Declarative base; models are keyword-only dataclasses."""

    type_annotation_map: ClassVar = {datetime: LocalTime}


class Kind(Base):
    """What is asked and who handles it: procedure (thủ tục), field (lĩnh vực), office; shared by dossiers.

    Unknown parts are empty strings, so that the five together are unique in every database.
    """

    __tablename__ = "dossier_kinds"
    __table_args__ = (
        UniqueConstraint(
            "procedure_code", "procedure_name", "field", "agency", "department", name="uq_dossier_kinds"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    procedure_code: Mapped[str] = mapped_column(String(40), default="")
    procedure_name: Mapped[str] = mapped_column(Text, default="")
    field: Mapped[str] = mapped_column(Text, default="")
    agency: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(Text, default="")


class Dossier(Base):
    """One dossier (hồ sơ) as the one-window software knows it; no personal field.

    ``status`` is 1–10 (``data/statuses.yml``), ``status_since`` when it took it. ``due_at`` is the date
    on the receipt; past pauses are already in it. ``closed_at`` is when it left the open ones:
    finished, else returned, else refused or withdrawn. ``updated_at`` is when the record last changed.
    ``channel`` and ``return_channel``: 1 in person, 2 online, 3 public post. ``applicant_kind``: 0 citizen,
    1 enterprise, 2 household business. ``paid``: 0 not paid, 1 paid, None nothing known.
    """

    __tablename__ = "dossiers"
    __table_args__ = (
        # Answers the report from the index alone, whatever the period.
        Index(
            "ix_dossiers_report",
            "closed_at",
            "received_at",
            "due_at",
            "new_due_at",
            "kind_id",
            "channel",
            "return_channel",
        ),
        Index("ix_dossiers_received", "received_at"),
        Index("ix_dossiers_status", "status", "received_at"),
        Index(
            "ix_dossiers_open_due",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Few are late: their causes are counted without looking at the others.
        Index(
            "ix_dossiers_late_reason",
            "closed_at",
            sqlite_where=text("late_reason IS NOT NULL"),
            postgresql_where=text("late_reason IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("dossier_kinds.id"), init=False)
    status: Mapped[int] = mapped_column(SmallInteger)
    status_since: Mapped[datetime]
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    new_due_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    returned_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    updated_at: Mapped[datetime]
    channel: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    return_channel: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    applicant_kind: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    paid: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    late_reason: Mapped[str | None] = mapped_column(Text, default=None)
    missing_papers: Mapped[str | None] = mapped_column(Text, default=None)

    kind: Mapped[Kind] = relationship(lazy="joined", innerjoin=True)
    applicant: Mapped[Applicant | None] = relationship(
        back_populates="dossier", cascade="all, delete-orphan", passive_deletes=True, default=None, repr=False
    )
    events: Mapped[list[Event]] = relationship(
        order_by="Event.at, Event.status",
        cascade="all, delete-orphan",
        passive_deletes=True,
        default_factory=list,
        repr=False,
    )

    procedure_code: AssociationProxy[str] = association_proxy("kind", "procedure_code", init=False)
    procedure_name: AssociationProxy[str] = association_proxy("kind", "procedure_name", init=False)
    field: AssociationProxy[str] = association_proxy("kind", "field", init=False)
    agency: AssociationProxy[str] = association_proxy("kind", "agency", init=False)
    department: AssociationProxy[str] = association_proxy("kind", "department", init=False)


class Applicant(Base):
    """Who handed a dossier in (người nộp, chủ hồ sơ): personal data, kept apart."""

    __tablename__ = "applicants"

    dossier_id: Mapped[int] = mapped_column(
        ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True, init=False, autoincrement=False
    )
    name: Mapped[str | None] = mapped_column(Text, default=None)
    phone: Mapped[str | None] = mapped_column(String(32), default=None)
    personal_number: Mapped[str | None] = mapped_column(String(32), default=None)
    address: Mapped[str | None] = mapped_column(Text, default=None)

    dossier: Mapped[Dossier] = relationship(back_populates="applicant", init=False, repr=False)


class Event(Base):
    """A status that a dossier took, and when. The three together are the key: told twice is once."""

    __tablename__ = "dossier_events"
    __table_args__: ClassVar = {"sqlite_with_rowid": False}

    dossier_id: Mapped[int] = mapped_column(
        ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True, init=False, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(primary_key=True)
    status: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class Handover(Base):
    """A request to talk to a person. ``state``: waiting, claimed, closed."""

    __tablename__ = "handover_requests"
    __table_args__ = (Index("ix_handover_requests_state", "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    conversation: Mapped[str] = mapped_column(String(200), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str | None] = mapped_column(String(200), default=None)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="waiting")


class ThrottleWindow(Base):
    """Attempts at second proofs by one key (a hash) within one window of time."""

    __tablename__ = "throttle_windows"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    attempts: Mapped[int]


class Subscription(Base):
    """A person's wish to be told of changes of a dossier, given with proof and consent (``consented_at``).

    ``told_status`` and ``told_new_due_at``: what the person knows; a change is a difference to them.
    ``ended_at`` with ``ended_by`` (``person``, ``dossier``): nothing is told any more; the row stays for a
    while as the record of the consent. By code, since a dossier may lie in the centre's own database.
    """

    __tablename__ = "dossier_subscriptions"
    __table_args__ = (
        UniqueConstraint("conversation", "code", name="uq_dossier_subscriptions"),
        Index(
            "ix_dossier_subscriptions_active",
            "code",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    conversation: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    consented_at: Mapped[datetime]
    told_status: Mapped[int] = mapped_column(SmallInteger)
    told_new_due_at: Mapped[datetime | None] = mapped_column(default=None)
    told_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(String(10), default=None)


class Access(Base):
    """That a person was let see more of a dossier than its code tells; not what they saw."""

    __tablename__ = "dossier_accesses"
    __table_args__ = (Index("ix_dossier_accesses_code", "code", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(40))
