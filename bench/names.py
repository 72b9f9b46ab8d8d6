"""Finding the procedure with official names alone, as imported entries have them, beside usual means."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from msgspec.structs import replace
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.support.report import Report
from bot.settings import ROOT
from procedures_catalog import Catalog, Procedure
from procedures_catalog.search import Ranker
from vietnamese import fold

QUESTIONS = ROOT / "evaluation" / "development.jsonl"
TODAY = date(2026, 11, 20)
FIRST_AT_LEAST = 0.60
SHOWN = 3

# Ids of the procedures that a text may mean, best first.
Find = Callable[[str], Sequence[str]]


def run(report: Report) -> None:
    """Each means is asked the development questions; what took a procedure's place counts as it."""
    catalog = Catalog.load()
    bare = [replace(procedure, also_called=[], asked_as=[]) for procedure in catalog]
    report.say("building …")
    means = {
        "WRatio": _fuzzy(bare, fuzz.WRatio),
        "token_set_ratio": _fuzzy(bare, fuzz.token_set_ratio),
        "TF-IDF": _tf_idf(bare),
        "ours": _ours(Ranker(bare)),
        "ours, with everyday names": _ours(catalog.ranker),
    }
    report.say("asking …")
    first = {}
    for name, find in means.items():
        first[name], among = _shares(catalog, find)
        report.row(name, right_first=f"{first[name]:.1%}", among_three=f"{among:.1%}")
    report.limit("right first at least 60 %", f"{first['ours']:.1%}", first["ours"] >= FIRST_AT_LEAST)
    report.limit("better than TF-IDF", f"{first['TF-IDF']:.1%}", first["ours"] > first["TF-IDF"])


def _shares(catalog: Catalog, find: Find) -> tuple[float, float]:
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    asked = [question for line in lines if (question := json.loads(line)).get("procedure")]
    first = among = 0
    for question in asked:
        wanted = catalog.get(question["procedure"]).id
        found = dict.fromkeys(catalog.current(catalog.get(id), TODAY).id for id in find(question["text"]))
        shown = list(found)[:SHOWN]
        first += shown[:1] == [wanted]
        among += wanted in shown
    return first / len(asked), among / len(asked)


def _ours(ranker: Ranker) -> Find:
    return lambda text: [hit.procedure.id for hit in ranker.find(text).hits]


def _fuzzy(procedures: Sequence[Procedure], scorer: Callable[..., float]) -> Find:
    names = {procedure.id: fold(procedure.name) for procedure in procedures}
    return lambda text: [id for _, _, id in process.extract(fold(text), names, scorer=scorer, limit=12)]


def _tf_idf(procedures: Sequence[Procedure]) -> Find:
    library = TfidfVectorizer(token_pattern=r"\S+")
    names = library.fit_transform([fold(procedure.name) for procedure in procedures])

    def find(text: str) -> list[str]:
        likeness = (names @ library.transform([fold(text)]).T).toarray().ravel()
        return [procedures[place].id for place in np.argsort(-likeness, kind="stable")[:12]]

    return find
