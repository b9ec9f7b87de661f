"""Devices that do at once what Home Assistant's services say, and remember that they were called."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.assistant.scenekeeping.staged import Staged
from edge.devices.model import DeviceState, Outcome, ServiceCall
from edge.devices.registry import Registry

STATES = {
    "turn_on": "on",
    "turn_off": "off",
    "lock": "locked",
    "unlock": "unlocked",
    "open_cover": "open",
    "close_cover": "closed",
    "media_play": "playing",
    "media_pause": "paused",
    "media_stop": "idle",
    "start": "cleaning",
    "pause": "paused",
    "return_to_base": "docked",
    "stop": "idle",
}
STEP = {"volume_up": 0.1, "volume_down": -0.1}


@dataclass(frozen=True, slots=True)
class Done:
    """One call that was carried out, and the device around it."""

    call: ServiceCall
    before: DeviceState
    after: DeviceState

    @property
    def changed(self) -> bool:
        return (self.before.state, dict(self.before.attributes)) != (self.after.state, dict(self.after.attributes))


class Obedient:
    """The actuator of the house."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._levels: dict[str, float] = {}
        self.done: list[Done] = []
        self.staged: Staged | None = None
        """The scenes, which are played here as the service plays them."""

    async def perform(self, call: ServiceCall) -> Outcome:
        await asyncio.sleep(0)
        if self.staged is not None and self.staged.owns(call.device):
            return await self.staged.perform(call)
        before = self._registry.state(call.device)
        attributes = dict(before.attributes)
        state = self._moved(call, before, attributes)
        after = DeviceState(state, attributes)
        self.done.append(Done(call, before, after))
        self._registry.set_state(call.device, after)
        return Outcome.DONE if self.done[-1].changed else Outcome.ALREADY

    def _moved(self, call: ServiceCall, before: DeviceState, attributes: dict[str, Any]) -> str | None:
        domain, data, service = call.device.partition(".")[0], dict(call.data), call.service
        if service == "toggle":
            service = "turn_off" if before.state not in ("off", None) else "turn_on"
        state = STATES.get(service, before.state)
        match domain:
            case "light":
                state = self._light(call.device, state, data, attributes)
            case "cover":
                position = data.get("position", {"open_cover": 100, "close_cover": 0}.get(service))
                if position is not None:
                    attributes["current_position"] = position
                    state = "open" if position else "closed"
            case "fan":
                state = _fan(state, service, data, attributes)
            case "climate":
                modes = {"turn_on": "heat", "turn_off": "off", "set_hvac_mode": data.get("hvac_mode")}
                state = modes.get(service, before.state)
                attributes.update({key: value for key, value in data.items() if key != "hvac_mode"})
            case "media_player":
                attributes.update(data)
                if service in STEP:
                    level = float(attributes.get("volume_level") or 0) + STEP[service]
                    attributes["volume_level"] = min(1.0, max(0.0, level))
            case _:
                attributes.update(data)
        return state

    def _light(self, device: str, state: str | None, data: Mapping[str, Any], attributes: dict[str, Any]) -> str | None:
        """A lamp comes on as bright as it was last, or full."""
        if "brightness" in attributes:
            if attributes["brightness"]:
                self._levels[device] = attributes["brightness"]
            level = data.get("brightness", self._levels.get(device, 255))
            if "brightness_pct" in data:
                level = round(data["brightness_pct"] * 2.55)
            attributes["brightness"] = level if state == "on" else 0
        attributes.update({key: value for key, value in data.items() if not key.startswith("brightness")})
        return state


def _fan(state: str | None, service: str, data: Mapping[str, Any], attributes: dict[str, Any]) -> str | None:
    was = float(attributes.get("percentage") or 0)
    step = float(data.get("percentage_step") or 25)
    steps = {"increase_speed": step, "decrease_speed": -step}
    percentage = data.get("percentage", min(100.0, max(0.0, was + steps[service])) if service in steps else None)
    if percentage is None:
        percentage = (was or 100) if state == "on" else 0
    attributes["percentage"] = percentage
    return "on" if percentage else "off"
