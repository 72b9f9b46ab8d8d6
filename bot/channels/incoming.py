"""What a platform told us, as each channel's parser gives it to :class:`bot.channels.intake.Intake`.

Events that both platforms have (the ``event`` of a body of kind ``event``): ``greet``, ``open`` (greets
only whoever is new), ``help``, ``start`` (with ``what``, a deep link), ``attachment`` (with ``type``,
``attachments``, ``text``), ``sticker``, ``link``, ``location`` (with ``km`` to the centre), ``too_long``
(with ``length``), ``empty``, ``group``, ``more`` (with ``buttons``, ``links``), ``withdraw``,
``staff_wrote``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.gateway.messages import LONGEST_TEXT, clean
from bot.mailbox.model import Kind

WITHDRAW = {"event": "withdraw"}


@dataclass(frozen=True)
class Message:
    """Something to be kept and answered. ``id``: the platform's; ``sent_at``: seconds since 1970.

    ``replaces``: the id of the message that this is a corrected form of.
    """

    channel: str
    conversation: str
    id: str
    kind: Kind
    body: dict[str, Any]
    sent_at: float | None = None
    replaces: str | None = None


@dataclass(frozen=True)
class Left:
    """The person blocked us or left."""

    conversation: str


@dataclass(frozen=True)
class StaffWrote:
    """Somebody of the centre answered in the platform's own tool, at ``at`` (seconds since 1970)."""

    channel: str
    conversation: str
    id: str
    at: float | None


@dataclass(frozen=True)
class Nothing:
    """Nothing to be done, and why."""

    reason: str


Incoming = Message | Left | StaffWrote | Nothing


def said(text: str) -> tuple[Kind, dict[str, Any]]:
    """(kind, body) of a line that a person typed."""
    text = clean(text)
    if not text:
        return "event", {"event": "empty"}
    if len(text) > LONGEST_TEXT:
        return "event", {"event": "too_long", "length": len(text)}
    return "text", {"text": text}
