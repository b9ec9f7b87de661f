"""Model files for the worker, a store, and a watch on the loop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from edge.models import ModelStore
from tests.gguf_maker import make


@pytest.fixture(autouse=True)
def never_blocking() -> Iterator[BlockBuster]:
    """Fail whatever blocks the event loop."""
    with blockbuster_ctx("edge") as watch:
        yield watch


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
