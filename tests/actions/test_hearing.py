"""Slips that the engine mended are believed unless they stand in a name."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker

from actions.bootstrap import Services
from actions.hearing import hear


@pytest.mark.parametrize(
    ("typed", "word", "meant", "said"),
    [
        ("đăng ký kết hôn cần gì", "kết", "khai", "đăng ký kết hôn cần gì"),  # a name to the letter
        ("đăng ký kết hom cần gì", "hom", "hôn", "đăng ký kết hôn cần gì"),
        ("lệ phí bao niêu", "niêu", "nhiêu", "lệ phí bao nhiêu"),
        ("niêu", "niêu", "nhiêu", "nhiêu"),  # nothing beside it
    ],
)
def test_a_word_of_a_name_is_no_slip(s: Services, typed: str, word: str, meant: str, said: str) -> None:
    start = typed.index(word)
    message = {"text": typed, "slips": [[start, start + len(word), meant]]}
    turn, _ = hear(Tracker("zalo:u-1", {}, message, [], False, None, {}, "action_listen"))
    assert turn.said == said
