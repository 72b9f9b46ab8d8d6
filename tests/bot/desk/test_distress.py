"""Who needs somebody now is given a person."""

from __future__ import annotations

import pytest

from bot.desk.distress import Distress
from tests.bot.desk.citizen import Citizen, waiting
from tests.bot.desk.rig import Browser, Rig


@pytest.fixture
def lan(rig: Rig, kept_password: str) -> Browser:
    rig.person("Lan", kept=kept_password)
    return rig.browser("Lan")


def test_somebody_in_distress_is_given_a_person_before_all_others(rig: Rig, lan: Browser) -> None:
    first, other, bereaved = Citizen(rig), Citizen(rig), Citizen(rig)
    first.say(payload="talk_to_person")
    (told,) = other.say("Toi be tac qua roi, khong biet lam sao nua")
    assert told["kind"] == "handover" and "115" in told["text"] and "trả lời trước" in told["text"]
    assert [row["reason"] for row in waiting(lan)] == ["distress", "asked"]
    # What can be answered is answered as well; who waits already moves up.
    bereaved.say(payload="talk_to_person")
    told, papers = bereaved.say("tôi không biết làm sao nữa, khai sinh cho cháu cần gì")
    assert (told["kind"], papers["kind"]) == ("handover", "answer")
    assert [row["reason"] for row in waiting(lan)] == ["distress", "distress", "asked"]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("em không muốn sống nữa", True),
        ("tôi KHÔNG BIẾT LÀM SAO NỮA!!!", True),
        ("ko bik phai lam sao nua a", True),
        ("không biết làm sao để đăng ký khai sinh", False),
        ("khai tử cho người tự tử cần giấy tờ gì", False),
        ("hồ sơ khó quá", False),
        ("", False),
    ],
)
def test_what_is_heard_as_distress(text: str, heard: bool) -> None:
    assert Distress().heard(text) is heard
