"""What a second start finds kept: most tests that start something need no first start of their own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from procedures_catalog import Catalog

CENTRE = Path(__file__).parents[1] / "centre.yml"


def warm(var: Path) -> Path:
    """``var``, with the sample centre's catalogue kept in it as an earlier start leaves it."""
    shutil.copytree(_kept(), var / "catalog-cache", dirs_exist_ok=True)
    return var


@cache
def _kept() -> Path:
    var = Path(tempfile.mkdtemp(prefix="motcua-warm-"))
    atexit.register(shutil.rmtree, var, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTCUA_VAR", str(var))
        assert Catalog.of_centre(CENTRE).ranker
    return var / "catalog-cache"
