"""The house's history, filled once, and the router."""

from pathlib import Path

import pytest

from edge.router.router import Router
from tests.assistant.asking.house import NOW, ZONE, home, readings
from tests.assistant.asking.remembering import fill


@pytest.fixture(scope="session")
def history_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("asking") / "history.sqlite"
    fill(file, home(), readings(), NOW, ZONE)
    return file


@pytest.fixture(scope="session")
def router() -> Router:
    return Router.load(now=lambda: NOW)
