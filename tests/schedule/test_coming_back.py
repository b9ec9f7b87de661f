"""Entries that come back: rung or done, and due again, through jumps of the clock and ends of the program."""

import asyncio
from datetime import timedelta
from pathlib import Path

from edge.schedule import EventKind, Kind, Status
from edge.schedule.recurrence import Recurrence, rule_of
from edge.schedule.schedule import Schedule
from tests.schedule.fakes import START, FakeClock
from tests.schedule.test_schedule import Ears, open_schedule

DAY_S = 86_400.0


def every_evening(schedule: Schedule, kind: Kind = Kind.CALL) -> Recurrence:
    return Recurrence(rule_of("daily"), (START + timedelta(hours=1)).replace(tzinfo=None).isoformat())


async def test_a_call_is_due_day_after_day() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        first_s = clock.now().timestamp() + 3600
        await schedule.add(schedule.at(Kind.CALL, first_s, "lamp", again=every_evening(schedule)))
        for wait_s in (3600, DAY_S, DAY_S):
            clock.advance(wait_s)
            assert (await ears.next()).kind is EventKind.CALL_DUE
        (entry,) = schedule.agenda.entries.values()
        assert entry.due_wall_s == first_s + 3 * DAY_S


async def test_an_alarm_clock_rings_and_is_set_for_the_next_day_all_the_same() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        first_s = clock.now().timestamp() + 3600
        await schedule.add(schedule.at(Kind.ALARM, first_s, again=every_evening(schedule)))
        clock.advance(3600)
        rang = await ears.next()
        assert (rang.kind, rang.entry.status) == (EventKind.ALARM_RINGING, Status.RINGING)
        await schedule.cancel(*schedule.agenda.ringing())
        assert (await ears.next()).kind is EventKind.RINGING_ENDED
        (entry,) = schedule.agenda.entries.values()
        assert (entry.status, entry.due_wall_s) == (Status.RUNNING, first_s + DAY_S)


async def test_the_rule_is_kept_through_an_end_of_the_program(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "s.db"
    async with open_schedule(path, clock) as schedule:
        again = every_evening(schedule)
        await schedule.add(schedule.at(Kind.CALL, clock.now().timestamp() + 3600, "lamp", again=again))
    clock.advance(600)
    async with open_schedule(path, clock, "b") as schedule:
        (entry,) = schedule.agenda.entries.values()
        assert entry.again == again


async def test_days_away_are_told_as_missed_once_and_the_next_one_comes(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "s.db"
    async with open_schedule(path, clock) as schedule:
        first_s = clock.now().timestamp() + 3600
        await schedule.add(schedule.at(Kind.CALL, first_s, "lamp", again=every_evening(schedule)))
    clock.advance(3 * DAY_S)
    async with open_schedule(path, clock, "b") as schedule:
        ears = Ears(schedule)
        schedule.start()
        assert (await ears.next()).kind is EventKind.CALL_MISSED
        (entry,) = schedule.agenda.entries.values()
        assert entry.due_wall_s == first_s + 3 * DAY_S


async def test_a_clock_that_was_years_ahead_does_not_keep_it_from_coming() -> None:
    clock = FakeClock(wall=START + timedelta(days=1000))
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        due_s = clock.now().timestamp() + 3600
        await schedule.add(schedule.at(Kind.CALL, due_s, "lamp", again=every_evening(schedule)))
        noticed = asyncio.Event()
        schedule.observe(noticed.set)
        clock.set_wall(-1000 * DAY_S, trusted=True)
        await noticed.wait()
        clock.advance(3600)
        event = await ears.next()
        assert (event.kind, event.late_s) == (EventKind.CALL_DUE, 0.0)


async def test_a_clock_that_was_years_behind_neither_rings_for_them_nor_forgets() -> None:
    clock = FakeClock(wall=START - timedelta(days=1000), trusted=False)
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        due_s = clock.now().timestamp() + 3600
        rule = Recurrence(rule_of("daily"), (START - timedelta(days=1000, hours=-1)).replace(tzinfo=None).isoformat())
        await schedule.add(schedule.at(Kind.ALARM, due_s, again=rule))
        clock.set_wall(1000 * DAY_S, trusted=True)
        clock.advance(3600)
        event = await ears.next()
        assert (event.kind, event.late_s) == (EventKind.ALARM_RINGING, 0.0)
