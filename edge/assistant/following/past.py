"""What a dialogue was about lately: who was moved or asked about, and what was put on the schedule."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.calls import for_devices
from edge.assistant.model import Performed
from edge.devices.model import DeviceState
from edge.router.model import Call
from edge.schedule.agenda import Agenda, select
from edge.schedule.model import Kind

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


def deed(
    text: str,
    calls: Sequence[Call],
    performed: Sequence[Performed],
    now_s: float,
    *,
    acted: bool,
    entries: Sequence[str] = (),
    candidates: Sequence[str] = (),
    waiting: Sequence[str] = (),
) -> Deed:
    """What a turn was about; `performed`, and the devices of what is `waiting`, stand in for calls that name none."""
    targets = dict.fromkeys(target for call in calls for target in call.targets)
    moved = dict.fromkeys((*(one.call.device for one in performed), *waiting))
    return Deed(
        text,
        tuple(calls),
        tuple(targets or moved),
        tuple(entries),
        tuple(candidates),
        acted,
        next((way for one in reversed(performed) if (way := _way(one.before, one.after))), 0),
        now_s,
    )


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
