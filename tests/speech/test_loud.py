"""What is heard when: alarms in every room and at night, rings loudly enough, everything as the settings have it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest
from pydantic import ValidationError

from edge.assistant.model import Announcement
from edge.devices import Area, Registry
from edge.settings.model import SpeechSettings
from edge.speech.building import manners
from edge.speech.mouth import Mouth
from edge.speech.rooms import OpenRoom, Rooms
from edge.speech.turns import Priority
from tests.speech.mouths import Counting, Loudspeaker

NIGHT = datetime(2026, 11, 21, 23, 30)  # noqa: DTZ001 (a wall clock's)
ALARM = Announcement("Water in the cellar.", "kitchen", {"id": "water"}, severe=True)


class Room:
    """A mouth and what is heard of it."""

    def __init__(self, settings: SpeechSettings) -> None:
        self.loudspeaker = Loudspeaker()
        self.mouth = Mouth(self.loudspeaker, Counting(), manners=manners(settings), now=lambda: NIGHT)

    def open(self, name: str) -> OpenRoom:
        return OpenRoom(name, name, self.mouth, None)  # type: ignore[arg-type]


class Assistant:
    """Speaks through whom it is told to."""

    def speak_through(self, voice: object) -> Callable[[], None]:  # noqa: ARG002 (one is as good as another)
        return lambda: None


@pytest.fixture
def rooms() -> Rooms:
    registry = Registry()
    for area in ("kitchen", "bedroom"):
        registry.put_area(Area(area, area.title()))
    return Rooms(Assistant(), registry)  # type: ignore[arg-type]


@pytest.fixture
async def two(rooms: Rooms) -> AsyncIterator[list[Room]]:
    settings = SpeechSettings(quiet_hours="22:00-07:00", volume=0.2)
    made = [Room(settings), Room(settings)]
    async with made[0].mouth, made[1].mouth:
        for room, name in zip(made, ("kitchen", "bedroom"), strict=True):
            await room.mouth.set_volume(0.2)
            rooms.open(room.open(name))
        yield made
        await rooms.close()


async def test_a_severe_alarm_is_heard_in_every_room_at_night_and_loudly(rooms: Rooms, two: list[Room]) -> None:
    await rooms.announce(ALARM)
    await asyncio.gather(*(room.loudspeaker.until(1.5) for room in two))
    for room in two:
        assert abs(int(room.loudspeaker.heard[-1].samples[0])) >= 48


async def test_what_is_no_alarm_waits_for_the_morning(rooms: Rooms, two: list[Room]) -> None:
    await rooms.announce(Announcement("The washing is done.", "kitchen", {"id": "washing"}))
    assert await rooms.say("Smoke.", severe=True) == "said"
    assert [room.mouth.waiting for room in two] == [1, 0]


async def test_an_alarm_for_one_area_is_said_there(rooms: Rooms, two: list[Room]) -> None:
    assert await rooms.say("The oven is on.", area="Bedroom", severe=True) == "said"
    assert [room.loudspeaker.plays for room in two] == [0, 1]


async def test_a_ring_is_as_loud_as_the_settings_want_it() -> None:
    room = Room(SpeechSettings(ring_volume=1.0, quiet_hours="22:00-07:00"))
    async with room.mouth:
        await room.mouth.set_volume(0.1)
        room.mouth.ring("timer", "The eggs are done.")
        await room.loudspeaker.until(2.0)
        assert max(int(sound.samples.max()) for sound in room.loudspeaker.heard) > 3000
        await room.mouth.silence()


async def test_alarms_may_be_told_to_wait_too() -> None:
    room = Room(SpeechSettings(alarms_always=False, quiet_hours="22:00-07:00"))
    async with room.mouth:
        waiting = asyncio.create_task(room.mouth.say("Smoke.", Priority.ALARM, severe=True))
        assert await room.mouth.say("It is late.") == "said"
        assert room.mouth.waiting == 1
        waiting.cancel()


@pytest.mark.parametrize("hours", ["25:00-07:00", "22:00-07:61", "night", "22-7"])
def test_hours_that_are_none_are_refused_with_the_settings(hours: str) -> None:
    with pytest.raises(ValidationError, match="22:00-07:00"):
        SpeechSettings(quiet_hours=hours)
