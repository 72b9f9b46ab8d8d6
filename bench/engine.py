"""The engine: the same model and actions behind stock `rasa run` and behind our launcher."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.support.citizens import Times, late_turns, talk
from bench.support.engines import Engine, ours, stock
from bench.support.processes import actions
from bench.support.report import Report, ms

AT_ONCE = 16
ROUNDS = 5
ROUND_MESSAGES, ROUND_SECONDS = 1_200, 6.0
ALONE_MESSAGES, ALONE_SECONDS = 100, 5.0
WARM_UP_MESSAGES, WARM_UP_SECONDS = 200, 10.0
LONG_TURNS = 500
FASTER, MEDIAN_AT_MOST, LATE_AT_MOST, MEMORY_AT_MOST = 4.0, 0.5, 1.5, 750e6


@dataclass(frozen=True)
class Round:
    """What one engine showed in one round."""

    many: Times
    alone: Times


def run(report: Report) -> None:
    """Both engines are up at the same time, beside one action server, and are asked in turns: whatever
    else the machine does then slows both. The engine that is not asked is idle."""
    report.say("starting one action server, stock Rasa and ours …")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        with actions(folder) as url, stock(folder, url) as rasa, ours(folder, url) as own:
            engines = {"stock": rasa, "ours": own}
            rounds: dict[str, list[Round]] = {which: [] for which in engines}
            for which, engine in engines.items():
                report.say(f"warming up {which} …")
                talk(engine.port, engine.ask, 4, WARM_UP_MESSAGES, WARM_UP_SECONDS)
            for number in range(ROUNDS):
                for which, engine in engines.items():
                    report.say(f"round {number + 1} of {ROUNDS}: {which} …")
                    rounds[which].append(_round(engine))
            report.say(f"one conversation of {LONG_TURNS} turns …")
            early, late = late_turns(own.port, own.ask, LONG_TURNS)
            ready = {which: engine.started.seconds for which, engine in engines.items()}
            memory = {which: engine.started.memory() for which, engine in engines.items()}
    report.row("start until it answers", **{which: f"{seconds:.1f} s" for which, seconds in ready.items()})
    report.row("memory (PSS)", **{which: f"{size / 1e6:.0f} MB" for which, size in memory.items()})
    _speed(report, rounds)
    late_by_early = median(late) / median(early)
    report.row("turns 1 to 10 of conversations", ours=ms(median(early)))
    report.row(f"turns up to {LONG_TURNS} of one conversation", ours=ms(median(late)))
    report.limit(
        "late turns at most 1.5 times the early", f"{late_by_early:.2f}", late_by_early <= LATE_AT_MOST
    )
    own_memory = memory["ours"]
    report.limit("the engine under 750 MB", f"{own_memory / 1e6:.0f} MB", own_memory < MEMORY_AT_MOST)


def _round(engine: Engine) -> Round:
    return Round(
        talk(engine.port, engine.ask, AT_ONCE, ROUND_MESSAGES, ROUND_SECONDS),
        talk(engine.port, engine.ask, 1, ALONE_MESSAGES, ALONE_SECONDS),
    )


def _speed(report: Report, rounds: dict[str, list[Round]]) -> None:
    """Every figure is the median of the rounds' own."""

    def row(what: str, show: Callable[[float], str], of: Callable[[Round], float]) -> float:
        middle = {which: median(map(of, found)) for which, found in rounds.items()}
        ratio = middle["ours"] / middle["stock"]
        figures = {which: show(figure) for which, figure in middle.items()}
        report.row(what, **figures, ours_by_stock=f"{ratio:.2f}")
        return ratio

    faster = row(f"messages/s, {AT_ONCE} at once", lambda n: f"{n:.0f}", lambda r: r.many.per_second)
    row(f"median, {AT_ONCE} at once", ms, lambda r: r.many.percentile(50))
    middle = row("median, 1 at once", ms, lambda r: r.alone.percentile(50))
    row("95th, 1 at once", ms, lambda r: r.alone.percentile(95))
    report.limit(
        f"at least 4 times the messages per second at {AT_ONCE} citizens", f"{faster:.1f}", faster >= FASTER
    )
    report.limit("at most half the median at one citizen", f"{middle:.2f}", middle <= MEDIAN_AT_MOST)
