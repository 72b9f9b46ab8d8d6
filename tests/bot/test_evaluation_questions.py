from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.evaluation.questions import Question, read_questions
from procedures_catalog import Catalog
from vietnamese import normalize

SETS = Path(__file__).resolve().parents[2] / "evaluation"
DATA = SETS.parent / "data"


def alone(key: str) -> frozenset[str]:
    return frozenset({key})


def questions(path: Path, *lines: object) -> list[Question]:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return read_questions(path, alone)


def test_the_kind_follows_from_the_procedure_when_it_is_not_given(tmp_path: Path) -> None:
    ours, not_ours = questions(
        tmp_path / "q.jsonl",
        {"text": "làm khai sinh", "procedure": "khai-sinh", "aspects": ["documents"]},
        {"text": "giá vàng", "procedure": None, "aspects": []},
    )
    assert (ours.kinds, ours.right, ours.out_of_scope) == (("answer",), {"khai-sinh"}, False)
    assert (not_ours.kinds, not_ours.right, not_ours.out_of_scope) == (("unknown",), set(), True)


def test_several_procedures_and_what_else_is_right(tmp_path: Path) -> None:
    two, either = questions(
        tmp_path / "q.jsonl",
        {"text": "a", "procedure": "x", "procedures": ["x", "y"], "aspects": ["fee"]},
        {
            "text": "b",
            "procedure": "x",
            "accept": ["z"],
            "aspects": ["overview"],
            "aspects_or": [["method"]],
            "kind": "choice",
            "kind_or": ["answer"],
            "voice": "angry",
        },
    )
    assert two.meant == ({"x"}, {"y"})
    assert either.meant == ({"x", "z"},)
    assert either.aspects == ({"overview"}, {"method"})
    assert (either.kinds, either.voice) == (("choice", "answer"), "angry")


def test_codes_are_resolved(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"text":"a","procedure":"1.001193","aspects":[]}')
    (question,) = read_questions(path, {"1.001193": frozenset({"dang-ky-khai-sinh"})}.__getitem__)
    assert question.right == {"dang-ky-khai-sinh"}


def test_marks_of_the_file_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text":"a","procedure":null,"aspects":[]}\r\n\r\n')
    assert len(read_questions(path, alone)) == 1


def test_fields_of_the_writers_own_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id":"q7","text":"a","procedure":null,"aspects":[],"checked":true}')
    assert [question.text for question in read_questions(path, alone)] == ["a"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": "a", "procedure": null}', "line 2: Object missing required field `aspects`"),
        ('{"text": "", "procedure": null, "aspects": []}', "line 2: Expected `str` of length >= 1"),
        ('{"text": "a", "procedure": ["x", "y"], "aspects": []}', "line 2: Expected `str | null`"),
        ('{"text": "a", "procedure": null, "aspects": ["price"]}', "line 2: Invalid enum value 'price'"),
        ("text", "line 2: is not JSON"),
        ("[" * 5000, "line 2: is not JSON"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"text":"a","procedure":null,"aspects":[]}\n' + line, encoding="utf-8")
    with pytest.raises(BotError) as error:
        read_questions(path, alone)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe"])
def test_a_file_without_a_question_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(BotError, match=r"q\.jsonl"):
        read_questions(path, alone)


@given(content=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("wild") / "q.jsonl"
    path.write_bytes(content)
    try:
        assert read_questions(path, alone)
    except BotError as error:
        assert str(path) in str(error)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture(scope="module")
def sets(catalog: Catalog) -> dict[str, list[Question]]:
    def resolve(key: str) -> frozenset[str]:
        entry = catalog.get(key)
        return frozenset({entry.id, catalog.current(entry, date.today()).id})

    return {name: read_questions(SETS / f"{name}.jsonl", resolve) for name in ("development", "final")}


class TestTheSets:
    """The sets that come with the project keep their promises."""

    def test_they_are_large_apart_and_written_once(self, sets: dict[str, list[Question]]) -> None:
        texts = [normalize(question.text) for questions in sets.values() for question in questions]
        assert len(texts) >= 600
        assert len(set(texts)) == len(texts)

    def test_every_full_entry_is_asked_about_in_both(
        self, catalog: Catalog, sets: dict[str, list[Question]]
    ) -> None:
        full = {p.id for p in catalog if p.completeness == "full" and not p.replaced_by and not p.imported}
        for name, questions in sets.items():
            assert full <= {id for question in questions for id in question.right}, name

    def test_every_aspect_and_kind_is_asked_for_in_both(self, sets: dict[str, list[Question]]) -> None:
        aspects = (
            "overview documents forms fee time place method online legal_basis eligibility result agency"
        )
        kinds = {"answer", "choice", "dossier", "handover", "smalltalk", "notice", "unknown"}
        for questions in sets.values():
            assert set(aspects.split()) == {a for q in questions for reading in q.aspects for a in reading}
            assert kinds <= {q.kinds[0] for q in questions}

    def test_no_question_of_more_than_a_few_words_is_also_trained_on(self, catalog: Catalog) -> None:
        trained = {normalize(text) for p in catalog for text in p.asked_as}
        for file in sorted((DATA / "nlu").glob("*.yml")):
            lines = re.sub(r"\[([^\]]*)\]\(procedure\)", r"\1", file.read_text(encoding="utf-8")).splitlines()
            trained |= {normalize(line.strip().removeprefix("- ")) for line in lines}
        files = sorted(SETS.glob("*.jsonl"))
        assert len(files) >= 9
        asked = {
            normalize(q.text) for file in files for q in read_questions(file, lambda key: frozenset({key}))
        }
        assert {text for text in asked & trained if len(text.split()) > 7} == set()
