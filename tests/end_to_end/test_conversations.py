"""Conversations with the real stack over HTTP: each file of ``conversations/`` holds some of one topic.

A conversation has a ``name`` and ``turns``. A turn is ``say`` (text), ``tap`` (the title of a button of
the answer before) or ``press`` (a payload), and what is expected:

``kind``       of the first reply; ``kinds`` of all replies, in order
``procedure``  id, of the first reply; ``procedures`` of all replies (null: none)
``aspects``    of the first reply, in any order
``has``        every one of these is in the text; ``lacks`` none of them
``buttons``    titles that are offered; ``no_buttons: true`` when none may be
``links``      addresses that are linked
``error``      code of the error, with ``status``

``{late}``, ``{open}``, … in a text stand for codes of sample dossiers, see ``PLACEHOLDERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.end_to_end.stack import Answer, Conversation, Stack

pytestmark = pytest.mark.stack

FOLDER = Path(__file__).with_name("conversations")
WAYS = {"say", "tap", "press"}

PLACEHOLDERS: dict[str, Callable[[dict], bool]] = {
    "late": lambda d: d["late"] and not d["new_due_at"] and d["open"],
    "late_with_new_date": lambda d: d["late"] and bool(d["new_due_at"]) and not d["new_due_passed"],
    "running": lambda d: d["clock"] == "running" and not d["late"] and not d["stale"],
    "paused": lambda d: d["clock"] == "paused" and not d["late"],
    "returned": lambda d: bool(d["returned_at"]),
}


def _conversations() -> list:
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for conversation in yaml.safe_load(path.read_text("utf-8")):
            found.append(pytest.param(conversation["turns"], id=f"{path.stem}: {conversation['name']}"))
    return found


@pytest.fixture(scope="session")
def dossiers(stack: Stack) -> dict[str, dict]:
    """One sample dossier for each placeholder."""
    samples = stack.dossiers()
    return {name: next(d for d in samples if fits(d)) for name, fits in PLACEHOLDERS.items()}


@pytest.mark.parametrize("turns", _conversations())
def test_conversation(turns: list[dict], conversation: Conversation, dossiers: dict[str, dict]) -> None:
    codes = {name: dossier["code"] for name, dossier in dossiers.items()}
    for turn in turns:
        turn = dict(turn)
        way = (WAYS & set(turn)).pop()
        said = _fill(str(turn.pop(way)), codes)
        answer = getattr(conversation, way)(said)
        status = turn.pop("status", 200)
        assert answer.status == status, f"{said!r} → {answer}"
        for name, expected in turn.items():
            wanted = _fill(expected, codes)
            assert CHECKS[name](answer, wanted), f"{said!r}: {name} should be {wanted!r} in {answer}"


def _fill(value: object, codes: dict[str, str]) -> object:
    if isinstance(value, str):
        for name, code in codes.items():
            value = value.replace("{" + name + "}", code)
        return value
    return [_fill(row, codes) for row in value] if isinstance(value, list) else value


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _has(answer: Answer, fragments: list[str]) -> bool:
    return all(_folded(fragment) in _folded(answer.text) for fragment in fragments)


def _lacks(answer: Answer, fragments: list[str]) -> bool:
    return not any(_folded(fragment) in _folded(answer.text) for fragment in fragments)


CHECKS: dict[str, Callable] = {
    "kind": lambda answer, kind: answer.kinds[0] == kind,
    "kinds": lambda answer, kinds: answer.kinds == kinds,
    "procedure": lambda answer, key: answer.replies[0]["procedure"] == key,
    "procedures": lambda answer, keys: [reply["procedure"] for reply in answer.replies] == keys,
    "aspects": lambda answer, aspects: sorted(answer.replies[0]["aspects"]) == sorted(aspects),
    "has": _has,
    "lacks": _lacks,
    "buttons": lambda answer, titles: set(titles) <= set(answer.buttons),
    "no_buttons": lambda answer, wanted: (not answer.buttons) is wanted,
    "links": lambda answer, urls: set(urls) <= {x["url"] for reply in answer.replies for x in reply["links"]},
    "error": lambda answer, code: answer.body["error"]["code"] == code and answer.body["error"]["message"],
}


def test_every_conversation_says_what_is_expected() -> None:
    """A misspelt expectation would be no expectation."""
    for param in _conversations():
        for turn in param.values[0]:
            assert len(WAYS & set(turn)) == 1, f"{param.id}: {turn}"
            assert set(turn) - WAYS - {"status"} <= set(CHECKS), f"{param.id}: {turn}"
            assert set(turn) - WAYS, f"{param.id}: nothing is expected of {turn}"


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_code_alone_tells_nothing_about_the_person(
    name: str, dossiers: dict[str, dict], conversation: Conversation
) -> None:
    dossier = dossiers[name]
    answer = conversation.say(f"hồ sơ {dossier['code']} tới đâu rồi")
    assert answer.kinds == ["dossier"]
    assert dossier["stage"] in answer.text
    said = str(answer.body)
    for field, value in dossier["applicant"].items():
        assert value, field
        assert value not in said, field


def test_an_unknown_code_and_another_centres_get_the_same_answer(stack: Stack) -> None:
    answers = {
        Conversation(stack.url).say(f"hồ sơ {code}").text
        for code in ("H99.10.01.05-261119-9999", "H15.50.05.13-261008-0975", "000.17.22.H56-210531-0001")
    }
    assert len(answers) == 1
