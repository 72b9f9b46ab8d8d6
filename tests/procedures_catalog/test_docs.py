"""docs/catalog.md names every field, option and check, and its examples hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from msgspec.structs import fields

from bot.cli.catalog import app
from procedures_catalog import Catalog, model
from procedures_catalog.importers.reading import MOST_BYTES
from procedures_catalog.lint_rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "catalog.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "part", [model.Procedure, model.Document, model.Fee, model.Duration, model.Channel, model.Case]
)
def test_every_field_is_named(part):
    missing = [f.name for f in fields(part) if f"`{f.name}`" not in PAGE and f"{f.name}:" not in PAGE]
    assert missing == []


def test_every_command_and_option_is_named():
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"motcua catalog {name}" in PAGE
        line = " ".join(re.findall(rf"motcua catalog {name}\b[^\n]*", PAGE))
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in line, f"{name} {option}"


def test_every_check_and_every_kind_of_file_is_named():
    assert [rule for rule in RULES if f"`{rule}`" not in PAGE] == []
    assert [ending for ending in MOST_BYTES if f"`{ending}`" not in PAGE] == []


def test_the_overlay_in_it_holds(tmp_path):
    (example,) = re.findall(r"<!-- overlay example: tested -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "overlay.yml"
    path.write_text(example, encoding="utf-8")
    catalog = Catalog.load(overlay=path)
    assert [str(problem) for problem in catalog.problems] == []
    assert catalog.get("dang-ky-tam-tru").submit_at == ["Quầy 3 của trung tâm"]
    assert [
        fee.amount for fee in catalog.get("thay-doi-cai-chinh-ho-tich").fees if fee.layer == "provincial"
    ] == [
        5000,
        25000,
    ]
    assert catalog.get("1.999784") is catalog.get("1.012784")
