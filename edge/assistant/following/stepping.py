"""More, or less, of what was done last: "a bit more", "too much", "another degree"; pure."""

from typing import Final

from edge.assistant.following.orders import Step
from edge.assistant.following.past import Deed
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.router.values.levels import degrees_step
from edge.router.values.levels import step as percent_step

_STEPS: Final = {
    "light": ("light.dim", "light.brighten", "brightness_step"),
    "climate": ("climate.decrease_temperature", "climate.increase_temperature", "temperature_step"),
    "fan": ("fan.decrease_speed", "fan.increase_speed", "percentage_step"),
    "media_player": ("media_player.volume_down", "media_player.volume_up", "volume_step"),
}
"""For each domain what makes it less and more, and the argument that says by how much."""
_BLIND_STEP: Final = 20
"""Percent that "more" is of a blind."""


def stepped(more: Step, latest: Deed, registry: Registry) -> tuple[Call, ...]:
    """The steps for the devices of the last deed; none where it makes no sense for them."""
    by_steps = any(call.function in steps[:2] for call in latest.calls for steps in _STEPS.values())
    if more.only_stepped and not by_steps:
        return ()
    return tuple(call for device in latest.devices if (call := _step(device, more, latest, registry)) is not None)


def _step(device: str, more: Step, latest: Deed, registry: Registry) -> Call | None:
    domain = device.partition(".")[0]
    if domain == "cover":
        return _further(device, more, latest, registry)
    down, up, argument = _STEPS.get(domain, ("", "", ""))
    sign = more.sign * (_way(latest) or (latest.rose if more.judges else 1) or 1)
    if not down or device not in registry.devices:
        return None
    amount = (degrees_step if domain == "climate" else percent_step)(more.amount) if more.amount else None
    arguments = {"name": registry.devices[device].name, **({argument: amount} if amount else {})}
    return Call(up if sign > 0 else down, arguments, (device,))


def _further(device: str, more: Step, latest: Deed, registry: Registry) -> Call | None:
    """A blind goes on the way it went, or back."""
    known, at = registry.devices.get(device), registry.state(device).attributes.get("current_position")
    if known is None or not isinstance(at, int | float) or not latest.rose:
        return None
    by = percent_step(more.amount) if more.amount else None
    position = max(0, min(100, round(at + more.sign * latest.rose * (by or _BLIND_STEP))))
    return Call("cover.set_position", {"name": known.name, "position": position}, (device,))


def _way(latest: Deed) -> int:
    """Whether the last order was a step up or down; 0 where it was neither."""
    for call in reversed(latest.calls):
        for down, up, _ in _STEPS.values():
            if call.function in (down, up):
                return 1 if call.function == up else -1
    return 0
