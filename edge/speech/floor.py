"""Where a conversation in a room stands and what follows from what happens: pure, every state with its time limit."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class RoomState(StrEnum):
    """As it is told on MQTT."""

    IDLE = "idle"
    """Waits for a wake word."""
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    FOLLOWING_UP = "following_up"
    """Asked something, and waits for the answer without a wake word."""
    MUTED = "muted"
    """The microphone is closed."""


class Happening(StrEnum):
    """What can happen in a room."""

    CALLED = "called"
    """A wake word, or a button."""
    SPEECH = "speech"
    """Somebody began to answer."""
    HEARD = "heard"
    """A sentence, which goes to the assistant."""
    NOTHING = "nothing"
    """Nobody spoke."""
    UNCLEAR = "unclear"
    """Somebody spoke, and it was not understood."""
    REPLYING = "replying"
    """The first words of the reply are there."""
    ANSWERED = "answered"
    """It was answered, and everything has been said."""
    ASKED = "asked"
    """As `ANSWERED`, with a question."""
    DONE = "done"
    """It was answered, and there is nothing to say."""
    SOUNDING = "sounding"
    """Something else is being said or rung."""
    SILENT = "silent"
    """That is over."""
    CANCELLED = "cancelled"
    """Somebody wants to be left alone."""
    MUTED = "muted"
    UNMUTED = "unmuted"
    LATE = "late"
    """The time for this state is over."""


class Effect(StrEnum):
    """What the room has to do, in this order."""

    DROP = "drop"
    """End the conversation there is, and be heard no more of it."""
    HUSH = "hush"
    """Stop what is being said and what rings."""
    LISTEN = "listen"
    """Begin a conversation with what was said since it was called."""
    FOLLOW_UP = "follow_up"
    """Begin one with what is said from now on."""
    SIGN_DONE = "sign_done"
    SIGN_FAILED = "sign_failed"
    CLOSE = "close"
    """Close the microphone."""
    OPEN = "open"


LIMITS_S: Final = {
    RoomState.IDLE: math.inf,
    RoomState.LISTENING: 45.0,
    RoomState.THINKING: 120.0,
    RoomState.SPEAKING: 660.0,
    RoomState.FOLLOWING_UP: 30.0,
    RoomState.MUTED: math.inf,
}
"""Seconds that a state may last; each is longer than what normally ends it takes at most: a sentence of 15 s that
waits 10 s for a recogniser and 15 s for its result, a language model's first word, a timer that rings 10 minutes."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The state, when it ends at the latest, and the number of the conversation that events must carry to count."""

    state: RoomState = RoomState.IDLE
    until_s: float = math.inf
    turn: int = 0


Step = tuple[Floor, tuple[Effect, ...]]

_CONVERSING: Final = (RoomState.LISTENING, RoomState.THINKING, RoomState.SPEAKING, RoomState.FOLLOWING_UP)
_HEARING: Final = (RoomState.LISTENING, RoomState.FOLLOWING_UP)


def step(floor: Floor, what: Happening, now_s: float, turn: int | None = None) -> Step:
    """What follows; `turn` is that of the conversation it comes from, None for what comes from outside.

    What happens to a conversation that is no more, and what has no meaning now, changes nothing.
    """
    if turn is not None and turn != floor.turn:
        return floor, ()
    if what is Happening.LATE:
        return _late(floor, now_s)
    if what is Happening.MUTED:
        return _muted(floor, now_s)
    if floor.state is RoomState.MUTED:
        return _to(floor, RoomState.IDLE, now_s, Effect.OPEN) if what is Happening.UNMUTED else (floor, ())
    if what is Happening.CALLED:
        return _to(_next(floor), RoomState.LISTENING, now_s, Effect.DROP, Effect.LISTEN)
    if what is Happening.CANCELLED and floor.state in _CONVERSING:
        hush = (Effect.HUSH,) if floor.state is RoomState.SPEAKING else ()
        return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP, *hush)
    return _TABLE.get(floor.state, _nothing)(floor, what, now_s)


def _idle(floor: Floor, what: Happening, now_s: float) -> Step:
    if what is Happening.SOUNDING:
        return _to(_next(floor), RoomState.SPEAKING, now_s)
    return floor, ()


def _hearing(floor: Floor, what: Happening, now_s: float) -> Step:
    asked = floor.state is RoomState.FOLLOWING_UP
    match what:
        case Happening.SPEECH if asked:
            return _to(floor, RoomState.LISTENING, now_s)
        case Happening.HEARD:
            return _to(floor, RoomState.THINKING, now_s)
        case Happening.NOTHING:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP)
        case Happening.UNCLEAR:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP, Effect.SIGN_FAILED)
        case _:
            return floor, ()


def _thinking(floor: Floor, what: Happening, now_s: float) -> Step:
    match what:
        case Happening.REPLYING:
            return _to(floor, RoomState.SPEAKING, now_s)
        case Happening.DONE:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP, Effect.SIGN_DONE)
        case Happening.ANSWERED | Happening.ASKED:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP)
        case Happening.UNCLEAR:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP, Effect.SIGN_FAILED)
        case _:
            return floor, ()


def _speaking(floor: Floor, what: Happening, now_s: float) -> Step:
    match what:
        case Happening.ANSWERED | Happening.DONE | Happening.UNCLEAR | Happening.SILENT:
            return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP)
        case Happening.ASKED:
            return _to(_next(floor), RoomState.FOLLOWING_UP, now_s, Effect.DROP, Effect.FOLLOW_UP)
        case _:
            return floor, ()


def _nothing(floor: Floor, what: Happening, now_s: float) -> Step:  # noqa: ARG001 (as the others)
    return floor, ()


_TABLE: Final = {
    RoomState.IDLE: _idle,
    RoomState.LISTENING: _hearing,
    RoomState.FOLLOWING_UP: _hearing,
    RoomState.THINKING: _thinking,
    RoomState.SPEAKING: _speaking,
}


def _late(floor: Floor, now_s: float) -> Step:
    if now_s < floor.until_s:
        return floor, ()
    sign = () if floor.state is RoomState.FOLLOWING_UP else (Effect.SIGN_FAILED,)
    effects = (Effect.HUSH,) if floor.state is RoomState.SPEAKING else sign
    return _to(_next(floor), RoomState.IDLE, now_s, Effect.DROP, *effects)


def _muted(floor: Floor, now_s: float) -> Step:
    """What was heard before is still answered, but nobody is listened to afterwards."""
    match floor.state:
        case RoomState.MUTED:
            return floor, ()
        case state if state in _HEARING:
            return _to(_next(floor), RoomState.MUTED, now_s, Effect.DROP, Effect.CLOSE)
        case _:
            return _to(_next(floor), RoomState.MUTED, now_s, Effect.CLOSE)


def _next(floor: Floor) -> Floor:
    return replace(floor, turn=floor.turn + 1)


def _to(floor: Floor, state: RoomState, now_s: float, *effects: Effect) -> Step:
    return replace(floor, state=state, until_s=now_s + LIMITS_S[state]), effects
