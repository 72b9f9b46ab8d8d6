"""Zalo's tokens: spent once, kept before use, shared by several gateways. On SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select, update

from bot.channels.errors import PlatformAway, TokenRefused
from bot.channels.zalo import store
from bot.channels.zalo.oauth import OAuth
from bot.channels.zalo.store import Pair
from bot.channels.zalo.tables import metadata
from bot.channels.zalo.tables import tokens as table
from bot.channels.zalo.tokens import Tokens
from bot.mailbox import Mailbox
from tests.bot.channels.fake_zalo import APP_ID, APP_SECRET, FakeZalo
from tests.postgres import postgresql_server, postgresql_url
from tests.racing import engine_of, race

__all__ = ["postgresql_server", "postgresql_url"]
FIRST = Pair("access-0", "refresh-0")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path}/tokens.db"


@asynccontextmanager
async def gateway(
    url: str, var: Path, zalo_url: str, given: Pair = FIRST, within: float = 5.0
) -> AsyncIterator[Tokens]:
    mailbox = Mailbox(url, var)
    http = httpx.AsyncClient(timeout=within, trust_env=False)
    tokens = Tokens(mailbox, APP_ID, given, OAuth(http, zalo_url, APP_ID, APP_SECRET))
    try:
        yield tokens
    finally:
        await tokens.close()
        await mailbox.close()


@pytest.fixture
def play(url: str, tmp_path: Path, zalo_url: str) -> Callable[..., Any]:
    def run(scene: Callable[[Tokens], Awaitable[Any]], **options: Any) -> Any:
        async def whole() -> Any:
            async with gateway(url, tmp_path, zalo_url, **options) as tokens:
                return await scene(tokens)

        return asyncio.run(whole())

    return run


async def change(tokens: Tokens, **values: Any) -> None:
    await tokens._mailbox.core.ledger.run(lambda c: c.execute(update(table).values(**values)))


async def row(tokens: Tokens) -> Any:
    return await tokens._mailbox.core.ledger.run(lambda c: c.execute(select(table)).one())


def test_it_begins_with_the_settings_and_goes_on_from_what_was_renewed(play: Any, zalo: FakeZalo) -> None:
    async def renew(tokens: Tokens) -> str:
        assert await tokens.access_token() == "access-0"
        return await tokens.another("access-0")

    assert play(renew) == "access-1"

    async def again(tokens: Tokens) -> str:
        return await tokens.access_token()

    # A restart with the old pair still in .env.
    assert play(again) == "access-1"
    # The administrator has put in a new one.
    assert play(again, given=Pair("access-9", "refresh-9")) == "access-9"


def test_a_lifetime_is_a_string_and_half_of_it_decides(play: Any, zalo: FakeZalo) -> None:
    async def scene(tokens: Tokens) -> None:
        await tokens.another(await tokens.access_token())
        kept = await tokens.look()
        assert abs(kept.expires_at - time.time() - 90_000) < 60
        assert abs(kept.half_life - time.time() - 45_000) < 60

    play(scene)


def test_many_who_ask_at_once_spend_one_refresh_token(
    url: str, tmp_path: Path, zalo: FakeZalo, zalo_url: str
) -> None:
    async def scene() -> None:
        async with (
            gateway(url, tmp_path, zalo_url) as one,
            gateway(url, tmp_path, zalo_url) as two,
            gateway(url, tmp_path, zalo_url) as three,
        ):
            everybody = [tokens.another("access-0") for tokens in (one, two, three) for _ in range(5)]
            assert set(await asyncio.gather(*everybody)) == {"access-1"}

    asyncio.run(scene())
    assert zalo.refreshes == 1


def test_who_waited_for_the_row_does_not_spend_the_token_that_was_spent_meanwhile(
    postgresql_url: str, tmp_path: Path, zalo_url: str
) -> None:
    """On PostgreSQL a transaction that waits for a row goes on with what the other one has written."""

    async def begin() -> None:
        async with gateway(postgresql_url, tmp_path, zalo_url) as tokens:
            await tokens.look()

    asyncio.run(begin())

    def lock(connection: Connection, owner: str) -> bool:
        return store.lock(connection, time.time(), APP_ID, owner, FIRST.refresh_token)

    with engine_of(postgresql_url) as engine, race(engine) as at_once:
        assert lock(at_once.first, "first")
        late = at_once.also(lambda c: lock(c, "second"))
        assert not late.done(), "the row is held by the first"
        renewed = Pair("access-1", "refresh-1")
        assert store.keep(at_once.first, time.time(), APP_ID, FIRST.refresh_token, renewed)
        at_once.commit()
        assert late.result(timeout=60) is False


def test_who_begins_the_row_second_takes_what_was_made_of_it(postgresql_url: str) -> None:
    """The second gateway has looked when there was no row, and writes when the first pair is spent."""
    with engine_of(postgresql_url) as engine, race(engine) as at_once:
        metadata.create_all(at_once.first)
        at_once.commit()
        store.load(at_once.first, time.time(), APP_ID, FIRST)
        late = at_once.also(lambda c: store.load(c, time.time(), APP_ID, FIRST))
        renewed = Pair("access-1", "refresh-1")
        assert store.keep(at_once.first, time.time(), APP_ID, FIRST.refresh_token, renewed)
        at_once.commit()
        assert late.result(timeout=60).refresh_token == "refresh-1"


@pytest.mark.parametrize("fault", ["refused", "half", "http 500"])
def test_an_error_never_overwrites_a_good_pair(play: Any, zalo: FakeZalo, fault: str) -> None:
    zalo.oauth_faults.append(fault)

    async def scene(tokens: Tokens) -> None:
        with pytest.raises((TokenRefused, PlatformAway)):
            await tokens.another("access-0")
        kept = await row(tokens)
        assert (kept.access_token, kept.refresh_token) == ("access-0", "refresh-0")
        assert kept.failures == 1 and kept.failure and kept.lock_owner is None
        # Not asked again at once.
        with pytest.raises(TokenRefused):
            await tokens.another("access-0")
        assert (await row(tokens)).failures == 1
        await change(tokens, failed_at=time.time() - 3600)
        assert await tokens.another("access-0") == "access-1"
        assert (await row(tokens)).failures == 0

    play(scene)


def test_a_refresh_whose_answer_is_lost_is_told_as_what_it_is(play: Any, zalo: FakeZalo) -> None:
    zalo.oauth_faults.append("lost after")

    async def scene(tokens: Tokens) -> None:
        with pytest.raises(PlatformAway) as lost:
            await tokens.another("access-0")
        assert lost.value.in_doubt
        await change(tokens, failed_at=time.time() - 3600)
        # It is spent: Zalo says no, and the access token that is still good stays.
        with pytest.raises(TokenRefused, match="-14014"):
            await tokens.another("access-0")
        assert (await row(tokens)).access_token == "access-0"

    play(scene)


def test_the_lock_of_a_killed_gateway_runs_out(play: Any, zalo: FakeZalo) -> None:
    async def scene(tokens: Tokens) -> None:
        await tokens.look()
        await change(tokens, lock_owner="dead", lock_until=time.time() + 0.5)
        assert await tokens.another("access-0") == "access-1"

    play(scene)


def test_it_is_renewed_at_half_of_its_life(play: Any, zalo: FakeZalo) -> None:
    async def scene(tokens: Tokens) -> None:
        await tokens.look()
        await change(tokens, obtained_at=time.time() - 60, expires_at=time.time() + 50)
        keeping = asyncio.create_task(tokens.keep_fresh())
        async with asyncio.timeout(90):
            while zalo.refreshes == 0:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        keeping.cancel()
        assert zalo.refreshes == 1, "the new one is good for longer"

    play(scene)


def test_a_refresh_goes_on_when_who_asked_is_gone(play: Any, zalo: FakeZalo) -> None:
    async def scene(tokens: Tokens) -> None:
        asking = asyncio.create_task(tokens.another("access-0"))
        async with asyncio.timeout(90):
            while zalo.refreshes == 0 and not asking.done():
                await asyncio.sleep(0)
        asking.cancel()
        await tokens.close()
        assert (await row(tokens)).access_token == "access-1"

    play(scene)


def test_a_new_pair_in_the_settings_wins_over_a_refresh_in_work(
    url: str, tmp_path: Path, zalo: FakeZalo, zalo_url: str
) -> None:
    async def scene() -> None:
        async with gateway(url, tmp_path, zalo_url) as tokens:
            await tokens.look()
            spent = "refresh-0"
            await change(tokens, access_token="access-9", refresh_token="refresh-9")
            kept = await tokens._run(
                lambda c, now: store.keep(c, now, APP_ID, spent, Pair("access-1", "refresh-1"))
            )
            assert not kept
            assert (await row(tokens)).access_token == "access-9"

    asyncio.run(scene())


def test_without_an_app_secret_nothing_is_renewed(tmp_path: Path) -> None:
    async def scene() -> None:
        mailbox = Mailbox(f"sqlite:///{tmp_path}/tokens.db", tmp_path)
        tokens = Tokens(mailbox, APP_ID, FIRST, None)
        assert await tokens.access_token() == "access-0"
        with pytest.raises(TokenRefused, match="MOTCUA_ZALO_APP_SECRET"):
            await tokens.another("access-0")
        await tokens.close()
        await mailbox.close()

    asyncio.run(scene())


def test_a_token_does_not_show() -> None:
    assert "access" not in repr(FIRST)
