"""The real catalogue, the sample centre and a SQLite database with the sample dossiers, on one fixed day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from actions.bootstrap import Services, services
from dossiers.seed import seed
from procedures_catalog import Catalog
from procedures_catalog.centre import VIET_NAM
from tests.actions.talk import ROOT, TODAY, Talk
from tests.warm import warm

NUMBER_OF_DOSSIERS = 200


@pytest.fixture(scope="session")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The services that the actions under test use themselves."""
    folder = tmp_path_factory.mktemp("actions")
    settings = {
        "MOTCUA_DATABASE_URL": f"sqlite:///{folder}/motcua.db",
        "MOTCUA_CENTRE_FILE": str(ROOT / "centre.yml"),
        "MOTCUA_TODAY": TODAY.isoformat(),
        "MOTCUA_VAR": str(warm(folder)),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        services.cache_clear()
        opened = services()
        seed(opened.database, NUMBER_OF_DOSSIERS, now=datetime(2026, 11, 21, 8, 0, tzinfo=VIET_NAM))
        yield opened
        opened.database.close()
        services.cache_clear()


@pytest.fixture(scope="session")
def catalog(s: Services) -> Catalog:
    return s.catalog


@pytest.fixture
def talk(s: Services) -> Talk:
    """A new conversation."""
    return Talk()
