"""Figures over questions and what became of them. Pure functions; shares are in percent, two decimals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.evaluation.outcome import Outcome
from bot.evaluation.questions import Question

Row = tuple[Question, Outcome]
Figures = dict[str, float | None]

BINS = 10
# Replies that refuse or pass on without telling anything of a procedure.
_REFUSING = {"unknown", "smalltalk", "notice", "handover"}
# The first that holds is why a row counts as a miss.
CAUSES = (
    "no answer",
    "out of scope, answered",
    "out of scope, not refused",
    "wrong procedure answered",
    "right procedure only offered",
    "right procedure not found",
    "not all procedures found",
    "aspects",
    "kind",
)


@dataclass(frozen=True)
class Bin:
    """Scores from ``low`` to ``high``: how many, their mean, and the share that was right (0 to 1)."""

    low: float
    high: float
    count: int
    mean_score: float
    right: float


def figures(rows: Sequence[Row]) -> Figures:
    """The figures of one variant; None where no question of the set asks for that figure."""
    asked = [row for row in rows if row[0].meant]
    answerable = [row for row in asked if row[0].kinds[0] == "answer"]
    several = [row for row in asked if len(row[0].meant) > 1]
    outside = [row for row in rows if row[0].out_of_scope]
    return {
        "procedure_top1": _share(map(_first_is_right, asked)),
        "procedure_top3": _share(map(_right_is_shown, asked)),
        "several_found": _share(map(_all_found, several)),
        "aspects": _share(map(_aspects_right, asked)),
        "aspects_f1": _aspects_f1(asked),
        "answered": _share(bool(outcome.answered) for _, outcome in answerable),
        "wrongly_answered": _share(map(_wrongly_answered, rows)),
        "out_of_scope_caught": _share(map(_refused, outside)),
        "kind": _share(map(_kind_right, rows)),
        "calibration_error": _round(100 * expected_calibration_error(reliability(rows))),
        "no_answer": _share(bool(outcome.error) for _, outcome in rows),
    }


def reliability(rows: Iterable[Row]) -> list[Bin]:
    """How often the best procedure was right, by its score; a message that means none makes it wrong."""
    scored = [(o.score, _first_is_right((q, o))) for q, o in rows if o.score is not None]
    bins = []
    for index in range(BINS):
        inside = [(score, right) for score, right in scored if min(int(score * BINS), BINS - 1) == index]
        if inside:
            count = len(inside)
            mean = sum(score for score, _ in inside) / count
            share = sum(right for _, right in inside) / count
            bins.append(Bin(index / BINS, (index + 1) / BINS, count, round(mean, 4), round(share, 4)))
    return bins


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between score and share of right ones, weighted by how many (0 to 1)."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.mean_score - b.right) for b in bins) / total if total else 0.0


def confusions(rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """(meant, taken for) with how often; "-" stands for none."""
    found: Counter[tuple[str, str]] = Counter()
    for question, outcome in rows:
        got = outcome.first if question.meant else next(iter(outcome.answered), None)
        if got not in question.right and (question.meant or got):
            found["/".join(sorted(question.right)) or "-", got or "-"] += 1
    return found


def cause(question: Question, outcome: Outcome) -> str | None:
    """Why a row is a miss, one of ``CAUSES``; None for a hit."""
    row = (question, outcome)
    if outcome.error:
        return "no answer"
    if not question.meant and outcome.answered:
        return "out of scope, answered" if question.out_of_scope else "wrong procedure answered"
    if question.out_of_scope and not _refused(row):
        return "out of scope, not refused"
    if _wrongly_answered(row):
        return "wrong procedure answered"
    if question.meant and not _first_is_right(row):
        return "right procedure only offered" if _right_is_shown(row) else "right procedure not found"
    if len(question.meant) > 1 and not _all_found(row):
        return "not all procedures found"
    if question.meant and not _aspects_right(row):
        return "aspects"
    return None if _kind_right(row) else "kind"


def _first_is_right(row: Row) -> bool:
    return row[1].first in row[0].right


def _right_is_shown(row: Row) -> bool:
    return bool(row[0].right & row[1].shown)


def _all_found(row: Row) -> bool:
    """Each procedure of the message was answered about, or offered."""
    told = frozenset((*row[1].answered, *row[1].offered))
    return all(ids & told for ids in row[0].meant)


def _aspects_right(row: Row) -> bool:
    return row[1].aspects in row[0].aspects


def _wrongly_answered(row: Row) -> bool:
    return any(procedure not in row[0].right for procedure in row[1].answered)


def _refused(row: Row) -> bool:
    question, outcome = row
    return bool(outcome.kinds) and set(outcome.kinds) <= _REFUSING.union(question.kinds)


def _kind_right(row: Row) -> bool:
    question, outcome = row
    if not outcome.kinds:
        return False
    first = outcome.kinds[0]
    # The answer to "which papers?" may begin with a question about the case.
    return first in question.kinds or (first == "question" and "answer" in question.kinds)


def _aspects_f1(rows: Iterable[Row]) -> float | None:
    """Micro-averaged F1; of several right readings, the one nearest to what was understood counts."""
    hit = wanted = got = 0
    for question, outcome in rows:
        best = max(question.aspects, key=lambda a: (len(a & outcome.aspects), -len(a ^ outcome.aspects)))
        hit += len(best & outcome.aspects)
        wanted += len(best)
        got += len(outcome.aspects)
    return _round(200 * hit / (wanted + got)) if wanted + got else None


def _share(values: Iterable[bool]) -> float | None:
    flags = list(values)
    return _round(100 * sum(flags) / len(flags)) if flags else None


def _round(value: float) -> float:
    return round(value, 2)
