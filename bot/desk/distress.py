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
from bot.desk.tables import OPEN, cases
from bot.mailbox import Turn
from bot.mailbox.inbox import lock_conversation
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
    # Nobody closes or claims its case meanwhile.
    lock_conversation(connection, turn.conversation)
    intake.take_in(connection, now)
    if intake.open_case(connection, turn.conversation) is None:
        text: Any = turn.body.get("text")
        # The transaction is the caller's: the session only writes.
        with Session(connection, join_transaction_mode="rollback_only") as session:
            record_handover(session, turn.conversation, turn.channel, REASON, str(text or ""))
        intake.take_in(connection, now)
    # Also where it belongs to a case that another gateway has just taken in.
    waits = (cases.c.conversation == turn.conversation) & cases.c.state.in_(OPEN)
    connection.execute(update(cases).where(waits).values(reason=REASON))
