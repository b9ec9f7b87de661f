"""Which service calls let somebody or something in or out, and so wait for a confirmation; pure."""

from functools import lru_cache
from typing import Final

from edge.devices.model import Device, ServiceCall
from edge.devices.nouns import class_of
from edge.devices.words import tokens

_GATES: Final = frozenset({"garage", "garage_door", "gate", "door"})
"""Device classes of covers that a person can walk through."""

_ALWAYS: Final = frozenset(
    {
        ("lock", "unlock"),
        ("lock", "open"),
        ("valve", "open_valve"),
        ("valve", "toggle"),
        ("alarm_control_panel", "alarm_disarm"),
    }
)
_TOLD_BY_NAME: Final = frozenset({"switch", "input_boolean", "button", "input_button", "script", "scene", "automation"})
"""What does anything at all, so that its name alone says what."""
_SETS_OFF: Final = frozenset({"turn_on", "toggle", "press", "trigger"})
_DOORS: Final = (
    *(("garage", "door"), ("front", "door"), ("back", "door"), ("gate",), ("door",), ("barrier",), ("turnstile",)),
    *(("gas", "valve"), ("main", "valve"), ("water", "main"), ("gas", "main"), ("stopcock",)),
)
_LOCKS: Final = (("lock",), ("deadbolt",), ("padlock",), ("latch",), ("strike",), ("maglock",))
_GUARDS: Final = (("burglar", "alarm"), ("house", "alarm"), ("alarm", "system"), ("security", "system"), ("security",))
"""What is let go by switching it off."""
_OPENERS: Final = frozenset(
    {"opener", "release", "buzzer", "relay", "trigger", "button", "motor", "control", "contact", "switch", "pulse"}
)
"""May follow a door's name without its meaning anything else ("garage door opener")."""
_OPENING: Final = frozenset({"open", "unlock", "release", "buzz", "disarm", "unlatch", "deactivate"})
_WAYS_IN: Final = frozenset(
    {"door", "gate", "garage", "entrance", "entry", "barrier", "lock", "valve", "alarm", "security", "in", "house"}
)
_NO_LOCKS: Final = frozenset(
    {"child", "key", "keypad", "button", "screen", "display", "panel", "control", "touch", "caps", "parental", "window"}
)
"""What comes before "lock" where no door is meant."""


def is_critical(device: Device, call: ServiceCall) -> bool:
    """Whether the call unlocks, disarms, or opens a gate or a valve.

    It goes by the service that would be sent, not by the words that led to it, and so holds for every source. What may
    do anything (a switch, a button, a script) is taken for what its name says: a relay at the garage door opens it.
    """
    if (device.domain, call.service) in _ALWAYS:
        return True
    if device.domain in _TOLD_BY_NAME:
        return _opens(device.name, call.service)
    opening = call.service in ("open_cover", "toggle") or (
        call.service in ("set_cover_position", "set_valve_position") and call.data.get("position") != 0
    )
    return opening and (device.domain == "valve" or (device.domain == "cover" and _is_gate(device)))


def _is_gate(device: Device) -> bool:
    """By its class, and by a name that says so whatever class it claims."""
    if class_of(device.domain, device.device_class, device.name) in _GATES:
        return True
    said = _name(device.name)
    return said[-1:] in (("garage",), ("gate",)) or said[-2:] == ("garage", "door")


def _opens(name: str, service: str) -> bool:
    said = _name(name)
    sets_off, turns_off = service in _SETS_OFF, service in ("turn_off", "toggle")
    if not (sets_off or turns_off):
        return False
    if not _OPENING.isdisjoint(said) and not _WAYS_IN.isdisjoint(said):
        return True
    while said and said[-1] in _OPENERS:
        said = said[:-1]
    if _ends_in(said, _LOCKS):
        return said[-2:-1] == () or said[-2] not in _NO_LOCKS
    return (sets_off and _ends_in(said, _DOORS)) or (turns_off and _ends_in(said, _GUARDS))


@lru_cache(maxsize=4096)
def _name(name: str) -> tuple[str, ...]:
    """The words of a name, without a number at its end."""
    said = tokens(name)
    while said and said[-1].isdecimal():
        said = said[:-1]
    return said


def _ends_in(said: tuple[str, ...], nouns: tuple[tuple[str, ...], ...]) -> bool:
    return any(said[-len(noun) :] == noun for noun in nouns)
