"""Rules and a house to try them in."""

from edge.devices.model import Area, Device, DeviceState
from edge.devices.registry import Registry
from edge.schedule.rules import Action, Condition, ConditionKind, Rule, Trigger, TriggerKind

DOOR, LAMP, HEAT, ROOM = "binary_sensor.door", "light.lamp", "climate.heating", "sensor.room"


def house() -> Registry:
    registry = Registry()
    registry.put_area(Area("hall", "Hall"))
    for device, state in (
        (Device(DOOR, "Door", "hall", device_class="door"), DeviceState("off")),
        (Device(LAMP, "Lamp", "hall"), DeviceState("off")),
        (Device(HEAT, "Heating", "hall"), DeviceState("heat", {"current_temperature": 20.0})),
        (Device(ROOM, "Room", "hall", device_class="temperature", unit="°C"), DeviceState("20")),
    ):
        registry.put_device(device)
        registry.set_state(device.id, state)
    return registry


def call(function: str, *targets: str) -> Action:
    return Action(call={"function": function, "arguments": {}, "targets": list(targets)})


def becomes(device: str, *states: str, for_s: float = 0.0) -> Trigger:
    return Trigger(TriggerKind.STATE, device, states, for_s=for_s)


def is_(device: str, *states: str, other: bool = False) -> Condition:
    return Condition(ConditionKind.STATE, device, states, other)


def rule(trigger: Trigger, *actions: Action, conditions: tuple[Condition, ...] = (), key: str = "one") -> Rule:
    return Rule(key, trigger, actions or (call("light.turn_on", LAMP),), conditions)
