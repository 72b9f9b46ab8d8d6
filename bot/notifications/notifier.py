"""Looks for changes and puts the news into the mailbox.

The letter and the note that the person knows are one transaction: whatever is killed, a change is told
once. What then becomes of the letter is the mailbox's business: retries, the windows of a platform, or,
on the web, waiting until the person comes back.
"""

from __future__ import annotations

import asyncio
import logging
import time as clock
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import yaml
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from bot.mailbox import Mailbox, Reply, outbox
from bot.mailbox.tables import conversations
from bot.settings import Settings
from dossiers import WorkCalendar, local_now, subscriptions, throttle
from dossiers.errors import DatabaseError, ViewAway
from dossiers.lookup import PublicStatus, public_status
from dossiers.models import Dossier
from dossiers.statuses import PAPERS
from dossiers.subscriptions import LAST, Waiting
from dossiers.view import LiveView
from procedures_catalog.centre import Centre

log = logging.getLogger(__name__)
T = TypeVar("T")
AtEnd = Callable[[Connection, float, str], list[Reply]]
WORDS = Path(__file__).parent / "words.yml"
LOOK_SECONDS = 15.0
# The centre's own database is asked less often: one question for each dossier.
VIEW_SECONDS = 300.0
HOUSE_SECONDS = 3600.0
# How long it stays known that somebody was let see more of a dossier.
ACCESS_DAYS = 730
LONGEST_PARAMETER = 100


class Notifier:
    """``async with Notifier(mailbox, centre):`` news are told inside.

    ``view``: the centre's own database, for dossiers that are not in ours. ``now``: Viet Nam's time.
    ``at_end``: what is said to a conversation after the last news of a dossier, if anything.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        centre: Centre,
        view: LiveView | None = None,
        now: Callable[[], datetime] = local_now,
        at_end: AtEnd | None = None,
    ) -> None:
        self._mailbox, self._centre, self._view, self._now = mailbox, centre, view, now
        self._at_end = at_end
        self._calendar = WorkCalendar.of(centre)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._view is not None:
            await asyncio.to_thread(self._view.close)

    async def _run(self) -> None:
        view_at = house_at = clock.monotonic()
        while True:
            try:
                await self.look()
                if self._view is not None and clock.monotonic() >= view_at:
                    view_at = clock.monotonic() + VIEW_SECONDS
                    await self.look_elsewhere(self._view)
                if clock.monotonic() >= house_at:
                    house_at = clock.monotonic() + HOUSE_SECONDS
                    await self.keep_house()
            except DatabaseError as error:
                log.error("notifications: %s", error)
            except Exception as error:  # it would end for everybody; what it says may name somebody
                log.error("notifications: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Tells what has changed in the tracking database; how many were told.

        Raises:
            DatabaseError: the database is away; what was told already is not told again.
        """
        if quiet_at(self._centre, self._now()):
            return 0
        told = 0
        while True:
            batch = await self._read(subscriptions.changed)
            news = 0
            for waiting in batch:
                news += await self._tell(waiting, None)
            told += news
            if not news or len(batch) < subscriptions.MOST:
                # An import may have changed thousands: the next ones do not wait for the next look.
                return told

    async def look_elsewhere(self, view: LiveView) -> int:
        """The same for dossiers that only the centre's own database holds. Raises as :meth:`look` does."""
        if quiet_at(self._centre, self._now()):
            return 0
        told = 0
        for waiting in await self._read(subscriptions.elsewhere):
            try:
                dossier = await asyncio.to_thread(view.find, waiting.code)
            except ViewAway as away:
                log.warning("notifications: %s", away)
                return told
            if dossier is not None:
                told += await self._tell(waiting, dossier)
        return told

    async def keep_house(self) -> int:
        """Deletes what has been kept long enough: ended subscriptions, old entries of the access log, and
        counts of wrong proofs."""
        now = self._now()
        ended = now - timedelta(days=self._centre.keeps_days)
        seen = now - timedelta(days=ACCESS_DAYS)

        def work(session: Session) -> int:
            return subscriptions.purge(session, ended, seen) + throttle.forget(session, now)

        return await self._mailbox.core.ledger.run(lambda c: _in_session(c, work))

    async def _read(self, find: Callable[[Session], list[Waiting]]) -> list[Waiting]:
        return await self._mailbox.core.ledger.run(lambda c: _in_session(c, find), durable=False)

    async def _tell(self, waiting: Waiting, elsewhere: Dossier | None) -> bool:
        """Tells one person of one dossier, if there still is something to tell; whether it did."""

        def work(connection: Connection, now: float) -> bool:
            # First the conversation, then what belongs to it: whoever erases does it in that order.
            known = select(conversations.c.channel, conversations.c.blocked)
            mine = known.where(conversations.c.id == waiting.conversation).with_for_update()
            row = connection.execute(mine).first()
            if row is None:
                # Nobody has ever written here; there is no way to them.
                return False
            return _in_session(connection, lambda s: self._letter(s, now, waiting, row, elsewhere))

        core = self._mailbox.core
        told = await core.run(work, conversation=waiting.conversation)
        if told:
            core.ring_outboxes(waiting.channel)
        return told

    def _letter(
        self, session: Session, now: float, waiting: Waiting, row: Any, elsewhere: Dossier | None
    ) -> bool:
        taken = subscriptions.take(session, waiting.id)
        if taken is None:
            return False
        subscription, dossier = taken[0], taken[1] or elsewhere
        if dossier is None or not subscriptions.news(subscription, dossier):
            return False
        if row.blocked:
            subscriptions.unsubscribe(session, waiting.conversation, self._now(), waiting.code)
            return False
        stale_after = self._centre.dossiers.stale_after_days
        status = public_status(dossier, self._now(), self._calendar, stale_after)
        replies = [compose(status, dossier.missing_papers)]
        if row.channel == "zalo":
            replies[0]["template"] = template_facts(status, self._now())
        if self._at_end is not None and status.status in LAST:
            replies += self._at_end(session.connection(), now, waiting.conversation)
        outbox.add(session.connection(), now, waiting.conversation, row.channel, replies)
        subscriptions.told(session, subscription, dossier, self._now())
        return True


def build_view(settings: Settings) -> LiveView | None:
    """The live view that the settings name. Raises ViewAway or DataFileError when it cannot be used."""
    if settings.dossiers_view_url is None or settings.dossiers_view_mapping is None:
        return None
    return LiveView(settings.dossiers_view_url.get_secret_value(), settings.dossiers_view_mapping)


def quiet_at(centre: Centre, moment: datetime) -> bool:
    """Whether nobody is to be disturbed at ``moment`` (Viet Nam's time)."""
    begins = time.fromisoformat(centre.dossiers.quiet_from)
    ends = time.fromisoformat(centre.dossiers.quiet_until)
    at = moment.time()
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def compose(status: PublicStatus, missing_papers: str | None) -> Reply:
    """The news of a dossier: its stage in words, the papers it waits for, the date that holds."""
    words = _words()
    named = words["procedure"].format(name=status.procedure_name) if status.procedure_name else ""
    lines = [
        words["change"].format(code=status.code, procedure=named, stage=status.stage),
        words["explanation"].format(plain=status.explanation),
    ]
    if status.status == PAPERS and missing_papers:
        lines.append(words["papers"].format(papers=missing_papers))
    if status.open and (status.new_due_passed or (status.late and status.new_due_at is None)):
        passed = status.new_due_at or status.due_at
        lines.append(words["late"].format(day=f"{passed:%d/%m/%Y}"))
    elif status.open and status.new_due_at is not None:
        lines.append(words["new_due"].format(day=f"{status.new_due_at:%d/%m/%Y}"))
    elif status.open and status.due_at is not None and status.clock == "running":
        lines.append(words["due"].format(day=f"{status.due_at:%d/%m/%Y}"))
    code = quote(status.code)
    buttons = [{"title": words["buttons"]["details"], "payload": f"dossier_details?dossier={code}"}]
    if status.status in LAST:
        lines.append(words["last"])
    else:
        lines.append(words["stop"])
        stop = {"title": words["buttons"]["unsubscribe"], "payload": f"dossier_unsubscribe?dossier={code}"}
        buttons.append(stop)
    return {
        "kind": "dossier",
        "text": "\n".join(lines),
        "buttons": buttons,
        "links": [],
        "procedure": None,
        "procedure_code": None,
        "aspects": [],
        "sources": [],
    }


def template_facts(status: PublicStatus, now: datetime) -> dict[str, str]:
    """The parameters of Zalo's template for news of a dossier (docs/channels.md)."""
    return {
        "ma_ho_so": status.code,
        "thu_tuc": status.procedure_name[:LONGEST_PARAMETER] or "-",
        "tinh_trang": status.stage,
        "ngay": f"{now:%d/%m/%Y}",
    }


@cache
def _words() -> dict[str, Any]:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def _in_session(connection: Connection, work: Callable[[Session], T]) -> T:
    # The transaction is the ledger's, a savepoint among others perhaps: the session only reads and writes.
    with Session(connection, join_transaction_mode="rollback_only") as session:
        return work(session)
