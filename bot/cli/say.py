"""Output of the command line: results on stdout, progress and faults on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.errors import BotError

# Rooms whose errors are meant for people; looked up only if loaded, so that --help stays quick.
_ROOMS = {"procedures_catalog.errors": "CatalogError", "dossiers.errors": "DossierError"}


def say(words: str) -> None:
    """Progress, for whoever watches."""
    typer.echo(words, err=True)


_NOT_UTF8 = "what was typed holds bytes that are not UTF-8 text"
_NOT_SHOWN = "this terminal's encoding ({}) has no letters for the answer: set PYTHONUTF8=1"


@contextmanager
def told() -> Iterator[None]:
    """A known fault inside ends the command with one line on stderr and status 1."""
    try:
        yield
    except Exception as error:  # the place where all faults pass; those not known go on
        if not isinstance(error, _known()):
            raise
        message = str(error)
        if isinstance(error, OSError):
            message = f"{error.filename or 'file'}: {error.strerror or error}"
        if isinstance(error, UnicodeEncodeError):
            message = _NOT_UTF8 if "surrogates" in error.reason else _NOT_SHOWN.format(error.encoding)
        typer.echo(f"motcua: {message}", err=True)
        raise typer.Exit(1) from None


def _known() -> tuple[type[Exception], ...]:
    rooms = [getattr(sys.modules[name], base) for name, base in _ROOMS.items() if name in sys.modules]
    return (
        BotError,
        FileNotFoundError,
        IsADirectoryError,
        NotADirectoryError,
        PermissionError,
        UnicodeEncodeError,
        *rooms,
    )
