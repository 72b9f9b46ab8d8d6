"""``motcua privacy``: the right to be forgotten, retention."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.mailboxes import in_each
from bot.cli.say import say

if TYPE_CHECKING:
    from bot.mailbox.privacy import Erased

app = typer.Typer(no_args_is_help=True, help="The right to be forgotten, retention.")
_CONVERSATION = re.compile(r"(web|zalo|telegram|cli):[^\s\x00-\x1f\x7f]{1,150}")


@app.command()
def erase(
    conversation: Annotated[
        str, typer.Option(help="zalo:<user>, telegram:<chat> or web:<session>.", metavar="C")
    ],
) -> None:
    """Delete everything that was said in a conversation, and what the assistant remembers of it."""
    if not _CONVERSATION.fullmatch(conversation):
        raise typer.BadParameter(
            "must be zalo:<user>, telegram:<chat> or web:<session>", param_hint="--conversation"
        )
    from bot.mailbox.privacy import Erased

    erased = sum(in_each(lambda mailbox: mailbox.people.erase(conversation)), Erased())
    say(f"{conversation}: {_told(erased)}" if erased else f"Nothing is kept of {conversation}.")


@app.command()
def purge(
    older_than: Annotated[
        int | None,
        typer.Option(min=0, max=36_500, metavar="DAYS", help="Default: keeps_days of the centre's file."),
    ] = None,
) -> None:
    """Delete what is older than so many days; what still waits to be answered or sent stays."""
    from bot.mailbox.privacy import Erased
    from bot.settings import load_settings
    from procedures_catalog.centre import load_centre

    settings = load_settings()
    days = load_centre(settings.centre).keeps_days if older_than is None else older_than
    purged = sum(in_each(lambda mailbox: mailbox.people.purge(days), settings), Erased())
    say(f"Older than {days} days: {_told(purged)}")


def _told(erased: Erased) -> str:
    parts = (
        (erased.messages, "messages"),
        (erased.replies, "replies"),
        (erased.handovers, "requests to people"),
        (erased.memories, "conversations in the assistant's memory"),
    )
    return ", ".join(f"{count} {name}" for count, name in parts) + " deleted."
