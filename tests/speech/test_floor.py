"""The states of a room, by properties: whatever happens, it comes back to idle by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.floor import LIMITS_S, Effect, Floor, Happening, RoomState, step

HOURS_S = 3600.0
FROM_OUTSIDE = (
    Happening.CALLED,
    Happening.SOUNDING,
    Happening.SILENT,
    Happening.CANCELLED,
    Happening.MUTED,
    Happening.UNMUTED,
    Happening.LATE,
)

events = st.lists(
    st.tuples(st.sampled_from(list(Happening)), st.sampled_from([None, 0, -1, -2]), st.floats(0, HOURS_S)), max_size=40
)
"""What happens, to which conversation counted from the newest (None: from outside), after how many seconds."""


def play(floor: Floor, happened: list[tuple[Happening, int | None, float]]) -> tuple[Floor, float, list[Effect]]:
    """The floor, the time, and all effects."""
    now_s, effects = 0.0, []
    for what, age, after_s in happened:
        now_s += after_s
        turn = None if age is None or what in FROM_OUTSIDE else floor.turn + age
        floor, done = step(floor, what, now_s, turn)
        effects += done
    return floor, now_s, effects


starts = st.builds(
    lambda state, turn: Floor(state, LIMITS_S[state], turn), st.sampled_from(list(RoomState)), st.integers(0, 9)
)


@given(starts, events)
def test_whatever_happened_it_is_idle_again_within_its_time(
    start: Floor, happened: list[tuple[Happening, int | None, float]]
) -> None:
    floor, now_s, _ = play(start, happened)
    assert floor.until_s <= now_s + LIMITS_S[floor.state]
    if floor.state is RoomState.MUTED:
        floor, _ = step(floor, Happening.UNMUTED, now_s)
    if floor.state is not RoomState.IDLE:
        floor, _ = step(floor, Happening.LATE, floor.until_s)
    assert floor.state is RoomState.IDLE


@given(starts, events)
def test_the_microphone_is_closed_exactly_while_it_is_muted(
    start: Floor, happened: list[tuple[Happening, int | None, float]]
) -> None:
    open_ = start.state is not RoomState.MUTED
    floor, now_s = start, 0.0
    for what, age, after_s in happened:
        now_s += after_s
        floor, effects = step(floor, what, now_s, None if age is None else floor.turn + age)
        for effect in effects:
            assert effect is not Effect.OPEN or not open_
            open_ = effect is Effect.OPEN or (open_ and effect is not Effect.CLOSE)
        assert open_ == (floor.state is not RoomState.MUTED)


@given(starts, events)
def test_there_is_at_most_one_exchange_and_none_goes_on_when_it_is_idle(
    start: Floor, happened: list[tuple[Happening, int | None, float]]
) -> None:
    running = start.state not in (RoomState.IDLE, RoomState.MUTED)
    floor, now_s = start, 0.0
    for what, age, after_s in happened:
        now_s += after_s
        before = floor
        floor, effects = step(floor, what, now_s, None if age is None else floor.turn + age)
        for effect in effects:
            if effect in (Effect.LISTEN, Effect.FOLLOW_UP):
                assert not running
                running = True
            running = running and effect is not Effect.DROP
        if before.state is RoomState.IDLE and floor.state is RoomState.SPEAKING:
            running = True
        if floor.state is RoomState.IDLE and before.state is not RoomState.MUTED:
            assert not running
        if floor.state is RoomState.MUTED:
            running = False


@given(starts, st.sampled_from(list(Happening)), st.integers(1, 5))
def test_what_comes_from_an_exchange_that_is_over_changes_nothing(start: Floor, what: Happening, age: int) -> None:
    assert step(start, what, 1.0, start.turn - age) == (start, ())


@given(starts)
def test_a_wake_word_interrupts_everything_but_mute(start: Floor) -> None:
    floor, effects = step(start, Happening.CALLED, 1.0)
    if start.state is RoomState.MUTED:
        assert (floor, effects) == (start, ())
    else:
        assert (floor.state, effects) == (RoomState.LISTENING, (Effect.DROP, Effect.LISTEN))
        assert floor.turn != start.turn


def test_a_question_is_followed_up_and_the_answer_goes_to_the_assistant() -> None:
    floor = Floor()
    seen = []
    for what in (
        Happening.CALLED,
        Happening.HEARD,
        Happening.REPLYING,
        Happening.ASKED,
        Happening.SPEECH,
        Happening.HEARD,
        Happening.REPLYING,
        Happening.ANSWERED,
    ):
        floor, _ = step(floor, what, 0.0, None if what is Happening.CALLED else floor.turn)
        seen.append(floor.state.value)
    assert seen == [
        "listening",
        "thinking",
        "speaking",
        "following_up",
        "listening",
        "thinking",
        "speaking",
        "idle",
    ]


@pytest.mark.parametrize("state", [state for state in RoomState if LIMITS_S[state] < float("inf")])
def test_a_state_is_not_over_before_its_time(state: RoomState) -> None:
    floor = Floor(state, LIMITS_S[state], 3)
    assert step(floor, Happening.LATE, LIMITS_S[state] - 0.1) == (floor, ())
    assert step(floor, Happening.LATE, LIMITS_S[state])[0].state is RoomState.IDLE
