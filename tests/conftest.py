"""Fixtures that every part's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.mosquitto import Mosquitto


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """A real mosquitto on a free loopback port."""
    directory = tmp_path / "mosquitto"
    directory.mkdir()
    async with Mosquitto(directory) as running:
        yield running
