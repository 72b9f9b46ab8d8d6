"""Hears when somebody needs a person now, though they did not ask for one.

A list of phrases, not the classifier: it must not depend on what else a message is about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from bot.desk import intake
from bot.desk.tables import cases
from bot.mailbox import Turn
from dossiers.handover import record_handover
from vietnamese import normalize

PHRASES = Path(__file__).with_name("distress.yml")
REASON = "distress"


class Distress:
    """``Distress()`` reads the phrases; ``heard(text)``: whether one of them is in it."""

    def __init__(self) -> None:
        phrases = yaml.load(PHRASES.read_text("utf-8"), Loader=yaml.CSafeLoader)
        self._phrases = [f" {normalize(phrase)} " for phrase in phrases]

    def heard(self, text: str) -> bool:
        plain = f" {normalize(text)} "
        return any(phrase in plain for phrase in self._phrases)


def call_somebody(connection: Connection, now: float, turn: Turn) -> None:
    """The conversation waits for a person, before all others."""
    intake.take_in(connection, now)
    case = intake.open_case(connection, turn.conversation)
    if case is None:
        text: Any = turn.body.get("text")
        # The transaction is the caller's: the session only writes.
        with Session(connection, join_transaction_mode="rollback_only") as session:
            record_handover(session, turn.conversation, turn.channel, REASON, str(text or ""))
        intake.take_in(connection, now)
    else:
        connection.execute(update(cases).where(cases.c.id == case.id).values(reason=REASON))
