"""A sound server of the tests' own, which this process talks to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.speech.sound_server import SoundServer, environment


@pytest.fixture
async def sound(tmp_path: Path) -> AsyncIterator[SoundServer]:
    """With a microphone and a loudspeaker."""
    directory = tmp_path / "sound"
    directory.mkdir(mode=0o700)
    async with SoundServer(directory) as server:
        with environment(server):
            yield server
