"""What goes in and out of the mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "payload", "event"]
# A reply as docs and INTERFACES give it: {"kind", "text", "buttons", "links", …}.
Reply = dict[str, Any]


@dataclass(frozen=True)
class Accepted:
    """A message is kept. ``new``: it was not known before; ``id``: its number in the inbox."""

    new: bool
    id: int


@dataclass(frozen=True)
class Entry:
    """One message of a turn. ``body``: ``{"text"}``, ``{"payload"}`` or ``{"event", …}``."""

    id: int
    kind: Kind
    body: dict[str, Any]
    received_at: float


@dataclass(frozen=True)
class Turn:
    """The messages of one conversation that are answered together, in order of arrival.

    ``silent``: why the assistant does not answer them itself: ``paused`` (all of it, with the message
    of whoever paused it, or None) or ``taken_over`` (a person answers this conversation).
    """

    conversation: str
    channel: str
    entries: tuple[Entry, ...]
    token: str
    silent: Literal["paused", "taken_over"] | None = None
    message: str | None = None

    @property
    def id(self) -> int:
        """The number of the turn's last message: what its replies refer to."""
        return self.entries[-1].id

    @property
    def kind(self) -> Kind:
        return self.entries[0].kind

    @property
    def body(self) -> dict[str, Any]:
        """The body of the one message, or the lines of several texts in one."""
        if len(self.entries) == 1:
            return self.entries[0].body
        return {"text": "\n".join(entry.body["text"] for entry in self.entries)}


@dataclass(frozen=True)
class Answer:
    """What a turn comes to. ``erase``: forget the person; the replies are still sent. ``secret``: what was
    said was not meant to be kept; its words are deleted with the end of the turn."""

    replies: list[Reply]
    understood: dict[str, Any] = field(default_factory=dict)
    erase: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Outcome:
    """Where a message stands. ``state``: that of its row, ``gone`` when there is none any more."""

    state: Literal["waiting", "taken", "answered", "apologised", "recorded", "kept", "gone"]
    replies: list[Reply] = field(default_factory=list)
    understood: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def final(self) -> bool:
        return self.state not in ("waiting", "taken")


@dataclass(frozen=True)
class Letter:
    """A reply to be sent. ``platform_ids``: of the parts that the platform took already."""

    id: int
    conversation: str
    channel: str
    reply: Reply
    created_at: float
    attempts: int
    doubts: int
    platform_ids: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """The platform took it, under these ids."""

    platform_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """What is known of a conversation; times in seconds since 1970."""

    id: str
    channel: str
    first_seen: float
    last_seen: float
    notice_at: float | None
    silent_until: float | None
    paused: bool
    blocked: bool
