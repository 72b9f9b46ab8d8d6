"""The mean of several fits is what a message is read by."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.engine.augment import TrainingRow
from bot.engine.fitting import fit

INTENTS = ["ask_fee", "greet"]
FEE, GREETING, BOTH = frozenset({"ask_fee"}), frozenset({"greet"}), frozenset(INTENTS)


def draw(*rows: tuple[list[float], frozenset[str], bool]):
    matrix = csr_matrix(np.array([features for features, _, _ in rows]))
    return matrix, [TrainingRow("", holds, unknown) for _, holds, unknown in rows]


FIRST = draw(([1, 0], FEE, False), ([0, 1], GREETING, False), ([1, 1], BOTH, False))
SECOND = draw(([2, 1], FEE, False), ([0, 2], GREETING, False), ([0, 1], GREETING, False))


def test_the_fits_of_all_draws_are_averaged() -> None:
    alone = [fit([one], INTENTS, c=1.0, seed=1) for one in (FIRST, SECOND)]
    weights, bias = fit([FIRST, SECOND], INTENTS, c=1.0, seed=1)
    assert weights == pytest.approx((alone[0][0] + alone[1][0]) / 2)
    assert bias == pytest.approx((alone[0][1] + alone[1][1]) / 2)
    assert not np.allclose(alone[0][0], alone[1][0])


def test_each_intent_is_told_by_its_own_features() -> None:
    weights, _ = fit([FIRST, SECOND], INTENTS, c=1.0, seed=1)
    assert weights.shape == (2, 2)
    assert weights[0, 0] > 0 > weights[1, 0]
    assert weights[1, 1] > weights[0, 1]


def test_what_a_row_leaves_unknown_of_a_question_is_not_learnt() -> None:
    untold = draw(([1, 0], FEE, False), ([0, 1], GREETING, False), ([1, 0], frozenset(), True))
    told = draw(([1, 0], FEE, False), ([0, 1], GREETING, False))
    of_unknown, _ = fit([untold], INTENTS, c=1.0, seed=1)
    of_known, _ = fit([told], INTENTS, c=1.0, seed=1)
    assert of_unknown[:, 0] == pytest.approx(of_known[:, 0])
    assert of_unknown[:, 1] != pytest.approx(of_known[:, 1])
