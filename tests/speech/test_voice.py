"""What the house's voice says of itself."""

import asyncio
from pathlib import Path

import pytest

from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.router.model import Decision, Routing
from edge.schedule import Schedule
from edge.settings import Loaded, load, places
from edge.speech import voice
from edge.speech.parts import SpeechParts
from edge.speech.voice import Hearing, HouseVoice
from tests.schedule.fakes import FakeClock
from tests.speech.satellites.inhabited import Asked

CONFIG = """
[speech]
enabled = false
[[satellites]]
name = "attic"
host = "127.0.0.1"
port = 1
[[satellites]]
name = "old"
host = "127.0.0.1"
port = 2
enabled = false
"""


class Announced(Asked):
    """Announces nothing."""

    def announce_to(self, _: object) -> object:
        return lambda: None


@pytest.fixture
def config(tmp_path: Path) -> Loaded:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    return load(places({"EDGE_CONFIG": str(file), "EDGE_STATE": str(tmp_path)}), {})


def house(loaded: Loaded) -> HouseVoice:
    registry, clock = Registry(), FakeClock()
    parts = SpeechParts(loaded, registry, lambda text, _: Routing(text, Decision.IGNORE))
    schedule = Schedule(None, clock, boot_id="boot")
    return HouseVoice(loaded, parts, Announced(), registry, schedule, clock, Hearing())  # type: ignore[arg-type]


async def test_each_satellite_that_is_wanted_is_told_of(config: Loaded) -> None:
    async with house(config) as home:
        facts = home.facts()
    assert list(facts["satellites"]) == ["attic"]
    assert facts["satellites"]["attic"]["state"] == "off"


async def test_satellites_that_need_what_is_not_installed_say_so(
    config: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "_SATELLITES_NEED", ("no_such_package",))
    async with house(config) as home:
        told = home.facts()["satellites"]["attic"]
    assert told == {"state": "off", "trouble": "no_such_package is missing: pip install 'edge-assistant[speech]'"}


async def test_without_a_room_it_says_why_it_can_say_nothing(config: Loaded) -> None:
    async with house(config) as home:
        while home.trouble is None:  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        with pytest.raises(EdgeError, match="switched off"):
            await home.say("Hello.")
        assert not home.listen("start")
        assert not home.listen("start", "attic")
