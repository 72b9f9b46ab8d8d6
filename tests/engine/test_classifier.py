"""The classifier on small data: learning, storing, loading, several intents in one message."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.augment import learned_examples, to_lemmas
from bot.engine.classifier import SeveralIntentsClassifier
from bot.engine.features import Features
from bot.engine.slips import Slips
from bot.engine.tokenizer import VietnameseTokenizer
from tests.engine.project import EXAMPLES, write_project

CONTEXT = ExecutionContext(GraphSchema({}))
TOKENIZER = VietnameseTokenizer(VietnameseTokenizer.get_default_config())
RESOURCE = Resource("classifier")
QUESTIONS = ["lệ phí bao nhiêu", "khai sinh hết bao nhiêu tiền và mất bao lâu", "chào em", "xyz", "1.001193"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    return load_data(str(write_project(tmp_path_factory.mktemp("nlu") / "dialogue") / "data" / "nlu.yml"))


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="module")
def trained(data: TrainingData, storage: LocalModelStorage) -> SeveralIntentsClassifier:
    made = SeveralIntentsClassifier.create({}, storage, RESOURCE, CONTEXT)
    assert made.train(data) == RESOURCE
    return made


@pytest.fixture(scope="module")
def loaded(trained: SeveralIntentsClassifier, storage: LocalModelStorage) -> SeveralIntentsClassifier:
    return SeveralIntentsClassifier.load({}, storage, RESOURCE, CONTEXT)


@pytest.fixture(scope="module")
def understand(loaded: SeveralIntentsClassifier) -> Callable[[str], Message]:
    def parse(text: str) -> Message:
        message = Message({TEXT: text})
        TOKENIZER.process([message])
        return loaded.process([message])[0]

    return parse


def found(message: Message) -> list[tuple[str, str]]:
    return [(entity["entity"], entity["value"]) for entity in message.get(ENTITIES)]


def test_what_was_learnt_is_understood(understand) -> None:
    for intent, texts in EXAMPLES.items():
        for text in texts:
            plain = text.replace("[", "").replace("](procedure)", "")
            assert understand(plain).get(INTENT)["name"] == intent, plain


@pytest.mark.parametrize(
    "typed", ["le phi bao nhieu", "LỆ PHÍ BAO NHIÊU", "leej phis bao nhieeu", "lp bao nhiêu"]
)
def test_however_it_is_typed(understand, typed: str) -> None:
    message = understand(typed)
    assert message.get(INTENT)["name"] == "ask_fee"
    assert found(message) == [("aspect", "fee")]


def test_several_intents_in_one_message_are_all_found(understand) -> None:
    message = understand("khai sinh hết bao nhiêu tiền, mấy ngày xong")
    assert sorted(found(message)) == [("aspect", "fee"), ("aspect", "time")]


def test_a_courtesy_gives_way_to_the_question(understand) -> None:
    message = understand("chào em, lệ phí bao nhiêu")
    assert message.get(INTENT)["name"] == "ask_fee"
    assert found(message) == [("aspect", "fee")]


def test_another_intent_beside_the_first_is_told_as_such(understand) -> None:
    assert ("also", "greet") in found(understand("xin chào"))
    assert ("also", "erase_data") in found(understand("xóa dữ liệu của tôi"))


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_ranking_of_probabilities(understand, text: str) -> None:
    message = understand(text)
    if not text:
        return  # Rasa itself never asks about an empty text
    ranking = message.get("intent_ranking")
    confidences = [row["confidence"] for row in ranking]
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert ranking[0] == message.get(INTENT)
    assert confidences[1:] == sorted(confidences[1:], reverse=True)
    assert len({row["name"] for row in ranking}) == len(ranking)
    assert all(entity["end"] == len(text) for entity in message.get(ENTITIES))


def test_slips_that_were_mended_are_told_with_their_places(trained: SeveralIntentsClassifier) -> None:
    text = "Khai sinh hết bao niêu tiền?"
    message = Message({TEXT: text})
    TOKENIZER.process([message])
    often = SeveralIntentsClassifier({}, None, RESOURCE)
    often.__dict__ |= trained.__dict__ | {"_slips": Slips.learnt(["khai sinh het bao nhieu tien"] * 200)}
    often.process([message])
    start = text.index("niêu")
    assert message.get("slips") == [[start, start + 4, "nhieu"]]
    assert "slips" in message.as_dict(only_output_properties=True)


def test_an_aspect_says_which_clauses_ask_for_it(understand) -> None:
    text = "khai sinh hết bao nhiêu tiền? mất bao lâu"
    found = {e["value"]: e["asked_in"] for e in understand(text).get(ENTITIES) if e["entity"] == "aspect"}
    assert found["fee"] == [[0, text.index("?")]]
    assert found["time"] == [[text.index("mất"), len(text)]]


def test_the_stored_classifier_says_exactly_the_same(
    trained: SeveralIntentsClassifier, loaded: SeveralIntentsClassifier
) -> None:
    for text in QUESTIONS:
        first, second = (c.probabilities(to_lemmas(text)) for c in (trained, loaded))
        assert np.array_equal(first, second)


def test_training_again_gives_the_same(
    data: TrainingData, trained: SeveralIntentsClassifier, tmp_path: Path
) -> None:
    again = SeveralIntentsClassifier.create({}, LocalModelStorage.create(tmp_path), RESOURCE, CONTEXT)
    again.train(data)
    for text in QUESTIONS:
        assert np.array_equal(trained.probabilities(to_lemmas(text)), again.probabilities(to_lemmas(text)))


def test_nothing_stored_is_a_pickle(trained: SeveralIntentsClassifier, storage: LocalModelStorage) -> None:
    """A pickle runs whatever is in it; plain arrays do not."""
    with storage.read_from(RESOURCE) as directory:
        files = [path for path in Path(directory).rglob("*") if path.is_file()]
        assert [path.suffix for path in files] == [".npz"]
        with np.load(files[0], allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)
        with zipfile.ZipFile(files[0]) as archive:
            assert all(name.endswith(".npy") for name in archive.namelist())


def test_features_come_back_as_they_were_and_weigh_as_they_were_learnt(tmp_path: Path) -> None:
    texts = ["le phi bao nhieu le phi", "a o mat bao lau", "khai sinh  cho be be be", "ơ"]
    features = Features()
    matrix = features.fit_transform(texts)
    path = tmp_path / "features.npz"
    np.savez(path, **features.state())
    with np.load(path, allow_pickle=False) as arrays:
        again = Features.from_state(arrays)
    for place, text in enumerate(texts):
        columns, values = again.row(text)
        learnt = matrix[place].toarray()[0]
        assert sorted(columns) == list(np.flatnonzero(learnt))
        assert np.allclose(values, learnt[columns], rtol=0, atol=1e-12)
    for text in (*texts, "khong co trong do", "phi", "lephi", "xyz", ""):
        for one, other in zip(features.row(text), again.row(text), strict=True):
            assert np.array_equal(one, other)


def test_each_block_of_features_has_unit_length() -> None:
    features = Features()
    matrix = features.fit_transform(["le phi bao nhieu", "mat bao lau"])
    assert np.allclose(matrix.multiply(matrix).sum(axis=1), 2.0)


@pytest.mark.parametrize(
    "text",
    [
        "H99.10.01.05-261026-0010 tới đâu rồi, với khai sinh hết bao nhiêu tiền",
        "khai sinh hết bao nhiêu tiền, với lại hồ sơ h99.10.01.05 261026 0010 xong chưa",
    ],
)
def test_what_is_asked_beside_a_dossiers_code_is_not_drowned_by_it(understand, text: str) -> None:
    alone = found(understand("khai sinh hết bao nhiêu tiền"))
    assert ("aspect", "fee") in alone
    assert ("aspect", "fee") in found(understand(text))


def test_what_the_centre_has_learned_teaches_all_that_was_asked() -> None:
    tables = {"procedure": ["khai sinh"], "asked:ask_fee+ask_time": ["ghế bé tốn mấy đồng"], "asked:deny": []}
    (example,) = learned_examples(tables)
    assert example.text == "ghế bé tốn mấy đồng" and example.intents == {"ask_fee", "ask_time"}
