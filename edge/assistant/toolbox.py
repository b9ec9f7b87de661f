"""What a language model may do in this house: tools out of the vocabulary for the devices that are there; pure.

The text of it stands before every conversation, so it is short whatever the house, and the same until that changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.phrases import joined
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.llm.tools import Kind, Parameter, Tool, Toolbox, plain, signature
from edge.router.model import Slot
from edge.router.vocabulary import Function, Vocabulary

FIND: Final = "find"
"""The tool that tells names which had no room in the prompt."""
HOUSE_CHARACTERS: Final = 1600
TOOL_CHARACTERS: Final = 1400
MOST_NAMES: Final = 2000
MOST_AREAS: Final = 100
_MOST_MEASURES: Final = 20
_WIDE: Final = 1000
"""A wider range is told in steps of a hundred."""

_FIRST: Final = (
    "turn_on", "turn_off", "set", "open", "close", "lock", "unlock", "set_temperature", "play", "pause", "start",
    "return_to_base", "activate", "volume_set", "arm", "disarm", "stop", "set_mode", "run", "press",
)  # fmt: skip
"""Verbs by how much they are missed; tools of others come after them while there is room."""
_LEFT_OUT: Final = frozenset(
    {"toggle", "increase", "decrease", "volume_up", "volume_down", "oscillate", "locate", "send", "set_text"}
)
"""Verbs that the router hears well enough, or of which another says the same."""
_ASKING: Final = ("state.get", "sensor.query", "weather.get", "time.get", "date.get")
_VALUES: Final = (Slot.LEVEL, Slot.COLOR, Slot.MODE, Slot.MEDIA, Slot.STATE, Slot.MEASURE, Slot.AGGREGATE)
_STATES: Final = ("on", "off", "open", "closed", "locked", "unlocked", "home", "not_home", "playing", "detected", "low")
_AGGREGATES: Final = {
    "state.get": ("which", "count", "any", "all"),
    "sensor.query": ("average", "minimum", "maximum", "sum"),
}
_WORDLESS: Final = frozenset({"effect"})
"""Arguments that only make tools longer."""


@dataclass(frozen=True, slots=True)
class Toolset:
    """A toolbox with what its words stand for."""

    toolbox: Toolbox
    functions: dict[str, Function]
    """By the tool's name; `find` has none."""
    devices: dict[str, tuple[str, ...]]
    """Ids by the name that the model reads and writes."""


def toolset(registry: Registry, vocabulary: Vocabulary) -> Toolset:
    """The tools for the devices of a registry. Config and diagnostic entities are left out, as "all" does."""
    devices: dict[str, tuple[str, ...]] = {}
    for device in _exposed(registry)[:MOST_NAMES]:
        if name := plain(device.name):
            devices[name] = (*devices.get(name, ()), device.id)
    house, whole = _house(registry, devices)
    tools: list[tuple[Tool, Function | None]] = [*_asking(registry, vocabulary), *_acting(registry, vocabulary)]
    if not whole:
        does = "Tells the names of devices that are like some words, or in an area."
        parameters = (Parameter("words", Kind.TEXT), Parameter("area", Kind.AREA))
        tools.insert(0, (Tool(FIND, does, parameters), None))
    kept, room = [], TOOL_CHARACTERS
    for tool, function in tools:
        room -= len(signature(tool))
        if room >= 0:
            kept.append((tool, function))
    areas = tuple(dict.fromkeys(name for area in registry.areas.values() if (name := plain(area.name))))[:MOST_AREAS]
    return Toolset(
        Toolbox(tuple(tool for tool, _ in kept), tuple(devices), areas, house),
        {tool.name: function for tool, function in kept if function is not None},
        devices,
    )


def _exposed(registry: Registry) -> list[Device]:
    """What is moved before what is only read; within that by place and name, so that no restart changes the order."""
    known = [device for device in registry.devices.values() if device.category is None and device.exposed]
    read = ("sensor", "binary_sensor", "event", "update", "device_tracker")
    return sorted(known, key=lambda one: (one.domain in read, one.area is None, one.area or "", one.name, one.id))


def _house(registry: Registry, devices: dict[str, tuple[str, ...]]) -> tuple[str, bool]:
    """Names by area, or how many there are where they are too many to tell; and whether all are told."""
    by_area: dict[str, dict[str, None]] = {}
    for name, ids in devices.items():
        for one in ids:
            area = registry.areas.get(registry.devices[one].area or "")
            by_area.setdefault(plain(area.name) if area else "", {})[name] = None
    rooms = sorted(by_area.items(), key=lambda room: (not room[0], room[0]))
    whole = " ".join(f"{area or 'Elsewhere'}: {', '.join(names)}." for area, names in rooms)
    if len(whole) <= HOUSE_CHARACTERS:
        return whole, True
    counted = ", ".join(f"{area or 'elsewhere'} ({len(names)})" for area, names in rooms)[:HOUSE_CHARACTERS]
    return f"Devices by area, their names are told by {FIND}: {counted}.", False


def _asking(registry: Registry, vocabulary: Vocabulary) -> Iterable[tuple[Tool, Function]]:
    for name in _ASKING:
        function = vocabulary.functions[name]
        if function.domain == "weather" and not any(registry.of_kind("weather")):
            continue
        yield Tool(name.replace(".", "_"), function.does, _parameters(function, vocabulary, registry)), function


def _acting(registry: Registry, vocabulary: Vocabulary) -> list[tuple[Tool, Function]]:
    """One tool for all functions of the same verb and parameters: which is meant, the named device tells."""
    present = frozenset(registry.domains())
    groups: dict[tuple[str, tuple[str, ...]], list[Function]] = {}
    for function in vocabulary.functions.values():
        if function.kind != "act" or Slot.TARGET not in function.slots or function.domain not in present:
            continue
        if function.verb not in _LEFT_OUT:
            own = tuple(function.slots[slot] for slot in _VALUES if slot in function.slots)
            groups.setdefault((function.verb, own), []).append(function)
    order = {verb: at for at, verb in enumerate(_FIRST)}
    ranked = sorted(groups.items(), key=lambda group: order.get(group[0][0], len(order)))
    return [(_acting_tool(functions, vocabulary, registry), functions[0]) for _, functions in ranked]


def _acting_tool(functions: Sequence[Function], vocabulary: Vocabulary, registry: Registry) -> Tool:
    first = functions[0]
    parameters = _parameters(first, vocabulary, registry)
    if len(functions) == 1:
        return Tool(first.name.replace(".", "_"), first.does, parameters)
    kinds = joined([function.domain.replace("_", " ") for function in functions], "or")
    return Tool(first.verb, f"{first.verb.replace('_', ' ').capitalize()}: {kinds}.", parameters)


def _parameters(function: Function, vocabulary: Vocabulary, registry: Registry) -> tuple[Parameter, ...]:
    made: list[Parameter] = []
    if Slot.TARGET in function.slots:
        made += [Parameter("name", Kind.DEVICE), Parameter("area", Kind.AREA)]
    own = [slot for slot in _VALUES if slot in function.slots and function.slots[slot] not in _WORDLESS]
    needed = len(own) == 1 and own[0] in (Slot.LEVEL, Slot.MODE, Slot.MEDIA)
    for slot in own:
        name = function.slots[slot]
        if choices := _choices(function, slot, registry):
            made.append(Parameter(name, Kind.CHOICE, values=choices))
        else:
            made.append(_parameter(name, vocabulary, needed=needed))
    return tuple(made)


def _choices(function: Function, slot: Slot, registry: Registry) -> tuple[str, ...]:
    if slot is Slot.STATE:
        return _STATES
    if slot is Slot.AGGREGATE:
        return _AGGREGATES.get(function.name, ())
    if slot is not Slot.MEASURE:
        return ()
    sensors = (registry.devices[one] for one in registry.of_kind("sensor"))
    return tuple(sorted({plain(one.device_class) for one in sensors if one.device_class}))[:_MOST_MEASURES]


def _parameter(name: str, vocabulary: Vocabulary, *, needed: bool) -> Parameter:
    argument = vocabulary.arguments[name]
    least, most = int(argument.minimum or 0), int(argument.maximum or 100)
    match argument.type:
        case "integer":
            return Parameter(name, Kind.INTEGER, least, most, 100 if most - least > _WIDE else 1, needed=needed)
        case "number":
            return Parameter(name, Kind.NUMBER, least, most, needed=needed)
        case _:
            return Parameter(name, Kind.TEXT, needed=needed)
