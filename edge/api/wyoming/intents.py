"""Which of the router's calls Home Assistant can carry out itself, and how it is told them; pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from edge.assistant.calls import for_devices
from edge.devices.words import words
from edge.router.model import Call, Decision, Routing

_WHERE: Final = frozenset({"name", "area", "floor", "domain", "device_class"})
_SLOTS: Final[Mapping[str, frozenset[str]]] = {
    "HassTurnOn": frozenset(),
    "HassTurnOff": frozenset(),
    "HassToggle": frozenset(),
    "HassOpenCover": frozenset(),
    "HassCloseCover": frozenset(),
    "HassStopMoving": frozenset(),
    "HassSetPosition": frozenset({"position"}),
    "HassLightSet": frozenset({"brightness", "color", "temperature"}),
    "HassFanSetSpeed": frozenset({"percentage"}),
    "HassClimateSetTemperature": frozenset({"temperature"}),
    "HassMediaUnpause": frozenset(),
    "HassMediaPause": frozenset(),
    "HassMediaNext": frozenset(),
    "HassMediaPrevious": frozenset(),
    "HassMediaPlayerMute": frozenset(),
    "HassMediaPlayerUnmute": frozenset(),
    "HassSetVolume": frozenset({"volume_level"}),
    "HassVacuumStart": frozenset(),
    "HassVacuumReturnToBase": frozenset(),
    "HassLawnMowerStartMowing": frozenset(),
    "HassLawnMowerDock": frozenset(),
    "HassListAddItem": frozenset({"item"}),
    "HassListCompleteItem": frozenset({"item"}),
    "HassListRemoveItem": frozenset({"item"}),
    "HassShoppingListAddItem": frozenset({"item"}),
    "HassShoppingListCompleteItem": frozenset({"item"}),
}
"""Intents that need nothing but words, with the slots they take beside those that say where; a call with any other
argument (later, except, until) would lose what it means."""

_GUARDING: Final = frozenset(
    {"door", "doors", "gate", "gates", "garage", "garages", "lock", "locks", "latch", "bolt", "alarm", "safe", "valve"}
)
"""What is called so may let somebody in, and asks first: Home Assistant opens a garage, or unlocks what is "turned
off", without a question, and nobody here knows what it is."""


def intents(routing: Routing) -> Sequence[Call]:
    """The calls, where all of them can be Home Assistant's; empty otherwise.

    A name that nobody here knows may be one that Home Assistant does: then it is passed on as it was said, unless it
    sounds like something that asks first.
    """
    if routing.decision is Decision.CLARIFY:
        unknown = not routing.candidates and any(not call.targets for call in routing.calls)
        return routing.calls if unknown and all(_takes(call) and _names(call) for call in routing.calls) else ()
    if routing.decision is not Decision.ACT or not all(_takes(call) for call in routing.calls):
        return ()
    return routing.calls


def entities(call: Call) -> list[dict[str, Any]]:
    """The arguments as Wyoming's entities."""
    return [{"name": slot, "value": value} for slot, value in call.arguments.items()]


def _takes(call: Call) -> bool:
    slots = _SLOTS.get(call.ha_intent or "")
    on_list = call.function.startswith("todo.")
    return slots is not None and (for_devices(call) or on_list) and not (call.arguments.keys() - _WHERE - slots)


def _names(call: Call) -> bool:
    name = str(call.arguments.get("name") or "")
    return bool(call.targets) or (bool(name) and _GUARDING.isdisjoint(words(name)))
