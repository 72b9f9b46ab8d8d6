"""``motcua pause`` and ``motcua resume``: the off switch."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.mailboxes import in_each
from bot.cli.say import say

LONGEST_MESSAGE = 1000


def pause(
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What people are told; default: the standing words.")
    ] = None,
) -> None:
    """Stop answering: every channel gives a notice, and messages are kept for people."""
    if message is not None:
        message = message.strip()
        if not 0 < len(message) <= LONGEST_MESSAGE:
            raise typer.BadParameter(f"must have 1 to {LONGEST_MESSAGE} characters", param_hint="--message")
    in_each(lambda mailbox: mailbox.people.pause(message))
    say("The assistant is paused, at once and on every channel. `motcua resume` ends it.")


def resume() -> None:
    """Answer again after `motcua pause`."""
    if any(in_each(lambda mailbox: mailbox.people.resume())):
        say("The assistant answers again. What came in meanwhile is among the requests to people.")
    else:
        say("The assistant was not paused.")
