"""Understanding in the engine: from a message's text to its intents, as the engine itself does it."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median, quantiles

from bench.support.processes import ENGINE_PYTHON, MODEL
from bench.support.report import Report, ms
from bot.settings import ROOT

QUESTIONS = ROOT / "evaluation" / "development.jsonl"
AT_MOST = 0.004
GIVEN_UP = 180.0

# The quickest of three passes counts for each message, and what is promised is the processor's time: one
# thread works, so on a machine that does nothing else both are the same.
_PROGRAM = """
import asyncio, json, sys, time, warnings
warnings.filterwarnings("ignore")
from bot.engine import launcher, patches
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
launcher._quiet_logs()
patches.apply(8.0, 8.0)  # seconds that nothing here waits
agent = Agent.load(sys.argv[1])
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")]

async def main():
    passed, worked = {}, {}
    for number in range(3):
        for text in texts:
            began, at_work = time.perf_counter(), time.thread_time()
            await agent.processor.parse_message(UserMessage(text))
            worked[text] = min(worked.get(text, 9.0), time.thread_time() - at_work)
            passed[text] = min(passed.get(text, 9.0), time.perf_counter() - began)
    json.dump({"passed": [*passed.values()], "processor": [*worked.values()]}, sys.stdout)

asyncio.run(main())
"""


def run(report: Report) -> None:
    report.say("loading the engine's model …")
    ran = subprocess.run(
        [ENGINE_PYTHON, "-c", _PROGRAM, MODEL, QUESTIONS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=GIVEN_UP,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"bench: the engine's model could not be asked:\n{ran.stderr[-2000:]}")
    found = json.loads(ran.stdout)
    late = {what: quantiles(each, n=100, method="inclusive")[94] for what, each in found.items()}
    report.row("messages", **{what: str(len(each)) for what, each in found.items()})
    report.row("median", **{what: ms(median(each)) for what, each in found.items()})
    report.row("95th percentile", **{what: ms(seconds) for what, seconds in late.items()})
    kept = late["processor"] <= AT_MOST
    report.limit("at most 4 ms at the 95th percentile", ms(late["processor"]), kept)
