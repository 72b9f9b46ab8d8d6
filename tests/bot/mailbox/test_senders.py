from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bot.mailbox import Limits, Mailbox, Postman, Refused, Reply, Retry, Sent, notice
from bot.mailbox.pace import Pace
from tests.bot.mailbox.helpers import Clock, Platform, open_mailbox, outbox_rows, say, until


async def _mailbox(url: str, var: Path, *people: str, **options: Any) -> Mailbox:
    mailbox = open_mailbox(url, var, **options)
    for person in people or ("zalo:a",):
        await say(mailbox, person, "chào")
    return mailbox


def deliver(url: str, var: Path, platform: Platform, *texts: str, until_sent: int | None = None) -> None:
    """Posts ``texts`` to one person and sends until nothing is open, or so many arrived."""

    async def run() -> None:
        mailbox = await _mailbox(url, var)
        await mailbox.letters.post("zalo:a", [notice(text) for text in texts])
        async with Postman(mailbox, platform):
            if until_sent is None:
                await until(lambda: all(row.state in ("sent", "dead") for row in outbox_rows(url)))
            else:
                await until(lambda: len(platform.got) >= until_sent)
                await until(lambda: not any(row.state == "sending" for row in outbox_rows(url)))
        await mailbox.close()

    asyncio.run(run())


def test_replies_go_out_in_order_though_the_first_is_held_back(url: str, tmp_path: Path) -> None:
    platform = Platform([Retry("429", after=0.2), Retry("500")])
    deliver(url, tmp_path, platform, "một", "hai", "ba")
    assert [text for _, text in platform.got] == ["một", "hai", "ba"]
    assert [row.attempts for row in outbox_rows(url)] == [3, 1, 1]
    assert [row.doubts for row in outbox_rows(url)] == [0, 0, 0]


def test_one_person_does_not_hold_up_another(url: str, tmp_path: Path) -> None:
    platform = Platform([Retry("429", after=3600)])

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, "zalo:a", "zalo:b")
        await mailbox.letters.post("zalo:a", [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: platform.calls)
            await mailbox.letters.post("zalo:a", [notice("hai")])
            await mailbox.letters.post("zalo:b", [notice("khác")])
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    assert platform.got == [("zalo:b", "khác")]
    assert [(row.state, row.reason) for row in outbox_rows(url)] == [
        ("failed", "429"),
        ("waiting", None),
        ("sent", None),
    ]


def test_what_is_refused_for_good_is_dead_and_says_why_and_the_rest_goes_on(url: str, tmp_path: Path) -> None:
    platform = Platform([Refused("-201: bad text")])
    deliver(url, tmp_path, platform, "một", "hai")
    assert [(row.state, row.reason) for row in outbox_rows(url)] == [
        ("dead", "-201: bad text"),
        ("sent", None),
    ]


def test_nothing_more_is_sent_to_whoever_blocked_us(url: str, tmp_path: Path) -> None:
    platform = Platform([Refused("-244", blocked=True)])

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path)
        block = mailbox.people.block

        async def late(conversation: str) -> bool:
            # Another gateway looks for letters just before.
            assert await mailbox.letters.claim("zalo", 10) == []
            return await block(conversation)

        mailbox.people.block = late  # type: ignore[method-assign]
        await mailbox.letters.post("zalo:a", [notice("một"), notice("hai")])
        async with Postman(mailbox, platform):
            await until(lambda: all(row.state == "dead" for row in outbox_rows(url)))
        found = await mailbox.people.conversation("zalo:a")
        assert found is not None
        assert found.blocked
        await mailbox.close()

    asyncio.run(run())
    assert platform.calls == [("zalo:a", "một")]
    assert {row.reason for row in outbox_rows(url)} == {"blocked"}


def test_a_refusal_that_may_pass_is_tried_again_later(tmp_path: Path) -> None:
    url, platform = f"sqlite:///{tmp_path}/m.db", Platform([Refused("-216", permanent=False)])
    clock = Clock()

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, clock=clock)
        await mailbox.letters.post("zalo:a", [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: outbox_rows(url)[0].state == "failed")
        await mailbox.close()

    asyncio.run(run())
    (row,) = outbox_rows(url)
    assert row.reason == "-216"
    assert row.next_attempt_at - clock.now > 10


def test_an_unknown_delivery_is_sent_again_and_counted(url: str, tmp_path: Path) -> None:
    class HidesADelivery(Platform):
        async def send(self, conversation: str, part: Reply) -> Sent:
            sent = await super().send(conversation, part)
            if len(self.got) == 1:
                raise Retry("timeout", in_doubt=True)
            return sent

    platform, clock = HidesADelivery(), Clock()

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, clock=clock)
        await mailbox.letters.post("zalo:a", [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: outbox_rows(url)[0].state == "failed")
            # Not for a while yet: whoever asks a platform again too soon makes it worse.
            assert outbox_rows(url)[0].next_attempt_at - clock.now > 2
            clock.now += 10
            await until(lambda: outbox_rows(url)[0].state == "sent")
        value = mailbox.core.metrics.registry.get_sample_value
        assert value("motcua_letters_total", {"channel": "zalo", "result": "in_doubt"}) == 1
        await mailbox.close()

    asyncio.run(run())
    assert [text for _, text in platform.got] == ["một", "một"]
    assert outbox_rows(url)[0].doubts == 1


def test_a_sender_that_is_killed_while_sending_costs_one_duplicate_at_most_and_it_is_counted(
    url: str, tmp_path: Path
) -> None:
    platform = Platform()

    async def run() -> None:
        clock = Clock()
        killed, next_one = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))
        await say(killed, "zalo:a", "chào")
        await killed.letters.post("zalo:a", [notice("một"), notice("hai")])
        (letter,) = await killed.letters.claim("zalo", 10)
        assert await next_one.letters.claim("zalo", 10) == []
        clock.now += 11
        assert await next_one.turns.keep_alive(notice("xin lỗi")) == (0, 1)
        # It comes to itself: too late, the letter is not its own any more.
        assert not await killed.letters.sent(letter, ["x"])
        async with Postman(next_one, platform):
            await until(lambda: len(platform.got) == 2)
            await until(lambda: outbox_rows(url)[1].state == "sent")
        await asyncio.gather(killed.close(), next_one.close())

    asyncio.run(run())
    assert [text for _, text in platform.got] == ["một", "hai"]
    assert [(row.state, row.doubts, row.attempts) for row in outbox_rows(url)] == [
        ("sent", 1, 2),
        ("sent", 0, 1),
    ]


def test_a_sender_that_stood_still_does_not_go_on_with_what_another_sent(url: str, tmp_path: Path) -> None:
    clock, other = Clock(), Platform()

    class StandsStill(Platform):
        async def send(self, conversation: str, part: Reply) -> Sent:
            sent = await super().send(conversation, part)
            clock.now += 11
            assert await next_one.turns.keep_alive(notice("xin lỗi")) == (0, 1)
            async with Postman(next_one, other):
                await until(lambda: outbox_rows(url)[0].state == "sent")
            return sent

    platform = StandsStill()
    first, next_one = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))

    async def run() -> None:
        await say(first, "zalo:a", "chào")
        await first.letters.post("zalo:a", [notice("một\fhai")])
        async with Postman(first, platform, at_once=1):
            await until(lambda: platform.got and not first.core.held_letters)
        await asyncio.gather(first.close(), next_one.close())

    asyncio.run(run())
    assert [text for _, text in platform.got] == ["một"]
    assert [text for _, text in other.got] == ["một", "hai"]
    (row,) = outbox_rows(url)
    assert (row.state, row.doubts) == ("sent", 1)


def test_what_waits_for_its_pace_is_given_back_when_the_gateway_stops(tmp_path: Path) -> None:
    url, platform = f"sqlite:///{tmp_path}/m.db", Platform()
    platform.limits = Limits(per_second=1 / 3600)

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, "zalo:a", "zalo:b")
        for person in ("zalo:a", "zalo:b"):
            await mailbox.letters.post(person, [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: platform.got and len(mailbox.core.held_letters) == 1)
        await mailbox.close()

    asyncio.run(run())
    assert [(row.state, row.doubts) for row in outbox_rows(url)] == [("sent", 0), ("failed", 0)]


def test_what_waited_longer_than_its_lease_is_not_sent_before_it_is_taken_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/m.db"

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path)

        class Late(Platform):
            def parts(self, reply: Reply) -> list[Reply]:
                held = mailbox.core.held_letters
                if outbox_rows(url)[0].attempts == 1:
                    held.update(dict.fromkeys(held, time.monotonic() - 1))
                return super().parts(reply)

        platform = Late()
        await mailbox.letters.post("zalo:a", [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: outbox_rows(url)[0].state == "sent")
        await mailbox.close()
        assert platform.calls == [("zalo:a", "một")]

    asyncio.run(run())
    assert [(row.attempts, row.doubts) for row in outbox_rows(url)] == [(2, 0)]


def test_an_earlier_attempt_of_the_same_sender_changes_nothing(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        stalled, other = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))
        await say(stalled, "zalo:a", "chào")
        await stalled.letters.post("zalo:a", [notice("một")])
        (early,) = await stalled.letters.claim("zalo", 1)
        clock.now += 11
        assert await other.turns.keep_alive(notice("xin lỗi")) == (0, 1)
        (again,) = await stalled.letters.claim("zalo", 1)
        # Its own, but from another time: neither the count of doubts nor the lease is touched.
        assert not await stalled.letters.failed(early, "429", 1.0)
        assert not await stalled.letters.sent(early, ["x"])
        stalled.letters.let_go(early)
        assert stalled.letters.holds(again)
        assert await stalled.letters.sent(again, ["y"])
        await asyncio.gather(stalled.close(), other.close())

    asyncio.run(run())
    (row,) = outbox_rows(url)
    assert (row.state, row.doubts, row.platform_ids) == ("sent", 1, ["y"])


def test_too_many_doubts_end_it(tmp_path: Path) -> None:
    url, platform = f"sqlite:///{tmp_path}/m.db", Platform([Retry("timeout", in_doubt=True)] * 20)

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path)
        await mailbox.letters.post("zalo:a", [notice("một"), notice("hai")])
        engine = mailbox.core.ledger.engine()
        async with Postman(mailbox, platform):
            while outbox_rows(url)[0].state != "dead":
                with engine.begin() as connection:
                    connection.exec_driver_sql("UPDATE outbox SET next_attempt_at = 0")
                await asyncio.sleep(0.05)
            platform.faults.clear()
            await until(lambda: outbox_rows(url)[1].state in ("sent", "failed"))
        await mailbox.close()

    asyncio.run(run())
    first = outbox_rows(url)[0]
    assert (first.reason, first.doubts) == ("in doubt: timeout", 6)


def test_after_a_day_it_is_given_up_and_can_be_revived(url: str, tmp_path: Path) -> None:
    platform = Platform([Retry("500")])

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path)
        await mailbox.letters.post("zalo:a", [notice("một")])
        with mailbox.core.ledger.engine().begin() as connection:
            connection.exec_driver_sql("UPDATE outbox SET created_at = created_at - 90000")
        async with Postman(mailbox, platform):
            await until(lambda: outbox_rows(url)[0].state == "dead")
            assert outbox_rows(url)[0].reason == "given up: 500"
            assert await mailbox.letters.revive() == 1
            await until(lambda: outbox_rows(url)[0].state == "sent")
        await mailbox.close()

    asyncio.run(run())
    assert platform.got == [("zalo:a", "một")]


def test_only_the_parts_that_are_missing_are_sent_again(url: str, tmp_path: Path) -> None:
    platform = Platform([None, Retry("500"), None, Retry("500")])
    deliver(url, tmp_path, platform, "một\fhai\fba")
    assert [text for _, text in platform.calls] == ["một", "hai", "hai", "ba", "ba"]
    assert [text for _, text in platform.got] == ["một", "hai", "ba"]
    assert outbox_rows(url)[0].platform_ids == ["m1", "m2", "m3"]


def test_a_fault_of_a_channel_stops_no_other_letter(tmp_path: Path) -> None:
    url, platform = f"sqlite:///{tmp_path}/m.db", Platform([KeyError("a secret text")])

    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, "zalo:a", "zalo:b")
        await mailbox.letters.post("zalo:a", [notice("một")])
        async with Postman(mailbox, platform):
            await until(lambda: platform.calls)
            await mailbox.letters.post("zalo:b", [notice("hai")])
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    rows = outbox_rows(url)
    assert [(row.state, row.reason) for row in rows] == [("failed", "fault: KeyError"), ("sent", None)]


def test_a_channel_with_no_sender_here_keeps_its_letters(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = await _mailbox(url, tmp_path, "zalo:a", "telegram:a")
        await mailbox.letters.post("telegram:a", [notice("một")])
        await mailbox.letters.post("zalo:a", [notice("hai")])
        platform = Platform()
        async with Postman(mailbox, platform):
            await until(lambda: platform.got)
        await mailbox.close()

    asyncio.run(run())
    assert [(row.channel, row.state) for row in outbox_rows(url)] == [
        ("telegram", "waiting"),
        ("zalo", "sent"),
    ]


def test_the_pace_is_kept_for_the_channel() -> None:
    pace = Pace(Limits(per_second=10, burst=5))
    delays = [pace.delay(f"zalo:{n}", 1000.0) for n in range(25)]
    assert delays == pytest.approx([0.0] * 5 + [n / 10 for n in range(1, 21)])
    # An idle channel saves up its burst, and no more.
    assert [pace.delay(f"zalo:{n}", 9000.0) for n in range(7)] == pytest.approx(
        [0.0] * 5 + [0.1, 0.2], abs=1e-6
    )


def test_the_pace_is_kept_within_a_conversation() -> None:
    pace = Pace(Limits(per_second=1000, burst=10, gap=1.0))
    assert [pace.delay("zalo:a", 1000.0) for _ in range(3)] == pytest.approx([0.0, 1.0, 2.0])
    assert pace.delay("zalo:b", 1000.0) == 0.0
    assert pace.delay("zalo:a", 1002.5) == pytest.approx(0.5)


def test_a_platform_that_holds_back_everybody_is_left_alone() -> None:
    pace = Pace(Limits(per_second=10, burst=5))
    pace.hold(30, now=1000.0)
    assert pace.delay("zalo:a", 1000.0) == pytest.approx(30.0)
    assert pace.delay("zalo:b", 1029.0) == pytest.approx(1.1)
    assert pace.delay("zalo:c", 1040.0) == 0.0
