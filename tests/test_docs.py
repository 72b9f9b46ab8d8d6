"""What exists is documented, and what is documented exists: settings, commands, routes, verbs, links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from starlette.routing import BaseRoute, Mount, Route

from bot.cli import app as motcua
from bot.gateway.app import create_app
from bot.gateway.services import build_services
from bot.settings import PREFIX, ROOT, Settings, load_settings

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TEXT = {page: page.read_text("utf-8") for page in PAGES}
DOCS = "\n".join(text for page, text in TEXT.items() if page.parent != ROOT)
SETTINGS = [PREFIX + name.upper() for name in Settings.model_fields]
# What the desk's own script calls, and files of the pages.
INNER_ROUTES = ("/desk/api/", "/static")


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{setting}`" in (ROOT / "docs" / "running.md").read_text("utf-8")
    assert re.search(rf"^#?{setting}=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)


def test_no_other_setting_is_documented() -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", DOCS + (ROOT / ".env.example").read_text("utf-8")))
    assert named - set(SETTINGS) == {"MOTCUA_TODAY"}, "for tests only, and said so"


def _commands() -> Iterator[tuple[str, click.Command]]:
    def below(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
        children = getattr(command, "commands", {})
        for name, child in children.items():
            yield from below(child, (*path, name))
        if not children:
            yield " ".join(path), command

    return below(typer.main.get_command(motcua), ("motcua",))


@pytest.mark.parametrize("name", [name for name, _ in _commands()])
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name}" in DOCS


@pytest.mark.parametrize(("name", "command"), list(_commands()))
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]}"


def test_no_other_command_is_documented() -> None:
    known = {name for name, _ in _commands()}
    groups = {name.rpartition(" ")[0] for name in known}
    for text in TEXT.values():
        for words in re.findall(r"`(?:\.venv/bin/)?(motcua [a-z]+(?: [a-z]+)?)", text):
            first = " ".join(words.split()[:2])
            assert words in known or first in known or words in groups, words


@pytest.fixture(scope="module")
def routes() -> list[str]:
    app = create_app(build_services(load_settings(None)))

    def paths(found: list[BaseRoute], prefix: str = "") -> Iterator[str]:
        for route in found:
            if isinstance(route, Mount) and route.routes:
                yield from paths(route.routes, prefix + route.path)
            elif isinstance(route, (Mount, Route)):
                yield prefix + route.path

    return list(paths(app.routes))


def test_every_route_is_documented(routes: list[str]) -> None:
    missing = [
        path
        for path in routes
        if not path.startswith(INNER_ROUTES) and not re.search(rf"[`\s]{re.escape(path)}[`?\s]", DOCS)
    ]
    assert missing == []


def test_every_verb_of_the_makefile_is_documented() -> None:
    verbs = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {"setup", "demo", "test", "lint", "format", "evaluate", "bench", "help"} <= set(verbs)
    for verb in verbs:
        assert f"`make {verb}" in DOCS, verb


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", TEXT[page], flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in {_anchor(line) for line in file.read_text("utf-8").splitlines()}, target


def _anchor(heading: str) -> str:
    """As code hosts make it of a heading."""
    words = re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower())
    return words.replace(" ", "-") if heading.startswith("#") else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_composed_unicode(page: Path) -> None:
    assert unicodedata.is_normalized("NFC", TEXT[page])
