"""What the channels answer themselves: events. Whatever is a question goes on to the engine.

:class:`Answering` wraps the gateway's own ``Respond``: a deep link becomes the button it stands for,
an event gets its words, everything else is passed through untouched.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from bot.channels import records
from bot.channels.deep_links import payloads
from bot.channels.directions import directions
from bot.channels.folding import folded
from bot.channels.outside import Remembered
from bot.channels.words import Words, day
from bot.errors import BadRequest
from bot.gateway.checklist import CODE, checklist_of, checklist_payload
from bot.gateway.messages import LONGEST_TEXT
from bot.gateway.responding import UNFOLDED
from bot.mailbox import Answer, Mailbox, Reply, Respond, Turn, notice
from dossiers.errors import DatabaseError
from procedures_catalog import CatalogStore
from procedures_catalog.centre import VIET_NAM, Centre
from vietnamese import normalize

log = logging.getLogger(__name__)
CHANNELS = frozenset({"zalo", "telegram", "telegram-group"})
# Several pictures one after another get one acknowledgement.
ATTACHMENT_SECONDS = 60.0
# A window of days does not close twice in an hour.
RELEASE_SECONDS = 3600.0


def _now() -> datetime:
    return datetime.now(VIET_NAM)


@dataclass(frozen=True)
class Answering:
    """``await Answering(…)(turn)``; see the module. ``inner`` answers questions; raises as it does."""

    inner: Respond
    mailbox: Mailbox
    centre: Centre
    catalog: CatalogStore
    words: Words
    now: Callable[[], datetime] = _now
    released: Remembered[bool] = field(default_factory=Remembered)

    async def __call__(self, turn: Turn) -> Answer:
        if turn.channel in CHANNELS:
            await self._release(turn)
        if turn.kind == "text":
            return await self._text(turn, str(turn.body.get("text") or ""))
        if turn.kind != "event" or turn.channel not in CHANNELS:
            return await self.inner(turn)
        event = str(turn.body.get("event"))
        answer = _EVENTS.get(event)
        if answer is None:
            raise BadRequest(422, "unknown_payload")
        given = await answer(self, turn)
        known = given.understood or {"intent": event, "confidence": 1.0, "procedures": [], "aspects": []}
        return replace(given, understood=known)

    async def _text(self, turn: Turn, text: str) -> Answer:
        if payload := await self._checklist(text):
            return await self._tapped(turn, payload)
        if turn.channel in CHANNELS and self._asks_for_the_whole(text):
            long = [reply for reply in await self._last_sent(turn) if folded(reply, self.words)]
            if long:
                return Answer([reply | {UNFOLDED: True} for reply in long])
        return await self.inner(turn)

    def _asks_for_the_whole(self, text: str) -> bool:
        """Whether the button under a folded answer was typed."""
        return normalize(text) == normalize(self.words.say("whole"))

    async def _last_sent(self, turn: Turn) -> list[Reply]:
        return await self.mailbox.core.ledger.run(
            lambda c: records.last_replies(c, turn.conversation), durable=False
        )

    async def _release(self, turn: Turn) -> None:
        """What could not be sent while Zalo's window was closed goes out before the answer."""
        now = time.monotonic()
        if turn.channel != "zalo" or self.released.get(turn.conversation, now):
            return
        self.released.put(turn.conversation, True, now + RELEASE_SECONDS)
        held = await self.mailbox.core.ledger.run(
            lambda c: records.held_back(c, turn.conversation), durable=False
        )
        if held:
            await self.mailbox.letters.revive(held)

    async def _say(self, turn: Turn) -> Answer:
        """An event that only needs its words, with the menu of first steps below."""
        event = turn.body["event"]
        key = "help_telegram" if event == "help" and turn.channel == "telegram" else _WORDS[event]
        return Answer([self.words.notice(key, menu=event in _WITH_MENU)])

    async def _greet(self, turn: Turn) -> Answer:
        reply = self.words.notice("greeting", menu=True)
        return Answer([reply | {"kind": "smalltalk"}])

    async def _open(self, turn: Turn) -> Answer:
        """The chat was opened: whoever is new is greeted."""
        known = await self.mailbox.people.conversation(turn.conversation)
        if known is not None and known.notice_at is not None:
            return Answer([])
        return await self._greet(turn)

    async def _start(self, turn: Turn) -> Answer:
        """A deep link: see :mod:`bot.channels.deep_links`."""
        what = str(turn.body.get("what") or "")
        buttons = await run_in_threadpool(lambda: payloads(what, self.catalog.current()))
        if buttons is None:
            return await self._greet(turn)
        answer = Answer([self.words.notice("unknown_link", menu=True)])
        for payload in buttons:
            answer = await self._tapped(turn, payload)
        return answer

    async def _checklist(self, code: str) -> str | None:
        """The button for the checklist whose code (``DS 1001193 21``, from the counter) somebody typed."""
        if not CODE.fullmatch(code):
            return None
        catalog = await run_in_threadpool(self.catalog.current)
        found = checklist_of(catalog, code, self.now().date())
        return checklist_payload(*found) if found else None

    async def _tapped(self, turn: Turn, payload: str) -> Answer:
        entries = [replace(entry, kind="payload", body={"payload": payload}) for entry in turn.entries]
        return await self.inner(replace(turn, entries=tuple(entries)))

    async def _too_long(self, turn: Turn) -> Answer:
        facts = {"length": turn.body.get("length"), "most": LONGEST_TEXT}
        return Answer([self.words.notice("too_long", **facts)])

    async def _more(self, turn: Turn) -> Answer:
        rest = {key: turn.body.get(key, []) for key in ("buttons", "links")}
        return Answer([self.words.notice("more_of_them") | {"kind": "choice"} | rest])

    async def _full(self, turn: Turn) -> Answer:
        """All of a folded answer; once, when its button is tapped again and again."""
        reply: Reply = turn.body["reply"]
        told = [row["text"] for row in await self._last_sent(turn) if row.get(UNFOLDED)]
        return Answer([] if reply["text"] in told else [reply | {UNFOLDED: True}])

    async def _location(self, turn: Turn) -> Answer:
        return Answer([directions(self.centre, self.words, self.now(), turn.body.get("km"))])

    async def _attachment(self, turn: Turn) -> Answer:
        """Acknowledged, and handed over to people: nobody else can read it."""
        names = self.words["attachment.names"]
        name = names.get(turn.body.get("type"), names["other"])

        def work(connection: Any, now: float) -> int | None:
            since = now - ATTACHMENT_SECONDS
            if records.answered_lately(connection, turn.conversation, "attachment", since):
                return None
            text = _described(name, turn.body)
            return records.hand_over(connection, turn.conversation, turn.channel, "attachment", text)

        try:
            number = await self.mailbox.core.run(work)
        except DatabaseError as error:
            log.error("handover: %s", error)
            return Answer([self._handed("failed", name)])
        if number is None:
            return Answer([])
        return Answer([self._handed("text", name, number=number, when=self._when())])

    def _handed(self, key: str, name: str, **facts: object) -> Reply:
        return notice(self.words.say(f"attachment.{key}", name=name, **facts)) | {"kind": "handover"}

    def _when(self) -> str:
        now = self.now()
        if self.centre.is_open(now):
            return self.words.say("attachment.open")
        opens = self.centre.opens_next(now)
        if opens is None:
            return self.words.say("attachment.unknown")
        return self.words.say("attachment.later", clock=self.words.clock(opens), day=day(opens))

    async def _withdraw(self, turn: Turn) -> Answer:
        return Answer([], erase=True)

    async def _nothing(self, turn: Turn) -> Answer:
        return Answer([])


def _described(name: str, body: dict[str, Any]) -> str:
    """What the centre's people read of an attachment: its kind, its words, where it is."""
    lines = [f"[{name}]", str(body.get("text") or "")]
    for row in body.get("attachments") or ():
        lines.append(" ".join(str(row[key]) for key in ("name", "url") if row.get(key)))
    return "\n".join(line for line in lines if line)


_Handler = Callable[[Answering, Turn], Awaitable[Answer]]
_WORDS = {"help": "help", "sticker": "sticker", "link": "link", "empty": "empty", "group": "group"}
_WITH_MENU = frozenset({"help", "sticker"})
_EVENTS: dict[str, _Handler] = {
    **dict.fromkeys(_WORDS, Answering._say),
    "greet": Answering._greet,
    "open": Answering._open,
    "start": Answering._start,
    "too_long": Answering._too_long,
    "more": Answering._more,
    "full": Answering._full,
    "location": Answering._location,
    "attachment": Answering._attachment,
    "withdraw": Answering._withdraw,
    "staff_wrote": Answering._nothing,
}
