"""Sends replies to people on Zalo; see :class:`bot.mailbox.Sender`."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from bot.channels.errors import PlatformAway, TokenRefused
from bot.channels.outside import Remembered, fetch_form
from bot.channels.records import WINDOW_CLOSED
from bot.channels.words import Words
from bot.channels.zalo.client import NotAnAnswer, Said, ZaloApi
from bot.channels.zalo.events import CHANNEL
from bot.channels.zalo.faults import RATE_SECONDS, TOKEN_CODES, send_error
from bot.channels.zalo.render import Part, link_to_form, render
from bot.channels.zalo.tokens import Tokens
from bot.mailbox import Limits, Mailbox, Refused, Reply, Retry, Sent
from dossiers.errors import DatabaseError

log = logging.getLogger(__name__)
# Customer-service messages go out within 7 days of the person's last act, free of charge within 48 h.
WINDOW_SECONDS = 7 * 86_400.0
FREE_SECONDS = 48 * 3600.0
# An uploaded file's token lives 7 days.
FILE_SECONDS = 6 * 86_400.0
# 4,000 requests a minute are allowed; uploads and renewals of the token count too.
LIMITS = Limits(per_second=65, burst=60)
# In a reply: the parameters of the template that may stand for it.
TEMPLATE_FACTS = "template"
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ZaloSender:
    """``parts`` and ``send`` as :class:`bot.mailbox.Postman` asks for them."""

    channel = CHANNEL
    limits = LIMITS

    def __init__(
        self,
        mailbox: Mailbox,
        api: ZaloApi,
        tokens: Tokens,
        words: Words,
        clock: Callable[[], float] = time.time,
        template: str | None = None,
    ) -> None:
        self._mailbox, self._api, self._tokens, self._words, self._clock = mailbox, api, tokens, words, clock
        self._template = template
        self._uploaded: Remembered[str] = Remembered()
        self._window_open: Remembered[bool] = Remembered()

    def parts(self, reply: Reply) -> Sequence[Part]:
        parts = render(reply, self._words)
        facts = reply.get(TEMPLATE_FACTS)
        # All of it or nothing: a template stands for the whole reply.
        if facts and len(parts) == 1:
            parts = [{**parts[0], "template": facts}]
        return parts

    async def send(self, conversation: str, part: Part) -> Sent:
        """Hands one part to Zalo.

        Raises:
            Retry, Refused: with the reason in words; Zalo's code in it where it gave one.
        """
        user_id = conversation.removeprefix(f"{CHANNEL}:")
        try:
            if not await self._within_window(conversation):
                return await self._by_template(user_id, part.get("template"))
            message = part.get("message") or await self._form(part["form"])
            return await self._message(user_id, message)
        except DatabaseError as error:
            log.error("zalo: %s", error)
            raise Retry("the database is away") from None

    async def _within_window(self, conversation: str) -> bool:
        now = self._clock()
        if self._window_open.get(conversation, now):
            return True
        known = await self._mailbox.people.conversation(conversation)
        if known is None:
            return True
        # Whatever the person does meanwhile makes it longer.
        self._window_open.put(conversation, True, known.last_seen + FREE_SECONDS)
        silent = now - known.last_seen
        if silent > WINDOW_SECONDS:
            return False
        if silent > FREE_SECONDS:
            log.info("zalo: a message outside of the free 48 hours")
        return True

    async def _by_template(self, user_id: str, facts: dict[str, str] | None) -> Sent:
        """What may be told at any time; everything else is held until the person writes.

        A template that is refused is held as well: the fault lies with the template, not with the news.
        """
        template = self._template
        if template is None or facts is None:
            raise Refused(WINDOW_CLOSED)
        try:
            said = await self._call(lambda token: self._api.template(token, user_id, template, facts))
        except Refused as refusal:
            if refusal.blocked or not refusal.permanent:
                raise
            log.warning("zalo: the template was not taken, the news is held: %s", refusal.reason)
            raise Refused(WINDOW_CLOSED) from None
        return Sent((str(said.data.get("message_id") or said.data.get("msg_id") or ""),))

    async def _message(self, user_id: str, message: Part) -> Sent:
        said = await self._call(lambda token: self._api.message(token, user_id, message))
        return Sent((str(said.data.get("message_id") or ""),))

    async def _form(self, form: Part) -> Part:
        """The message for a form's file, or for its address where the file cannot be had."""
        url, now = form["url"], self._clock()
        token = self._uploaded.get(url, now)
        if token is None:
            try:
                file = await fetch_form(self._api.http, url)
                said = await self._call(lambda access: self._api.upload(access, file))
            except Retry as retry:
                # Nobody has been sent anything yet.
                raise Retry(retry.reason, retry.after, everyone=retry.everyone) from None
            except (PlatformAway, Refused) as error:
                log.warning("zalo: a form is sent as a link: %s", error)
                return link_to_form(form["title"], url, self._words)["message"]
            token = str(said.data.get("token") or "")
            self._uploaded.put(url, token, now + FILE_SECONDS)
        return {"attachment": {"type": "file", "payload": {"token": token}}}

    async def _call(self, ask: Callable[[str], Awaitable[Said]]) -> Said:
        """Asks Zalo; a token that it refuses is renewed once."""
        token = await self._tokens.access_token()
        said = await _answered(ask, token)
        if said.code in TOKEN_CODES:
            try:
                token = await self._tokens.another(token)
            except TokenRefused as error:
                raise Refused(str(error), permanent=False) from None
            except PlatformAway as error:
                raise Retry(str(error)) from None
            said = await _answered(ask, token)
        if said.code != 0:
            raise send_error(said.code)
        return said


async def _answered(ask: Callable[[str], Awaitable[Said]], token: str) -> Said:
    try:
        return await ask(token)
    except NotAnAnswer as answer:
        raise _by_status(answer) from None
    except _BEFORE_SENDING as error:
        raise Retry(f"Zalo cannot be reached ({type(error).__name__})") from None
    except httpx.HTTPError as error:
        raise Retry(f"Zalo gave no answer ({type(error).__name__})", in_doubt=True) from None


def _by_status(answer: NotAnAnswer) -> Retry | Refused:
    """What an answer without Zalo's own error code means."""
    words = f"Zalo answered with HTTP {answer.status}"
    if answer.status == 429:
        after = answer.retry_after or ""
        return Retry(
            words, float(after) if after.isascii() and after.isdigit() else RATE_SECONDS, everyone=True
        )
    if answer.status == 504:
        return Retry(words, in_doubt=True)
    if answer.status >= 500:
        return Retry(words)
    if answer.status == 200:
        return Retry("Zalo gave an answer that is not its own", in_doubt=True)
    return Refused(words, permanent=answer.status not in (401, 403, 404))
