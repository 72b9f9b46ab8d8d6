"""One evaluation from its file to its figures, kept under ``<var>/evaluation/<time>/``."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import StackError
from bot.evaluation.asking import Typed, ask_all, own_stack, running_stack, typed
from bot.evaluation.metrics import Row
from bot.evaluation.outcome import Outcome
from bot.evaluation.questions import Question, read_questions
from bot.settings import Settings
from bot.supervisor import Say
from bot.training import inputs_hash, model_state
from procedures_catalog import Catalog
from vietnamese.noise import make_variant

# The noise of a set is the same in every run, so that figures can be compared.
SEED = 2026


@dataclass(frozen=True)
class Configuration:
    """What a run was made with; kept beside its figures."""

    file: str
    sha256: str
    questions: int
    variants: list[str]
    seed: int
    workers: int
    stack: str
    model: str
    model_inputs: str
    catalogue_entries: int
    started_at: str


@dataclass(frozen=True)
class Run:
    """Rows and typed texts by variant, each in the order of the file."""

    configuration: Configuration
    rows: dict[str, list[Row]]
    texts: dict[str, list[str]]


def evaluate_file(
    file: Path, variants: Sequence[str], workers: int, use_running: bool, settings: Settings, say: Say
) -> Run:
    """Asks every question of ``file`` in every variant.

    Raises:
        BotError: the file or the stack is at fault, in words.
    """
    catalog = Catalog.of_centre(settings.centre)
    resolve, missing = resolver(catalog)
    questions = read_questions(file, resolve)
    if missing:
        names = ", ".join(sorted(missing)[:5]) + (" …" if len(missing) > 5 else "")
        say(f"{len(missing)} procedure(s) of {file} are not in the catalogue and count as misses: {names}")
    messages = typed((q.text for q in questions), variants, partial(make_variant, seed=SEED))
    started = datetime.now().astimezone()
    stack = running_stack(settings) if use_running else own_stack(settings, say)
    outcomes = asyncio.run(_ask(stack, messages, workers))
    configuration = Configuration(
        file=str(file),
        sha256=sha256_of(file),
        questions=len(questions),
        variants=list(variants),
        seed=SEED,
        workers=workers,
        stack="running" if use_running else "own",
        model=model_state(settings.learned),
        model_inputs=inputs_hash(settings.learned),
        catalogue_entries=len(catalog),
        started_at=started.isoformat(timespec="seconds"),
    )
    return _by_variant(configuration, questions, messages, outcomes)


def keep(run: Run, found: dict[str, Any], folder: Path) -> Path:
    """Writes ``config.json`` and ``results.json`` into a new folder below ``folder``; which one."""
    stamp = run.configuration.started_at.replace(":", "")[:17]
    for number in range(1, 1000):
        place = folder / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            continue
        _write(place / "config.json", asdict(run.configuration))
        _write(place / "results.json", found)
        return place
    raise StackError(f"{folder}: holds too many runs of the same second")


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def resolver(catalog: Catalog) -> tuple[Callable[[str], frozenset[str]], set[str]]:
    """What turns an id or code into right ids (the entry's and its successor's), and what it did not find."""
    missing: set[str] = set()

    def resolve(key: str) -> frozenset[str]:
        entry = catalog.find(key)
        if entry is None:
            missing.add(key)
            return frozenset({key})
        return frozenset({entry.id, catalog.current(entry, date.today()).id})

    return resolve, missing


async def _ask(
    stack: AbstractAsyncContextManager[httpx.AsyncClient], messages: Sequence[Typed], workers: int
) -> list[Outcome]:
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        async with stack as client:
            with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
                bar = progress.add_task("", total=len(messages))
                return await ask_all(client, messages, workers, lambda: progress.advance(bar))
    except asyncio.CancelledError:
        raise StackError("stopped") from None


def _by_variant(
    configuration: Configuration,
    questions: Sequence[Question],
    messages: Sequence[Typed],
    outcomes: Sequence[Outcome],
) -> Run:
    rows: dict[str, list[Row]] = {variant: [] for variant in configuration.variants}
    texts: dict[str, list[str]] = {variant: [] for variant in configuration.variants}
    for message, outcome in zip(messages, outcomes, strict=True):
        rows[message.variant].append((questions[message.question], outcome))
        texts[message.variant].append(message.text)
    return Run(configuration, rows, texts)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
