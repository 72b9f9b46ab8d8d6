"""Conversations in one row each: what the dialogue needs stays, the rest goes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.tracker_store import KEPT_EVENTS, MAX_EVENTS, ConversationStore

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask_fee, greet]
slots:
  procedure: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  case_answers: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  early: {type: any, influence_conversation: false, mappings: [{type: custom}]}
forms: {case_form: {required_slots: []}}
actions: [action_answer]
"""
)


def run(awaited):
    return asyncio.run(awaited)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/engine.db"


@pytest.fixture
def store(url: str) -> ConversationStore:
    return ConversationStore(DOMAIN, url)


def begun(conversation: str = "web:a") -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events(conversation, [], DOMAIN.slots)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    return tracker


def turn(tracker: DialogueStateTracker, number: int) -> None:
    """One turn as the dialogue writes it: message, action, slots, reply, listen."""
    said = f"câu hỏi số {number:03}"
    tracker.update(UserUttered(said, {"name": "ask_fee", "confidence": 1.0}, [], message_id=f"{number:03}"))
    tracker.update(ActionExecuted("action_answer"))
    tracker.update(BotUttered("trả lời", {"custom": {"text": "trả lời " * 20}}))
    tracker.update(SlotSet("procedure", f"thu-tuc-{number:03}"))
    tracker.update(SlotSet("case_answers", {"tuoi": f"{number:03}"}))
    tracker.update(ActionExecuted("action_listen"))


def state(tracker: DialogueStateTracker) -> tuple:
    return (
        tracker.current_slot_values(),
        tracker.active_loop_name,
        tracker.latest_action_name,
        tracker.latest_message and tracker.latest_message.text,
    )


def test_a_conversation_comes_back_as_it_was(store: ConversationStore) -> None:
    tracker = begun()
    turn(tracker, 1)
    tracker.update(ActiveLoop("case_form"))
    tracker.update(SlotSet("requested_slot", "case_answers"))
    run(store.save(tracker))
    again = run(store.retrieve("web:a"))
    assert state(again) == state(tracker)
    assert [e.as_dict() for e in again.events] == [e.as_dict() for e in tracker.events]


def test_a_turn_that_broke_off_does_not_break_the_next_one(store: ConversationStore) -> None:
    tracker = begun()
    tracker.update(UserUttered("lệ phí", {"name": "ask_fee", "confidence": 1.0}, []))
    for _ in range(10):
        tracker.update(ActionExecuted("action_answer"))
        tracker.update(FollowupAction("action_answer"))
    run(store.save(tracker))
    again = run(store.retrieve("web:a"))
    assert (again.latest_action_name, again.followup_action) == ("action_listen", None)


@pytest.mark.parametrize("statement", ["CREATE TABLE", "INSERT INTO"])
def test_two_engines_that_begin_at_once_do_not_collide(url: str, statement: str) -> None:
    """The other one comes just before the first one's own statement."""
    came: list[str] = []

    def other(_connection, _cursor, said: str, *_rest) -> None:
        if statement in said and not came:
            came.append(said)
            early = begun("zalo:1")
            turn(early, 1)
            with ThreadPoolExecutor(1) as thread:  # this one runs a loop already
                thread.submit(lambda: run(ConversationStore(DOMAIN, url).save(early))).result()

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", other)
    try:
        tracker = begun("zalo:1")
        turn(tracker, 2)
        store = ConversationStore(DOMAIN, url)
        run(store.save(tracker))
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", other)
    assert came
    assert state(run(store.retrieve("zalo:1"))) == state(tracker)


def test_an_unknown_conversation_is_none(store: ConversationStore) -> None:
    assert run(store.retrieve("web:khong-co")) is None
    assert run(store.keys()) == []


def test_rasa_builds_it_from_the_endpoint(url: str) -> None:
    endpoint = EndpointConfig(type="bot.engine.tracker_store.ConversationStore", url=url)
    built = TrackerStore.create(endpoint, DOMAIN)
    tracker = begun("zalo:1")
    turn(tracker, 1)
    run(built.save(tracker))
    assert state(run(built.retrieve("zalo:1"))) == state(tracker)


def test_conversations_are_kept_apart(store: ConversationStore) -> None:
    for number, conversation in enumerate(("web:a", "web:b", "zalo:a")):
        tracker = begun(conversation)
        turn(tracker, number)
        run(store.save(tracker))
    assert sorted(run(store.keys())) == ["web:a", "web:b", "zalo:a"]
    assert run(store.retrieve("web:b")).get_slot("procedure") == "thu-tuc-001"


def test_five_hundred_turns_stay_bounded_and_nothing_that_holds_is_lost(
    store: ConversationStore, url: str
) -> None:
    tracker = begun()
    tracker.update(SlotSet("early", "nói ở lượt đầu"))
    sizes = []
    for number in range(500):
        turn(tracker, number)
        if number == 3:
            tracker.update(ActiveLoop("case_form"))
            tracker.update(SlotSet("requested_slot", "case_answers"))
        run(store.save(tracker))
        again = run(store.retrieve("web:a"))
        assert state(again) == state(tracker), f"turn {number}"
        assert len(again.events) <= MAX_EVENTS
        sizes.append(stored_bytes(url))
        tracker = again
    assert tracker.get_slot("early") == "nói ở lượt đầu"
    assert tracker.active_loop_name == "case_form"
    # Times of events are written with more or fewer digits.
    assert max(sizes[-100:]) <= 1.01 * max(sizes[:100]), "the five hundredth turn is as the hundredth"


def stored_bytes(url: str) -> int:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return connection.execute("SELECT length(events) FROM engine_conversations").fetchone()[0]


def test_what_was_said_long_ago_is_gone(store: ConversationStore) -> None:
    tracker = begun()
    for number in range(100):
        turn(tracker, number)
    run(store.save(tracker))
    again = run(store.retrieve("web:a"))
    said = [event.text for event in again.events if isinstance(event, UserUttered)]
    assert said[-1] == "câu hỏi số 099"
    assert "câu hỏi số 001" not in said
    assert len(again.events) <= KEPT_EVENTS + 20


def test_the_kept_part_begins_with_a_message(store: ConversationStore) -> None:
    tracker = begun()
    for number in range(60):
        turn(tracker, number)
    run(store.save(tracker))
    events = list(run(store.retrieve("web:a")).events)
    first = next(i for i, event in enumerate(events) if isinstance(event, UserUttered))
    assert events[first - 1] == ActionExecuted("action_listen")
    assert {type(e) for e in events[:first]} <= {SessionStarted, SlotSet, ActiveLoop, ActionExecuted}


def test_one_endless_turn_is_kept_whole(store: ConversationStore) -> None:
    tracker = begun()
    turn(tracker, 1)
    for number in range(MAX_EVENTS):
        tracker.update(SlotSet("procedure", str(number)))
    run(store.save(tracker))
    assert state(run(store.retrieve("web:a"))) == state(tracker)


def test_erasing_leaves_nothing_that_was_said(store: ConversationStore, url: str) -> None:
    tracker = begun()
    turn(tracker, 7)
    tracker.update(UserUttered("xóa dữ liệu của tôi", {"name": "greet", "confidence": 1.0}))
    for event in (ActionExecuted("action_erase_data"), AllSlotsReset(), Restarted()):
        tracker.update(event)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    run(store.save(tracker))
    again = run(store.retrieve("web:a"))
    assert not [e for e in again.events if isinstance(e, UserUttered | BotUttered | SlotSet)]
    assert again.get_slot("procedure") is None
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        (events,) = connection.execute("SELECT events FROM engine_conversations").fetchone()
    assert "câu hỏi" not in events
    assert "xóa dữ liệu" not in events
    turn(again, 8)
    run(store.save(again))
    assert run(store.retrieve("web:a")).get_slot("procedure") == "thu-tuc-008"


def test_deleting_removes_the_row(store: ConversationStore) -> None:
    for conversation in ("web:a", "web:b"):
        tracker = begun(conversation)
        turn(tracker, 1)
        run(store.save(tracker))
    run(store.delete("web:a"))
    run(store.delete("web:khong-co"))
    assert run(store.keys()) == ["web:b"]
    assert run(store.retrieve("web:a")) is None


def test_two_processes_share_one_file(url: str) -> None:
    first, second = ConversationStore(DOMAIN, url), ConversationStore(DOMAIN, url)
    tracker = begun()
    for number in range(6):
        writer, reader = (first, second) if number % 2 else (second, first)
        turn(tracker, number)
        run(writer.save(tracker))
        assert run(reader.retrieve("web:a")).get_slot("procedure") == f"thu-tuc-{number:03}"
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT count(*) FROM engine_conversations").fetchone() == (1,)


def test_writers_wait_for_each_other(url: str, tmp_path: Path) -> None:
    """Somebody else holds the file for a moment: the turn waits instead of failing."""
    store = ConversationStore(DOMAIN, url)
    tracker = begun()
    turn(tracker, 1)
    blocker = sqlite3.connect(tmp_path / "engine.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    async def both() -> None:
        saving = asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(store.save(tracker)))
        await asyncio.sleep(0.3)
        assert not saving.done()
        blocker.execute("COMMIT")
        await saving

    run(both())
    blocker.close()
    assert run(store.retrieve("web:a")).get_slot("procedure") == "thu-tuc-001"


def test_text_is_stored_as_it_was_written(store: ConversationStore, url: str) -> None:
    tracker = begun()
    tracker.update(UserUttered("đăng ký khai sinh 😀", {"name": "greet", "confidence": 1.0}))
    run(store.save(tracker))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        (events,) = connection.execute("SELECT events FROM engine_conversations").fetchone()
    assert "đăng ký khai sinh 😀" in [event.get("text") for event in json.loads(events)]
    assert "đăng ký" in events


@pytest.mark.parametrize(
    "said", ["765432", "dạ 76 54 32 ạ", "0912.345.678", "H99.10.01.05-261102-0001 đuôi 765432"]
)
def test_numbers_that_prove_who_somebody_is_are_not_kept(
    store: ConversationStore, url: str, said: str
) -> None:
    tracker = begun()
    greet, where = {"name": "greet", "confidence": 1.0}, {"network": "9c56cc51b374"}
    tracker.update(UserUttered(said, greet, parse_data={"text": said}, metadata=where))
    tracker.update(SlotSet("procedure", "dang-ky-khai-sinh"))
    run(store.save(tracker))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
        (stored,) = file.execute("SELECT events FROM engine_conversations").fetchone()
    for number in ("765432", "76 54 32", "345.678", "261102", "9c56cc51b374"):
        assert number not in stored
    back = run(store.retrieve("web:a"))
    assert back.get_slot("procedure") == "dang-ky-khai-sinh"
    assert back.latest_message.intent["name"] == "greet"
