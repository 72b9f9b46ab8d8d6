"""The engine: the same model and actions behind stock `rasa run` and behind our launcher."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.support.citizens import Times, long_talk, talk
from bench.support.engines import Engine, ours, stock
from bench.support.report import Report

AT_ONCE = 16
MOST_MESSAGES, MOST_SECONDS = 3_000, 20.0
ALONE_MESSAGES, ALONE_SECONDS = 300, 15.0
WARM_UP = 40
LONG_TURNS, LONG_SECONDS = 500, 60.0
WINDOW = 20


def run(report: Report) -> None:
    figures = {}
    for name, start in (("stock", stock), ("ours", ours)):
        report.say(f"starting {name} …")
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder, start(Path(folder)) as engine:
            report.say(f"{name} is ready, measuring …")
            figures[name] = _measure(engine)
    _rows(report, figures)


def _measure(engine: Engine) -> dict:
    talk(engine.port, engine.ask, 4, WARM_UP, MOST_SECONDS)
    return {
        "many": talk(engine.port, engine.ask, AT_ONCE, MOST_MESSAGES, MOST_SECONDS),
        "alone": talk(engine.port, engine.ask, 1, ALONE_MESSAGES, ALONE_SECONDS),
        "long": long_talk(engine.port, engine.ask, LONG_TURNS, LONG_SECONDS),
        "ready": engine.started.seconds,
        "memory": engine.started.memory(),
    }


def _rows(report: Report, figures: dict[str, dict]) -> None:
    many: dict[str, Times] = {name: found["many"] for name, found in figures.items()}
    alone: dict[str, Times] = {name: found["alone"] for name, found in figures.items()}
    faster = many["ours"].per_second / many["stock"].per_second
    median = alone["ours"].percentile(50) / alone["stock"].percentile(50)
    tail = alone["ours"].percentile(95) / alone["stock"].percentile(95)

    def row(what: str, show, ratio: str = "") -> None:
        report.row(what, **{name: show(found) for name, found in figures.items()}, ours_by_stock=ratio)

    row(f"messages/s, {AT_ONCE} at once", lambda f: f"{f['many'].per_second:.0f}", f"{faster:.1f}")
    row(f"median, {AT_ONCE} at once", lambda f: _ms(f["many"].percentile(50)))
    row("median, 1 at once", lambda f: _ms(f["alone"].percentile(50)), f"{median:.2f}")
    row("95th, 1 at once", lambda f: _ms(f["alone"].percentile(95)), f"{tail:.2f}")
    row(f"turns 1 to {WINDOW} of one conversation", lambda f: _ms(_middle(f["long"][:WINDOW])))
    row("its last turns", lambda f: f"{_ms(_middle(f['long'][-WINDOW:]))} (to {len(f['long'])})")
    row("start until it answers", lambda f: f"{f['ready']:.1f} s")
    row("memory of the engine (PSS)", lambda f: f"{f['memory'] / 1e6:.0f} MB")
    report.limit(
        f"at least 4 times the messages per second at {AT_ONCE} citizens", f"{faster:.1f}", faster >= 4
    )
    report.limit("at most half the median at one citizen", f"{median:.2f}", median <= 0.5)


def _middle(each: list[float]) -> float:
    return sorted(each)[len(each) // 2]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
