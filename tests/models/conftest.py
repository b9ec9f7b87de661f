"""Model files of every kind, made once."""

from pathlib import Path

import pytest

from tests.gguf_maker import make
from tests.models.makers import make_voice, make_whisper


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF of random weights that nobody may change."""
    return make(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """A Piper voice with its JSON."""
    return make_voice(tmp_path / "voice.onnx")


@pytest.fixture
def whisper(tmp_path: Path) -> Path:
    """A Whisper model's directory."""
    return make_whisper(tmp_path / "faster-whisper-tiny")
