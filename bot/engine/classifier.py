"""Rasa intent classifier: what is asked, and everything else that is asked in the same breath.

One logistic regression per intent over the features of the whole message, so that several intents
can hold at once. It is trained on the examples and on pairs of them joined as people join
questions, with the procedure names in them exchanged for others, so that it learns how people ask
and not about what. Output: ``intent`` and ``intent_ranking`` as Rasa expects them, and an entity
``aspect`` (``documents``, ``fee``, …) or ``also`` (another intent) for each thing asked, with the spans of
the clauses that ask for it (``asked_in``); and, where slips were mended, ``slips``: [start, end, the words
meant] of each, in order.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.augment import (
    Example,
    Wordings,
    asks_about_a_procedure,
    augment,
    learned_examples,
    merged,
)
from bot.engine.features import Features
from bot.engine.fitting import fit
from bot.engine.joining import Joining, ReadClause
from bot.engine.reading import Read, beside_codes, within
from bot.engine.slips import Slips
from bot.engine.tokenizer import said
from vietnamese import clauses, questions

ASPECT_PREFIX = "ask_"
CENTRE_PREFIXES = ("opening_", "centre_")
# Danger comes before everything that is asked beside it.
DANGER_PREFIX = "emergency_"
SLIPS = "slips"
_ARRAYS = "classifier.npz"
# No probability is nearer to 0 or to 1.
CERTAIN = 1e-4


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SeveralIntentsClassifier(IntentClassifier, GraphComponent):
    """Finds the intents of a message, each with a probability of its own."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``c``: inverse of regularisation; ``draws``: how often rows are made from the examples by chance.
        ``threshold``: from which probability an aspect counts beside the first; ``threshold_beside``: any
        other intent; ``…_in_clause``: see :class:`bot.engine.joining.Joining`. ``courtesies``: intents that
        give way to any other; ``refusals``: those to which they do so only when less sure."""
        return {
            "c": 10.0,
            "draws": 2,
            "threshold": 0.72,
            "threshold_beside": 0.65,
            "sure_in_clause": 0.95,
            "asked_in_clause": 0.5,
            "heard_in_whole": 0.1,
            "seed": 20260101,
            "ranking_length": 10,
            "courtesies": ["greet", "thank", "goodbye", "affirm", "deny"],
            "refusals": ["out_of_scope", "legal_advice", "others_data", "manipulation", "abuse"],
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._features = Features()
        self._slips = Slips()
        self._intents: list[str] = []
        self._weights = np.zeros((0, 0))
        self._bias = np.zeros(0)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SeveralIntentsClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = merged(
            [
                Example(
                    message.get(TEXT),
                    frozenset({message.get(INTENT)}),
                    tuple((e["start"], e["end"]) for e in message.get(ENTITIES, [])),
                )
                for message in training_data.intent_examples
                if message.get(TEXT) and message.get(INTENT)
            ]
        )
        tables = {table["name"]: table["elements"] for table in training_data.lookup_tables}
        examples += learned_examples(tables)
        wordings = Wordings(
            *(tables.get(name, ()) for name in ("procedure", "message", "elsewhere", "story"))
        )
        seed = self._config["seed"]
        draws = [
            augment(examples, wordings, random.Random(seed + number))
            for number in range(self._config["draws"])
        ]
        self._slips = slips = Slips.learnt(row.lemmas for row in draws[0] if not row.slipped)
        self._intents = sorted({intent for example in examples for intent in example.intents})
        read = [" ".join(slips.mend(row.slipped)) if row.slipped else row.lemmas for row in chain(*draws)]
        matrix = self._features.fit_transform(read)
        ends = list(accumulate(map(len, draws)))
        rows_of = [matrix[end - len(rows) : end] for rows, end in zip(draws, ends, strict=True)]
        self._weights, self._bias = fit(
            list(zip(rows_of, draws, strict=True)), self._intents, c=self._config["c"], seed=seed
        )
        with self._model_storage.write_to(self._resource) as directory:
            np.savez(
                directory / _ARRAYS,
                intents=np.array(self._intents),
                weights=self._weights,
                bias=self._bias,
                **self._features.state(),
                **self._slips.state(),
            )
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SeveralIntentsClassifier:
        component = cls(config, model_storage, resource)
        with (
            model_storage.read_from(resource) as directory,
            np.load(directory / _ARRAYS, allow_pickle=False) as arrays,
        ):
            component._intents = [str(name) for name in arrays["intents"]]
            component._weights = arrays["weights"]
            component._bias = arrays["bias"]
            component._features = Features.from_state(arrays)
            component._slips = Slips.from_state(arrays)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        # Nothing that is trained after it reads what it found in the examples.
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT) and message.get(TOKENS_NAMES[TEXT]):
                self._understand(message)
        return messages

    def probabilities(self, text: str) -> np.ndarray:
        """Probability of each intent for a message given as lemmas; shape (intents,)."""
        columns, values = self._features.row(text)
        scores = values.astype(np.float32) @ self._weights[columns] + self._bias
        # Never 0 nor 1: their odds are reckoned with.
        return np.clip(1 / (1 + np.exp(-scores)), CERTAIN, 1 - CERTAIN)

    def _read(self, message: Message) -> list[Read]:
        tokens = message.get(TOKENS_NAMES[TEXT])
        mended = self._slips.mend([said(token.text, token.lemma) for token in tokens])
        slips = [
            [token.start, token.end, words]
            for words, token in zip(mended, tokens, strict=True)
            if words != token.lemma
        ]
        if slips:
            message.set(SLIPS, slips, add_to_output=True)
        return [Read(words, token.start) for words, token in zip(mended, tokens, strict=True)]

    def _understand(self, message: Message) -> None:
        read = self._read(message)
        by_clause = self._by_clause(message.get(TEXT), read)
        whole = self.probabilities(" ".join(word.lemmas for word in read))
        found = self._joining.found(whole, by_clause)
        order = [self._intents[i] for i in np.argsort(-found)]
        confidence = {name: float(p) for name, p in zip(self._intents, found, strict=True)}
        counted = [name for name in order if confidence[name] >= self._least(name)]
        asked = [name for name in counted if name not in self._config["courtesies"]]
        asked = asked or self._beside_a_courtesy(order, confidence)
        if all(name in self._config["refusals"] for name in asked) and order[0] in self._config["courtesies"]:
            asked = []  # "chào bot" is no abuse of the bot
        danger = [name for name in counted if name.startswith(DANGER_PREFIX)]
        first = (danger or asked or order)[0]
        ranking = [first] + [name for name in order if name != first]
        ranked = [
            {"name": name, "confidence": confidence[name]}
            for name in ranking[: self._config["ranking_length"]]
        ]
        message.set(INTENT, ranked[0], add_to_output=True)
        message.set("intent_ranking", ranked, add_to_output=True)
        entities = [
            self._entity(name, confidence[name], message)
            | {"asked_in": self._joining.asked_in(self._intents.index(name), by_clause)}
            for name in asked or [first]
        ]
        entities += self._beside_a_code(message, read, {first, *asked})
        message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)

    def _by_clause(self, text: str, read: Sequence[Read]) -> list[ReadClause]:
        """Each of several clauses by itself, and each of several questions in one clause."""
        cut = clauses(text)
        spans = [*cut, *(question for clause in cut for question in questions(clause))]
        if len(spans) < 2:
            return []
        return [ReadClause(clause, self.probabilities(within(read, [clause]))) for clause in spans]

    def _beside_a_courtesy(self, order: Sequence[str], confidence: Mapping[str, float]) -> list[str]:
        """What is more likely asked than not, where a greeting or thanks alone are sure."""
        if order[0] not in self._config["courtesies"]:
            return []
        return [name for name in order if name.startswith(ASPECT_PREFIX) and confidence[name] > 0.5][:1]

    @cached_property
    def _joining(self) -> Joining:
        def starting(prefixes: str | tuple[str, ...]) -> np.ndarray:
            return np.array([name.startswith(prefixes) for name in self._intents])

        names = ("threshold", "sure_in_clause", "asked_in_clause", "heard_in_whole")
        limits = (self._config[name] for name in names)
        return Joining(starting(ASPECT_PREFIX), starting(CENTRE_PREFIXES), *limits)

    def _least(self, intent: str) -> float:
        """From which probability an intent counts."""
        return self._config["threshold" if asks_about_a_procedure(intent) else "threshold_beside"]

    def _beside_a_code(
        self, message: Message, read: Sequence[Read], known: Collection[str]
    ) -> list[dict[str, Any]]:
        """What is asked in the other clauses of a message with a dossier's code: its digits drown them."""
        rest = beside_codes(message.get(TEXT), read)
        if not rest:
            return []
        found = zip(self._intents, self.probabilities(rest), strict=True)
        unwanted = {*known, *self._config["courtesies"]}
        sure = [(name, float(p)) for name, p in found if p >= self._config["threshold"]]
        return [self._entity(name, p, message) for name, p in sure if name not in unwanted]

    def _entity(self, intent: str, confidence: float, message: Message) -> dict[str, Any]:
        is_aspect = intent.startswith(ASPECT_PREFIX)
        return {
            "entity": "aspect" if is_aspect else "also",
            "value": intent[len(ASPECT_PREFIX) :] if is_aspect else intent,
            "confidence_entity": confidence,
            "start": 0,
            "end": len(message.get(TEXT)),
            "extractor": type(self).__name__,
        }
