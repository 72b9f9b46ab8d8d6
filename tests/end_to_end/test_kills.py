"""Gateway, engine and action server are killed (SIGKILL) at any moment while people write on both
platforms: every message is answered exactly once, in order, and what arrives twice was in doubt."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import httpx
import psutil
import pytest

from bot.mailbox.tables import inbox, outbox
from tests.bot.mailbox.helpers import notices, rows
from tests.end_to_end.platforms import Platforms, Webhooks, platforms
from tests.end_to_end.stack import Stack, wait_until
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]
pytestmark = pytest.mark.stack

# What one person writes, one turn each: 20 messages in 8 turns, 15 of them short lines in a row.
SHORT_LINES = ("chào em", "cho anh hỏi chút", "đăng ký tạm trú", "mất bao lâu", "cảm ơn em")
TURNS = (
    ("đăng ký kết hôn lệ phí bao nhiêu",),
    SHORT_LINES,
    ("đăng ký kết hôn nộp ở đâu",),
    ("đăng ký tạm trú mất bao lâu",),
    SHORT_LINES,
    ("đăng ký kết hôn mất bao lâu",),
    SHORT_LINES,
    ("đăng ký tạm trú nộp ở đâu",),
)
MEANT = {"\n".join(turn): "dang-ky-ket-hon" if "kết hôn" in turn[0] else "dang-ky-tam-tru" for turn in TURNS}
FAULTS: tuple[list[Any], list[Any]] = (
    # Zalo's, Telegram's: about one call in fifty each.
    ["lost after", "lost before", "http 500", "http 429", -32],
    ["lost after", "lost before", 500, 429],
)
# Seconds; longer than lines of one turn are waited for.
BETWEEN_TURNS = (1.4, 3.0)
DRAINED_WITHIN = 150.0
FIRST_CONTACT = notices()["first_contact"]["text"]


def kill(stack: Stack, name: str) -> set[int]:
    """Kills one process; of the gateway, which letters were on their way then."""
    process: psutil.Process | None = None

    def found() -> bool:
        nonlocal process
        try:
            process = stack.child(name)
        except (StopIteration, psutil.NoSuchProcess):
            return False  # killed a moment ago, not started again yet
        return True

    wait_until(found, 60, f"{name} is there")
    assert process is not None
    process.kill()
    wait_until(lambda: not process.is_running(), 10, f"{name} is gone")
    if name != "gateway":
        return set()
    return {row.id for row in rows(stack.database, outbox) if row.state == "sending"}


@dataclass(frozen=True)
class Stream:
    """Who writes which turns, and what is killed meanwhile, in which order. ``url``: the database's, "" for
    the stack's own."""

    url: str
    people: list[str]
    turns: tuple[tuple[str, ...], ...]
    kills: list[str]


async def talk(stack: Stack, both: Platforms, stream: Stream) -> tuple[set[int], int]:
    """The stream and the kills; (letters on their way at a kill, how many deliveries came again)."""
    chance = random.Random(5)
    interrupted: set[int] = set()
    async with httpx.AsyncClient(base_url=stack.url, timeout=10, trust_env=False) as http:
        webhooks = Webhooks(http, both, chance)

        async def person(conversation: str) -> None:
            number = 0
            for turn in stream.turns:
                await asyncio.sleep(chance.uniform(*BETWEEN_TURNS))
                for line in turn:
                    number += 1
                    await webhooks.write(conversation, number, line)
                    await asyncio.sleep(chance.uniform(0.2, 0.6) if len(turn) > 1 else 0)

        async def killing() -> None:
            pause = sum(BETWEEN_TURNS) / 2 * len(stream.turns) / len(stream.kills)
            for name in stream.kills:
                await asyncio.sleep(chance.uniform(0.3, 1.7) * pause)
                interrupted.update(await asyncio.to_thread(kill, stack, name))

        await asyncio.gather(killing(), *map(person, stream.people))
        await webhooks.all_taken()
    return interrupted, webhooks.again


def test_whatever_is_killed_each_message_is_answered_once_and_in_order(
    own_stack: Callable[..., Stack], stream: Stream
) -> None:
    chance = random.Random(7)
    with platforms() as both:
        for fake, faults in zip((both.zalo, both.telegram), FAULTS, strict=True):
            fake.faults.extend(chance.choice(faults) if chance.random() < 0.02 else None for _ in range(5000))
        stack = own_stack(**both.settings, **({"MOTCUA_DATABASE_URL": stream.url} if stream.url else {}))
        interrupted, again = asyncio.run(talk(stack, both, stream))
        wait_until(lambda: _all_done(stack.database), DRAINED_WITHIN, "everything is answered and sent")
        assert stack.stop() == 0
    messages, letters = rows(stack.database, inbox), rows(stack.database, outbox)

    assert len(messages) == len(stream.people) * sum(map(len, stream.turns))
    assert sum(row.repeats for row in messages) >= again
    assert {row.state for row in letters} == {"sent"}
    # A turn in which something was killed gets an apology; most are none.
    states = Counter((row.state, row.reason) for row in messages)
    assert sum(states[state, reason] for state, reason in states if state == "answered") > len(messages) / 2
    repeated = 0
    for conversation in stream.people:
        mine = [row for row in messages if row.conversation == conversation]
        theirs = [row for row in letters if row.conversation == conversation]
        _each_turn_has_one_answer(mine, theirs)
        repeated += _arrived_in_order(both, conversation, theirs, interrupted)
    doubts = sum(row.doubts for row in letters)
    assert repeated <= doubts
    print(f"{dict(states)}; {len(letters)} letters, {doubts} times in doubt, {repeated} arrived again")


def _each_turn_has_one_answer(messages: list[Any], letters: list[Any]) -> None:
    """Lines that were answered together are settled in one transaction, and only the last has letters."""
    apologies = [notices()[key]["text"] for key in ("in_doubt", "engine_error")]
    assert [row.inbox_id for row in letters] == sorted(row.inbox_id for row in letters)
    last_lines = []
    for _, turn in groupby(messages, key=lambda row: row.done_at):
        lines = list(turn)
        last_lines.append(lines[-1].id)
        replies = [row.reply for row in letters if row.inbox_id == lines[-1].id]
        assert [row.position for row in letters if row.inbox_id == lines[-1].id] == list(range(len(replies)))
        answers = [reply for reply in replies if reply["text"] != FIRST_CONTACT]
        assert answers, f"no answer to {[row.body for row in lines]}"
        assert len({row.state for row in lines}) == 1
        if lines[-1].state == "apologised":
            assert [reply["text"] for reply in answers] == [answers[0]["text"]]
            assert answers[0]["text"] in apologies
        meant = MEANT.get("\n".join(row.body["text"] for row in lines))
        if lines[-1].state == "answered" and meant:
            assert {reply["procedure"] for reply in answers} == {meant}, answers
    assert {row.inbox_id for row in letters} == set(last_lines)


def _arrived_in_order(both: Platforms, conversation: str, letters: list[Any], interrupted: set[int]) -> int:
    """How often something arrived again: each time after a delivery that the platform hid, or on whose way
    the gateway was killed."""
    expected = [(text, letter) for letter in letters for text in both.shown(conversation, letter.reply)]
    wanted = [(text, list(run)) for text, run in groupby(expected, key=lambda row: row[0])]
    got = [list(run) for _, run in groupby(both.arrived(conversation), key=lambda row: row.text)]
    assert [run[0].text for run in got] == [text for text, _ in wanted], conversation
    again = 0
    for (_, run), arrived in zip(wanted, got, strict=True):
        ids = {letter.id for _, letter in run}
        in_doubt = sum(row.hidden for row in arrived) + len(ids & interrupted)
        counted = sum(letter.doubts for letter in letters if letter.id in ids)
        assert 0 <= len(arrived) - len(run) <= min(in_doubt, counted), (conversation, ids)
        again += len(arrived) - len(run)
    return again


def _all_done(url: str) -> bool:
    messages, letters = rows(url, inbox), rows(url, outbox)
    settled = all(row.state in ("answered", "apologised") for row in messages)
    return settled and all(row.state == "sent" for row in letters)


@pytest.fixture(params=["sqlite", "postgresql"])
def stream(request: pytest.FixtureRequest) -> Stream:
    """At full size on one of the databases."""
    people = [f"{('zalo', 'telegram')[n % 2]}:{1000 + n}" for n in range(50)]
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        return Stream(url, people[:16], TURNS[:4], ["gateway", "engine", "actions"])
    kills = ["gateway"] * 3 + ["engine"] * 2 + ["actions"] * 2
    random.Random(3).shuffle(kills)
    return Stream("", people, TURNS, kills)
