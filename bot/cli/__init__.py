"""The command line, ``motcua``. Exit status: 0 done, 1 it could not be done, 2 wrong usage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from bot.cli import catalog, desk, dossiers, pause, privacy, questions
from bot.cli.evaluate import evaluate
from bot.cli.say import say, told


class _Main(TyperGroup):
    """Faults that are known are told in words, without a trace."""

    def invoke(self, ctx: typer.Context) -> object:
        with told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Main,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Một Cửa: the assistant of a public service centre.",
)
app.add_typer(catalog.app, name="catalog")
app.command()(evaluate)
app.add_typer(desk.app, name="desk")
app.add_typer(dossiers.app, name="dossiers")
app.add_typer(privacy.app, name="privacy")
app.command()(pause.pause)
app.command()(pause.resume)
app.add_typer(questions.app, name="questions")


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the web chat; 0: a free one.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Empty the demo's own database first.")] = False,
) -> None:
    """Everything on this machine, with sample dossiers and the web chat."""
    from bot.cli.run import run_demo

    run_demo(port, reset)


@app.command()
def serve() -> None:
    """The same processes for a real centre: settings from the environment or .env, no samples."""
    from bot.cli.run import run_serve

    run_serve()


@app.command()
def chat(
    session: Annotated[str | None, typer.Option(help="Name of the conversation; default: a new one.")] = None,
) -> None:
    """A conversation in the terminal."""
    from bot.cli.talk import run_chat
    from bot.gateway.messages import SESSION

    if session is not None and not SESSION.fullmatch(session):
        raise typer.BadParameter("1 to 64 of A–Z a–z 0–9 . _ : -", param_hint="--session")
    run_chat(session)


@app.command()
def ask(
    text: Annotated[list[str] | None, typer.Argument(help="The question.", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A file with one question a line; - is stdin.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """One question, or one a line, each in a session of its own."""
    from bot.cli.talk import read_questions, run_ask

    if bool(text) == (file is not None):
        raise typer.BadParameter("give either a question or --file")
    run_ask([" ".join(text)] if text and text != ["-"] else read_questions(file or Path("-")), as_json)


@app.command()
def train(
    force: Annotated[bool, typer.Option("--force", help="Even if nothing changed.")] = False,
) -> None:
    """Train the dialogue model, if its data or the centre's learned questions changed."""
    from bot.settings import load_settings
    from bot.training import train as train_model

    settings = load_settings()

    def judge(fresh: Path) -> list[str]:
        from bot.evaluation.gate import worse_with

        return worse_with(fresh, settings, say)

    if not train_model(say, force, settings.learned, judge):
        say("The dialogue model is up to date.")


@app.command()
def doctor() -> None:
    """Check settings, database, model, engine, catalogue and channels; say what to do."""
    from bot.cli.doctor import run_doctor

    run_doctor()
