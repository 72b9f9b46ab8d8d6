"""Understanding a message: from its text to its intents in the engine, and from these to the replies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from bench.support.processes import APP_PYTHON, ENGINE_PYTHON, MODEL
from bench.support.report import Report, ms
from bot.settings import ROOT

QUESTIONS = ROOT / "evaluation" / "development.jsonl"
AT_MOST = 0.004
GIVEN_UP = 180.0

# The quickest of three passes counts for each message, and what is promised is the processor's time: one
# thread works, so on a machine that does nothing else both are the same.
_UNDERSTANDING = """
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
    passed, worked, understood = {}, {}, {}
    for number in range(3):
        for text in texts:
            began, at_work = time.perf_counter(), time.thread_time()
            understood[text] = await agent.processor.parse_message(UserMessage(text))
            worked[text] = min(worked.get(text, 9.0), time.thread_time() - at_work)
            passed[text] = min(passed.get(text, 9.0), time.perf_counter() - began)
    times = {"passed": [*passed.values()], "processor": [*worked.values()]}
    json.dump({**times, "understood": [*understood.values()]}, sys.stdout)

asyncio.run(main())
"""

# Each message is the first of its conversation, and what a pass remembers of texts is forgotten before it.
_DECIDING = """
import json, sys, time
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from actions.answering import ActionAnswer
from actions.bootstrap import services
messages = json.load(sys.stdin)
answering, passed, worked = ActionAnswer(), {}, {}
for number in range(4):
    services().catalog.ranker.find.cache_clear()
    for message in messages:
        tracker = Tracker("web:bench", {}, message, [], False, None, {}, "action_listen")
        began, at_work = time.perf_counter(), time.thread_time()
        answering.run(CollectingDispatcher(), tracker, {})
        if number:
            text = message["text"]
            worked[text] = min(worked.get(text, 9.0), time.thread_time() - at_work)
            passed[text] = min(passed.get(text, 9.0), time.perf_counter() - began)
json.dump({"passed": [*passed.values()], "processor": [*worked.values()]}, sys.stdout)
"""


def run(report: Report) -> None:
    report.say("loading the engine's model …")
    found = _ran([ENGINE_PYTHON, "-c", _UNDERSTANDING, MODEL, QUESTIONS])
    report.say("deciding …")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        own = {"MOTCUA_VAR": folder, "MOTCUA_DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}"}
        decided = _ran([APP_PYTHON, "-c", _DECIDING], json.dumps(found.pop("understood")), **own)
    report.row("messages", **{what: str(len(each)) for what, each in found.items()})
    for where, times in (("in the engine", found), ("in the actions", decided)):
        for name, show in (("median", median), ("95th percentile", _late)):
            report.row(f"{where}, {name}", **{what: ms(show(each)) for what, each in times.items()})
    late = _late(found["processor"])
    report.limit("in the engine at most 4 ms at the 95th percentile", ms(late), late <= AT_MOST)


def _ran(argv: list[object], given: str = "", **env: str) -> dict:
    ran = subprocess.run(
        [str(part) for part in argv],
        cwd=ROOT,
        env={**os.environ, **env},
        input=given,
        capture_output=True,
        text=True,
        timeout=GIVEN_UP,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"bench: the messages could not be asked:\n{ran.stderr[-2000:]}")
    return json.loads(ran.stdout)


def _late(each: list[float]) -> float:
    return quantiles(each, n=100, method="inclusive")[94]
