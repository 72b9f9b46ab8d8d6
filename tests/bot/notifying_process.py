"""A gateway's notifier in a process that is killed: ``… URL FOLDER [before|after NUMBER]``.

It looks until nothing is left to tell, or dies before, or after, the transaction of the numbered letter.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.mailbox import Mailbox
from bot.notifications import Notifier
from bot.settings import ROOT
from dossiers import subscriptions
from procedures_catalog.centre import load_centre


def dying(number: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """``work``, the last thing that the process does when it is called so many times."""
    calls = count(1)

    def done(*args: Any) -> Any:
        result = work(*args)
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return done


async def main(url: str, folder: str, moment: str = "", number: str = "0") -> None:
    mailbox = Mailbox(url, Path(folder))
    if moment == "before":
        subscriptions.told = dying(int(number), subscriptions.told)
    if moment == "after":
        mailbox.core.ring_outboxes = dying(int(number), mailbox.core.ring_outboxes)
    notifier = Notifier(mailbox, load_centre(ROOT / "centre.yml"), now=lambda: datetime(2026, 11, 20, 10))
    while await notifier.look():
        pass
    await mailbox.close()


asyncio.run(main(*sys.argv[1:]))
