"""Who is told of alarms when: aloud by severity and hour, and how they stand on the broker."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge.assistant.model import Announcement
from edge.sensors.alarms.keeper import Keeper
from edge.sensors.model import Kind, Severity
from edge.service.telling import Aloud, spoken
from tests.sensors.alarms.makers import FREEZER, SMOKE, WINDOW, Desk


@dataclass
class Room:
    """The book, and what was said aloud of it."""

    desk: Desk
    keeper: Keeper
    which: str = "all"
    remind_s: float = 0.0
    quiet: bool = False
    said: list[Announcement] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def announce(announcement: Announcement) -> None:
            self.said.append(announcement)

        service: Any = SimpleNamespace(assistant=SimpleNamespace(announce=announce))
        alarms: Any = SimpleNamespace(book=self.desk.book, keeper=self.keeper)
        self.aloud = Aloud(service, alarms, self.which, self.remind_s, lambda: self.quiet)

    async def look(self) -> list[str]:
        """What is said now."""
        self.said.clear()
        await self.aloud._tell()
        return [one.text for one in self.said]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    desk = Desk()
    async with Keeper(tmp_path / "alarms.sqlite", desk.book) as keeper:
        await keeper.loaded()
        yield Room(desk, keeper)


async def test_a_warning_waits_for_the_morning_and_is_said_once(room: Room) -> None:
    room.quiet = True
    room.desk.begins()
    assert await room.look() == []
    room.quiet = False
    (text,) = await room.look()
    assert text.startswith("Freezer is at -9.5 °C")
    assert text.endswith("stays warm.")
    assert not room.said[0].severe
    assert await room.look() == []


async def test_what_was_over_by_the_morning_wakes_nobody(room: Room) -> None:
    room.quiet = True
    room.desk.begins()
    room.desk.ends()
    room.quiet = False
    assert await room.look() == []


async def test_what_is_critical_is_said_at_any_hour_and_again_until_it_is_seen(room: Room) -> None:
    room = Room(room.desk, room.keeper, remind_s=1e-9, quiet=True)
    room.desk.begins(SMOKE, key="state", kind=Kind.STATE, severity=Severity.CRITICAL)
    assert len(await room.look()) == 1
    assert room.said[0].severe
    said = [len(await room.look()) for _ in range(5)]
    assert said == [1, 1, 1, 0, 0]


async def test_what_was_seen_is_not_said_again(room: Room) -> None:
    room = Room(room.desk, room.keeper, remind_s=1e-9)
    room.desk.begins(SMOKE, key="state", kind=Kind.STATE, severity=Severity.CRITICAL)
    await room.look()
    room.desk.book.acknowledge("all")
    assert await room.look() == []


async def test_what_is_for_information_and_what_is_muted_is_not_said(room: Room) -> None:
    room.desk.begins(severity=Severity.INFO)
    room.desk.book.mute("binary_sensor.window", 3600)
    room.desk.begins(WINDOW, key="state", kind=Kind.STATE)
    assert await room.look() == []


@pytest.mark.parametrize(("which", "said"), [("all", 2), ("critical", 1), ("none", 0)])
async def test_the_settings_say_which_are_said_aloud(room: Room, which: str, said: int) -> None:
    room = Room(room.desk, room.keeper, which)
    room.desk.begins()
    room.desk.begins(SMOKE, key="state", kind=Kind.STATE, severity=Severity.CRITICAL)
    assert len(await room.look()) == said
    assert await room.look() == []


async def test_many_at_once_are_said_shortly(room: Room) -> None:
    for number in range(9):
        room.desk.begins(FREEZER, key=f"limits/{number}", severity=Severity.CRITICAL)
    (text,) = await room.look()
    assert text.endswith("There are 6 more alarms.")
    assert spoken(()) == ""


async def test_it_is_on_the_disk_before_it_is_said(tmp_path: Path) -> None:
    desk = Desk()
    async with Keeper(tmp_path / "alarms.sqlite", desk.book) as keeper:
        await keeper.loaded()
        room = Room(desk, keeper)
        desk.begins()
        kept: list[int] = []

        async def announce(_announcement: Announcement) -> None:
            other = Desk()
            async with Keeper(tmp_path / "alarms.sqlite", other.book) as again:
                await again.loaded()
                kept.append(len(other.book.all()))

        room.aloud._announce = announce
        await room.look()
    assert kept == [1]


async def test_a_disk_that_takes_nothing_silences_no_alarm(tmp_path: Path) -> None:
    place = tmp_path / "state"
    await asyncio.to_thread(place.write_text, "no directory")
    desk = Desk()
    async with Keeper(place / "alarms.sqlite", desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        assert len(await Room(desk, keeper).look()) == 1
