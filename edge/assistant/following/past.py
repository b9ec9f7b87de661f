"""What a dialogue was about lately: who was moved or asked about, and what was put on the schedule."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.calls import for_devices
from edge.assistant.model import Performed
from edge.devices.model import DeviceState
from edge.router.model import Call
from edge.schedule.agenda import Agenda, select
from edge.schedule.model import Entry, Kind

DEVICES_S: Final = 900.0
"""How long "it" can be a device that was spoken of."""
ENTRIES_S: Final = 3600.0
"""How long it can be something on the schedule, which lasts longer."""
_KEPT: Final = 6


@dataclass(frozen=True, slots=True)
class Deed:
    """What one turn was about."""

    text: str
    calls: tuple[Call, ...]
    """All of them, with their times; also those that wait for a yes or came to nothing."""
    devices: tuple[str, ...]
    """Moved or asked about, in the order of the sentence."""
    entries: tuple[str, ...] = ()
    """Ids of what it put on the schedule, changed or told of."""
    candidates: tuple[str, ...] = ()
    """What it asked to choose from."""
    acted: bool = False
    """Whether it was an order, of whatever."""
    changed: tuple[str, ...] = ()
    """Those of the devices that were otherwise before."""
    rose: int = 0
    """Whether what was moved went up (1) or down (-1)."""
    at_s: float = 0.0

    @property
    def moves(self) -> tuple[Call, ...]:
        """The orders to devices."""
        return tuple(call for call in self.calls if for_devices(call) and call.targets)


class Past:
    """The last few deeds, the latest first."""

    def __init__(self) -> None:
        self._deeds: deque[Deed] = deque(maxlen=_KEPT)

    def note(self, deed: Deed) -> None:
        """One more; what was about nothing leaves all as it was."""
        if deed.devices or deed.entries or deed.calls or deed.candidates:
            self._deeds.appendleft(deed)

    def since(self, now_s: float, within_s: float = DEVICES_S) -> tuple[Deed, ...]:
        """Those of the last while, the latest first."""
        return tuple(deed for deed in self._deeds if now_s - deed.at_s <= within_s)


@dataclass(frozen=True, slots=True)
class Done:
    """What one turn came to."""

    text: str
    calls: tuple[Call, ...] = ()
    performed: tuple[Performed, ...] = ()
    acted: bool = False
    candidates: tuple[str, ...] = ()


def deed(done: Done, agenda: Agenda, known: Mapping[str, Entry], now_s: float) -> Deed:
    """What a turn was about; `known`: what was on the schedule before it, whose changes are the turn's.

    What was performed, and the devices of what waits now, stand in for calls that name none.
    """
    entries = [one for one, entry in agenda.entries.items() if known.get(one) is not entry]
    entries = entries or told_of(done.calls, agenda)
    waiting = [device for one in entries if one in agenda.entries for device in targets(agenda.entries[one])]
    named = dict.fromkeys(target for call in done.calls for target in call.targets)
    moved = dict.fromkeys((*(one.call.device for one in done.performed), *waiting))
    way = next((way for one in reversed(done.performed) if (way := _way(one.before, one.after))), 0)
    changed = dict.fromkeys(one.call.device for one in done.performed if one.before.state != one.after.state)
    return Deed(
        text=done.text,
        calls=done.calls,
        devices=tuple(named or moved),
        entries=tuple(entries),
        candidates=done.candidates,
        acted=done.acted,
        changed=tuple(changed),
        rose=way,
        at_s=now_s,
    )


def targets(entry: Entry) -> tuple[str, ...]:
    """The devices that a call which waits is for."""
    if entry.kind is not Kind.CALL:
        return ()
    try:
        payload = json.loads(entry.payload or "{}")
        calls = [target for call in payload.get("calls", ()) for target in call.get("targets", ())]
        return (*calls, *(one["device"] for one in payload.get("services", ())))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def told_of(calls: Sequence[Call], agenda: Agenda) -> list[str]:
    """The entries of the schedule that calls were about without changing them."""
    found: dict[str, None] = {}
    for call in calls:
        domain, _, verb = call.function.partition(".")
        if verb == "on" and domain == "entries":
            kept = agenda.of_kind(Kind(str(call.arguments.get("kind"))))
            found |= dict.fromkeys(entry.id for entry in kept)
        elif domain == "entries":
            found |= dict.fromkeys(str(call.arguments.get("ids") or "").split(","))
        elif domain in _ASKED and verb == "status":
            kept = select(agenda.of_kind(_ASKED[domain]), name=str(call.arguments.get("name") or ""))
            found |= dict.fromkeys(entry.id for entry in kept)
    return [one for one in found if one in agenda.entries]


_ASKED: Final = {"timer": Kind.TIMER, "alarm": Kind.ALARM, "reminder": Kind.REMINDER}
_LEVELS: Final = ("temperature", "brightness", "percentage", "volume_level", "current_position", "humidity")


def _way(before: DeviceState, after: DeviceState) -> int:
    """Whether a device went up or down."""
    for name in _LEVELS:
        was, now = (_level(state, name) for state in (before, after))
        if was != now:
            return 1 if now > was else -1
    return 0


def _level(state: DeviceState, name: str) -> float:
    value = state.attributes.get(name)
    return float(value) if isinstance(value, int | float) and (state.state != "off" or name == "temperature") else 0.0
