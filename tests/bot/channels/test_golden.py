"""What each platform is sent for each kind of reply, against the golden files."""

from __future__ import annotations

import json
import unicodedata

import pytest

from bot.channels.zalo.render import LONGEST_TEXT as ZALO_TEXT
from tests.bot.channels.golden import NAMES, golden, reply, sent

KINDS = {"answer", "choice", "question", "dossier", "handover", "smalltalk", "notice", "unknown"}


def test_every_kind_of_reply_has_a_golden_file() -> None:
    assert {reply(name)["kind"] for name in NAMES} == KINDS


@pytest.mark.parametrize("name", NAMES)
def test_a_platform_is_sent_what_the_golden_file_holds(name: str) -> None:
    calls = sent(name)
    for channel, found in calls.items():
        expected = json.loads(golden(channel, name).read_text(encoding="utf-8"))
        assert found == expected, f"python -m tests.bot.channels.golden, and look at {channel}/{name}"
    for message in calls["zalo"]:
        assert len(message["text"]) <= ZALO_TEXT
        assert unicodedata.is_normalized("NFC", message["text"])
