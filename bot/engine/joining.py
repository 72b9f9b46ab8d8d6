"""What is asked in a message of several clauses: by the whole of it, and by each clause by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vietnamese import Clause, asks


@dataclass(frozen=True)
class ReadClause:
    """A clause, and the probability of each intent in it by itself, shape (intents,)."""

    clause: Clause
    found: np.ndarray


@dataclass(frozen=True)
class Joining:
    """``of_aspects``, ``of_the_centre``: which intents ask for an aspect, which about the centre, of shape
    (intents,). ``threshold``: from which probability an aspect counts; ``sure``: what a clause asks by
    itself; ``asked``, ``heard``: what a question that asks for nothing else asks, if the whole has heard of
    it."""

    of_aspects: np.ndarray
    of_the_centre: np.ndarray
    threshold: float
    sure: float
    asked: float
    heard: float

    def found(self, whole: np.ndarray, clauses: Sequence[ReadClause]) -> np.ndarray:
        """The probability of each intent, shape (intents,); ``whole``: that by the whole message.

        Whether an aspect counts is told by the mean of the log-odds that the whole and its surest clause
        give: clauses may drown each other, and half a story may sound like a question. What is asked of the
        centre counts when a clause is very sure of it. Half a story refuses nothing.
        """
        if not clauses:
            return whole
        best = np.max([read.found for read in clauses], axis=0)
        sure = np.where(best >= self.sure, best, 0)
        odds = np.sqrt(whole / (1 - whole) * best / (1 - best))
        both = odds / (1 + odds)
        asked = np.where(both >= self.threshold, np.maximum(both, sure), both)
        for intent in self._asked_beside(whole, asked, clauses):
            asked[intent] = max(asked[intent], self.threshold)
        of_centre = np.where(self.of_the_centre, np.maximum(whole, sure), whole)
        return np.where(self.of_aspects, asked, of_centre)

    def asked_in(self, intent: int, clauses: Sequence[ReadClause]) -> list[list[int]]:
        """The spans of the clauses that ask for it by themselves."""
        return [
            [read.clause.start, read.clause.end]
            for read in clauses
            if read.found[intent] >= (self.asked if intent == self._surest(read) else self.threshold)
        ]

    def _asked_beside(self, whole: np.ndarray, asked: np.ndarray, clauses: Sequence[ReadClause]) -> list[int]:
        """Aspects asked in a clause of their own, which what is asked beside it drowns ("nộp gì, mấy hôm
        xong"): every question asks something; where that is none of what counts, its likeliest is meant."""
        counted = self.of_aspects & (asked >= self.threshold)
        if not counted.any():
            return []
        beside = []
        for read in clauses:
            intent = self._surest(read)
            likely = read.found[intent] >= self.asked and whole[intent] >= self.heard
            if likely and read.found[counted].max() < self.asked and asks(read.clause.text):
                beside.append(intent)
        return beside

    def _surest(self, read: ReadClause) -> int:
        """The aspect that a clause most likely asks for."""
        return int(np.argmax(np.where(self.of_aspects, read.found, 0)))
