"""Fixtures that every part's tests share, how property tests are run, and a watch on what blocks the event loop."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings

from tests.mosquitto import Mosquitto
from tests.sound_server import SoundServer, environment

# `ci` finds the same on every run, `deep` looks for longer: HYPOTHESIS_PROFILE=deep.
settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, database=None, print_blob=True)
settings.register_profile("deep", settings.get_profile("default"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session", autouse=True)
def never_blocking() -> Iterator[BlockBuster]:
    """Whatever `edge` does on a running event loop raises BlockingError instead of blocking it."""
    with blockbuster_ctx("edge") as watch:
        yield watch


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that sets logging up in this process does so for its own test alone."""
    loggers = [logging.getLogger(name) for name in (None, "asyncio")]
    levels = [logger.level for logger in loggers]
    handlers = list(loggers[0].handlers)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    for handler in [one for one in loggers[0].handlers if one not in handlers]:
        loggers[0].removeHandler(handler)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """A real mosquitto on a free loopback port."""
    directory = tmp_path / "mosquitto"
    directory.mkdir()
    async with Mosquitto(directory) as running:
        yield running


@pytest.fixture
async def sound(tmp_path: Path) -> AsyncIterator[SoundServer]:
    """A real PulseAudio with a microphone and a loudspeaker, which this process talks to."""
    directory = tmp_path / "sound"
    directory.mkdir(mode=0o700)
    async with SoundServer(directory) as server:
        with environment(server):
            yield server
