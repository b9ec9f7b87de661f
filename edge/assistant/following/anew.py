"""The last order at another time: "same again tomorrow at nine", "every morning at six", "no, at ten"; pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from edge.assistant.following.past import Deed
from edge.assistant.following.said import Said
from edge.assistant.following.timed import TIMES, Times, time_of
from edge.assistant.timing import timed
from edge.router.model import Call

_SAME_AT: Final = re.compile(
    r"(?:(?:do )?(?:the )?same(?: thing)?(?: again)?|(?:do )?(?:it|that) again|again) (?P<time>.+)"
)
_EVERY_LED: Final = re.compile(r"^(?:(?:do|make|have) (?:it|that|this|the same) )?")
_EVERY: Final = re.compile(rf"{_EVERY_LED.pattern}(?:every|each|daily|nightly|weekdays|weekends) ")


def again_at(one: Said, deeds: Sequence[Deed], now: datetime) -> tuple[Call, ...]:
    """The same once more at another time: "same again tomorrow at nine"; none where it says no such thing."""
    found = _SAME_AT.fullmatch(one.core)
    times = time_of(found["time"], now) if found is not None else None
    return _at(next((deed.moves for deed in deeds if deed.moves), ()), times)


def from_then_on(one: Said, deeds: Sequence[Deed], now: datetime) -> tuple[Call, ...]:
    """The very last order, done at once, from now on: "every morning at six"."""
    latest = deeds[0]
    if any(map(timed, latest.moves)) or not _EVERY.match(one.core):
        return ()
    times = time_of(_EVERY_LED.sub("", one.core), now)
    return _at(latest.moves, times) if times is not None and times.arguments.get("repeat") else ()


def corrected(one: Said, latest: Deed, now: datetime) -> tuple[Call, ...]:
    """The last order, which came to nothing at the time that was said for it."""
    was_timed = any(call.arguments.get(name) is not None for call in latest.moves for name in TIMES)
    if not one.corrects or latest.entries or not was_timed:
        return ()
    return _at(latest.moves, time_of(one.core, now) or time_of(f"at {one.core}", now))


def _at(moves: Sequence[Call], times: Times | None) -> tuple[Call, ...]:
    if times is None:
        return ()
    return tuple(replace(call, arguments=times.put(call.arguments)) for call in moves)
