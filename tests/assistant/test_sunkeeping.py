"""When the sun rises and sets, at Greenwich in winter, on a clock of UTC."""

from datetime import UTC, datetime

import pytest

from edge.assistant.model import Source, Utterance
from edge.assistant.sunkeeping import SunKeeper
from edge.router.model import Call
from edge.schedule.errors import ScheduleError
from edge.schedule.recurrence import Calendar, Place
from tests.schedule.fakes import FakeClock

ASKED = Utterance("when is sunset", Source.CLI)
GREENWICH = Place(51.4769, 0.0)


async def said(now: str, function: str, place: Place | None = GREENWICH, **arguments: str) -> str:
    clock = FakeClock(wall=datetime.fromisoformat(now).replace(tzinfo=UTC))
    keeper = SunKeeper(Calendar(clock, place), clock)
    assert keeper.handles(function)
    assert keeper.reads(function)
    return (await keeper.tell(Call(function, dict(arguments)), ASKED)).text


async def test_the_next_one_is_told_and_how_far_away_it_is() -> None:
    assert await said("2026-12-21T12:00", "sun.sets") == "The sun sets today at 15:53, in 3 hours and 53 minutes."


async def test_one_that_was_today_is_told_with_tomorrows() -> None:
    told = await said("2026-12-21T20:00", "sun.sets")
    assert told == "The sun set today at 15:53, and tomorrow it sets at 15:53."


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-12-22T08:00", "The sun rises tomorrow at 8:04."),
        ("2026-12-25T08:00", "The sun rises on Friday at 8:05."),
        ("2027-06-21T08:00", "The sun rises on 21 June at 3:43."),
    ],
)
async def test_other_days_can_be_asked_for(at: str, told: str) -> None:
    assert await said("2026-12-21T12:00", "sun.rises", at=at) == told


@pytest.mark.parametrize(
    ("now", "function", "begins"),
    [
        ("2026-12-21T12:00", "sun.dark", "No, the sun is up. The sun sets today"),
        ("2026-12-21T12:00", "sun.light", "Yes, the sun is up."),
        ("2026-12-21T20:00", "sun.dark", "Yes, the sun is down. The sun rose today"),
        ("2026-12-21T05:00", "sun.light", "No, the sun is down. The sun rises today"),
    ],
)
async def test_whether_it_is_dark(now: str, function: str, begins: str) -> None:
    assert (await said(now, function)).startswith(begins)


async def test_where_it_never_sets_it_says_so() -> None:
    assert await said("2026-06-21T12:00", "sun.sets", Place(78.2, 15.6)) == "The sun does not set here today."


async def test_without_a_place_nobody_knows() -> None:
    with pytest.raises(ScheduleError, match="latitude"):
        await said("2026-12-21T12:00", "sun.sets", None)
