"""The schedule at work: it waits without polling, survives restarts, and loses nothing it has acknowledged."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from edge.schedule import Event, EventKind, Item, Kind, Schedule, ScheduleError, Status
from edge.schedule.recurrence import Recurrence, rule_of
from tests.schedule.fakes import FakeClock


class Ears:
    """Hears every event of a schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self.heard: asyncio.Queue[Event] = asyncio.Queue()
        schedule.listen(self.heard.put)

    async def next(self) -> Event:
        return await self.heard.get()


def open_schedule(path: Path | None, clock: FakeClock, boot: str = "a") -> Schedule:
    return Schedule(path, clock, boot_id=boot)


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("s.db.damaged-*"))


async def test_events_come_in_their_order_and_once() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        await schedule.add(schedule.countdown(Kind.TIMER, 20, "second"), schedule.countdown(Kind.TIMER, 10, "first"))
        clock.advance(10)
        assert (await ears.next()).entry.label == "first"
        clock.advance(10)
        assert (await ears.next()).entry.label == "second"
        assert ears.heard.empty()


async def test_a_jump_of_the_wall_clock_fires_alarms_and_no_timers() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        alarm = schedule.at(Kind.ALARM, clock.now().timestamp() + 3600, "up")
        await schedule.add(schedule.countdown(Kind.TIMER, 100), alarm)
        clock.set_wall(3700)
        event = await ears.next()
        assert (event.kind, event.late_s) == (EventKind.ALARM_RINGING, pytest.approx(100))
        assert len(schedule.agenda.of_kind(Kind.TIMER)) == 1


async def test_what_was_acknowledged_survives_an_end_without_warning(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "state" / "schedule.db"
    first = open_schedule(path, clock)
    await first.__aenter__()
    await first.add(first.countdown(Kind.TIMER, 600, "pizza", "kitchen"))
    await first.put_items([Item("1", "shopping", "milk"), Item("2", "shopping", "bread")])
    clock.advance(60)
    async with open_schedule(path, clock) as second:
        (entry,) = second.agenda.of_kind(Kind.TIMER)
        assert (entry.label, entry.area, entry.remaining_s(second.now())) == ("pizza", "kitchen", pytest.approx(540))
        assert [item.text for item in second.lists.of("shopping")] == ["milk", "bread"]
    await first.__aexit__(None, None, None)


async def test_what_came_due_while_nothing_ran_is_told_late(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_schedule(tmp_path / "s.db", clock) as schedule:
        await schedule.add(schedule.countdown(Kind.TIMER, 60), schedule.countdown(Kind.CALL, 60, "x", payload="{}"))
    clock.advance(3660)
    rebooted = FakeClock(boot_s=5.0, wall=clock.now())
    async with open_schedule(tmp_path / "s.db", rebooted, boot="b") as schedule:
        ears = Ears(schedule)
        schedule.start()
        kinds = {(await ears.next()).kind: 1, (await ears.next()).kind: 1}
        assert set(kinds) == {EventKind.TIMER_FINISHED, EventKind.CALL_MISSED}


async def test_after_a_power_cut_without_a_clock_the_countdown_is_put_right_when_the_time_comes(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_schedule(tmp_path / "s.db", clock) as schedule:
        await schedule.add(schedule.countdown(Kind.TIMER, 600))
    blind = FakeClock(trusted=False, boot_s=5.0)
    async with open_schedule(tmp_path / "s.db", blind, boot="b") as schedule:
        ears = Ears(schedule)
        schedule.start()
        (entry,) = schedule.agenda.of_kind(Kind.TIMER)
        assert entry.provisional
        blind.advance(10)
        blind.set_wall(700, trusted=True)
        event = await ears.next()
        assert event.late_s == pytest.approx(110)


async def test_an_entry_is_on_disk_until_its_listeners_are_done(tmp_path: Path) -> None:
    clock = FakeClock()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Event) -> None:
        begun.set()
        await go_on.wait()

    async with open_schedule(tmp_path / "s.db", clock) as schedule:
        schedule.listen(slow)
        schedule.start()
        await schedule.add(schedule.countdown(Kind.CALL, 5, payload="{}"))
        clock.advance(5)
        await begun.wait()
        assert schedule.agenda.of_kind(Kind.CALL) == []
    async with open_schedule(tmp_path / "s.db", clock) as again:
        ears = Ears(again)
        again.start()
        event = await ears.next()
        assert (event.kind, event.repeated) == (EventKind.CALL_DUE, True)


async def test_what_rings_goes_on_ringing_after_a_start_until_it_has_rung_out(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_schedule(tmp_path / "s.db", clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        await schedule.add(schedule.countdown(Kind.TIMER, 5, "pizza"))
        clock.advance(5)
        assert not (await ears.next()).repeated
    clock.advance(90)
    async with open_schedule(tmp_path / "s.db", clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        event = await ears.next()
        assert (event.kind, event.repeated) == (EventKind.TIMER_FINISHED, True)
        assert event.text == "The pizza timer has finished. It was due 1 minute and 30 seconds ago."
        clock.advance(600)
        assert (await ears.next()).kind is EventKind.RINGING_ENDED


async def test_a_clock_put_back_a_little_brings_nothing_twice() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        at = clock.now().timestamp() + 60
        again = Recurrence(rule_of("daily"), clock.local(at).replace(tzinfo=None).isoformat())
        await schedule.add(schedule.at(Kind.CALL, at, "lamp", again=again))
        clock.advance(61)
        assert (await ears.next()).kind is EventKind.CALL_DUE
        clock.set_wall(-4)
        clock.advance(86_400 - 30)
        assert ears.heard.empty()
        clock.advance(60)
        assert (await ears.next()).kind is EventKind.CALL_DUE


async def test_a_listener_that_fails_keeps_no_other_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()

    async def broken(_: Event) -> None:
        raise ValueError("no")

    async with open_schedule(None, clock) as schedule:
        schedule.listen(broken)
        ears = Ears(schedule)
        schedule.start()
        await schedule.add(schedule.countdown(Kind.REMINDER, 5, "tea"))
        clock.advance(5)
        assert (await ears.next()).text == "Reminder: tea."
    assert "schedule.listener_failed" in caplog.text


async def test_cancelling_what_rings_tells_so() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        schedule.start()
        await schedule.add(schedule.countdown(Kind.TIMER, 5))
        clock.advance(5)
        ringing = (await ears.next()).entry
        assert ringing.status is Status.RINGING
        await schedule.cancel(ringing)
        assert (await ears.next()).kind is EventKind.RINGING_ENDED
        assert schedule.agenda.ringing() == []


async def test_pausing_resuming_and_extending_count_from_now() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        entry = schedule.countdown(Kind.TIMER, 100)
        await schedule.add(entry)
        clock.advance(40)
        await schedule.pause(entry)
        clock.advance(1000)
        resumed = await schedule.resume(entry)
        assert resumed.remaining_s(schedule.now()) == pytest.approx(60)
        assert (await schedule.extend(entry, 30)).remaining_s(schedule.now()) == pytest.approx(90)
        await schedule.cancel(entry)
        assert await schedule.pause(entry) == entry
        assert dict(schedule.agenda.entries) == {}


async def test_a_damaged_file_is_set_aside_and_the_service_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"this is no database, it only pretends to be one" * 100)
    async with open_schedule(path, FakeClock()) as schedule:
        await schedule.add(schedule.countdown(Kind.TIMER, 5))
    assert len(set_aside(tmp_path)) == 1
    assert "schedule.damaged" in caplog.text


async def test_rubbish_rows_are_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.db"
    async with open_schedule(path, FakeClock()) as schedule:
        await schedule.add(schedule.countdown(Kind.TIMER, 500))
    rows = [
        "not json",
        "[]",
        '{"id": "x"}',
        '{"id":"y","kind":"timer","status":"running","counts":true,"left_s":"soon"}',
    ]
    database = sqlite3.connect(path)
    with database:
        database.executemany(
            "INSERT INTO entries VALUES (?, 'timer', ?)", [(f"bad{n}", row) for n, row in enumerate(rows)]
        )
    database.close()
    async with open_schedule(path, FakeClock()) as schedule:
        assert len(schedule.agenda.entries) == 1
    assert caplog.text.count("schedule.row_skipped") == 4


async def test_a_newer_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "s.db")
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(ScheduleError, match="newer edge"):
        await open_schedule(tmp_path / "s.db", FakeClock()).__aenter__()


async def test_what_can_t_be_saved_is_an_error_and_not_taken_up(tmp_path: Path) -> None:
    async with open_schedule(tmp_path / "s.db", FakeClock()) as schedule:
        blocker = sqlite3.connect(tmp_path / "s.db")
        blocker.execute("DROP TABLE entries")
        blocker.close()
        with pytest.raises(ScheduleError):
            await schedule.add(schedule.countdown(Kind.TIMER, 5))
        assert dict(schedule.agenda.entries) == {}


async def test_an_observer_sees_every_change_of_the_agenda_until_it_leaves() -> None:
    clock = FakeClock()
    async with open_schedule(None, clock) as schedule:
        ears = Ears(schedule)
        seen: list[int] = []
        leave = schedule.observe(lambda: seen.append(len(schedule.agenda.entries)))
        schedule.start()
        timer = schedule.countdown(Kind.TIMER, 10)
        await schedule.add(timer)
        await schedule.resume(await schedule.pause(timer))
        await schedule.add(schedule.countdown(Kind.REMINDER, 5))
        clock.advance(5)
        await ears.next()
        await schedule.cancel(timer)
        assert seen == [1, 1, 1, 2, 1, 0]
        leave()
        await schedule.add(schedule.countdown(Kind.TIMER, 10))
        assert seen == [1, 1, 1, 2, 1, 0]
