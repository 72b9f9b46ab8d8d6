"""Who wants to be told when a dossier changes, and what each of them knows already.

A change is a difference between the dossier and what the subscriber was told: another status, or
another new date. Several changes between two looks are told as the one state they led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dossiers.clock import as_local
from dossiers.codes import as_stored
from dossiers.models import Access, Dossier, Subscription
from dossiers.statuses import ENDED, RETURNED

# These are the last that a subscriber is told.
LAST = frozenset({*ENDED, RETURNED})
# So many are looked for at once.
MOST = 500

_ACTIVE = Subscription.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A subscription with something to tell: its number, whose it is, what it is about."""

    id: int
    conversation: str
    channel: str
    code: str


def subscribe(
    session: Session,
    conversation: str,
    code: str,
    status: int,
    new_due_at: datetime | None,
    now: datetime,
) -> None:
    """Keeps the wish and the consent to it; the caller has seen the proof. Told twice it is one.

    ``status`` and ``new_due_at`` are what the person knows now; only what differs from them is told.
    """
    now = as_local(now)
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    told = {"told_status": status, "told_new_due_at": new_due_at, "told_at": now}
    new = dialect.insert(Subscription).values(
        conversation=conversation,
        channel=conversation.partition(":")[0],
        code=as_stored(code),
        consented_at=now,
        **told,
    )
    # One that had ended begins again, with a consent of its own.
    consented = case((_ACTIVE, Subscription.consented_at), else_=new.excluded.consented_at)
    again = {"consented_at": consented, "ended_at": None, "ended_by": None, **told}
    session.execute(new.on_conflict_do_update(index_elements=["conversation", "code"], set_=again))


def unsubscribe(session: Session, conversation: str, now: datetime, code: str | None = None) -> list[str]:
    """Ends the subscriptions of a conversation, or the one to ``code``; the codes that were ended."""
    mine = and_(Subscription.conversation == conversation, _ACTIVE)
    if code is not None:
        mine = and_(mine, Subscription.code == as_stored(code))
    ended = update(Subscription).where(mine).values(ended_at=as_local(now), ended_by="person")
    return sorted(session.scalars(ended.returning(Subscription.code)))


def subscribed(session: Session, conversation: str) -> list[str]:
    """The codes that a conversation is told about."""
    mine = (Subscription.conversation == conversation) & _ACTIVE
    return list(session.scalars(select(Subscription.code).where(mine).order_by(Subscription.code)))


def changed(session: Session, most: int = MOST) -> list[Waiting]:
    """Subscriptions whose dossier says something else than they were told, the longest waiting first."""
    differs = or_(
        Subscription.told_status != Dossier.status,
        Subscription.told_new_due_at.is_distinct_from(Dossier.new_due_at),
    )
    return _waiting(
        session, select(Subscription).join(Dossier, Dossier.code == Subscription.code), differs, most
    )


def elsewhere(session: Session, most: int = MOST) -> list[Waiting]:
    """Subscriptions to dossiers that the tracking database does not hold: a live view has them."""
    query = select(Subscription).outerjoin(Dossier, Dossier.code == Subscription.code)
    return _waiting(session, query, Dossier.id.is_(None), most)


def _waiting(session: Session, query: Select, condition: ColumnElement[bool], most: int) -> list[Waiting]:
    parts = (Subscription.id, Subscription.conversation, Subscription.channel, Subscription.code)
    found = query.with_only_columns(*parts).where(_ACTIVE, condition)
    return [Waiting(*row) for row in session.execute(found.order_by(Subscription.told_at).limit(most))]


def take(session: Session, subscription_id: int) -> tuple[Subscription, Dossier | None] | None:
    """The subscription, locked for this transaction, and its dossier as it is now; None when it has ended
    or somebody else tells it right now."""
    query = select(Subscription).where(Subscription.id == subscription_id, _ACTIVE)
    subscription = session.scalar(query.with_for_update(skip_locked=True))
    if subscription is None:
        return None
    return subscription, session.scalar(select(Dossier).where(Dossier.code == subscription.code))


def news(subscription: Subscription, dossier: Dossier) -> bool:
    """Whether the dossier says something else than the subscriber was told."""
    return (subscription.told_status, subscription.told_new_due_at) != (dossier.status, dossier.new_due_at)


def told(session: Session, subscription: Subscription, dossier: Dossier, now: datetime) -> None:
    """The subscriber knows the dossier's present state; after the last one the subscription ends."""
    now = as_local(now)
    values = {"told_status": dossier.status, "told_new_due_at": dossier.new_due_at, "told_at": now}
    if dossier.status in LAST:
        values |= {"ended_at": now, "ended_by": "dossier"}
    session.execute(update(Subscription).where(Subscription.id == subscription.id).values(**values))


def forget(session: Session, conversations: Sequence[str]) -> int:
    """Deletes all subscriptions of these conversations (the right to be forgotten); how many."""
    gone = delete(Subscription).where(Subscription.conversation.in_(conversations))
    return session.execute(gone).rowcount


def purge(session: Session, subscriptions_before: datetime, accesses_before: datetime) -> int:
    """Deletes subscriptions that ended, and entries of the access log, before these moments; how many."""
    ended = delete(Subscription).where(Subscription.ended_at < as_local(subscriptions_before))
    old = delete(Access).where(Access.at < as_local(accesses_before))
    return session.execute(ended).rowcount + session.execute(old).rowcount
