"""Wi-Fi plugs and lamps in the manner of Tasmota: each has a connection of its own, and a topic for each property."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from edge.demo.house.thing import Json, Message, Radio, Surroundings, Thing, discovery

_TELEMETRY_S: Final = 30.0


class Tasmota(Thing):
    """`<slug>/cmnd/…` in, `<slug>/stat/…` and `<slug>/tele/…` out; `POWER` is on or off."""

    def __init__(self, around: Surroundings, name: str, area: str, *, watts: float, on: bool = False) -> None:
        base = name.lower().replace(" ", "_")
        will = f"{base}/tele/LWT"
        super().__init__(around, Radio(f"DVES_{base}", Message(will, "Online"), Message(will, "Offline")), name, area)
        self.base = base
        self.watts = watts
        self.on = on
        self._next_s = 0.0

    # For subclasses ------------------------------------------------------------------------------------------------

    def entities(self) -> Iterator[tuple[str, str, Json]]:
        """Component, suffix of the object id, configuration in abbreviations."""
        yield from ()

    def set(self, command: str, value: str) -> None:
        """A command other than `POWER`."""

    def telemetry(self) -> Json:
        """What `tele/STATE` has beside `POWER`."""
        return {}

    @property
    def draws_w(self) -> float:
        """What it draws now."""
        return self.watts if self.on else 0.0

    # The protocol --------------------------------------------------------------------------------------------------

    def announcements(self) -> Iterable[Message]:
        for component, suffix, config in self.entities():
            common = {
                "~": f"{self.base}/",
                "avty_t": "~tele/LWT",
                "pl_avail": "Online",
                "pl_not_avail": "Offline",
                "uniq_id": f"{self.base}_{suffix}",
                "dev": {"ids": [self.base], "name": self.name, "mdl": "Sonoff S31", "mf": "iTead", "sa": self.area},
            }
            yield discovery(component, self.base, suffix, common | config)

    def command_topics(self) -> Iterable[str]:
        return (f"{self.base}/cmnd/+",)

    def obey(self, topic: str, payload: str) -> None:
        command = topic.rpartition("/")[2]
        if command == "POWER":
            self.on = not self.on if payload.upper() == "TOGGLE" else payload.upper() in ("ON", "1", "TRUE")
        else:
            self.set(command, payload)
        self.report()

    def report(self) -> None:
        self.say(f"{self.base}/stat/POWER", "ON" if self.on else "OFF")
        self.say(f"{self.base}/tele/STATE", {"POWER": "ON" if self.on else "OFF", **self.telemetry()})
        self._report_energy()

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        self.around.world.watts[self.name] = self.draws_w if self.plugged else 0.0
        if self.around.agenda.now_s >= self._next_s:
            self._next_s = self.around.agenda.now_s + _TELEMETRY_S
            self._report_energy()

    def _report_energy(self) -> None:
        self.say(f"{self.base}/tele/SENSOR", {"ENERGY": {"Power": round(self.draws_w, 1), "Voltage": 231}})

    def hand(self, deed: str) -> bool:
        """Its button."""
        if deed == "press":
            self.on = not self.on
            self.report()
        return deed == "press"


class Outlet(Tasmota):
    """A plug for an appliance."""

    def entities(self) -> Iterator[tuple[str, str, Json]]:
        yield "switch", "switch", {"name": None, "cmd_t": "~cmnd/POWER", "stat_t": "~stat/POWER"}
        power = {"dev_cla": "power", "unit_of_meas": "W", "stat_t": "~tele/SENSOR", "stat_cla": "measurement"}
        yield "sensor", "power", power | {"name": "Power", "val_tpl": "{{ value_json.ENERGY.Power }}"}


class Strip(Tasmota):
    """A strip of coloured light: brightness 0..100, colour as red,green,blue."""

    def __init__(self, around: Surroundings, name: str, area: str, *, watts: float = 14.0) -> None:
        super().__init__(around, name, area, watts=watts)
        self.dimmer = 100
        self.rgb = (255, 180, 110)
        self.scheme = "Solid"

    schemes: Final = ("Solid", "Wake up", "Cycle up", "Random")

    def entities(self) -> Iterator[tuple[str, str, Json]]:
        yield (
            "light",
            "light",
            {
                "name": None,
                "cmd_t": "~cmnd/POWER",
                "stat_t": "~tele/STATE",
                "stat_val_tpl": "{{ value_json.POWER }}",
                "bri_cmd_t": "~cmnd/Dimmer",
                "bri_stat_t": "~tele/STATE",
                "bri_val_tpl": "{{ value_json.Dimmer }}",
                "bri_scl": 100,
                "rgb_cmd_t": "~cmnd/Color2",
                "rgb_stat_t": "~tele/STATE",
                "rgb_val_tpl": "{{ value_json.Color.split(',')[0:3] | join(',') }}",
                "fx_cmd_t": "~cmnd/Scheme",
                "fx_stat_t": "~tele/STATE",
                "fx_val_tpl": "{{ value_json.Scheme }}",
                "fx_list": list(self.schemes),
            },
        )

    def telemetry(self) -> Json:
        return {"Dimmer": self.dimmer, "Color": ",".join(map(str, self.rgb)), "Scheme": self.scheme}

    @property
    def draws_w(self) -> float:
        return self.watts * self.dimmer / 100 if self.on else 0.0

    def set(self, command: str, value: str) -> None:
        match command:
            case "Dimmer" if value.isdecimal():
                self.dimmer = max(1, min(100, int(value)))
                self.on = value != "0"
            case "Color2" | "Color":
                self._take_color(value)
            case "Scheme" if value in self.schemes:
                self.scheme = value

    def _take_color(self, value: str) -> None:
        parts = value.split(",")
        if len(parts) == 3 and all(part.strip().isdecimal() for part in parts):
            red, green, blue = (min(255, int(part)) for part in parts)
            self.rgb = (red, green, blue)


class PowerMeter(Thing):
    """What the whole house draws, read from its meter: two sensors in one JSON payload."""

    _next_s = 0.0

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        will = "meter/status"
        super().__init__(around, Radio("meter", Message(will, "up"), Message(will, "down")), name, area)
        self.base = "meter"

    def announcements(self) -> Iterable[Message]:
        common = {
            "stat_t": "meter/reading",
            "avty": {"t": "meter/status", "pl_avail": "up", "pl_not_avail": "down"},
            "dev": {"ids": "meter-4711", "name": self.name, "sa": self.area},
        }
        power = {"dev_cla": "power", "unit_of_meas": "W", "stat_cla": "measurement", "val_tpl": "{{ value_json.w }}"}
        energy = {"dev_cla": "energy", "unit_of_meas": "kWh", "stat_cla": "total_increasing"}
        yield discovery("sensor", "meter", "power", common | power | {"uniq_id": "meter_power"})
        reading = {"val_tpl": "{{ value_json.kwh }}", "uniq_id": "meter_energy"}
        yield discovery("sensor", "meter", "energy", common | energy | reading)

    def report(self) -> None:
        world = self.around.world
        watts = round(world.base_w + sum(world.watts.values()))
        self.say("meter/reading", json.dumps({"w": watts, "kwh": round(world.energy_kwh, 2)}))

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        if self.around.agenda.now_s >= self._next_s:
            self._next_s = self.around.agenda.now_s + 5
            self.report()
