"""The index on disk: built once, the same for everybody, and never believed when it should not be."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.feature_extraction.text import TfidfVectorizer

from procedures_catalog.cache import WORTH_KEEPING
from procedures_catalog.model import Procedure, Source
from procedures_catalog.ngrams import CHARACTERS, grams, weigh
from procedures_catalog.search import Ranker

DAY = date(2026, 11, 21)
KINDS = ("giấy phép", "chứng chỉ", "giấy xác nhận", "thẻ hành nghề", "phù hiệu")
MATTERS = (
    "bán lẻ rượu",
    "nuôi chim yến",
    "tàu cá",
    "thuốc thú y",
    "bến thủy",
    "quảng cáo",
    "thư viện",
    "xe tang",
)
PROCEDURES = [
    Procedure(
        id=f"so-{number}",
        name=f"Cấp {KINDS[number % len(KINDS)]} {MATTERS[number % len(MATTERS)]} loại {number}",
        field="Thử",
        level="commune",
        completeness="listed",
        checked_on=DAY,
        sources=[Source(title="Cổng")],
    )
    for number in range(WORTH_KEEPING)
]
QUESTION = "xin giấy phép bán lẻ rượu loại 40"


def kept(var: Path) -> list[Path]:
    return sorted((var / "catalog-cache").glob("index-*.npz"))


def hits(ranker: Ranker) -> list[tuple[str, float]]:
    return [(hit.procedure.id, hit.score) for hit in ranker.find(QUESTION).hits]


@pytest.fixture(scope="module")
def built() -> list[tuple[str, float]]:
    """What an index says that nothing was read for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTCUA_VAR", "/nonexistent")
        return hits(Ranker(PROCEDURES))


def test_what_is_read_says_what_was_built(own_var: Path, built) -> None:
    assert hits(Ranker(PROCEDURES)) == built
    before = kept(own_var)[0].stat()
    assert hits(Ranker(PROCEDURES)) == built
    after = kept(own_var)[0].stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_process_needs_no_learning_libraries(own_var: Path, built) -> None:
    """They take a second and a hundred megabytes in each process."""
    Ranker(PROCEDURES)
    program = (
        "import json, sys, msgspec; from procedures_catalog.model import Procedure;"
        "from procedures_catalog.search import Ranker;"
        "ranker = Ranker(msgspec.json.decode(sys.stdin.buffer.read(), type=list[Procedure]));"
        f"found = ranker.find({QUESTION!r});"
        "assert not {'sklearn', 'scipy'} & set(sys.modules);"
        "print(json.dumps([(hit.procedure.id, hit.score) for hit in found.hits]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        input=msgspec.json.encode(PROCEDURES),
        capture_output=True,
        check=True,
    ).stdout
    assert [tuple(hit) for hit in json.loads(said)] == built


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_a_damaged_index_is_built_again(own_var: Path, built, damage: str) -> None:
    Ranker(PROCEDURES)
    path = kept(own_var)[0]
    data = bytearray(path.read_bytes())
    if damage == "changed":
        for place in range(len(data) // 4, len(data), 997):
            data[place] ^= 0xFF
    path.write_bytes(
        {"cut": data[: len(data) // 2], "changed": data, "empty": b"", "other": b"PK" * 99}[damage]
    )
    assert hits(Ranker(PROCEDURES)) == built


def test_other_words_are_another_index(own_var: Path) -> None:
    Ranker(PROCEDURES)
    changed = [replace(PROCEDURES[0], name="Đăng ký thả diều"), *PROCEDURES[1:]]
    assert Ranker(changed).search("thả diều", 1)[0].procedure.id == "so-0"
    assert (
        Ranker(PROCEDURES, learned={"so-7": ["nuôi con tê tê"]}).search("tê tê", 1)[0].procedure.id == "so-7"
    )
    assert len(kept(own_var)) == 3
    Ranker(changed[1:] + changed[:1])
    assert len(kept(own_var)) == 3, "the oldest goes"


def test_nothing_is_left_half_written(own_var: Path) -> None:
    Ranker(PROCEDURES)
    assert [path.name for path in (own_var / "catalog-cache").iterdir() if path.suffix != ".npz"] == [
        ".index.lock"
    ]


def test_a_folder_that_cannot_be_made_hinders_nobody(own_var: Path, built) -> None:
    (own_var / "catalog-cache").write_text("no folder")
    assert hits(Ranker(PROCEDURES)) == built


letters = st.text(alphabet="abcđ 1.", max_size=30)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(letters, min_size=1, max_size=5), asked=letters)
def test_texts_are_weighed_as_the_library_weighs_them(texts: list[str], asked: str) -> None:
    texts = [*texts, "ab c", "a"]
    by_library = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=CHARACTERS, sublinear_tf=True),
    ]
    learnt = np.hstack([library.fit_transform(texts).toarray() for library in by_library])
    looked_up = np.hstack([library.transform([asked]).toarray()[0] for library in by_library])
    features, rows = weigh([*texts, asked], len(texts))
    for library, vocabulary, idf in zip(
        by_library,
        (features.vocabulary_words, features.vocabulary_characters),
        (features.idf_words, features.idf_characters),
        strict=True,
    ):
        assert vocabulary.tobytes().decode().split("\n") == sorted(library.vocabulary_)
        np.testing.assert_allclose(idf, library.idf_, rtol=1e-12)
    np.testing.assert_allclose(rows.toarray(), np.vstack([learnt, looked_up]), atol=1e-6)
    columns, values = features.row(grams(asked))
    ours = np.zeros(len(looked_up))
    ours[columns] = values
    np.testing.assert_allclose(ours, looked_up, atol=1e-6)
    assert features.knows("ab") and not features.knows("zz")
