"""A fake of Telegram's Bot API, from the documents, with faults on demand.

python-telegram-bot talks to it unpatched. It enforces what Telegram does: offsets of ``getUpdates``,
one of webhook and polling, entities, lengths, 64 bytes in a button, addresses in buttons. ``faults``
are taken one a call that sends something: None is none, an int an HTTP status (429 with ``retry_after`` 1),
a string one of ``lost before``, ``lost after`` (delivered, and the answer lost), ``garbage``.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.bot.channels.serving import Lost, parameters

TOKEN = "123456:AAfake-token_for-tests"
SECRET = "hook-secret"
USERNAME = "motcua_thu_bot"
ME = {"id": 123456, "is_bot": True, "first_name": "Một Cửa", "username": USERNAME}
_TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"})
Call = dict[str, Any]


class Fault(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        self.status, self.description, self.parameters = status, description, parameters
        super().__init__(description)


@dataclass
class FakeTelegram:
    """``calls``: (method, what it was given) of everything but getUpdates; ``sent``: what reached a chat;
    ``hidden``: which of it (1, 2, …) was never confirmed."""

    calls: list[tuple[str, Call]] = field(default_factory=list)
    sent: list[tuple[str, Call]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    faults: deque[int | str | None] = field(default_factory=deque)
    blocked: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    cannot_parse: bool = False
    webhook: Call = field(default_factory=dict)
    topics: dict[tuple[int, int], str] = field(default_factory=dict)
    # What the bot is in a group, where it is not an administrator of a forum with every right.
    groups: dict[int, Call] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    waiting: list[Call] = field(default_factory=list)
    given: list[list[int]] = field(default_factory=list)
    polls: int = 0
    _next: int = 1
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def app(self) -> Starlette:
        async def call(request: Request) -> Response:
            if request.path_params["token"] != TOKEN:
                return _failed(Fault(401, "Unauthorized"))
            method = request.path_params["method"]
            handler = getattr(self, f"_do_{method.lower()}", None)
            if handler is None:
                return _failed(Fault(404, "Not Found"))
            try:
                given = await parameters(request)
                if method != "getUpdates":
                    self.calls.append((method, given))
                result = handler(given)
                result = await result if asyncio.iscoroutine(result) else result
            except Fault as fault:
                return _failed(fault)
            return result if isinstance(result, Response) else JSONResponse({"ok": True, "result": result})

        async def file(request: Request) -> Response:
            return Response(self.files[request.path_params["name"]])

        return Starlette(
            routes=[
                Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
                Route("/file/bot{token}/photos/{name}", file),
            ]
        )

    def texts(self, chat: int) -> list[str]:
        return [given["text"] for name, given in self.sent if name == "sendMessage" and given["chat"] == chat]

    # --- updates -------------------------------------------------------------------------------------

    def update(self, **content: Any) -> Call:
        """A new update, not yet given to anybody; number it, and put it into the queue with :meth:`put`."""
        with self._lock:
            self._next += 1
            return {"update_id": 10_000 + self._next, **content}

    def put(self, *updates: Call) -> None:
        with self._lock:
            self.waiting.extend(updates)

    async def _do_getupdates(self, given: Call) -> Any:
        if self.webhook.get("url"):
            raise Fault(409, "Conflict: can't use getUpdates method while webhook is active")
        with self._lock:
            self.polls += 1
            poll = self.polls
        offset, limit = int(given.get("offset") or 0), int(given.get("limit") or 100)
        until = time.monotonic() + float(given.get("timeout") or 0)
        while True:
            with self._lock:
                if poll != self.polls:
                    raise Fault(409, "Conflict: terminated by other getUpdates request")
                # What is below the offset is confirmed, and gone.
                self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
                found = self.waiting[:limit]
            if found or time.monotonic() > until:
                if found:
                    self.given.append([update["update_id"] for update in found])
                return found
            await asyncio.sleep(0.02)

    def _do_setwebhook(self, given: Call) -> bool:
        if not str(given.get("url", "")).startswith("https://"):
            raise Fault(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook")
        self.webhook = given
        return True

    def _do_deletewebhook(self, given: Call) -> bool:
        self.webhook = {}
        return True

    def _do_getwebhookinfo(self, given: Call) -> Call:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.waiting),
        }

    # --- who and what --------------------------------------------------------------------------------

    def _do_getme(self, given: Call) -> Call:
        return ME

    def _do_setmycommands(self, given: Call) -> bool:
        for command in json.loads(given["commands"]):
            if not 1 <= len(command["command"]) <= 32 or not 1 <= len(command["description"]) <= 256:
                raise Fault(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    def _do_answercallbackquery(self, given: Call) -> bool:
        if not given.get("callback_query_id"):
            raise Fault(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        return True

    def _do_sendchataction(self, given: Call) -> bool:
        self._chat(given)
        return True

    # --- sending -------------------------------------------------------------------------------------

    def _do_sendmessage(self, given: Call) -> Any:
        def check() -> Call:
            text = self._visible(given, "text", 4096)
            self._keyboard(given)
            return {"text": text}

        return self._send("sendMessage", given, check)

    def _do_senddocument(self, given: Call) -> Any:
        def check() -> Call:
            document = given.get("document")
            if isinstance(document, str) and document.startswith("attach://"):
                document = given[document.removeprefix("attach://")]
            self._visible(given, "caption", 1024)
            if isinstance(document, tuple):
                given["document"] = document
                return {"document": {"file_id": f"file-{document[0]}", "file_unique_id": "u"}}
            if not document:
                raise Fault(400, "Bad Request: there is no document in the request")
            return {"document": {"file_id": document, "file_unique_id": "u"}}

        return self._send("sendDocument", given, check)

    def _do_sendphoto(self, given: Call) -> Any:
        photo = str(given.get("photo"))
        if photo not in self.files and not photo.startswith("http"):
            raise Fault(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return self._send("sendPhoto", given, lambda: {"photo": photo})

    def _do_sendlocation(self, given: Call) -> Any:
        place = {key: float(given[key]) for key in ("latitude", "longitude")}
        return self._send("sendLocation", given, lambda: {"location": place})

    def _do_copymessage(self, given: Call) -> Any:
        return self._send("copyMessage", given, dict)

    def _do_editmessagetext(self, given: Call) -> Any:
        return self._send("editMessageText", given, lambda: {"text": self._visible(given, "text", 4096)})

    def _do_editmessagereplymarkup(self, given: Call) -> Any:
        def check() -> Call:
            self._keyboard(given)
            return {}

        return self._send("editMessageReplyMarkup", given, check)

    def _send(self, method: str, given: Call, check: Callable[[], Call]) -> Any:
        fault = self.faults.popleft() if self.faults else None
        if fault == "lost before":
            return Lost()
        if isinstance(fault, int):
            raise Fault(fault, "on demand", **({"retry_after": 1} if fault == 429 else {}))
        chat = self._chat(given)
        if "message_thread_id" in given:
            self._topic(given)
        content = check()
        with self._lock:
            self.sent.append((method, {**given, "chat": chat, **content}))
            number = len(self.sent)
        if fault == "lost after":
            self.hidden.add(number)
            return Lost()
        if fault == "garbage":
            return PlainTextResponse("<html>")
        where = {"id": chat, "type": "private" if chat > 0 else "supergroup", "title": "Nhóm"}
        return {"message_id": number, "date": int(time.time()), "chat": where, **content}

    def _chat(self, given: Call) -> int:
        chat = int(given["chat_id"])
        if chat in self.moved:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Fault(400, text, migrate_to_chat_id=self.moved[chat])
        if chat in self.blocked:
            raise Fault(403, "Forbidden: bot was blocked by the user")
        if chat in self.unknown:
            raise Fault(400, "Bad Request: chat not found")
        return chat

    def _visible(self, given: Call, key: str, most: int) -> str:
        """The text without its marks."""
        text = str(given.get(key, ""))
        if given.get("parse_mode") == "HTML":
            if self.cannot_parse:
                raise Fault(400, "Bad Request: can't parse entities: Unsupported start tag at byte offset 0")
            text = _Marks.read(text)
        if key == "text" and not text.strip():
            raise Fault(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > most:
            what = "message is" if key == "text" else "message caption is"
            raise Fault(400, f"Bad Request: {what} too long")
        return text

    def _keyboard(self, given: Call) -> None:
        rows = json.loads(given.get("reply_markup") or "{}").get("inline_keyboard", [])
        if sum(map(len, rows)) > 100:
            raise Fault(400, "Bad Request: too many buttons in reply_markup")
        for button in (button for row in rows for button in row):
            if not 1 <= len(button.get("callback_data", "x").encode()) <= 64:
                raise Fault(400, "Bad Request: BUTTON_DATA_INVALID")
            host = urlsplit(button.get("url", "https://x.vn")).hostname or ""
            if "." not in host:
                raise Fault(400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL")

    # --- topics of a forum group -----------------------------------------------------------------------

    def _do_createforumtopic(self, given: Call) -> Call:
        if not 1 <= len(given.get("name", "")) <= 128:
            raise Fault(400, "Bad Request: TOPIC_TITLE_INVALID")
        with self._lock:
            number = len(self.topics) + 2
            self.topics[int(given["chat_id"]), number] = given["name"]
        return {"message_thread_id": number, "name": given["name"], "icon_color": 7322096}

    def _do_getchat(self, given: Call) -> Call:
        chat = self._chat(given)
        forum = self.groups.get(chat, {}).get("is_forum", True)
        more = {"accent_color_id": 1, "max_reaction_count": 11, "is_forum": forum}
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        kinds = dict.fromkeys(gifts, False)
        return {"id": chat, "type": "supergroup", "title": "Nhóm", **more, "accepted_gift_types": kinds}

    def _do_getchatmember(self, given: Call) -> Call:
        own = self.groups.get(self._chat(given), {})
        rights = (
            *(
                "can_be_edited",
                "is_anonymous",
                "can_manage_chat",
                "can_delete_messages",
                "can_manage_video_chats",
            ),
            *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
            *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_pin_messages"),
            "can_manage_topics",
        )
        status = own.get("status", "administrator")
        held = {right: own.get(right, True) for right in rights} if status == "administrator" else {}
        return {"user": ME, "status": status, **held}

    # --- files -----------------------------------------------------------------------------------------

    def _do_getfile(self, given: Call) -> Call:
        name = given["file_id"]
        if name not in self.files:
            raise Fault(400, "Bad Request: invalid file_id")
        size = len(self.files[name])
        return {"file_id": name, "file_unique_id": name, "file_size": size, "file_path": f"photos/{name}"}

    def _topic(self, given: Call) -> tuple[int, int]:
        key = int(given["chat_id"]), int(given["message_thread_id"])
        if key not in self.topics:
            raise Fault(400, "Bad Request: message thread not found")
        return key

    def _do_editforumtopic(self, given: Call) -> bool:
        self.topics[self._topic(given)] = given.get("name", "")
        return True

    def _do_closeforumtopic(self, given: Call) -> bool:
        return bool(self._topic(given))

    _do_reopenforumtopic = _do_closeforumtopic

    def _do_deleteforumtopic(self, given: Call) -> bool:
        del self.topics[self._topic(given)]
        return True


class _Marks(HTMLParser):
    """Telegram's HTML: only its own tags, each closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.open: list[str] = []

    @classmethod
    def read(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        parser.close()
        if parser.open:
            raise Fault(
                400, f"Bad Request: can't parse entities: Can't find end tag corresponding to {parser.open}"
            )
        return "".join(parser.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise Fault(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Fault(400, "Bad Request: can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _failed(fault: Fault) -> Response:
    body: Call = {"ok": False, "error_code": fault.status, "description": fault.description}
    return JSONResponse(body | ({"parameters": fault.parameters} if fault.parameters else {}), fault.status)


# --- what Telegram sends to us -------------------------------------------------------------------------


def message(chat: int, number: int, **content: Any) -> Call:
    """A private message; ``content`` is ``text="…"`` or the like."""
    person = {"id": chat, "is_bot": False, "first_name": "Lan"}
    where = {"id": chat, "type": "private", "first_name": "Lan"}
    return {"message_id": number, "date": int(time.time()), "chat": where, "from": person, **content}


def group_message(chat: int, number: int, **content: Any) -> Call:
    where = {"id": chat, "type": "supergroup", "title": "Nhóm"}
    return message(77, number, **content) | {"chat": where}


def tap(chat: int, query_id: str, data: str) -> Call:
    """A tapped button."""
    under = {**message(chat, 5, text="…"), "from": ME}
    return {
        "id": query_id,
        "from": message(chat, 1)["from"],
        "message": under,
        "chat_instance": "1",
        "data": data,
    }
