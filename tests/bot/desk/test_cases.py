"""Cases: claimed by one, answered through the mailbox, closed; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.channels.records import hand_over
from bot.channels.words import load_words
from bot.desk import accounts, cases, idle, intake, view
from bot.desk.accounts import Person
from bot.desk.desk import HERE
from bot.desk.errors import Refusal
from bot.desk.speech import Speech
from bot.desk.store import Store
from bot.desk.tables import cases as table
from bot.desk.tables import conversations, feedback, handovers, notes, questions, ratings
from bot.mailbox import Mailbox, notice
from bot.mailbox.tables import outbox
from bot.settings import ROOT
from procedures_catalog.centre import load_centre
from tests.bot.desk.seeding import add_case, add_conversation, add_person, add_request

SPEECH = Speech(load_words(load_centre(ROOT / "centre.yml"), HERE / "words.yml"))
NOW = 1_795_000_000.0


@asynccontextmanager
async def opened(url: str, folder: Path, now: float | None = NOW) -> AsyncIterator[Store]:
    clock: dict[str, Any] = {} if now is None else {"clock": lambda connection: now}
    mailbox = Mailbox(url, folder, **clock)
    yield Store(mailbox)
    await mailbox.close()


def run(url: str, folder: Path, work: Callable[..., Any], *args: Any, now: float | None = NOW) -> Any:
    """One piece of work in a transaction of a store of its own."""

    async def one() -> Any:
        async with opened(url, folder, now) as store:
            return await store.write(work, *args)

    return asyncio.run(one())


def seed(
    connection: Any, now: float, *people: str, waiting: int = 1, **values: Any
) -> tuple[list[Person], list[int]]:
    persons = [Person(add_person(connection, name), name, "volunteer") for name in people]
    return persons, [add_case(connection, now - 60, f"zalo:u{n}", **values) for n in range(waiting)]


def row_of(url: str, folder: Path, number: int) -> Any:
    return run(url, folder, lambda c, now: c.execute(select(table).where(table.c.id == number)).one())


def letters(url: str, folder: Path, conversation: str = "zalo:u0") -> list[str]:
    query = select(outbox.c.reply).where(outbox.c.conversation == conversation).order_by(outbox.c.id)
    return [reply["text"] for reply in run(url, folder, lambda c, now: list(c.scalars(query)))]


def silent(url: str, folder: Path, conversation: str = "zalo:u0") -> bool:
    query = select(conversations.c.paused).where(conversations.c.id == conversation)
    return run(url, folder, lambda c, now: c.scalar(query))


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


def test_requests_become_cases_once_and_one_a_conversation(both: str, tmp_path: Path) -> None:
    def record(c: Any, now: float) -> list[int]:
        for n in range(5):
            add_conversation(c, f"zalo:p{n}", now)
        return [add_request(c, f"zalo:p{n % 5}", now) for n in range(10)]

    numbers = run(both, tmp_path, record)

    async def take_in() -> list[int]:
        async with opened(both, tmp_path) as one, opened(both, tmp_path) as other:
            return await asyncio.gather(*(s.write(intake.take_in) for s in (one, other) * 4))

    made = asyncio.run(take_in())
    rows = run(both, tmp_path, lambda c, now: c.execute(select(table).order_by(table.c.id)).all())
    assert sum(made) == len(rows) == 5
    assert {row.conversation for row in rows} == {f"zalo:p{n}" for n in range(5)}
    states = run(
        both, tmp_path, lambda c, now: dict(c.execute(select(handovers.c.id, handovers.c.state)).all())
    )
    assert sorted(states) == sorted(numbers)
    assert Counter(states.values()) == {"waiting": 5, "closed": 5}


def test_ratings_and_complaints_wait_in_no_queue(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, number, "key-one-1", notice("xong"))
    run(both, tmp_path, cases.close, SPEECH, lan, number, "answered")

    def record(c: Any, now: float) -> None:
        add_request(c, "zalo:u0", now, "rating_5")
        add_request(c, "zalo:u0", now, "rating_2")
        add_request(c, "cli:nobody", now, "rating_9")
        add_request(c, "zalo:u0", now, "complaint", "chờ lâu quá")

    run(both, tmp_path, record)
    assert run(both, tmp_path, intake.take_in) == 0
    given = run(both, tmp_path, lambda c, now: c.execute(select(ratings).order_by(ratings.c.id)).all())
    assert [(row.stars, row.about, row.case_id) for row in given] == [
        (5, "person", number),
        (2, "answer", None),
    ]
    (complaint,) = run(both, tmp_path, lambda c, now: c.execute(select(feedback)).all())
    assert (complaint.kind, complaint.state) == ("complaint", "new")


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


def test_an_idle_case_is_closed_and_an_unanswered_one_goes_back(both: str, tmp_path: Path) -> None:
    (lan,), (idle_one, left, fresh) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", waiting=3))
    for number in (idle_one, left, fresh):
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, idle_one, "key-one-1", notice("đây ạ"))
    run(both, tmp_path, cases.say, lan, left, "key-two-2", notice("đây ạ"))
    later = NOW + idle.IDLE_SECONDS + 1

    def speak(c: Any, now: float) -> None:
        seen = update(conversations).values(last_seen=NOW + 0.5)
        c.execute(seen.where(conversations.c.id == "zalo:u1"))
        c.execute(update(conversations).values(last_seen=later - 5).where(conversations.c.id == "zalo:u2"))

    run(both, tmp_path, speak)
    assert run(both, tmp_path, idle.settle, SPEECH, now=later) == 2
    assert run(both, tmp_path, idle.settle, SPEECH, now=later) == 0
    rows = [row_of(both, tmp_path, number) for number in (idle_one, left, fresh)]
    assert [(row.state, row.close_reason) for row in rows] == [
        ("closed", "idle"),
        ("waiting", None),
        ("claimed", None),
    ]
    shown = run(both, tmp_path, view.queue, lan, now=later)["ended"]
    assert [row["id"] for row in shown] == [idle_one]  # whoever had it is told as well
    assert run(both, tmp_path, view.queue, lan, now=later + 3600)["ended"] == []
    assert "được đóng lại" in letters(both, tmp_path, "zalo:u0")[-1]
    assert "Xin lỗi anh/chị phải chờ" in letters(both, tmp_path, "zalo:u1")[-1]
    assert [silent(both, tmp_path, f"zalo:u{n}") for n in range(3)] == [False, False, True]
    left_note = run(
        both, tmp_path, lambda c, now: c.scalar(select(notes.c.kind).where(notes.c.case_id == left))
    )
    assert left_note == "idle"


def test_staff_who_answer_in_zalos_own_tool_have_claimed(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan", promised_at=NOW - 1))

    def staff_wrote(c: Any, now: float) -> None:
        c.execute(update(conversations).values(silent_until=NOW + 3600))

    run(both, tmp_path, staff_wrote)
    assert run(both, tmp_path, idle.follow_staff, SPEECH) == 1
    row = row_of(both, tmp_path, number)
    assert (row.state, row.owner_id, row.kept) == ("claimed", None, False)
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    assert refused.value.code == "taken"
    assert run(both, tmp_path, idle.follow_staff, SPEECH, now=NOW + 3601) == 1
    assert row_of(both, tmp_path, number).close_reason == "elsewhere"


def test_nothing_is_written_where_zalo_takes_nothing_any_more(both: str, tmp_path: Path) -> None:
    (lan,), (number,) = run(both, tmp_path, lambda c, now: seed(c, now, "Lan"))
    run(both, tmp_path, cases.claim, SPEECH, lan, number)
    shown = run(both, tmp_path, view.conversation, lan, number)["window"]
    assert shown == {"free_until": NOW - 60 + 48 * 3600, "until": NOW - 60 + 7 * 86_400}
    run(both, tmp_path, cases.say, lan, number, "key-one-1", notice("đây ạ"), now=shown["until"])
    with pytest.raises(Refusal) as refused:
        run(both, tmp_path, cases.say, lan, number, "key-two-2", notice("đây ạ"), now=shown["until"] + 1)
    assert refused.value.code == "window_closed"


def test_who_complained_and_then_sends_a_picture_waits_for_a_person(both: str, tmp_path: Path) -> None:
    def complain(c: Any, now: float) -> tuple[int, int]:
        name = add_conversation(c, "zalo:p", now)
        complaint = add_request(c, name, now, "complaint", "chờ lâu quá")
        intake.take_in(c, now)
        return complaint, hand_over(c, name, "zalo", "attachment", "")

    complaint, picture = run(both, tmp_path, complain)
    assert picture != complaint
    assert run(both, tmp_path, intake.take_in) == 1
    assert row_of(both, tmp_path, picture).reason == "attachment"


def test_a_promise_that_was_not_kept_is_counted_as_broken(both: str, tmp_path: Path) -> None:
    (lan,), (late, never) = run(
        both, tmp_path, lambda c, now: seed(c, now, "Lan", waiting=2, promised_at=NOW - 1)
    )
    for number in (late, never):
        run(both, tmp_path, cases.claim, SPEECH, lan, number)
    run(both, tmp_path, cases.say, lan, late, "key-one-1", notice("muộn rồi"))
    run(both, tmp_path, cases.close, SPEECH, lan, never, "silent")
    assert [row_of(both, tmp_path, number).kept for number in (late, never)] == [False, False]


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
