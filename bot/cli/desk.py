"""``motcua desk``: accounts of the volunteers' desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.say import say

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Accounts of the volunteers' desk.")


class Role(StrEnum):
    VOLUNTEER = "volunteer"
    LEAD = "lead"
    ADMIN = "admin"


@app.command()
def invite(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who; also what they sign in with.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.VOLUNTEER,
) -> None:
    """A one-time link, and its QR code, with which NAME sets a password; again: a new link."""
    import time

    from bot.desk.accounts import INVITED_SECONDS
    from bot.desk.accounts import invite as make
    from bot.desk.links import in_terminal, invitation_link

    settings = settings_here()
    with desk_database(settings) as engine, engine.begin() as connection:
        token = make(connection, time.time(), name, role.value)
    link = invitation_link(address(settings), token)
    typer.echo(link)
    typer.echo(in_terminal(link))
    say(f"For {name} ({role.value}); works once, within {INVITED_SECONDS / 86_400:.0f} days.")


def settings_here() -> Settings:
    """The settings; with nothing but a demo on this machine, the demo's database."""
    from bot.settings import load_settings

    settings = load_settings()
    demo, own = settings.var.absolute() / "demo.db", settings.var.absolute() / "motcua.db"
    if "database_url" not in settings.model_fields_set and demo.exists() and not own.exists():
        say("(the demo's database)")
        settings = settings.model_copy(update={"database_url": f"sqlite:///{demo}"})
        settings.model_fields_set.add("database_url")
    return settings


def address(settings: Settings) -> str:
    """What links begin with: the public address, else where a stack runs here, else where one would."""
    from bot.stack import running_stacks

    return settings.public_url or next(running_stacks(settings.var.absolute()), settings.address)


@contextmanager
def desk_database(settings: Settings) -> Iterator[Engine]:
    """The open database with the desk's tables."""
    from bot.desk.store import migrate_desk
    from bot.mailbox.database import open_engine

    engine = open_engine(settings.database)
    try:
        migrate_desk(engine)
        yield engine
    finally:
        engine.dispose()
