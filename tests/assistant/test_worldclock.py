"""What time it is elsewhere, at noon of the 21st of December on a clock of UTC."""

from datetime import UTC, datetime

import pytest

from edge.assistant.model import Source, Utterance
from edge.assistant.worldclock import WorldClock, zone_of
from edge.devices.registry import Registry
from edge.router.model import Call
from tests.schedule.fakes import FakeClock


async def said(place: str, *, trusted: bool = True) -> str:
    registry = Registry()
    registry.area_named("Kitchen")
    clock = FakeClock(wall=datetime(2026, 12, 21, 12, tzinfo=UTC), trusted=trusted)
    keeper = WorldClock(registry, clock)
    assert keeper.handles("time.elsewhere")
    return (await keeper.tell(Call("time.elsewhere", {"place": place}), Utterance("", Source.CLI))).text


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("tokyo", "It is 21:00 in Tokyo."),
        ("new york", "It is 7:00 in New York."),
        ("são paulo", "It is 9:00 in São Paulo."),
        ("the uk", "It is 12:00 in the UK."),
        ("auckland", "It is 1:00 on Tuesday in Auckland."),
        ("the kitchen", "It is 12:00."),
        ("narnia", "I don't know what time it is in Narnia. Here it is 12:00."),
    ],
)
async def test_the_time_of_a_place(place: str, told: str) -> None:
    assert await said(place) == told


async def test_a_clock_that_may_be_wrong_is_named() -> None:
    assert "if my clock is right" in await said("tokyo", trusted=False)


def test_a_country_of_many_zones_has_none() -> None:
    assert zone_of("united states") is None
    assert zone_of("japan") == "Asia/Tokyo"
