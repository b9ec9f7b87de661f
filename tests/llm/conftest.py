"""Model files for the worker, and a store."""

from pathlib import Path

import pytest

from edge.models import ModelStore
from tests.gguf_maker import make
from tests.llm.sabotage import Library


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF of random weights that nobody may change."""
    return make(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A larger one, of which a token takes long enough to be interrupted."""
    return make(tmp_path_factory.mktemp("models") / "small.gguf", "small", type_="Q4_0")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """An empty store."""
    return ModelStore(tmp_path / "models")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library that can be made to fail."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    made = Library(tmp_path / "site" / "sitecustomize.py")
    made.does(fast="well", plain="well")
    return made
