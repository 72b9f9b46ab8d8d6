"""What the mailbox keeps of messages, turns and replies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from bot.mailbox import Answer, Mailbox, Rhythm, notice
from bot.mailbox.tables import conversations, inbox
from tests.bot.mailbox.helpers import Clock, inbox_rows, open_mailbox, outbox_rows, rows, said, say


def test_a_delivery_is_kept_once_and_the_others_are_counted(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        first = await mailbox.accept("zalo", "zalo:a", "m1", "text", {"text": "chào"}, 1_800_000_000)
        again = await mailbox.accept("zalo", "zalo:a", "m1", "text", {"text": "khác"}, 1_800_000_030)
        other = await mailbox.accept("telegram", "telegram:a", "m1", "text", {"text": "chào"})
        await mailbox.close()
        assert (first.new, again.new, other.new) == (True, False, True)
        assert first.id == again.id != other.id

    asyncio.run(run())
    kept = inbox_rows(url)
    assert [(row.channel, row.body, row.repeats) for row in kept] == [
        ("zalo", {"text": "chào"}, 1),
        ("telegram", {"text": "chào"}, 0),
    ]
    assert kept[0].received_at == 1_800_000_000


def test_deliveries_at_once_over_several_gateways_are_one_message(url: str, tmp_path: Path) -> None:
    async def run() -> list:
        gateways = [open_mailbox(url, tmp_path) for _ in range(3)]
        found = await asyncio.gather(
            *(
                gateway.accept("zalo", f"zalo:{n % 4}", f"m{n}", "text", {"text": str(n)})
                for n in range(40)
                for gateway in gateways
            )
        )
        await asyncio.gather(*(gateway.close() for gateway in gateways))
        return found

    found = asyncio.run(run())
    assert sum(one.new for one in found) == 40
    kept = inbox_rows(url)
    assert sorted(row.platform_message_id for row in kept) == sorted(f"m{n}" for n in range(40))
    assert [row.repeats for row in kept] == [2] * 40


@pytest.mark.parametrize("name", ["", "zalo:a b", "zalo:" + "x" * 160, "zalo:\0", "zalo:\ud800"])
def test_an_id_that_no_conversation_has_is_refused(name: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(f"sqlite:///{tmp_path}/m.db", tmp_path)
        try:
            with pytest.raises(ValueError, match="1 to 160 characters"):
                await mailbox.accept("zalo", name, "m1", "text", {"text": "chào"})
        finally:
            await mailbox.close()

    asyncio.run(run())


@pytest.mark.parametrize("platform_id", ["", "x" * 5000, "a\0b", "\ud800"])
def test_wild_platform_ids_and_texts_are_kept(url: str, platform_id: str, tmp_path: Path) -> None:
    async def run() -> tuple:
        mailbox = open_mailbox(url, tmp_path)
        body = {"text": "nul \0 nửa \ud83d 😀"}
        found = [await mailbox.accept("zalo", "zalo:a", platform_id, "text", body) for _ in range(2)]
        await mailbox.close()
        return tuple(one.new for one in found)

    assert asyncio.run(run()) == (True, False)
    assert inbox_rows(url)[0].body == {"text": "nul \0 nửa ? 😀"}


def test_turns_come_in_order_one_at_a_time(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        for text in ("một", "hai", "ba"):
            await say(mailbox, "zalo:a", text)
        await say(mailbox, "zalo:b", "khác")
        first = await mailbox.turns.claim(10)
        assert [said(turn) for turn in first] == ["một", "khác"]
        assert await mailbox.turns.claim(10) == []
        assert await mailbox.turns.finish(first[0], "answered", Answer([notice("1")]))
        assert [said(turn) for turn in await mailbox.turns.claim(10)] == ["hai"]
        await mailbox.close()

    asyncio.run(run())


def test_lines_of_one_burst_are_one_turn_and_the_next_burst_another(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock, rhythm=Rhythm(1.2, 3.0))
        for n in range(5):
            await say(mailbox, "zalo:a", f"dòng {n}")
            assert await mailbox.turns.claim(1) == []
            clock.now += 0.5
        clock.now += 0.5
        (turn,) = await mailbox.turns.claim(1)
        assert turn.body["text"] == "dòng 0\ndòng 1\ndòng 2\ndòng 3\ndòng 4"
        clock.now += 10
        await say(mailbox, "zalo:a", "sau")
        await mailbox.turns.finish(turn, "answered", Answer([notice("rồi")]))
        assert await mailbox.turns.claim(1) == []
        clock.now += 1.3
        (turn,) = await mailbox.turns.claim(1)
        assert turn.body["text"] == "sau"
        await mailbox.close()

    asyncio.run(run())
    assert [row.state for row in inbox_rows(url)] == ["answered"] * 5 + ["taken"]
    (letter,) = outbox_rows(url)
    assert letter.inbox_id == inbox_rows(url)[4].id


def test_questions_that_waited_for_the_engine_stay_apart(url: str, tmp_path: Path) -> None:
    async def run() -> list[str]:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock, rhythm=Rhythm(1.2, 3.0))
        for text in ("lệ phí khai sinh", "đăng ký tạm trú"):
            await say(mailbox, "zalo:a", text)
            clock.now += 60
        heard = []
        for _ in range(2):
            (turn,) = await mailbox.turns.claim(5)
            heard.append(said(turn))
            await mailbox.turns.finish(turn, "answered", Answer([]))
        await mailbox.close()
        return heard

    assert asyncio.run(run()) == ["lệ phí khai sinh", "đăng ký tạm trú"]


def test_replies_and_the_end_of_the_turn_are_one_transaction(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        await say(mailbox, "zalo:a", "chào")
        (turn,) = await mailbox.turns.claim(1)
        with pytest.raises(StatementError):
            await mailbox.turns.finish(turn, "answered", Answer([notice("tốt"), {"text": object()}]))
        assert outbox_rows(url) == []
        assert [row.state for row in inbox_rows(url)] == ["taken"]
        assert await mailbox.turns.finish(turn, "answered", Answer([notice("tốt")], {"intent": "greet"}))
        await mailbox.close()

    asyncio.run(run())
    (row,) = inbox_rows(url)
    assert (row.state, row.understood) == ("answered", {"intent": "greet"})
    assert [letter.reply["text"] for letter in outbox_rows(url)] == ["tốt"]


def test_a_turn_that_lost_its_lease_leaves_nothing(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        slow, other = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))
        await say(slow, "zalo:a", "chào")
        (turn,) = await slow.turns.claim(1)
        clock.now += 11
        assert await other.turns.keep_alive(notice("xin lỗi")) == (1, 0)
        assert not await slow.turns.finish(turn, "answered", Answer([notice("muộn")]))
        assert await slow.turns.put_back(turn) is None
        await asyncio.gather(slow.close(), other.close())

    asyncio.run(run())
    assert [(row.state, row.reason) for row in inbox_rows(url)] == [("apologised", "in_doubt")]
    assert [letter.reply["text"] for letter in outbox_rows(url)] == ["xin lỗi"]


def test_who_renews_is_not_taken_for_dead(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        slow, other = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))
        await say(slow, "zalo:a", "chào")
        (turn,) = await slow.turns.claim(1)
        for _ in range(4):
            clock.now += 9
            await slow.turns.keep_alive(None)
            assert await other.turns.keep_alive(notice("xin lỗi")) == (0, 0)
        assert await slow.turns.finish(turn, "answered", Answer([notice("xong")]))
        await asyncio.gather(slow.close(), other.close())

    asyncio.run(run())
    assert [letter.reply["text"] for letter in outbox_rows(url)] == ["xong"]


def test_work_let_go_of_unfinished_is_in_doubt_even_while_its_process_lives(url: str, tmp_path: Path) -> None:
    async def run() -> tuple[int, int]:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock)
        await say(mailbox, "zalo:a", "chào")
        (turn,) = await mailbox.turns.claim(1)
        mailbox.turns.let_go(turn)
        clock.now += 11
        found = await mailbox.turns.keep_alive(notice("xin lỗi"))
        await mailbox.close()
        return found

    assert asyncio.run(run()) == (1, 0)


def test_the_notice_comes_once_before_the_first_reply(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        for text in ("một", "hai"):
            await say(mailbox, "zalo:a", text)
            (turn,) = await mailbox.turns.claim(1)
            await mailbox.turns.finish(
                turn, "answered", Answer([notice(text)]), notice=notice("về chúng tôi")
            )
        await mailbox.close()

    asyncio.run(run())
    assert [letter.reply["text"] for letter in outbox_rows(url)] == ["về chúng tôi", "một", "hai"]


def test_an_erased_person_is_greeted_anew(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        for name in ("m1", "m2"):
            await say(mailbox, "zalo:a", "chào", name)
            (turn,) = await mailbox.turns.claim(1)
            await mailbox.turns.finish(
                turn, "answered", Answer([notice("chào")]), notice=notice("về chúng tôi")
            )
            if name == "m1":
                await mailbox.people.erase("zalo:a")
        await mailbox.close()

    asyncio.run(run())
    assert [letter.reply["text"] for letter in outbox_rows(url)] == ["về chúng tôi", "chào"]


def test_who_waits_here_gets_the_answer_and_nothing_is_left_to_send(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        number = await say(mailbox, "web:a", "chào")
        waiting = asyncio.create_task(mailbox.wait(number, 20))
        await asyncio.sleep(0)
        (turn,) = await mailbox.turns.claim(1)
        await mailbox.turns.finish(turn, "answered", Answer([notice("chào anh/chị")], {"intent": "greet"}))
        outcome = await waiting
        assert (outcome.state, outcome.understood) == ("answered", {"intent": "greet"})
        assert [reply["text"] for reply in outcome.replies] == ["chào anh/chị"]
        await mailbox.close()

    asyncio.run(run())
    assert [letter.state for letter in outbox_rows(url)] == ["sent"]


def test_only_the_gateway_where_somebody_waits_takes_the_turn(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        asked, other = (open_mailbox(url, tmp_path) for _ in range(2))
        number = await say(asked, "web:a", "chào")
        await say(asked, "zalo:a", "chào")
        assert [turn.channel for turn in await other.turns.claim(5)] == ["zalo"]
        assert [turn.id for turn in await asked.turns.claim(5)] == [number]
        await asyncio.gather(asked.close(), other.close())

    asyncio.run(run())


def test_somebody_who_asks_at_two_gateways_gets_both_answers_in_order(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        first, second = (open_mailbox(url, tmp_path) for _ in range(2))
        number = await say(first, "web:a", "một")
        waiting = asyncio.create_task(first.wait(number, 20))
        await asyncio.sleep(0)
        await say(second, "web:a", "hai")
        (turn,) = await second.turns.claim(5)
        assert said(turn) == "một"
        await second.turns.finish(turn, "answered", Answer([notice("trả lời một")], {"intent": "greet"}))
        outcome = await waiting
        assert (outcome.state, outcome.understood) == ("answered", {"intent": "greet"})
        assert [reply["text"] for reply in outcome.replies] == ["trả lời một"]
        assert [said(turn) for turn in await second.turns.claim(5)] == ["hai"]
        await asyncio.gather(first.close(), second.close())

    asyncio.run(run())
    assert [letter.state for letter in outbox_rows(url)] == ["sent"]


def test_a_gateway_answers_the_channels_it_has(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        for person in ("zalo:a", "telegram:a", "web:a"):
            await say(mailbox, person, "chào")
        taken = await mailbox.turns.claim(5, channels={"web", "telegram"})
        assert sorted(turn.channel for turn in taken) == ["telegram", "web"]
        assert [turn.channel for turn in await mailbox.turns.claim(5)] == ["zalo"]
        await mailbox.close()

    asyncio.run(run())


def test_what_nobody_waits_for_any_more_is_not_answered(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        killed, other = (open_mailbox(url, tmp_path, clock=clock) for _ in range(2))
        await say(killed, "web:a", "chào")
        await say(killed, "zalo:a", "chào")
        clock.now += 200
        await other.turns.keep_alive(notice("xin lỗi"))
        await say(other, "web:a", "có ai không")
        assert sorted(said(turn) for turn in await other.turns.claim(5)) == ["chào", "có ai không"]
        await asyncio.gather(killed.close(), other.close())

    asyncio.run(run())
    assert [(row.state, row.reason) for row in inbox_rows(url)] == [
        ("recorded", "nobody_waits"),
        ("taken", None),
        ("taken", None),
    ]


def test_a_withdrawn_message_is_not_answered(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        number = await say(mailbox, "web:a", "chào")
        outcome = await mailbox.wait(number, 0.1)
        assert not outcome.final
        assert await mailbox.withdraw(number, "too_late")
        assert await mailbox.turns.claim(1) == []
        begun = await say(mailbox, "web:a", "nữa")
        await mailbox.turns.claim(1)
        assert not await mailbox.withdraw(begun, "too_late")
        await mailbox.close()

    asyncio.run(run())
    assert [(row.state, row.reason) for row in inbox_rows(url)] == [("recorded", "too_late"), ("taken", None)]


def test_a_message_after_a_block_ends_it(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        mailbox = open_mailbox(url, tmp_path)
        await say(mailbox, "zalo:a", "chào")
        assert await mailbox.people.block("zalo:a")
        await mailbox.letters.post("zalo:a", [notice("tin báo")])
        await say(mailbox, "zalo:a", "tôi đây")
        await mailbox.letters.post("zalo:a", [notice("tin báo 2")])
        assert await mailbox.letters.post("zalo:nobody", [notice("?")]) == []
        assert not await mailbox.people.block("zalo:nobody")
        await mailbox.close()

    asyncio.run(run())
    assert [(row.state, row.reason) for row in outbox_rows(url)] == [("dead", "blocked"), ("waiting", None)]


def test_what_is_known_of_a_conversation(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock)
        assert await mailbox.people.conversation("zalo:a") is None
        await say(mailbox, "zalo:a", "một")
        clock.now += 100
        await say(mailbox, "zalo:a", "hai")
        await mailbox.people.silence("zalo:a", 600)
        found = await mailbox.people.conversation("zalo:a")
        assert found is not None
        assert (found.first_seen, found.last_seen) == (clock.now - 100, clock.now)
        assert (found.silent_until, found.paused, found.blocked) == (clock.now + 600, False, False)
        await mailbox.people.silence("zalo:a", 0)
        found = await mailbox.people.conversation("zalo:a")
        assert found is not None
        assert found.silent_until is None
        await mailbox.close()

    asyncio.run(run())


def test_figures_say_what_waits_how_long_and_what_was_given_up(url: str, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        mailbox = open_mailbox(url, tmp_path, clock=clock)
        await say(mailbox, "zalo:a", "một")
        clock.now += 30
        await say(mailbox, "zalo:b", "hai")
        await mailbox.letters.post("zalo:b", [notice("x")])
        await mailbox.people.block("zalo:b")
        await mailbox.letters.post("zalo:a", [notice("y")])
        clock.now += 12
        figures = await mailbox.figures()
        assert [(q.channel, q.state, q.length, q.age) for q in figures.inbox] == [("zalo", "waiting", 2, 42)]
        assert [(q.channel, q.state, q.length, q.age) for q in figures.outbox] == [("zalo", "waiting", 1, 12)]
        assert (figures.dead, figures.paused) == ([("zalo", "blocked", 1)], False)
        value = mailbox.core.metrics.registry.get_sample_value
        assert value("motcua_queue_length", {"queue": "inbox", "channel": "zalo", "state": "waiting"}) == 2
        assert value("motcua_dead_letters", {"channel": "zalo"}) == 1
        await mailbox.close()

    asyncio.run(run())


def test_a_message_of_nobody_known_changes_no_table_but_its_own(url: str, tmp_path: Path) -> None:
    async def run(mailbox: Mailbox) -> None:
        await say(mailbox, "zalo:a", "chào")
        await mailbox.close()

    asyncio.run(run(open_mailbox(url, tmp_path)))
    assert [row.id for row in rows(url, conversations)] == ["zalo:a"]
    assert len(rows(url, inbox)) == 1
