"""Cases: claimed by one, answered through the mailbox, closed; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.desk import accounts, cases, intake, view
from bot.desk.accounts import Person
from bot.desk.errors import Refusal
from bot.desk.store import Store
from bot.desk.tables import cases as table
from bot.desk.tables import feedback, handovers, notes, questions
from bot.mailbox import Mailbox, notice
from bot.mailbox.tables import outbox
from tests.bot.desk.acting import NOW, SPEECH, letters, opened, row_of, run, seed, silent
from tests.bot.desk.seeding import add_case, add_person, add_request


def test_twenty_volunteers_and_a_hundred_conversations(both: str, tmp_path: Path) -> None:
    """Everybody tries to claim everything, in an order of their own, from four gateways."""

    async def race() -> tuple[list[Person], Counter[int], list[int], int]:
        async with opened(both, tmp_path) as store:
            names = [f"N{n}" for n in range(20)]
            people, numbers = await store.write(lambda c, now: seed(c, now, *names, waiting=100))
        gateways = [Store(Mailbox(both, tmp_path)) for _ in range(4)]
        won: Counter[int] = Counter()
        told = 0

        async def volunteer(n: int) -> None:
            nonlocal told
            order = random.Random(n).sample(numbers, len(numbers))
            for number in order:
                try:
                    await gateways[n % 4].write(cases.claim, SPEECH, people[n], number)
                except Refusal as refusal:
                    assert refusal.code == "taken" and refusal.facts["name"] in names
                    told += 1
                else:
                    won[number] += 1

        await asyncio.gather(*(volunteer(n) for n in range(20)))
        for gateway in gateways:
            await gateway.mailbox.close()
        return people, won, numbers, told

    people, won, numbers, told = asyncio.run(race())
    assert set(won) == set(numbers) and set(won.values()) == {1}
    assert told == 20 * 100 - 100
    rows = run(both, tmp_path, lambda c, now: c.execute(select(table)).all())
    assert all(row.state == "claimed" and row.owner_id in {p.id for p in people} for row in rows)
    states = run(both, tmp_path, lambda c, now: set(c.scalars(select(handovers.c.state))))
    assert states == {"claimed"}
    hellos = run(both, tmp_path, lambda c, now: list(c.scalars(select(outbox.c.conversation))))
    assert sorted(hellos) == sorted(f"zalo:u{n}" for n in range(100))


def test_a_case_from_claim_to_close(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", promised_at=NOW + 60))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    assert silent(both, tmp_path)
    reply = SPEECH.person("Lan", "volunteer", "Chào bác, mang theo căn cước ạ.", None)
    run(both, tmp_path, cases.say, lan, number, "key-one-1", reply)
    assert row_of(both, tmp_path, number).kept is True
    run(both, tmp_path, cases.close, SPEECH, lan, number, "answered")
    row = row_of(both, tmp_path, number)
    assert (row.state, row.close_reason, row.answered_at) == ("closed", "answered", NOW)
    assert not silent(both, tmp_path)
    hello, said, goodbye = letters(both, tmp_path)
    assert hello.startswith("Lan của trung tâm đã nhận")
    assert said == "Lan, tình nguyện viên:\nChào bác, mang theo căn cước ạ."
    assert "chấm mấy điểm" in goodbye
    states = run(both, tmp_path, lambda c, now: list(c.scalars(select(handovers.c.state))))
    assert states == ["closed"]


def test_an_answer_is_sent_once_however_often_it_is_tried(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))

    async def tries() -> list[Any]:
        async with opened(both, tmp_path) as store, opened(both, tmp_path) as other:
            await store.write(cases.claim, SPEECH, lan, number)
            reply = SPEECH.person("Lan", "volunteer", "một lần thôi", None)
            sends = [s.write(cases.say, lan, number, "same-key", reply) for s in (store, other) * 5]
            return await asyncio.gather(*sends)

    answers = asyncio.run(tries())
    assert len(set(answers)) == 1
    assert sum("một lần thôi" in text for text in letters(both, tmp_path)) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda c, now, person, number: cases.say(c, now, person, number, "some-key", notice("x")),
        lambda c, now, person, number: cases.close(c, now, SPEECH, person, number, "answered"),
        lambda c, now, person, number: cases.pass_on(c, now, SPEECH, person, number, None),
    ],
)
def test_nobody_acts_on_what_another_has(sqlite_url: str, tmp_path: Path, act: Any) -> None:
    (lan, minh), (number,) = run(sqlite_url, tmp_path, lambda c, now: seed(c, now, "Lan", "Minh"))
    for expected in ("not_yours", "not_yours", "closed"):
        with pytest.raises(Refusal) as refused:
            run(sqlite_url, tmp_path, act, minh, number)
        assert (refused.value.status, refused.value.code) == (409, expected)
        with pytest.raises(Refusal) as refused:
            run(sqlite_url, tmp_path, act, minh, 999)
        assert refused.value.status == 404
        state = row_of(sqlite_url, tmp_path, number).state
        if state == "waiting":
            run(sqlite_url, tmp_path, cases.claim, SPEECH, lan, number)
        elif state == "claimed":
            run(sqlite_url, tmp_path, cases.close, SPEECH, lan, number, "answered")
    lead = Person(minh.id, "Minh", "lead")
    (other,) = run(sqlite_url, tmp_path, lambda c, now: seed_more(c, now))
    run(sqlite_url, tmp_path, cases.claim, SPEECH, lan, other)
    run(sqlite_url, tmp_path, act, lead, other)


def seed_more(connection: Any, now: float) -> list[int]:
    return [add_case(connection, now, "zalo:more")]


def test_passed_on_to_a_colleague_and_back_into_the_queue(both: str, tmp_path: Path) -> None:
    (lan, minh), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", "Minh"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.pass_on, SPEECH, lan, number, minh.id)
    assert row_of(both, tmp_path, number).owner_id == minh.id and silent(both, tmp_path)
    with pytest.raises(Refusal):
        run(both, tmp_path, cases.pass_on, SPEECH, lan, number, None)
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.pass_on, SPEECH, minh, number, 999)
    assert refused.value.code == "unknown_person"
    run(both, tmp_path, cases.pass_on, SPEECH, minh, number, None)
    assert row_of(both, tmp_path, number).state == "waiting" and not silent(both, tmp_path)
    texts = letters(both, tmp_path)
    assert "Minh của trung tâm sẽ hỗ trợ tiếp" in texts[1] and "Xin lỗi anh/chị phải chờ" in texts[2]
    run(both, tmp_path, cases.claim, SPEECH, lan, number)


def test_nobody_is_asked_twice_in_a_row_how_it_was(sqlite_url: str, tmp_path: Path) -> None:
    (lan,), (first,) = run(sqlite_url, tmp_path, lambda c, now: seed(c, now, "Lan"))

    def again(c: Any, now: float) -> int:
        number = add_request(c, "zalo:u0", now)
        intake.take_in(c, now)
        return number

    for number in (first, again):
        number = number if isinstance(number, int) else run(sqlite_url, tmp_path, number)
        run(sqlite_url, tmp_path, cases.claim, SPEECH, lan, number)
        run(sqlite_url, tmp_path, cases.say, lan, number, f"key-of-{number}", notice("xong"))
        run(sqlite_url, tmp_path, cases.close, SPEECH, lan, number, "answered")
    assert sum("chấm mấy điểm" in text for text in letters(sqlite_url, tmp_path)) == 1


def test_who_is_forgotten_is_forgotten_by_the_desk_too(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, number, "key-one-1", notice("đây ạ"))
    run(both, tmp_path, cases.add_note, lan, number, "bác ấy nghe kém")

    def remember(c: Any, now: float) -> None:
        row = {"text": "làm ghế cho bé", "plain": "lam ghe cho be", "why": "unknown", "channel": "zalo"}
        row |= {"asked_at": now, "state": "waiting"}
        c.execute(questions.insert().values({**row, "conversation": "zalo:u0"}))
        c.execute(questions.insert().values({**row, "state": "labelled"}))
        add_request(c, "zalo:u0", now, "complaint", "chờ lâu")
        intake.take_in(c, now)

    run(both, tmp_path, remember)

    async def erase() -> None:
        async with opened(both, tmp_path) as store:
            await store.mailbox.people.erase("zalo:u0")

    asyncio.run(erase())
    for kept in (table, notes, feedback, outbox):
        assert run(both, tmp_path, lambda c, now, kept=kept: c.execute(select(kept)).all()) == []
    left = run(both, tmp_path, lambda c, now: list(c.scalars(select(questions.c.state))))
    assert left == ["labelled"]
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.close, SPEECH, lan, number, "answered")
    assert refused.value.code == "unknown_case"


def test_a_volunteer_reads_what_waits_and_what_is_theirs(sqlite_url: str, tmp_path: Path) -> None:
    (lan, minh), (number, _) = run(
        sqlite_url, tmp_path, lambda c, now: seed(c, now, "Lan", "Minh", waiting=2)
    )
    assert run(sqlite_url, tmp_path, view.conversation, minh, number)["state"] == "waiting"
    run(sqlite_url, tmp_path, cases.claim, SPEECH, lan, number)
    for act in (
        lambda c, now: view.conversation(c, now, minh, number),
        lambda c, now: cases.add_note(c, now, minh, number, "x"),
    ):
        with pytest.raises(Refusal) as refused:
            run(sqlite_url, tmp_path, act)
        assert refused.value.status == 403
    lead = Person(minh.id, "Minh", "lead")
    assert run(sqlite_url, tmp_path, view.conversation, lead, number)["owner"] == "Lan"
    assert run(sqlite_url, tmp_path, view.queue, minh)["others"] == []
    assert [row["id"] for row in run(sqlite_url, tmp_path, view.queue, lead)["others"]] == [number]


def test_five_hundred_open_conversations_are_shown_at_once(both: str, tmp_path: Path) -> None:
    (lan,), numbers = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", waiting=500, text="chờ " * 400))

    async def look() -> dict[str, Any]:
        async with opened(both, tmp_path) as store:
            return await store.read(view.queue, lan)

    shown = asyncio.run(look())
    assert shown["total"] == {"waiting": 500, "mine": 0, "others": 0}
    assert [row["id"] for row in shown["waiting"]] == numbers[: view.MOST_WAITING]
    assert all(len(row["text"]) <= view.PREVIEW for row in shown["waiting"])


def test_the_last_administrator_stays(both: str, tmp_path: Path) -> None:
    def admins(c: Any, now: float) -> list[int]:
        return [add_person(c, name, "admin") for name in ("Lan", "Minh")]

    lan, minh = run(both, tmp_path, admins)
    run(both, tmp_path, lambda c, now: accounts.change(c, now, None, lan, disabled=True))
    for values in ({"disabled": True}, {"role": "lead"}):
        with pytest.raises(accounts.AccountFault):
            run(both, tmp_path, lambda c, now, values=values: accounts.change(c, now, None, minh, **values))
