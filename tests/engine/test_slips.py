from __future__ import annotations

from bot.engine.slips import Slips
from bot.engine.tokenizer import said

SAID = ["het bao nhieu tien", "can giay to gi", "nop ho so o dau"] * 200


def test_it_comes_back_from_plain_arrays() -> None:
    slips = Slips.learnt(SAID)
    again = Slips.from_state(slips.state())
    for typed, meant in (("het bao nieu tien", "bao nhieu"), ("nopho so", "nop ho so")):
        tokens = [said(word, word) for word in typed.split()]
        assert again.mend(tokens) == slips.mend(tokens)
        assert meant in " ".join(again.mend(tokens))
