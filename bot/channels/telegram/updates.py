"""Telegram's updates: the few fields that are read of each, and what is done with it.

Only ``ALLOWED`` kinds are asked for. A private message is answered; a group is told, at most once an
hour and only when it speaks to us, that answers are given in private.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, field

from bot.channels.incoming import Incoming, Left, Message, Nothing, said

CHANNEL, GROUPS = "telegram", "telegram-group"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
Distance = Callable[[float, float], float | None]

# What a command stands for: a button's payload. What follows it is a question of its own.
COMMANDS = {
    "thutuc": "list_procedures",
    "hoso": "dossier_status",
    "lienhe": "centre_info",
    "xoa": "erase_data",
}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,32}))?(?:\s+(.*))?", re.DOTALL)
_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Chat(Struct):
    id: int
    type: str


class User(Struct):
    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None


class Place(Struct):
    latitude: float
    longitude: float


class Attached(Struct):
    """A document, picture, recording: what it is fetched by, and its name where it has one."""

    file_id: str = ""
    file_name: str | None = None


class Replied(Struct):
    sender: User | None = field(name="from", default=None)


class TelegramMessage(Struct):
    message_id: int
    chat: Chat
    date: int = 0
    edit_date: int | None = None
    sender: User | None = field(name="from", default=None)
    message_thread_id: int | None = None
    text: str | None = None
    caption: str | None = None
    photo: list[Attached] | None = None
    document: Attached | None = None
    voice: Attached | None = None
    audio: Attached | None = None
    video: Attached | None = None
    video_note: Attached | None = None
    animation: Attached | None = None
    sticker: Attached | None = None
    contact: dict[str, Any] | None = None
    poll: dict[str, Any] | None = None
    story: dict[str, Any] | None = None
    dice: dict[str, Any] | None = None
    location: Place | None = None
    reply_to_message: Replied | None = None


class Inaccessible(Struct):
    """The message under a tapped button, which may be too old to be had."""

    message_id: int
    chat: Chat


class CallbackQuery(Struct):
    id: str
    sender: User | None = field(name="from", default=None)
    message: Inaccessible | None = None
    data: str | None = None


class Member(Struct):
    status: str


class MemberUpdated(Struct):
    chat: Chat
    date: int
    old_chat_member: Member
    new_chat_member: Member


class Update(Struct):
    update_id: int
    message: TelegramMessage | None = None
    edited_message: TelegramMessage | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberUpdated | None = None


@dataclass(frozen=True)
class Me:
    """The bot itself, once it is known."""

    id: int
    username: str


def read_update(update: Update, me: Me | None, distance: Distance) -> Incoming:
    """What is to be done with an update. ``distance``: kilometres to the centre from a place."""
    if update.message is not None:
        return _message(update.message, me, distance)
    if update.edited_message is not None:
        return _edited(update.edited_message)
    if update.callback_query is not None:
        return _tapped(update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    return Nothing("unknown update")


def _message(message: TelegramMessage, me: Me | None, distance: Distance) -> Incoming:
    if message.sender is not None and message.sender.is_bot:
        return Nothing("a bot")
    if message.chat.type != "private":
        return _group(message, me)
    found = _content(message, distance)
    if found is None:
        return Nothing("a service message")
    kind, body = found
    return Message(CHANNEL, _conversation(message.chat), _id(message), kind, body, float(message.date))


def _content(message: TelegramMessage, distance: Distance) -> tuple[Any, dict[str, Any]] | None:
    """(kind, body) of what a person sent; None when it is nothing that a person sends."""
    if message.text is not None:
        return _command(message.text) or said(message.text)
    if message.location is not None:
        km = distance(message.location.latitude, message.location.longitude)
        return "event", {"event": "location", "km": None if km is None else round(km, 1)}
    if message.sticker or message.animation or message.dice is not None:
        return "event", {"event": "sticker"}
    for type, attached in _attachments(message):
        if attached is None:
            continue
        body: dict[str, Any] = {"event": "attachment", "type": type, "attachments": _rows(attached)}
        words = said(message.caption or "")[1].get("text")
        return "event", body | ({"text": words} if words else {})
    return None


def chat_of(update: Update) -> int | None:
    """The chat that an update comes from."""
    query = update.callback_query
    under = query.message if query is not None else update.message or update.edited_message
    found = under or update.my_chat_member
    return found.chat.id if found is not None else None


def has_attachment(message: TelegramMessage) -> bool:
    """Whether something else than words was sent."""
    return any(attached is not None for _, attached in _attachments(message))


def _attachments(message: TelegramMessage) -> list[tuple[str, Any]]:
    return [
        ("image", message.photo),
        ("file", message.document),
        ("audio", message.voice or message.audio),
        ("video", message.video or message.video_note),
        ("business_card", message.contact),
        ("other", message.poll if message.poll is not None else message.story),
    ]


def _rows(attached: Any) -> list[dict[str, str]]:
    """What people can fetch it by. Of a picture's sizes the last is the largest."""
    if isinstance(attached, list):
        attached = attached[-1] if attached else None
    if not isinstance(attached, Attached):
        return []
    name = {"name": attached.file_name[:200]} if attached.file_name else {}
    return [{**name, "file_id": attached.file_id[:300]}]


def _command(text: str) -> tuple[Any, dict[str, Any]] | None:
    """(kind, body) of a command; None when ``text`` is none."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    name, rest = match[1].lower(), (match[3] or "").strip()
    if name == "start":
        what = rest if _PARAMETER.fullmatch(rest) else ""
        return "event", {"event": "start", "what": what} if what else {"event": "greet"}
    if name not in COMMANDS:
        return "event", {"event": "help"}
    if rest and name in ("thutuc", "hoso"):
        return said(rest)
    return "payload", {"payload": COMMANDS[name]}


def _edited(message: TelegramMessage) -> Incoming:
    """A corrected question is answered anew; moving on a map, or another caption, is not one."""
    if message.chat.type != "private" or message.text is None:
        return Nothing("an edit without a question")
    kind, body = _command(message.text) or said(message.text)
    edited = f"{_id(message)}:{message.edit_date or 0}"
    at = float(message.edit_date or message.date)
    return Message(CHANNEL, _conversation(message.chat), edited, kind, body, at, replaces=_id(message))


def _tapped(query: CallbackQuery) -> Incoming:
    if query.message is None or query.message.chat.type != "private" or not query.data:
        return Nothing("a button elsewhere")
    conversation = _conversation(query.message.chat)
    return Message(CHANNEL, conversation, f"tap:{query.id}", "payload", {"payload": query.data[:256]})


def _membership(event: MemberUpdated) -> Incoming:
    status = event.new_chat_member.status
    if event.chat.type == "private":
        return Left(_conversation(event.chat)) if status == "kicked" else Nothing("not blocked any more")
    group, was_out = event.chat.type in ("group", "supergroup"), event.old_chat_member.status
    if group and status in ("member", "administrator") and was_out in ("left", "kicked"):
        return _refusal(event.chat, event.date)
    return Nothing("membership")


def _group(message: TelegramMessage, me: Me | None) -> Incoming:
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    named = me is not None and f"@{me.username}".lower() in text.lower()
    replied = message.reply_to_message.sender if message.reply_to_message else None
    ours = me is not None and replied is not None and replied.id == me.id
    if message.chat.type == "channel" or not ((command and command[2] is None) or named or ours):
        return Nothing("said in a group, not to us")
    return _refusal(message.chat, message.date)


def _refusal(chat: Chat, date: int) -> Message:
    # One id an hour: the mailbox keeps the first and counts the rest.
    identity = f"group:{chat.id}:{date // 3600}"
    return Message(GROUPS, _conversation(chat), identity, "event", {"event": "group"})


def _conversation(chat: Chat) -> str:
    return f"{CHANNEL}:{chat.id}"


def _id(message: TelegramMessage) -> str:
    return f"{message.chat.id}:{message.message_id}"
