"""The centre, the assistant, danger: from ``centre.yml`` and the templates, nothing invented."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import pytest
from rasa_sdk import Tracker

from actions import bootstrap
from actions.bootstrap import Services
from actions.notices import EMERGENCIES, NOTICES, danger_told, notice, opening_lines
from actions.people import handover
from actions.turn import Turn
from procedures_catalog.centre import VIET_NAM, Interval
from tests.actions.talk import Talk, check


@dataclass(frozen=True)
class ServicesAt(Services):
    """Services at one fixed moment."""

    moment: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=VIET_NAM)

    @property
    def now(self) -> datetime:
        return self.moment


def at(s: Services, *moment: int) -> ServicesAt:
    fields = {name: getattr(s, name) for name in Services.__dataclass_fields__}
    return ServicesAt(**fields, moment=datetime(2026, 11, *moment, tzinfo=VIET_NAM))


def a_turn(text: str = "gặp cán bộ") -> Turn:
    return Turn("web:kiem-thu", text, "talk_to_person", 1.0, [], [], {}, {})


@pytest.mark.parametrize("intent", [*NOTICES, *EMERGENCIES])
def test_every_notice_is_well_formed(intent: str, s: Services) -> None:
    made = notice(intent, s)
    check(made)
    assert (made["kind"], made["procedure"]) == ("notice", None)


def test_what_is_no_notice_gives_none(s: Services) -> None:
    assert notice("ask_fee", s) is None


@pytest.mark.parametrize(
    ("moment", "open_now"),
    [
        ((23, 7, 29), False),
        ((23, 7, 30), True),
        ((23, 11, 30), False),
        ((23, 14, 0), True),
        ((22, 9, 0), False),
    ],
)
def test_the_hours_say_whether_somebody_is_there(
    s: Services, moment: tuple[int, ...], open_now: bool
) -> None:
    text = notice("opening_hours", at(s, *moment))["text"]
    assert ("Hiện đang mở cửa" in text) == open_now
    assert ("Hiện đang ngoài giờ làm việc" in text) != open_now


def test_days_with_the_same_hours_stand_together(s: Services) -> None:
    assert opening_lines(s) == [
        "Thứ Hai đến Thứ Sáu: 7 giờ 30 – 11 giờ 30, 13 giờ 30 – 17 giờ",
        "Thứ Bảy: 7 giờ 30 – 11 giờ 30",
        "Chủ nhật: nghỉ",
    ]


def test_hours_follow_the_centres_own_file(s: Services) -> None:
    centre = msgspec.structs.replace(s.centre, hours={"wed": [Interval(opens="08:00", closes="09:15")]})
    assert opening_lines(replace(s, centre=centre)) == [
        "Thứ Hai đến Thứ Ba: nghỉ",
        "Thứ Tư: 8 giờ – 9 giờ 15",
        "Thứ Năm đến Chủ nhật: nghỉ",
    ]


def test_address_and_contact_are_the_centres_own(talk: Talk, s: Services) -> None:
    reply = talk.say("trung tâm ở đâu", "centre_address")
    assert s.centre.address in reply["text"]
    assert str(s.centre.map.latitude) in reply["links"][0]["url"]
    reply = talk.say("số điện thoại bao nhiêu", "centre_contact")
    assert s.centre.hotline in reply["text"]
    assert s.centre.email in reply["text"]
    assert [link["url"] for link in reply["links"]] == [link.url for link in s.centre.links]


def test_a_centre_without_map_and_mail_leaves_them_out(s: Services) -> None:
    bare = replace(s, centre=msgspec.structs.replace(s.centre, map=None, email=None, links=[]))
    for intent in NOTICES:
        made = notice(intent, bare)
        check(made)
        assert made["links"] == []
    assert "Thư điện tử" not in notice("centre_contact", bare)["text"]


def test_no_number_is_invented(s: Services) -> None:
    """Every telephone number in a notice is the centre's hotline or an emergency number."""
    for intent in (*NOTICES, *EMERGENCIES):
        numbers = re.findall(r"\b\d{3,4}(?: ?\d{3,4})?\b", notice(intent, s)["text"])
        assert set(numbers) <= {s.centre.hotline, "111", "113", "114", "115"}, intent


def test_a_real_centre_does_not_call_itself_a_sample(s: Services) -> None:
    assert "trung tâm mẫu" in notice("centre_address", s)["text"]
    real = replace(s, centre=msgspec.structs.replace(s.centre, sample=False))
    assert "mẫu, thông tin" not in notice("centre_address", real)["text"]


def test_several_notices_in_one_message(talk: Talk) -> None:
    talk.say("mấy giờ mở cửa, ở đâu", "opening_hours", also=("opening_hours", "centre_address"))
    assert talk.kinds == ["notice", "notice"]


def test_the_button_about_the_centre_tells_hours_address_and_contact(talk: Talk, s: Services) -> None:
    talk.press("centre_info")
    assert talk.kinds == ["notice"] * 3
    assert s.centre.hotline in talk.text


@pytest.mark.parametrize(
    ("text", "intent", "number"),
    [
        ("có trộm vào nhà", "emergency_police", "113"),
        ("cháy nhà", "emergency_fire", "114"),
        ("có người ngất", "emergency_medical", "115"),
    ],
)
def test_danger_gets_its_number_first(talk: Talk, text: str, intent: str, number: str) -> None:
    reply = talk.say(text, intent)
    assert (reply["kind"], talk.kinds) == ("notice", ["notice"])
    assert number in reply["text"].partition(".")[0]


def _ranked(first: str, *others: tuple[str, float]) -> list[dict[str, object]]:
    return [{"name": first, "confidence": 0.6}, *({"name": n, "confidence": c} for n, c in others)]


@pytest.mark.parametrize(
    ("other", "alarmed"), [(0.35, True), (0.29, False), (0.55, True)], ids=["likely", "hardly", "very"]
)
def test_danger_taken_for_something_else_is_heard(other: float, alarmed: bool) -> None:
    ranking = _ranked("out_of_scope", ("emergency_medical", other))
    message = {"text": "thằng bé té xuống mương", "intent": ranking[0], "intent_ranking": ranking}
    tracker = Tracker("web:x", {}, message, [], False, None, {}, "action_listen")
    turn = Turn.of(tracker)
    assert turn.danger == ("emergency_medical" if alarmed else None)


def test_danger_outweighs_a_refusal_but_no_procedure(talk: Talk, s: Services) -> None:
    turn = Turn("web:x", "thằng bé té xuống mương", "out_of_scope", 0.6, [], [], {}, {})
    assert "115" in danger_told(replace(turn, danger="emergency_medical"), s)["text"]
    named = replace(turn, text="khai tử cho người chết đuối", danger="emergency_medical")
    assert danger_told(named, s) is None


def test_danger_and_a_procedure_get_both(talk: Talk) -> None:
    talk.say("thủ tục đăng ký khai tử", "emergency_medical", confidence=0.6)
    assert talk.kinds[0] == "notice"
    assert talk.replies[1]["procedure"] == "dang-ky-khai-tu"


def test_who_answers_is_no_officer(talk: Talk) -> None:
    assert "không phải cán bộ" in talk.say("em là ai", "who_are_you")["text"]


def test_privacy_says_how_long_messages_are_kept(talk: Talk, s: Services) -> None:
    assert f"{s.centre.keeps_days} ngày" in talk.say("có lưu tin nhắn không", "privacy")["text"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((23, 9, 0), "trả lời anh/chị trong giờ làm việc"),
        ((21, 20, 0), "từ 7 giờ 30 ngày 23/11/2026"),
        ((23, 12, 0), "từ 13 giờ 30 ngày 23/11/2026"),
    ],
)
def test_a_handover_says_when_somebody_will_look(s: Services, moment: tuple[int, ...], words: str) -> None:
    made = handover(a_turn(), "asked", at(s, *moment))
    check(made)
    assert words in made["text"]
    assert s.centre.hotline in made["text"]


def test_today_is_the_day_that_was_set(s: Services) -> None:
    assert s.today.isoformat() == "2026-11-21"
    assert s.now.tzinfo is VIET_NAM
    before = datetime.now(VIET_NAM).date()
    assert before <= replace(s, today_is=None).today <= datetime.now(VIET_NAM).date()
    assert bootstrap.services() is s


def test_a_question_beside_the_opening_hours_is_answered_as_well(talk: Talk) -> None:
    text = "đăng ký khai sinh nộp ở đâu, mấy giờ làm việc"
    talk.say(text, "opening_hours", "place")
    assert talk.kinds == ["notice", "answer"]
    assert talk.replies[1]["aspects"] == ["place"]


def test_opening_hours_with_a_place_of_nothing_named_are_told_alone(talk: Talk) -> None:
    talk.say("mấy giờ làm việc, ở chỗ nào", "opening_hours", "place")
    assert talk.kinds == ["notice"]


def test_an_opening_line_is_no_cry_for_help(talk: Talk) -> None:
    reply = talk.say("cho hỏi xíu", "emergency_medical", confidence=0.71)
    assert reply["kind"] == "choice" and "115" not in reply["text"]
    assert "115" in talk.say("mẹ em xỉu rồi", "emergency_medical", confidence=0.71)["text"]
