"""Rows for the desk's tests, as the program would have written them."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert

from bot.desk.tables import cases, conversations, handovers, people, questions, sessions
from dossiers.clock import VIET_NAM, as_local
from vietnamese import normalize

_numbers = count(1)


def add_conversation(connection: Connection, name: str, at: float, **values: Any) -> str:
    row = {"channel": name.partition(":")[0], "first_seen": at, "last_seen": at, "paused": False}
    connection.execute(
        insert(conversations).values({"id": name, "blocked": False, "tries": 0, **row, **values})
    )
    return name


def add_request(
    connection: Connection, conversation: str, at: float, reason: str = "asked", text: str = ""
) -> int:
    """A request for a person as the assistant records it."""
    values = {
        "conversation": conversation,
        "channel": conversation.partition(":")[0],
        "reason": reason,
        "text": text or "cho gặp người thật",
        "created_at": as_local(datetime.fromtimestamp(at, VIET_NAM)),
        "state": "waiting",
    }
    return connection.execute(insert(handovers).values(values).returning(handovers.c.id)).scalar_one()


def add_case(
    connection: Connection,
    opened_at: float,
    conversation: str | None = None,
    state: str = "waiting",
    **values: Any,
) -> int:
    """A case with its request and its conversation."""
    conversation = conversation or f"web:case{next(_numbers)}"
    add_conversation(connection, conversation, opened_at)
    number = add_request(connection, conversation, opened_at, text=values.pop("text", ""))
    connection.execute(handovers.update().where(handovers.c.id == number).values(state=state))
    row = {
        "id": number,
        "conversation": conversation,
        "channel": conversation.partition(":")[0],
        "state": state,
    }
    row |= {"reason": "asked", "opened_at": opened_at, "active_at": opened_at, **values}
    connection.execute(insert(cases).values(row))
    return number


def add_person(
    connection: Connection, name: str, role: str = "volunteer", seen_at: float | None = None
) -> int:
    """Somebody with an account; with ``seen_at`` they are signed in."""
    row = {
        "login": name.lower(),
        "name": name,
        "role": role,
        "password": "x",
        "created_at": 0.0,
        "disabled": False,
    }
    number = connection.execute(insert(people).values(row).returning(people.c.id)).scalar_one()
    if seen_at is not None:
        row = {"token": secrets.token_hex(32), "person_id": number, "csrf": "x", "created_at": seen_at}
        connection.execute(insert(sessions).values({**row, "seen_at": seen_at}))
    return number


def add_question(connection: Connection, text: str, why: str = "unknown", **values: Any) -> int:
    """A question that waits to be labelled."""
    row = {"text": text, "plain": normalize(text), "why": why, "channel": "web", "asked_at": time.time()}
    row |= {"understood": {}, "state": "waiting", **values}
    return connection.execute(insert(questions).values(row).returning(questions.c.id)).scalar_one()
