"""The words of the replies: Jinja macros in ``texts/*.j2``, one file per topic, called by name."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "texts"


class Texts:
    """``texts.say("answers", "fee", …)`` renders the macro ``fee`` of ``texts/answers.j2``."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        self._environment.filters.update(
            dong=dong, day=day, amount=amount, clock=clock, lower_first=lower_first
        )

    def say(self, topic: str, name: str, /, *args: Any, **values: Any) -> str:
        """The text, without empty edges and with at most one empty line in a row."""
        macro = getattr(self._environment.get_template(f"{topic}.j2").module, name)
        return re.sub(r"\n{3,}", "\n\n", str(macro(*args, **values))).strip()


def dong(value: int) -> str:
    """``50000`` → ``50.000 đồng``."""
    return f"{value:,}".replace(",", ".") + " đồng"


def day(value: date) -> str:
    """``20/11/2026``."""
    return f"{value:%d/%m/%Y}"


def clock(value: datetime) -> str:
    """``7 giờ 30``."""
    return f"{value.hour} giờ" + (f" {value.minute:02d}" if value.minute else "")


def amount(value: float) -> str:
    """``2.5`` → ``2,5``; ``3.0`` → ``3``."""
    return f"{value:g}".replace(".", ",")


def lower_first(text: str) -> str:
    """First letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
