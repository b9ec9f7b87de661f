"""Limits, visitors and quiet as the settings and the files have them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from edge.api.http.tokens import Tokens
from edge.assistant.model import Source, Utterance
from edge.assistant.people.guests import FILE as GUESTS
from edge.router.model import Call, Decision
from edge.schedule import Schedule
from edge.service.people import People, house, limits, open_people
from edge.settings import Places, load
from tests.assistant.conftest import Scene, assemble
from tests.assistant.fakes import FakeActuator, FakeModel, ScriptedRouter
from tests.assistant.fakes import house as small_house
from tests.schedule.fakes import FakeClock

TOML = """
[speech]
quiet_hours = "22:00-07:00"
[guests]
most_celsius = 22
may = ["light"]
[[sources]]
source = "http"
name = "tablet"
may = ["light", "timers"]
areas = ["hall"]
area = "hall"
[[sources]]
source = "voice"
name = "attic"
guest = true
"""


async def opened(state: Path, toml: str) -> People:
    places = Places(state / "config.toml", state, state / "run")
    await asyncio.to_thread(places.config.write_text, toml)
    loaded = await asyncio.to_thread(load, places, {})
    assert not loaded.problems
    registry, clock = small_house(), FakeClock()
    async with Schedule(None, clock, boot_id="boot") as schedule:
        parts = (registry, ScriptedRouter(), FakeActuator(registry), FakeModel(), clock, schedule)
        assistant = assemble(Scene(*parts, None))  # type: ignore[arg-type]
        people = await open_people(loaded, assistant, clock)
        assert assistant.gate.guests is people.guests
    return people


async def test_what_the_settings_say_is_what_holds(tmp_path: Path) -> None:
    await asyncio.to_thread(Tokens.in_state(tmp_path).add, "tablet")
    people = await opened(tmp_path, TOML)
    assert people.problems == (
        "sources: 'attic' is the name of no satellite: `[[satellites]]` tells the names; its limits hold for nobody",
    )
    assert people.guests.house.celsius == (16.0, 22.0)
    assert people.guests.house.may == frozenset({"light"})
    assert not people.is_quiet()
    assert people.quiet.covers(datetime(2025, 3, 14, 23, tzinfo=UTC))
    assert people.facts() == {"guests": False, "until": None, "quiet_until": None, "limits": 2}


async def test_a_name_that_no_token_has_is_told(tmp_path: Path) -> None:
    people = await opened(tmp_path, '[[sources]]\nsource = "http"\nname = "tablett"\nmay = []\n')
    assert "'tablett' is the name of no token" in people.problems[0]


async def test_visitors_are_still_there_after_a_restart(tmp_path: Path) -> None:
    people = await opened(tmp_path, "")
    await people.set_guests(True, None)
    assert await asyncio.to_thread((tmp_path / GUESTS).exists)
    again = await opened(tmp_path, "")
    assert again.facts()["guests"] is True


def test_each_entry_is_a_limit(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TOML)
    settings = load(Places(tmp_path / "config.toml", tmp_path, tmp_path / "run"), {}).settings
    tablet, attic = limits(settings)
    assert (tablet.source, tablet.name, tablet.may) == ("http", "tablet", frozenset({"light", "timers"}))
    assert (attic.guest, attic.may) == (True, None)
    assert house(settings).celsius == (16.0, 22.0)


def test_mqtt_clients_can_not_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[[sources]]\nsource = "mqtt"\nname = "panel"\n')
    loaded = load(Places(tmp_path / "config.toml", tmp_path, tmp_path / "run"), {})
    assert "can't be told apart" in str(loaded.problems[0])


async def test_they_are_spoken_of_though_who_answers_is_loaded_late(tmp_path: Path) -> None:
    places = Places(tmp_path / "config.toml", tmp_path, tmp_path / "run")
    await asyncio.to_thread(places.config.touch)
    loaded = await asyncio.to_thread(load, places, {})
    registry, clock, router = small_house(), FakeClock(), ScriptedRouter()
    router.on("guests", Call("guests.on"))
    router.on("quiet?", Call("quiet.status"), decision=Decision.QUERY)
    async with Schedule(None, clock, boot_id="boot") as schedule:
        parts = (registry, router, FakeActuator(registry), FakeModel(), clock, schedule)
        assistant = assemble(Scene(*parts, None))  # type: ignore[arg-type]
        people = await open_people(loaded, assistant, clock)
        await assistant.ask(Utterance("guests", Source.CLI))
        assert people.guests.active
        assert (await assistant.ask(Utterance("quiet?", Source.CLI))).text == "No, I talk as usual."
