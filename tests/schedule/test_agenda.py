"""What is due when: countdowns go by the boot clock, times of day by the wall clock, whatever happens to either."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.schedule.agenda import Agenda, corrected, countdown, extended, fire, paused, restored, saved, select
from edge.schedule.model import Entry, EventKind, Instant, Kind, Status

NOW = Instant(100.0, 1_000_000.0, True, "a")


def later(seconds: float, *, jump: float = 0.0, trusted: bool = True) -> Instant:
    return Instant(NOW.boot_s + seconds, NOW.wall_s + seconds + jump, trusted, "a")


def after_reboot(seconds_off: float, *, trusted: bool, jump: float = 0.0) -> Instant:
    return Instant(7.0, NOW.wall_s + seconds_off + jump, trusted, "b")


def timer(seconds: float, now: Instant = NOW, label: str = "", area: str | None = None) -> Entry:
    entry = Entry("t", Kind.TIMER, True, label, area, length_s=seconds, left_s=seconds)
    return countdown(entry, seconds, now)


@given(seconds=st.floats(1, 1e6), jump=st.floats(-1e9, 1e9))
def test_a_jump_of_the_wall_clock_neither_fires_nor_delays_a_countdown(seconds: float, jump: float) -> None:
    agenda = Agenda()
    agenda.put([timer(seconds)])
    assert agenda.due(later(seconds - 0.5, jump=jump)) == []
    assert len(agenda.due(later(seconds + 0.001, jump=jump))) == 1


def test_an_alarm_follows_the_wall_clock_when_it_is_set() -> None:
    agenda = Agenda()
    agenda.put([Entry("a", Kind.ALARM, False, due_wall_s=NOW.wall_s + 3600)])
    assert agenda.next_due() == (None, NOW.wall_s + 3600)
    assert agenda.due(later(60, jump=-7200)) == []
    assert len(agenda.due(later(60, jump=3600))) == 1


def test_a_restart_of_the_program_changes_nothing() -> None:
    assert restored(timer(600), later(30)) == replace(timer(600), left_s=570)


def test_a_clock_that_was_set_while_the_program_was_away_is_known_for_the_next_power_cut() -> None:
    assert restored(timer(600), later(30, jump=-3600)).due_wall_s == NOW.wall_s + 600 - 3600


def test_after_a_power_cut_a_countdown_is_right_where_the_time_is_known() -> None:
    back = restored(timer(600), after_reboot(120, trusted=True))
    assert back.due_boot_s == pytest.approx(7.0 + 480)
    assert not back.provisional


def test_after_a_power_cut_without_a_clock_it_goes_on_and_is_put_right_when_the_time_is_known() -> None:
    before = saved(timer(600), later(100))
    back = restored(before, after_reboot(0, trusted=False, jump=-1e6))
    assert back.provisional
    assert back.remaining_s(after_reboot(0, trusted=False)) == pytest.approx(493)  # 7 s since the machine started
    known = Instant(17.0, NOW.wall_s + 400, True, "b")
    right = corrected(back, known)
    assert right.remaining_s(known) == pytest.approx(200)
    assert not right.provisional


def test_a_countdown_set_without_a_clock_goes_on_from_what_was_saved() -> None:
    blind = Instant(100.0, 0.0, False, "a")
    back = restored(saved(timer(600, blind), replace(blind, boot_s=160.0)), after_reboot(0, trusted=True))
    assert back.remaining_s(after_reboot(0, trusted=True)) == pytest.approx(533)


def test_saving_learns_the_end_by_the_wall_clock_once_the_time_is_known() -> None:
    entry = saved(timer(600, Instant(100.0, 5.0, False, "a")), later(60))
    assert entry.due_wall_s == pytest.approx(NOW.wall_s + 600)


def test_a_paused_countdown_stands_still_through_anything() -> None:
    still = paused(timer(600), later(100))
    assert still.status is Status.PAUSED
    assert restored(still, after_reboot(9999, trusted=True)) == still
    agenda = Agenda()
    agenda.put([still])
    assert agenda.next_due() == (None, None)
    assert countdown(still, still.left_s, later(1000)).due_boot_s == pytest.approx(1600)


@given(seconds=st.floats(1, 1e5), change=st.floats(-2e5, 2e5), at=st.floats(0, 1e5))
def test_a_countdown_is_never_shorter_than_nothing(seconds: float, change: float, at: float) -> None:
    now = later(at)
    changed = extended(timer(seconds), change, now)
    assert changed.remaining_s(now) >= 0
    assert changed.remaining_s(now) == pytest.approx(max(0.0, max(0.0, seconds - at) + change), abs=1e-3)


def test_what_is_over_rings_for_a_while_and_then_falls_silent() -> None:
    (ringing,), event = fire(timer(60, label="pizza"), later(60))
    assert event.kind is EventKind.TIMER_FINISHED
    assert event.text == "The pizza timer has finished."
    assert ringing.status is Status.RINGING
    over, silent = fire(ringing, later(5000))
    assert over == ()
    assert silent.kind is EventKind.RINGING_ENDED


@pytest.mark.parametrize(
    ("kind", "late_s", "must", "expected"),
    [
        (Kind.TIMER, 7200, False, EventKind.TIMER_FINISHED),
        (Kind.ALARM, 600, False, EventKind.ALARM_RINGING),
        (Kind.ALARM, 7200, False, EventKind.ALARM_MISSED),
        (Kind.REMINDER, 86400, False, EventKind.REMINDER_DUE),
        (Kind.CALL, 60, False, EventKind.CALL_DUE),
        (Kind.CALL, 3600, False, EventKind.CALL_MISSED),
        (Kind.CALL, 3600, True, EventKind.CALL_DUE),
    ],
)
def test_what_was_missed_is_told_or_made_up_for(kind: Kind, late_s: float, must: bool, expected: EventKind) -> None:
    entry = replace(timer(60, label="something"), kind=kind, must=must)
    assert fire(entry, later(60 + late_s))[1].kind is expected


def test_timers_are_told_apart_by_name_length_place_and_nearness() -> None:
    pizza = replace(timer(600, label="pizza", area="kitchen"), id="1")
    tea = replace(timer(240, label="tea", area="kitchen"), id="2")
    plain = replace(timer(240, area="office"), id="3")
    every = [pizza, tea, plain]
    assert select(every, name="pizza timer") == [pizza]
    assert select(every, length_s=240) == [tea, plain]
    assert select(every, length_s=240, here="office") == [plain]
    assert select(every, area="kitchen") == [pizza, tea]
    assert select(every, name="rice") == []
    assert select(every, here="bedroom") == every
