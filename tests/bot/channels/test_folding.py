from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.texts import Texts
from bot.channels.cutting import units
from bot.channels.folding import LONGEST_SHOWN, folded
from bot.channels.words import load_words
from bot.settings import ROOT
from tests.bot.channels.golden import reply
from tests.bot.channels.rig import CENTRE

WORDS = load_words(CENTRE)
LONG = reply("answer_folded")
ROOM = 2 + len(WORDS.say("folded", whole=WORDS.say("whole")))
LEFT_OUT = re.compile(re.escape(WORDS["left_out"]).replace(re.escape("{count}"), r"(\d+)"))


def answer(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "answer", "text": text, "buttons": []} | more


def test_papers_fee_time_and_place_are_all_in_the_first_message() -> None:
    shown = folded(LONG, WORDS) or ""
    papers = [line for line in LONG["text"].split("\n\n")[1].split("\n") if line.startswith("•")]
    assert len(papers) == 5 and all(paper in shown for paper in papers)
    for title in ("Giấy tờ ai cũng cần:", "Lệ phí:", "Thời gian giải quyết:", "Nơi nộp:"):
        assert re.search(rf"^{title}\n• ", shown, re.MULTILINE), title
    assert "Căn cứ:" not in shown and "Chỉ khi" not in shown and "Xem đủ" in shown


@pytest.mark.parametrize(
    "whole",
    [
        answer("Lệ phí:\n• 8.000 đồng"),
        LONG | {"kind": "notice"},
        LONG | {"unfolded": True},
        LONG | {"buttons": [{"title": WORDS.say("whole"), "payload": "skip_cases?choice=all"}]},
        # What would be hidden is not worth a tap.
        answer("Lưu ý: " + "nộp sớm. " * 98 + "\n\nCăn cứ: " + "1/2026/NĐ-CP; " * 6),
    ],
    ids=["short", "no answer", "asked for whole", "has a button of its own", "little to hide"],
)
def test_what_is_shown_whole(whole: dict[str, Any]) -> None:
    assert folded(whole, WORDS) is None


def test_a_text_without_lists_ends_at_a_sentence() -> None:
    shown = folded(answer("Anh/chị mang bản chính đi đối chiếu. " * 80), WORDS) or ""
    assert units(shown) <= LONGEST_SHOWN + ROOM and "chiếu.\n\n" in shown


LINE = st.text("aăâbđ 1/:", min_size=1, max_size=120).map(lambda text: "x" + text.rstrip())
LIST = st.builds(
    lambda title, rows: [title + ":", *(line for item, note in rows for line in (f"• {item}", *note))],
    LINE,
    st.lists(
        st.tuples(LINE, st.lists(LINE.map(lambda note: "  " + note), max_size=1)), min_size=1, max_size=12
    ),
)


@settings(max_examples=60)
@given(st.lists(LIST | LINE.map(lambda line: [line]), min_size=1, max_size=8))
def test_nothing_is_said_that_the_whole_does_not_say(blocks: list[list[str]]) -> None:
    text = "\n\n".join("\n".join(block) for block in blocks)
    shown = folded(answer(text), WORDS)
    if shown is None:
        return
    assert units(shown) <= LONGEST_SHOWN + ROOM
    whole = text.split("\n")
    lines = [line for line in shown.split("\n")[:-2] if line]
    assert all(line in whole or LEFT_OUT.fullmatch(line) or text.count(line) for line in lines)
    if units(shown) < LONGEST_SHOWN:
        # Each list says how many of its items are missing.
        missing = sum(line.startswith("• ") for line in whole) - sum(line.startswith("• ") for line in lines)
        assert missing == sum(int(found[1]) for line in lines if (found := LEFT_OUT.fullmatch(line)))
    assert folded(answer(text), WORDS) == shown


def test_what_can_wait_is_what_the_actions_say() -> None:
    """The beginnings of lines in the words are those of the templates, and so is the button."""
    told = (Path(ROOT) / "actions" / "texts" / "answers.j2").read_text(encoding="utf-8")
    assert all(start in told for start in WORDS["can_wait"])
    assert Texts().say("choices", "see_all") == WORDS.say("whole")
