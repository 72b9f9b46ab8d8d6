"""Requests to talk to a person, kept until a volunteer takes them up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from dossiers.clock import as_local, local_now
from dossiers.models import Handover

MAX_TEXT = 2000
# Kept among the requests as well, but nobody waits in the conversation for somebody to come.
OPINIONS = ("complaint", "praise", "proposal")


def record_handover(
    session: Session,
    conversation: str,
    channel: str,
    reason: str,
    text: str,
    contact: str | None = None,
    now: datetime | None = None,
) -> int:
    """Keeps a request and returns its number; the caller's transaction decides when it is kept for good.

    ``conversation`` is ``web:…``, ``zalo:…``, ``telegram:…`` or ``cli:…``; ``reason`` a short key;
    ``text`` what the citizen wrote, cut after 2,000 characters.
    """
    request = Handover(
        conversation=conversation,
        channel=channel,
        reason=reason,
        # PostgreSQL cannot store the null character.
        text=text.replace("\0", "")[:MAX_TEXT],
        contact=contact,
        created_at=as_local(now) if now else local_now(),
    )
    session.add(request)
    session.flush()
    return request.id


def waiting_request(connection: Connection, conversation: str) -> int | None:
    """The number of the request with which somebody waits in this conversation already."""
    waits = (Handover.conversation == conversation) & (Handover.state == "waiting")
    wants = Handover.reason.not_in(OPINIONS) & ~Handover.reason.startswith("rating_", autoescape=True)
    return connection.scalar(select(Handover.id).where(waits, wants).order_by(Handover.id).limit(1))


def list_handovers(session: Session, state: str | None = "waiting", limit: int = 50) -> list[Handover]:
    """Requests in a state (None: all), the oldest first."""
    query = select(Handover).order_by(Handover.created_at, Handover.id).limit(limit)
    if state is not None:
        query = query.where(Handover.state == state)
    return list(session.scalars(query))
