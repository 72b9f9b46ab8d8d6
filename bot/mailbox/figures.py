"""How long the queues are, how old their oldest entry is, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnCollection, Connection, func, select

from bot.mailbox.switches import paused_message
from bot.mailbox.tables import OPEN_INBOX, OPEN_OUTBOX, inbox, outbox


@dataclass(frozen=True)
class Queue:
    """``length`` entries of a channel in a state, the oldest ``age`` seconds old."""

    channel: str
    state: str
    length: int
    age: float


@dataclass(frozen=True)
class Figures:
    """The whole mailbox, all gateways together. ``dead``: letters given up, by channel and reason."""

    inbox: list[Queue]
    outbox: list[Queue]
    dead: list[tuple[str, str, int]]
    paused: bool


def read_figures(connection: Connection, now: float) -> Figures:
    """What is open now; history is not looked at, but for dead letters."""

    o = outbox.c
    given_up = (
        select(o.channel, o.reason, func.count()).where(o.state == "dead").group_by(o.channel, o.reason)
    )
    return Figures(
        _queues(connection, now, inbox.c, "accepted_at", OPEN_INBOX),
        _queues(connection, now, o, "created_at", OPEN_OUTBOX),
        [(channel, reason or "", count) for channel, reason, count in connection.execute(given_up)],
        paused_message(connection) is not None,
    )


def _queues(
    connection: Connection, now: float, c: ColumnCollection, born: str, states: tuple[str, ...]
) -> list[Queue]:
    rows = select(c.channel, c.state, func.count(), func.min(c[born])).where(c.state.in_(states))
    found = connection.execute(rows.group_by(c.channel, c.state).order_by(c.channel, c.state))
    return [Queue(channel, state, length, max(0.0, now - first)) for channel, state, length, first in found]
