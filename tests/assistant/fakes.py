"""A small house, hands that move it, a router that was told what to say, a language model of fixed words."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from edge.assistant.ports import ChatTurn
from edge.devices import Area, Device, DeviceState, Floor, Outcome, Registry, ServiceCall
from edge.llm.gate import Priority
from edge.llm.tools import Toolbox, ToolCall, ToolCalls
from edge.router.model import Call, Decision, Routing


class FakeActuator:
    """Does what a friendly device does: the state follows the command."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.calls: list[ServiceCall] = []
        self.outcomes: dict[str, Outcome] = {}

    async def perform(self, call: ServiceCall) -> Outcome:
        await asyncio.sleep(0)
        self.calls.append(call)
        fixed = self.outcomes.get(call.device)
        if fixed is not None:
            return fixed
        before = self.registry.state(call.device)
        after = moved(before, call)
        self.registry.set_state(call.device, after)
        return Outcome.ALREADY if (after.state, after.attributes) == (before.state, before.attributes) else Outcome.DONE

    @property
    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [(call.device, call.service, dict(call.data)) for call in self.calls]


STATES = {
    "turn_on": "on",
    "turn_off": "off",
    "lock": "locked",
    "unlock": "unlocked",
    "open_cover": "open",
    "close_cover": "closed",
    "alarm_disarm": "disarmed",
}


def moved(before: DeviceState, call: ServiceCall) -> DeviceState:
    """The state of an obedient device after a call."""
    attributes = dict(before.attributes)
    data = dict(call.data)
    if "brightness_pct" in data:
        attributes["brightness"] = round(data.pop("brightness_pct") * 2.55)
    if "position" in data:
        attributes["current_position"] = data.pop("position")
    attributes.update({key: value for key, value in data.items() if key != "color_name"})
    return DeviceState(STATES.get(call.service, before.state), attributes)


class ScriptedRouter:
    """Answers each text as scripted, anything else with silence."""

    def __init__(self) -> None:
        self.script: dict[tuple[str, str | None], Routing] = {}
        self.heard: list[tuple[str, str | None]] = []
        self.real: Callable[[str, str | None], Routing] | None = None
        """Who is asked instead, for everything."""

    def __call__(self, text: str, area: str | None) -> Routing:
        self.heard.append((text, area))
        if self.real is not None:
            return self.real(text, area)
        fallback = self.script.get((text, None), Routing(text, Decision.IGNORE))
        return self.script.get((text, area), fallback)

    def on(
        self, text: str, *calls: Call, decision: Decision = Decision.ACT, area: str | None = None, **more: Any
    ) -> None:
        self.script[text, area] = Routing(text, decision, calls, 0.99, **more)


def calls(*made: tuple[str, dict[str, Any]]) -> ToolCalls:
    """Calls of tools, as a model's answer ends in them."""
    return ToolCalls(tuple(ToolCall(name, arguments) for name, arguments in made), f"calls {made}")


class FakeModel:
    """A language model that says the same words to everything, and remembers what it was asked."""

    def __init__(self, *pieces: str, unavailable: str | None = None) -> None:
        self.pieces = pieces
        self.unavailable = unavailable
        self.rounds: list[Sequence[str | ToolCalls | Exception]] = []
        """What it says or raises one time after another, before it says the same words again."""
        self.prepared: asyncio.Queue[Toolbox | None] = asyncio.Queue()
        self.offered: list[tuple[Toolbox | None, bool]] = []
        self.asked: list[tuple[ChatTurn, ...]] = []
        self.priorities: list[Priority] = []
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.closed = False

    async def prepare(self, toolbox: Toolbox | None) -> None:
        self.prepared.put_nowait(toolbox)

    async def answer(
        self,
        turns: Sequence[ChatTurn],
        *,
        priority: Priority = Priority.NORMAL,
        toolbox: Toolbox | None = None,
        may_call: bool = True,
    ) -> AsyncIterator[str | ToolCalls]:
        self.asked.append(tuple(turns))
        self.priorities.append(priority)
        self.offered.append((toolbox, may_call))
        try:
            for piece in self.rounds.pop(0) if self.rounds else self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
            if self.gate is not None:
                await self.gate.wait()
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


def device(device_id: str, name: str, area: str | None = None, **more: Any) -> Device:
    return Device(device_id, name, area, **more)


def house() -> Registry:
    """Two floors, four areas, a dozen devices."""
    registry = Registry()
    registry.put_floor(Floor("ground", "Ground Floor"))
    registry.put_floor(Floor("upper", "Upper Floor"))
    for area in (
        Area("kitchen", "Kitchen", "ground"),
        Area("hall", "Hall", "ground"),
        Area("bedroom", "Bedroom", "upper"),
        Area("office", "Office", "upper"),
    ):
        registry.put_area(area)
    states: Sequence[tuple[Device, str | None, Mapping[str, Any]]] = (
        (device("light.kitchen_main", "Main Light", "kitchen"), "off", {}),
        (device("light.counter", "Counter Light", "kitchen"), "off", {}),
        (device("light.sink", "Sink Light", "kitchen"), "off", {}),
        (device("light.table", "Table Light", "kitchen"), "off", {}),
        (device("light.hall", "Hall Light", "hall"), "on", {"brightness": 128}),
        (device("light.bedroom_lamp", "Bedroom Lamp", "bedroom"), "off", {}),
        (device("light.office_lamp", "Lamp", "office"), "on", {"brightness": 255}),
        (device("light.bedside", "Lamp", "bedroom"), "off", {}),
        (device("lock.front", "Front Door", "hall"), "locked", {}),
        (device("cover.garage", "Garage Door", None, device_class="garage"), "closed", {"current_position": 0}),
        (device("cover.blinds", "Bedroom Blinds", "bedroom", device_class="blind"), "open", {"current_position": 100}),
        (device("climate.office", "Office Thermostat", "office", unit="°C"), "heat", {"temperature": 20.0}),
        (device("fan.office", "Office Fan", "office"), "off", {}),
        (device("binary_sensor.win_a", "Kitchen Window", "kitchen", device_class="window"), "off", {}),
        (device("binary_sensor.win_b", "Office Window", "office", device_class="window"), "on", {}),
        (device("binary_sensor.win_c", "Bedroom Window", "bedroom", device_class="window"), "on", {}),
        (
            device("sensor.bedroom_temp", "Bedroom Temperature", "bedroom", device_class="temperature", unit="°C"),
            "21.44",
            {},
        ),
    )
    for one, state, attributes in states:
        registry.put_device(one)
        registry.set_state(one.id, DeviceState(state, dict(attributes)))
    return registry
