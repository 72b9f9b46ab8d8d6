"""Whether a newly trained model understands anything worse than the one in use.

Both are asked what the centre's people asked (``centre/learned/``, one by one: what was right stays right)
and the development questions (by their figures: none falls below what is recorded, or further below).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bot.errors import StackError
from bot.evaluation.asking import ask_all, own_stack, typed
from bot.evaluation.baseline import LOWER_IS_BETTER, compare, read_baseline
from bot.evaluation.metrics import Figures, Row, cause, figures
from bot.evaluation.outcome import Outcome
from bot.evaluation.questions import Question, read_questions
from bot.evaluation.run import SEED, resolver, sha256_of
from bot.settings import ROOT, Settings
from bot.supervisor import Say
from bot.training import MODEL
from procedures_catalog import Catalog
from procedures_catalog.learned import Learned
from vietnamese.noise import make_variant

DEVELOPMENT, BASELINE = ROOT / "evaluation" / "development.jsonl", ROOT / "evaluation" / "baseline.json"
VARIANT = "clean"
AT_ONCE = 8
MOST_NAMED = 10

Ask = Callable[[Path, Sequence[str]], Sequence[Outcome]]


def worse_with(fresh: Path, settings: Settings, say: Say) -> list[str]:
    """What the model ``fresh`` makes worse, a line each; asks two stacks of their own, one after the other.

    Raises:
        BotError: a stack does not start, or the questions cannot be read.
    """
    catalog = Catalog.of_centre(settings.centre)
    resolve, _ = resolver(catalog)
    learned = learned_questions(catalog.learned, resolve)
    development = read_questions(DEVELOPMENT, resolve)
    recorded = read_baseline(BASELINE, DEVELOPMENT.name, sha256_of(DEVELOPMENT), SEED)[VARIANT]
    total = len(learned) + len(development)
    say(f"Asking the new model and the one in use {total} questions, so that nothing gets worse …")
    return worse(learned, development, recorded, fresh, MODEL, partial(_ask, settings))


def worse(
    learned: Sequence[Question],
    development: Sequence[Question],
    recorded: Figures,
    fresh: Path,
    current: Path,
    ask: Ask,
) -> list[str]:
    """The same with the questions at hand."""
    everything = [*learned, *development]
    texts = [question.text for question in everything]
    before, after = (list(zip(everything, ask(model, texts), strict=True)) for model in (current, fresh))
    split = len(learned)
    lines = [
        _told(new)
        for old, new in zip(before[:split], after[:split], strict=True)
        if right(*old) and not right(*new)
    ]
    return lines + _below(recorded, before[split:], after[split:])


def learned_questions(learned: Learned, resolve: Callable[[str], frozenset[str]]) -> list[Question]:
    """What was learned, as questions to be asked."""
    asked = [
        Question(row.text, (resolve(row.procedure),), (frozenset(row.aspects),), ("answer",))
        for row in learned.questions
    ]
    return asked + [Question(text, (), (frozenset(),), ("unknown",)) for text in learned.out_of_scope]


def right(question: Question, outcome: Outcome) -> bool:
    """Whether a learned question is understood as its people said; with no aspects named, any will do."""
    if question.out_of_scope:
        return not outcome.error and not outcome.answered
    wanted = question.aspects[0]
    return outcome.first in question.right and (not wanted or wanted == outcome.aspects)


def _told(row: Row) -> str:
    question, outcome = row
    wanted = " ".join(["/".join(sorted(question.right)) or "out of scope", *sorted(question.aspects[0])])
    now = " ".join([outcome.error or outcome.first or "not understood", *sorted(outcome.aspects)])
    return f"“{question.text}” ({wanted}) would be taken for: {now}"


def _below(recorded: Figures, before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """The figures that fall, and what falls with them."""
    was, now = figures(before), figures(after)
    # What the centre's own entries have changed already is not held against this training.
    below = compare({VARIANT: recorded}, {VARIANT: now})
    fallen = [line for line in below if _falls(line.removeprefix(f"{VARIANT}: ").partition(" ")[0], was, now)]
    if not fallen:
        return []
    lost = [old[0].text for old, new in zip(before, after, strict=True) if not cause(*old) and cause(*new)]
    return [*fallen, *(f"“{text}”" for text in lost[:MOST_NAMED])]


def _falls(name: str, was: Figures, now: Figures) -> bool:
    old, new = was.get(name), now.get(name)
    if old is None or new is None:
        return False
    return new > old if name in LOWER_IS_BETTER else new < old


def _ask(settings: Settings, model: Path, texts: Sequence[str]) -> list[Outcome]:
    messages = typed(texts, [VARIANT], partial(make_variant, seed=SEED))

    async def work() -> list[Outcome]:
        async with own_stack(settings, _silent, model) as client:
            return await ask_all(client, messages, AT_ONCE, lambda: None)

    try:
        return asyncio.run(work())
    except asyncio.CancelledError:
        raise StackError("stopped") from None


def _silent(words: str) -> None:
    """What the stacks would say of their start is nothing to whoever trains."""
