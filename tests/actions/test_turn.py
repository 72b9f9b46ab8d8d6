from __future__ import annotations

from rasa_sdk import Tracker

from actions.turn import ASPECTS, SURE_INTENT, Turn, unsure
from tests.actions.talk import action_of_intent, domain


def turn(
    text: str = "lệ phí?", intent: str = "ask_fee", confidence: float = 0.9, entities=(), **slots
) -> Turn:
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": [{"entity": name, "value": value} for name, value in entities],
    }
    return Turn.of(Tracker("zalo:u-1", slots, message, [], False, None, {}, "action_listen"))


def test_what_was_understood_is_read_once_and_in_order() -> None:
    read = turn(entities=[("aspect", "time,fee"), ("aspect", "fee"), ("also", "greet"), ("also", "ask_fee")])
    assert read.aspects == ["time", "fee"]
    assert read.also == ["greet"]
    assert read.chosen == {}
    assert (read.conversation, read.channel) == ("zalo:u-1", "zalo")


def test_an_aspect_that_nobody_knows_is_left_out() -> None:
    assert turn(entities=[("aspect", "khong_co,fee,")]).aspects == ["fee"]


def test_what_a_button_carried_is_chosen() -> None:
    read = turn("choose_case", "choose_case", 1.0, [("procedure", "p"), ("case", "c"), ("choice", "x")])
    assert read.chosen == {"procedure": "p", "case": "c", "choice": "x"}
    assert read.from_button
    assert turn("talk_to_person", "talk_to_person").from_button
    assert not turn("cho gặp cán bộ", "talk_to_person").from_button


def test_an_empty_tracker_is_an_empty_turn() -> None:
    read = Turn.of(Tracker("web:a", {}, None, [], False, None, {}, None))
    assert (read.text, read.intent, read.confidence, read.aspects, read.case_answers) == ("", "", 0.0, [], {})
    assert not read.asked_case


def test_answers_about_the_case_are_a_copy() -> None:
    slots = {"case_answers": {"tuoi": "nho"}}
    turn(**slots).case_answers["tuoi"] = "lon"
    assert slots["case_answers"] == {"tuoi": "nho"}


def test_a_button_is_never_unsure() -> None:
    assert unsure(turn(confidence=SURE_INTENT - 0.01))
    assert not unsure(turn(confidence=SURE_INTENT))
    assert not unsure(turn("ask", "ask", 0.1))


def test_every_intent_has_one_rule_that_leads_to_an_action() -> None:
    intents = {name for row in domain()["intents"] for name in (row if isinstance(row, dict) else [row])}
    assert set(action_of_intent()) == intents
    assert set(action_of_intent().values()) <= set(domain()["actions"])


def test_every_aspect_has_its_intent() -> None:
    assert {f"ask_{aspect}" for aspect in ASPECTS} <= set(action_of_intent())


def test_slips_are_mended_where_they_stand_and_what_was_typed_is_kept() -> None:
    text = "Chào em. Hộ kjau cần gì? Nop odau 12.3"
    first, second, end = text.index("kjau"), text.index("odau"), text.index(" 12.3")
    message = {
        "text": text,
        "entities": [{"entity": "aspect", "value": "place", "asked_in": [[text.index("Nop"), end]]}],
        "slips": [[first, first + 4, "khau"], [second, end, "o dau"]],
    }
    read = Turn.of(Tracker("zalo:u-1", {}, message, [], False, None, {}, "action_listen"))
    assert (read.text, read.said) == (text, "Chào em. Hộ khau cần gì? Nop o dau 12.3")
    assert read.matter == "Hộ khau cần gì? Nop o dau 12.3"
    assert read.said[slice(*read.asked_in["place"][0])] == "Nop o dau"
    assert read.said[read.matter_at :] == read.matter
