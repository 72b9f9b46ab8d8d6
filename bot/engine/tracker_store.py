"""Conversations in one table, one row each, holding what the dialogue still needs.

Rasa's own SQL store keeps every event for ever, one row each, and reads all of a session back on
every turn: the 500th turn costs a hundred times the fifth, and what people wrote stays. Here a
conversation is its slots and its last events; older ones are dropped at a turn's beginning.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

MAX_EVENTS = 80
KEPT_EVENTS = 30
# Four digits and more, however they are set apart.
_NUMBER = re.compile(r"[0-9](?:[\s.,\-]?[0-9]){3,}")

_metadata = sa.MetaData()
conversations = sa.Table(
    "engine_conversations",
    _metadata,
    sa.Column("conversation", sa.String(160), primary_key=True),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("events", sa.Text, nullable=False),
)


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """See the module. ``host`` (Rasa's name for an endpoint's URL): an SQLAlchemy URL."""

    def __init__(
        self, domain: Domain | None, host: str, event_broker: EventBroker | None = None, **kwargs: Any
    ) -> None:
        self._engine = _connect(host)
        _make_table(self._engine)
        super().__init__(domain or Domain.empty(), event_broker, **kwargs)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        query = sa.select(conversations.c.events).where(conversations.c.conversation == sender_id)
        with self._engine.connect() as connection:
            stored = connection.execute(query).scalar()
        if stored is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(stored), self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        events = self._shortened(tracker)
        if tracker.latest_action_name not in (None, ACTION_LISTEN_NAME):
            # A turn that broke off: else all that follow would begin where it ended, and break off, too.
            events = [*events, ActionExecuted(ACTION_LISTEN_NAME)]
        row = {
            "conversation": tracker.sender_id,
            "updated_at": time.time(),
            "events": json.dumps([_without_numbers(event.as_dict()) for event in events], ensure_ascii=False),
        }
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        again = {"updated_at": row["updated_at"], "events": row["events"]}
        new = dialect.insert(conversations).values(row)
        with self._engine.begin() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["conversation"], set_=again))

    async def delete(self, sender_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(conversations.delete().where(conversations.c.conversation == sender_id))

    async def keys(self) -> Iterable[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(conversations.c.conversation)).scalars())

    def _shortened(self, tracker: DialogueStateTracker) -> list[Event]:
        events = _since_restart(list(tracker.events))
        if len(events) <= MAX_EVENTS:
            return events
        turns = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
        cut = next((i for i in turns if i >= len(events) - KEPT_EVENTS), turns[-1])
        # What the dropped turns had set is set again at once, then the kept turns go on from there.
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], self.domain.slots)
        slots = [
            SlotSet(name, slot.value)
            for name, slot in before.slots.items()
            if slot.value != slot.initial_value
        ]
        loop = [event for event in events[:cut] if event.type_name == "active_loop"][-1:]
        start = [event for event in events[:cut] if event.type_name == "session_started"][-1:]
        listen = [event for event in events[:cut] if event.type_name == "action"][-1:]
        return [*start, *slots, *loop, *listen, *events[cut:]]


def _without_numbers(event: dict[str, Any]) -> dict[str, Any]:
    """What a person wrote without the numbers in it, and without where it came from: they may prove who
    somebody is, and once the turn is over only slots are read."""
    if event["event"] != UserUttered.type_name:
        return event
    parsed = event.get("parse_data") or {}
    kept = {
        "text": _numberless(event.get("text")),
        "metadata": _placeless(event.get("metadata")),
        "parse_data": {
            **parsed,
            "text": _numberless(parsed.get("text")),
            "metadata": _placeless(parsed.get("metadata")),
        },
    }
    return {**event, **kept}


def _numberless(text: str | None) -> str | None:
    return _NUMBER.sub("…", text) if text else text


def _placeless(metadata: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (metadata or {}).items() if name != "network"}


def _since_restart(events: list[Event]) -> list[Event]:
    """What came after the last restart: with it a conversation was erased, so nothing before stays."""
    last = max((i for i, event in enumerate(events) if isinstance(event, Restarted)), default=-1)
    return events[last + 1 :]


def _make_table(engine: sa.engine.Engine) -> None:
    try:
        _metadata.create_all(engine)
    except DBAPIError:
        # Another engine that starts with this one may have made it since it was looked for.
        _metadata.create_all(engine)


def _connect(url: str) -> sa.engine.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    # SQLAlchemy 1.4 opens and closes an SQLite file for each statement unless told to keep it open.
    engine = sa.create_engine(url, poolclass=QueuePool, connect_args={"check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=5000")
