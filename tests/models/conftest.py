"""A tiny model file, made once."""

from pathlib import Path

import pytest

from tests.gguf_maker import make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF of random weights that nobody may change."""
    return make(tmp_path_factory.mktemp("models") / "tiny.gguf")
