"""Commands that go through Home Assistant, and what becomes of them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from edge.devices.model import Outcome, ServiceCall
from tests.homeassistant.fake import FakeHomeAssistant
from tests.homeassistant.home import Home, home_of, read, until

DIMMABLE = {"friendly_name": "Desk", "supported_color_modes": ["brightness"], "brightness": None}


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        running.add("light.desk", "off", DIMMABLE)
        running.add("scene.film", "unknown", {"friendly_name": "Film"})
        running.add("cover.blind", "closed", {"supported_features": 15, "current_position": 0})
        running.add("select.mode", "day", {"options": ["day", "night"]})
        running.add("lock.front", "unavailable", {})
        running.add("vacuum.robot", "docked", {"supported_features": 8192})
        yield running


@pytest.fixture
async def home(fake: FakeHomeAssistant) -> AsyncIterator[Home]:
    async with home_of(fake) as running:
        await read(running)
        yield running


async def test_a_command_is_done_when_the_state_shows_it(fake: FakeHomeAssistant, home: Home) -> None:
    call = ServiceCall("light.desk", "turn_on", {"brightness_pct": 20})
    assert await home.commands.perform(call) is Outcome.DONE
    assert fake.calls == [("light.turn_on", {"brightness_pct": 20}, ["light.desk"])]
    assert home.state("light.desk") == "on"
    assert home.registry.state("light.desk").attributes["brightness"] == 51
    assert await home.commands.perform(call) is Outcome.ALREADY
    assert await home.commands.perform(ServiceCall("light.desk", "turn_off")) is Outcome.DONE


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (ServiceCall("scene.film", "turn_on"), Outcome.SENT),
        (ServiceCall("cover.blind", "open_cover"), Outcome.DONE),
        (ServiceCall("cover.blind", "close_cover"), Outcome.ALREADY),
        (ServiceCall("select.mode", "select_option", {"option": "night"}), Outcome.DONE),
        (ServiceCall("lock.front", "lock"), Outcome.UNAVAILABLE),
        (ServiceCall("vacuum.robot", "return_to_base"), Outcome.UNSUPPORTED),
        (ServiceCall("light.unknown", "turn_on"), Outcome.UNAVAILABLE),
    ],
)
async def test_outcomes(home: Home, call: ServiceCall, outcome: Outcome) -> None:
    assert await home.commands.perform(call) is outcome


async def test_a_command_that_changes_nothing_is_unanswered(fake: FakeHomeAssistant, home: Home) -> None:
    fake.obeys = False
    assert await home.commands.perform(ServiceCall("light.desk", "turn_on")) is Outcome.UNANSWERED


async def test_a_state_that_comes_to_rest_near_by_is_enough(fake: FakeHomeAssistant, home: Home) -> None:
    fake.obeys = False
    call = home.commands.perform(ServiceCall("light.desk", "turn_on", {"brightness_pct": 20}))
    fake.set_state("light.desk", "on", DIMMABLE | {"brightness": 80})
    assert await call is Outcome.DONE


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("service_validation_error", Outcome.UNSUPPORTED),
        ("not_found", Outcome.UNSUPPORTED),
        ("home_assistant_error", Outcome.UNANSWERED),
        ("unauthorized", Outcome.UNANSWERED),
    ],
)
async def test_a_refusal_is_told_by_its_kind(fake: FakeHomeAssistant, home: Home, code: str, outcome: Outcome) -> None:
    fake.refuse = code, "no"
    assert await home.commands.perform(ServiceCall("light.desk", "turn_on")) is outcome


async def test_without_a_connection_nothing_is_reached(fake: FakeHomeAssistant, home: Home) -> None:
    await fake.stop()
    await until(lambda: home.link.session is None)
    assert not home.commands.reaches("light.desk")
    assert await home.commands.perform(ServiceCall("light.desk", "turn_on")) is Outcome.UNAVAILABLE


async def test_a_connection_that_breaks_while_a_command_waits_leaves_it_unanswered(
    fake: FakeHomeAssistant, home: Home
) -> None:
    fake.obeys = False
    waiting = asyncio.ensure_future(home.commands.perform(ServiceCall("light.desk", "turn_on")))
    await until(lambda: fake.calls)
    await fake.stop()
    assert await waiting is Outcome.UNANSWERED
