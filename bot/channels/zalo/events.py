"""Zalo's webhook events: which there are, what is done with each, and how they are read.

``EVENTS`` is the whole list (``*``: any kind of it); what is not in it is counted and left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.channels.incoming import WITHDRAW, Incoming, Left, Message, Nothing, StaffWrote, said

CHANNEL = "zalo"
Event = dict[str, Any]
Treatment = Literal["answer", "leave", "silence", "ignore"]


@dataclass(frozen=True)
class Known:
    """What is done with an event, in one line, and where in it the person's id stands."""

    treatment: Treatment
    does: str
    person: str = "sender.id"


def _answer(does: str, person: str = "sender.id") -> Known:
    return Known("answer", does, person)


def _ignore(why: str) -> Known:
    return Known("ignore", why)


_RECEIPT = _ignore("a receipt: answering one would bring the next")
_ANONYMOUS = _ignore("somebody without a Zalo account, to whom customer-service messages cannot be sent")
_ECHO = Known(
    "silence", "written by staff (admin_id): the assistant keeps silent here; else our own", "recipient.id"
)
_HAND_OVER = _answer("acknowledged and handed over to people")

EVENTS: dict[str, Known] = {
    # A person writes, sends or taps. A tapped button comes as user_send_text with its key.
    "user_send_text": _answer("answered"),
    "user_send_link": _answer("its words are answered; a bare link is not opened"),
    "user_send_image": _HAND_OVER,
    "user_send_file": _HAND_OVER,
    "user_send_audio": _HAND_OVER,
    "user_send_video": _HAND_OVER,
    "user_send_business_card": _HAND_OVER,
    "user_send_location": _answer("the way to the centre and its hours; the place itself is not kept"),
    "user_send_sticker": _answer("a friendly line"),
    "user_send_gif": _answer("a friendly line"),
    "follow": _answer("greeted", "follower.id"),
    "user_click_chatnow": _answer("whoever is new is greeted", "user_id"),
    "user_withdraw": _answer("everything of this person is erased", "user_id"),
    "unfollow": Known("leave", "what waits to be sent is given up", "follower.id"),
    # The centre's own messages, whatever kind they are of.
    "oa_send_*": _ECHO,
    # Receipts.
    "user_seen_message": _RECEIPT,
    "user_received_message": _RECEIPT,
    "user_reacted_message": _RECEIPT,
    "oa_reacted_message": _RECEIPT,
    # Knowingly ignored.
    "anonymous_send_*": _ANONYMOUS,
    "oa_send_anonymous_text": _ANONYMOUS,
    "user_submit_info": _ignore("name, telephone and address that we never ask for are not kept"),
    "oa_send_consent": _ignore("calls are not ours"),
    "user_reply_consent": _ignore("calls are not ours"),
    "user_call_oa": _ignore("calls are not ours"),
    "oa_call_user": _ignore("calls are not ours"),
    "add_user_to_tag": _ignore("labels are the centre's own, in Zalo's tool"),
    "remove_user_from_tag": _ignore("labels are the centre's own, in Zalo's tool"),
    "update_user_info": _ignore("profiles are not kept"),
    "shop_has_order": _ignore("the centre sells nothing"),
    "user_feedback": _ignore("a rating of a template message, shown in Zalo's tool"),
    "change_oa_daily_quota": _ignore("a sending limit: what is refused for it says so"),
    "change_template_*": _ignore("templates are looked after in Zalo's tool"),
    "journey_time_out": _ignore("template messages only"),
    "journey_acknowledged": _ignore("template messages only"),
}

_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_ATTACHMENTS = 10
# Events that are no messages name their person differently from one description to the next.
_ELSEWHERE = ("follower.id", "user_id", "sender.id")


def known_event(name: object) -> Known | None:
    """What is done with events of this name."""
    if not isinstance(name, str):
        return None
    return EVENTS.get(name) or EVENTS.get("_".join(name.split("_")[:2]) + "_*")


def timestamp_of(event: Event) -> str:
    """The event's ``timestamp`` as it stands in the signature; empty when it has none."""
    value = event.get("timestamp")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    return value if isinstance(value, str) and len(value) <= 20 else ""


def read_event(event: Event, body: bytes, distance: Callable[[float, float], float | None]) -> Incoming:
    """What is to be done with an event whose signature is right.

    ``distance``: kilometres from (latitude, longitude) to the centre; only they are kept of a place.
    """
    name = event.get("event_name")
    known = known_event(name)
    if known is None:
        return Nothing("unknown event")
    if known.treatment == "ignore":
        return Nothing(known.does)
    places = (known.person, *(_ELSEWHERE if known.person in _ELSEWHERE else ()))
    person = next((found for place in places if (found := _at(event, place))), None)
    if not isinstance(person, (str, int)) or not _PERSON.fullmatch(str(person)):
        return Nothing("no person")
    conversation = f"{CHANNEL}:{person}"
    if known.treatment == "leave":
        return Left(conversation)
    if known.treatment == "silence":
        if not _at(event, "sender.admin_id"):
            return Nothing("our own message")
        return StaffWrote(CHANNEL, conversation, _id(event, body), _sent_at(event))
    kind, content = _READERS.get(str(name), _attachment)(event, distance)
    return Message(CHANNEL, conversation, _id(event, body), kind, content, _sent_at(event))


_Read = Callable[[Event, Callable[[float, float], float | None]], tuple[Any, dict[str, Any]]]


def _text(event: Event, _: object) -> tuple[Any, dict[str, Any]]:
    return said(_words(event))


def _link(event: Event, _: object) -> tuple[Any, dict[str, Any]]:
    """What is written beside a link is a question; a link alone is not."""
    words = re.sub(r"\bhttps?://\S+", "", _words(event)).strip()
    return said(words) if words else ("event", {"event": "link"})


def _location(event: Event, distance: Callable[[float, float], float | None]) -> tuple[Any, dict[str, Any]]:
    place = _at(_attachments(event)[0], "payload.coordinates") if _attachments(event) else None
    place = place or _at(event, "message.location") or {}
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return "event", {"event": "location", "km": None}
    there = -90 <= latitude <= 90 and -180 <= longitude <= 180
    km = distance(latitude, longitude) if there else None
    return "event", {"event": "location", "km": None if km is None else round(km, 1)}


def _attachment(event: Event, _: object) -> tuple[Any, dict[str, Any]]:
    rows = [
        {
            key: str(value)[:1000]
            for key in ("url", "name")
            if isinstance(value := _at(row, f"payload.{key}"), str)
        }
        for row in _attachments(event)[:_MOST_ATTACHMENTS]
    ]
    kind = str(event["event_name"]).removeprefix("user_send_")
    body = {"event": "attachment", "type": kind, "attachments": [row for row in rows if row]}
    words = said(_words(event))[1].get("text")
    return "event", body | ({"text": words} if words else {})


def _only(event: str) -> _Read:
    return lambda *_: ("event", {"event": event})


_READERS: dict[str, _Read] = {
    "user_send_text": _text,
    "user_send_link": _link,
    "user_send_location": _location,
    "user_send_sticker": _only("sticker"),
    "user_send_gif": _only("sticker"),
    "follow": _only("greet"),
    "user_click_chatnow": _only("open"),
    "user_withdraw": lambda *_: ("event", dict(WITHDRAW)),
}


def _id(event: Event, body: bytes) -> str:
    """What the event is known by however often it is delivered."""
    given = _at(event, "message.msg_id")
    if isinstance(given, (str, int)) and not isinstance(given, bool) and str(given):
        return str(given)
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _sent_at(event: Event) -> float | None:
    timestamp = timestamp_of(event)
    return int(timestamp) / 1000 if timestamp.isascii() and timestamp.isdigit() else None


def _words(event: Event) -> str:
    text = _at(event, "message.text")
    return text if isinstance(text, str) else ""


def _attachments(event: Event) -> list[dict[str, Any]]:
    rows = _at(event, "message.attachments")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _at(event: Any, path: str) -> Any:
    """What stands at ``a.b.c``; None where the way ends before."""
    for key in path.split("."):
        event = event.get(key) if isinstance(event, dict) else None
    return event
