"""Jinja2 for the pages: the environment, and how days, money and durations are written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


def build_templates() -> Environment:
    """The templates with their filters; every value is escaped, a missing one is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(dong=dong, day=day, amount=amount, plain_name=plain_name)
    return environment


def dong(value: int) -> str:
    """8000 → ``8.000 đồng``."""
    return f"{value:,} đồng".replace(",", ".")


def day(value: date) -> str:
    """``20/11/2026``."""
    return f"{value:%d/%m/%Y}"


def amount(value: float) -> str:
    """2.0 → ``2``, 1.5 → ``1,5``."""
    return f"{value:g}".replace(".", ",")


def plain_name(name: str) -> str:
    """A procedure's official name without the word "Thủ tục" in front."""
    bare = name.removeprefix("Thủ tục").strip()
    return bare[:1].upper() + bare[1:]
