"""Zigbee devices that move, heat, howl and are pressed: blinds, radiator valves, a siren, a wireless button."""

from collections.abc import Iterator
from typing import ClassVar, Final

from edge.demo.house.thing import Json, Radio, Surroundings, number
from edge.demo.house.zigbee import Entity, Zigbee

_STEP_S: Final = 0.25


class Blinds(Zigbee):
    """Blinds on a motor: 100 is open."""

    model = ("Schattig", "Roller blind")
    travel_s: ClassVar[float] = 3.0

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str, *, position: int = 100) -> None:
        super().__init__(around, radio, name, area)
        self._target: float = position
        self._exact: float = position
        self.state |= {"position": position, "state": "OPEN" if position else "CLOSE", "motor_state": "stopped"}
        self.room.blinds = position / 100

    def entities(self) -> Iterator[Entity]:
        yield (
            "cover",
            "cover",
            {
                "device_class": "blind",
                "command_topic": f"{self.base}/set",
                "position_topic": self.base,
                "position_template": "{{ value_json.position }}",
                "set_position_topic": f"{self.base}/set",
                "set_position_template": '{ "position": {{ position }} }',
                "value_template": "{{ value_json.motor_state }}",
                "state_opening": "opening",
                "state_closing": "closing",
                "state_stopped": "stopped",
            },
        )

    def take(self, wanted: Json) -> None:
        target = number(wanted.get("position"))
        match wanted.get("state"):
            case "OPEN":
                target = 100.0
            case "CLOSE":
                target = 0.0
            case "STOP":
                target = self._exact
        if target is None:
            return
        resting = self.state["motor_state"] == "stopped"
        self._target = max(0.0, min(100.0, target))
        if resting:
            self._move()

    def _move(self) -> None:
        """A step on the way, then the next; that it has stopped it says when it is there."""
        way = self._target - self._exact
        if way == 0:
            self.state["motor_state"] = "stopped"
            self.report()
            return
        step = 100 * _STEP_S / self.travel_s
        self._exact = self._target if abs(way) <= step else self._exact + (step if way > 0 else -step)
        self.state |= {
            "position": round(self._exact),
            "state": "OPEN" if self._exact > 0 else "CLOSE",
            "motor_state": "opening" if way > 0 else "closing",
        }
        self.room.blinds = self._exact / 100
        self.report()
        self.after(_STEP_S, self._move)


class RadiatorValve(Zigbee):
    """A thermostat on a radiator: heats the room up to its set point."""

    model = ("Warmhaus", "Radiator thermostat")

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str, *, target: float) -> None:
        super().__init__(around, radio, name, area)
        self.state |= {
            "occupied_heating_setpoint": target,
            "local_temperature": round(self.room.temperature_c, 1),
            "system_mode": "heat",
            "running_state": "idle",
            "preset": "comfort",
            "battery": 68,
        }

    def entities(self) -> Iterator[Entity]:
        actions = "{% set actions = {'idle': 'idle', 'heat': 'heating'} %}{{ actions[value_json.running_state] }}"
        yield (
            "climate",
            "climate",
            {
                "state_topic": None,
                "modes": ["off", "heat", "auto"],
                "mode_command_topic": f"{self.base}/set/system_mode",
                "mode_state_topic": self.base,
                "mode_state_template": "{{ value_json.system_mode }}",
                "temperature_command_topic": f"{self.base}/set/occupied_heating_setpoint",
                "temperature_state_topic": self.base,
                "temperature_state_template": "{{ value_json.occupied_heating_setpoint }}",
                "current_temperature_topic": self.base,
                "current_temperature_template": "{{ value_json.local_temperature }}",
                "action_topic": self.base,
                "action_template": actions,
                "preset_modes": ["eco", "comfort", "boost"],
                "preset_mode_command_topic": f"{self.base}/set/preset",
                "preset_mode_state_topic": self.base,
                "preset_mode_value_template": "{{ value_json.preset }}",
                "min_temp": 5,
                "max_temp": 30,
                "temp_step": 0.5,
                "temperature_unit": "C",
            },
        )
        yield self.battery()

    def take(self, wanted: Json) -> None:
        target = number(wanted.get("occupied_heating_setpoint"))
        if target is not None:
            self.state["occupied_heating_setpoint"] = max(5.0, min(30.0, round(target * 2) / 2))
        if str(wanted.get("system_mode")) in ("off", "heat", "auto"):
            self.state["system_mode"] = wanted["system_mode"]
        if str(wanted.get("preset")) in ("eco", "comfort", "boost"):
            self.state["preset"] = wanted["preset"]
        self._regulate()
        self.report()

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        before = dict(self.state)
        self.state["local_temperature"] = round(self.room.temperature_c, 1)
        self._regulate()
        if self.state != before:
            self.report()

    def _regulate(self) -> None:
        """Proportional, with 1 K from full to none."""
        missing = self.state["occupied_heating_setpoint"] - self.room.temperature_c
        wide = 0.0 if self.state["system_mode"] == "off" else max(0.0, min(1.0, missing + 0.2))
        self.room.heat_w = 1400 * wide
        self.state["running_state"] = "heat" if wide > 0.05 else "idle"


class Siren(Zigbee):
    """A siren that takes warnings."""

    model = ("Riegelwerk", "Indoor siren")

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        super().__init__(around, radio, name, area)
        self.state |= {"alarm": "OFF", "battery": 100}

    def entities(self) -> Iterator[Entity]:
        command = (
            '{"warning": {"mode": "{% if tone is defined %}{{ tone }}{% else %}emergency{% endif %}", '
            '"duration": {% if duration is defined %}{{ duration }}{% else %}10{% endif %}}}'
        )
        yield (
            "siren",
            "siren",
            {
                "command_topic": f"{self.base}/set",
                "command_template": command,
                "command_off_template": '{"warning": {"mode": "stop"}}',
                "state_value_template": "{{ value_json.alarm }}",
                "available_tones": ["burglar", "emergency", "fire"],
                "support_volume_set": False,
            },
        )

    def take(self, wanted: Json) -> None:
        warning = wanted.get("warning")
        if not isinstance(warning, dict):
            return
        sounding = warning.get("mode") != "stop"
        self._sound(sounding)
        seconds = number(warning.get("duration", 10))
        if sounding and seconds is not None:
            self.after(max(1.0, min(1800.0, seconds)), lambda: self._sound(False))

    def _sound(self, sounding: bool) -> None:
        self.state["alarm"] = "ON" if sounding else "OFF"
        self.report()


class Remote(Zigbee):
    """A button on the wall that others may listen to."""

    model = ("Nordlicht", "Wireless button")
    actions: ClassVar[tuple[str, ...]] = ("single", "double", "hold")

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        super().__init__(around, radio, name, area)
        self.state |= {"battery": 97}

    def entities(self) -> Iterator[Entity]:
        for action in self.actions:
            trigger = {"automation_type": "trigger", "type": "action", "subtype": action, "payload": action}
            yield "device_automation", f"action_{action}", trigger | {"topic": f"{self.base}/action"}
        yield self.battery()

    def hand(self, deed: str) -> bool:
        """A press."""
        action = {"press": "single"}.get(deed, deed)
        if action in self.actions:
            self.say(f"{self.base}/action", action, retain=False)
        return action in self.actions
