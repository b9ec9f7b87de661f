"""Zigbee devices behind a bridge, in the manner of zigbee2mqtt: one JSON object a device, one config an entity."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from edge.demo.house.thing import Json, Message, Radio, Surroundings, Thing, discovery, number

BASE: Final = "zigbee2mqtt"
_MAIN: Final = frozenset(
    {"climate", "contact", "cover", "light", "lock", "occupancy", "siren", "smoke", "switch", "water_leak"}
)
"""What a device is there for: such an entity has the device's name, the others one of their own."""
Entity = tuple[str, str, Json]
"""Component, object id, and what its configuration says beyond what all entities of the bridge say."""


def bridge() -> Radio:
    """The connection that all Zigbee devices share."""
    topic = f"{BASE}/bridge/state"
    online, offline = (json.dumps({"state": state}) for state in ("online", "offline"))
    return Radio("zigbee2mqtt", Message(topic, online), Message(topic, offline))


class Zigbee(Thing):
    """A device whose `state` is the JSON object it reports."""

    model: ClassVar[tuple[str, str]] = ("Nordlicht", "Sensor")
    """Maker and model."""

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        super().__init__(around, radio, name, area)
        self.base = f"{BASE}/{name}"
        self.ieee = "0x00158d00" + hashlib.sha256(name.encode()).hexdigest()[:8]
        self.state: Json = {"linkquality": around.chance.randrange(60, 200)}

    # For subclasses ------------------------------------------------------------------------------------------------

    def entities(self) -> Iterator[Entity]:
        """What it has."""
        yield from ()

    def take(self, wanted: Json) -> None:
        """Change what was asked for, then report."""
        known = {key: value for key, value in wanted.items() if key in self.state}
        if known:
            self.state.update(known)
            self.report()

    # The protocol ----------------------------------------------------------------------------------------------------

    def announcements(self) -> Iterable[Message]:
        for component, object_id, config in self.entities():
            yield discovery(component, self.ieee, object_id, self._common(component, object_id) | config)

    def _common(self, component: str, object_id: str) -> Json:
        alone = object_id in _MAIN
        wanted = self.slug.replace("-", "_") + ("" if alone else f"_{object_id}")
        return {
            "availability": [
                {"topic": f"{BASE}/bridge/state", "value_template": "{{ value_json.state }}"},
                {"topic": f"{self.base}/availability", "value_template": "{{ value_json.state }}"},
            ],
            "availability_mode": "all",
            "device": {
                "identifiers": [f"zigbee2mqtt_{self.ieee}"],
                "manufacturer": self.model[0],
                "model": self.model[1],
                "name": self.name,
                "suggested_area": self.area,
                "via_device": "zigbee2mqtt_bridge",
            },
            "origin": {"name": "Zigbee2MQTT", "sw": "2.1.0", "url": "https://www.zigbee2mqtt.io"},
            "default_entity_id": f"{component}.{wanted}",
            "unique_id": f"{self.ieee}_{object_id}_zigbee2mqtt",
            "state_topic": self.base,
            **({"name": None} if alone else {}),
        }

    def command_topics(self) -> Iterable[str]:
        return f"{self.base}/set", f"{self.base}/set/+", f"{self.base}/get"

    def obey(self, topic: str, payload: str) -> None:
        _, _, key = topic.removeprefix(f"{self.base}/").partition("/")
        if topic.endswith("/get"):
            self.report()
            return
        value = _parsed(payload)
        self.take(value if not key and isinstance(value, dict) else {key or "state": value})

    def greet(self) -> None:
        self.say(f"{self.base}/availability", {"state": "online"})

    def report(self) -> None:
        self.say(self.base, self.state)

    def missed(self) -> None:
        """The bridge notices that it no longer answers."""
        self.radio.outbox.append(Message(f"{self.base}/availability", json.dumps({"state": "offline"})))

    def found(self) -> None:
        """The bridge hears it again."""
        self.greet()

    # Parts that many devices have ------------------------------------------------------------------------------------

    def sensor(self, key: str, **config: Any) -> Entity:
        """One number of the state."""
        return (
            "sensor",
            key,
            {"value_template": f"{{{{ value_json.{key} }}}}", "state_class": "measurement", **config},
        )

    def battery(self) -> Entity:
        """How full its battery is."""
        return self.sensor("battery", device_class="battery", unit_of_measurement="%", entity_category="diagnostic")

    def binary(self, key: str, device_class: str, on: Any = True, off: Any = False) -> Entity:
        """A yes or no of the state."""
        config = {"device_class": device_class, "payload_on": on, "payload_off": off}
        return "binary_sensor", key, {"value_template": f"{{{{ value_json.{key} }}}}", **config}


def _parsed(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


class Lamp(Zigbee):
    """A lamp, dimmable; with `white` its colour temperature can be set, with `color` its colour too."""

    model = ("Nordlicht", "E27 lamp")

    def __init__(
        self,
        around: Surroundings,
        radio: Radio,
        name: str,
        area: str,
        *,
        white: bool = True,
        color: bool = False,
        watts: float = 9.0,
    ) -> None:
        super().__init__(around, radio, name, area)
        self._white, self._color, self._watts = white, color, watts
        self.state |= {"state": "OFF", "brightness": 254}
        if white:
            self.state |= {"color_temp": 370, "color_mode": "color_temp"}
        if color:
            self.state |= {"color": {"x": 0.46, "y": 0.41}}

    def entities(self) -> Iterator[Entity]:
        modes = (["color_temp"] if self._white else []) + (["xy"] if self._color else [])
        config: Json = {
            "schema": "json",
            "command_topic": f"{self.base}/set",
            "brightness": True,
            "brightness_scale": 254,
            "supported_color_modes": modes or ["brightness"],
            "effect": True,
            "effect_list": ["blink", "breathe", "okay", "finish_effect"],
        }
        if self._white:
            config |= {"min_mireds": 153, "max_mireds": 454}
        yield "light", "light", config

    def take(self, wanted: Json) -> None:
        brightness, white = number(wanted.get("brightness")), number(wanted.get("color_temp"))
        if brightness is not None:
            level = round(max(0, min(254, brightness)))
            self.state |= {"brightness": level or self.state["brightness"], "state": "ON" if level else "OFF"}
        if self._white and white is not None:
            self.state |= {"color_temp": round(max(153, min(454, white))), "color_mode": "color_temp"}
        color = wanted.get("color")
        if self._color and isinstance(color, dict):
            x, y = number(color.get("x")), number(color.get("y"))
            if x is not None and y is not None:
                self.state |= {"color": {"x": x, "y": y}, "color_mode": "xy"}
        match wanted.get("state"):
            case "TOGGLE":
                self.state["state"] = "OFF" if self.state["state"] == "ON" else "ON"
            case "ON" | "OFF" as state:
                self.state["state"] = state
        self.report()

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        level = self.state["brightness"] / 254 if self.plugged and self.state["state"] == "ON" else 0.0
        self.around.world.watts[self.name] = self._watts * level
        self.shine(300 * level)

    _lit: float = 0.0

    def shine(self, lux: float) -> None:
        """Make the room brighter, or darker again."""
        self.room.lamps_lx += lux - self._lit
        self._lit = lux

    def hand(self, deed: str) -> bool:
        """Pressing its switch on the wall."""
        if deed == "press":
            self.take({"state": "TOGGLE"})
        return deed == "press"


class Plug(Zigbee):
    """A plug that measures what goes through it."""

    model = ("Nordlicht", "Smart plug")

    def __init__(
        self, around: Surroundings, radio: Radio, name: str, area: str, *, watts: float, on: bool = False
    ) -> None:
        super().__init__(around, radio, name, area)
        self._watts = watts
        self.state |= {"state": "ON" if on else "OFF", "power": watts if on else 0.0}

    def entities(self) -> Iterator[Entity]:
        switch = {"command_topic": f"{self.base}/set", "payload_on": "ON", "payload_off": "OFF"}
        yield "switch", "switch", switch | {"value_template": "{{ value_json.state }}"}
        yield self.sensor("power", device_class="power", unit_of_measurement="W")

    def take(self, wanted: Json) -> None:
        match wanted.get("state"):
            case "TOGGLE":
                self.state["state"] = "OFF" if self.state["state"] == "ON" else "ON"
            case "ON" | "OFF" as state:
                self.state["state"] = state
        self.state["power"] = self._watts if self.state["state"] == "ON" else 0.0
        self.report()

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        self.around.world.watts[self.name] = self.state["power"] if self.plugged else 0.0

    def hand(self, deed: str) -> bool:
        """Its button."""
        if deed == "press":
            self.take({"state": "TOGGLE"})
        return deed == "press"


class Lock(Zigbee):
    """A door lock; its motor takes a second."""

    model = ("Riegelwerk", "Door lock")
    pace_s = (0.3, 0.6)

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        super().__init__(around, radio, name, area)
        self.state |= {"state": "LOCK", "lock_state": "locked", "battery": 81}

    def entities(self) -> Iterator[Entity]:
        config = {"command_topic": f"{self.base}/set", "value_template": "{{ value_json.lock_state }}"}
        yield "lock", "lock", config | {"state_locked": "locked", "state_unlocked": "unlocked"}
        yield self.battery()

    def take(self, wanted: Json) -> None:
        state = wanted.get("state")
        if state in ("LOCK", "UNLOCK"):
            self.state |= {"state": state, "lock_state": "locked" if state == "LOCK" else "unlocked"}
            self.report()

    def hand(self, deed: str) -> bool:
        """Turning its knob."""
        if deed in ("lock", "unlock"):
            self.take({"state": deed.upper()})
        return deed in ("lock", "unlock")
