"""Wi-Fi devices that move air, heat and water: an air conditioner, fans, a humidifier, a boiler."""

from typing import Final

from edge.demo.house.native import Native
from edge.demo.house.thing import Json, Surroundings


class AirConditioner(Native):
    """Heats, cools and dries the room it is in."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown |= {"mode": "off", "target": 22, "fan": "auto", "action": "off"}
        self.shown["current"] = round(self.room.temperature_c, 1)
        self.takes = {
            "mode": self.choice("mode", _CLIMATE_MODES),
            "target": self.number("target", 16, 30, 0.5),
            "fan": self.choice("fan", _FAN_MODES),
        }

    def components(self) -> dict[str, Json]:
        climate = {
            "p": "climate",
            "name": None,
            "modes": list(_CLIMATE_MODES),
            "fan_modes": list(_FAN_MODES),
            "mode_cmd_t": "~/mode/set",
            "mode_stat_t": "~/mode",
            "temp_cmd_t": "~/target/set",
            "temp_stat_t": "~/target",
            "fan_mode_cmd_t": "~/fan/set",
            "fan_mode_stat_t": "~/fan",
            "curr_temp_t": "~/current",
            "act_t": "~/action",
            "min_temp": 16,
            "max_temp": 30,
            "temp_step": 0.5,
        }
        return {"climate": climate}

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        mode, target = self.shown["mode"], self.shown["target"]
        power = {"cool": max(-1.0, min(0.0, target - self.room.temperature_c))}
        power["heat"] = max(0.0, min(1.0, target - self.room.temperature_c))
        part = power.get(mode, 0.0) if self.plugged else 0.0
        self.room.heat_w = 2500 * part
        self.around.world.watts[self.name] = 800 * abs(part)
        actions = {"off": "off", "dry": "drying", "fan_only": "fan"}
        idle = "idle" if not part else "heating" if part > 0 else "cooling"
        self.show(current=round(self.room.temperature_c, 1), action=actions.get(mode, idle))


_CLIMATE_MODES: Final = ("off", "cool", "heat", "dry", "fan_only")
_FAN_MODES: Final = ("auto", "low", "medium", "high")


class CeilingFan(Native):
    """A fan of four speeds that can swing."""

    def __init__(self, around: Surroundings, name: str, area: str, *, extracts: float = 0.0) -> None:
        super().__init__(around, name, area)
        self._extracts = extracts
        self.shown |= {"power": "OFF", "speed": 2, "swing": "oscillate_off", "preset": "None"}
        self.takes = {
            "power": self.choice("power", ("ON", "OFF")),
            "speed": self._take_speed,
            "swing": self.choice("swing", ("oscillate_on", "oscillate_off")),
            "preset": self.choice("preset", ("breeze", "sleep")),
        }

    def components(self) -> dict[str, Json]:
        fan = {
            "p": "fan",
            "name": None,
            "cmd_t": "~/power/set",
            "stat_t": "~/power",
            "pct_cmd_t": "~/speed/set",
            "pct_stat_t": "~/speed",
            "spd_rng_min": 1,
            "spd_rng_max": 4,
            "osc_cmd_t": "~/swing/set",
            "osc_stat_t": "~/swing",
            "pr_mode_cmd_t": "~/preset/set",
            "pr_mode_stat_t": "~/preset",
            "pr_modes": ["breeze", "sleep"],
        }
        return {"fan": fan}

    def _take_speed(self, text: str) -> None:
        if text.isdecimal() and 0 <= int(text) <= 4:
            self.show(power="ON" if int(text) else "OFF", speed=int(text) or self.shown["speed"], preset="None")

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        running = self.plugged and self.shown["power"] == "ON"
        self.around.world.watts[self.name] = 12.0 * self.shown["speed"] if running else 0.0
        if self._extracts:
            self.room.extracted_per_h = self._extracts if running else 0.0


class Humidifier(Native):
    """Wets the air until it is as humid as it was told."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown |= {"power": "OFF", "target": 45, "mode": "normal", "action": "off"}
        self.shown["current"] = round(self.room.humidity_percent)
        self.takes = {
            "power": self.choice("power", ("ON", "OFF")),
            "target": self.number("target", 30, 70),
            "mode": self.choice("mode", ("normal", "night", "boost")),
        }

    def components(self) -> dict[str, Json]:
        humidifier = {
            "p": "humidifier",
            "name": None,
            "cmd_t": "~/power/set",
            "stat_t": "~/power",
            "hum_cmd_t": "~/target/set",
            "hum_stat_t": "~/target",
            "curr_hum_t": "~/current",
            "mode_cmd_t": "~/mode/set",
            "mode_stat_t": "~/mode",
            "modes": ["normal", "night", "boost"],
            "act_t": "~/action",
            "min_hum": 30,
            "max_hum": 70,
        }
        return {"humidifier": humidifier}

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        on = self.plugged and self.shown["power"] == "ON"
        working = on and self.room.humidity_percent < self.shown["target"]
        self.room.water_g_per_s = 0.08 if working else 0.0
        self.around.world.watts[self.name] = 30.0 if working else 0.0
        action = "humidifying" if working else "idle" if on else "off"
        self.show(current=round(self.room.humidity_percent), action=action)


class Boiler(Native):
    """Hot water."""

    _MODES: Final = ("off", "eco", "performance")

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self._water_c = 51.0
        self.shown |= {"mode": "eco", "target": 52, "current": 51.0}
        self.takes = {"mode": self.choice("mode", self._MODES), "target": self.number("target", 40, 65)}

    def components(self) -> dict[str, Json]:
        heater = {
            "p": "water_heater",
            "name": None,
            "modes": list(self._MODES),
            "mode_cmd_t": "~/mode/set",
            "mode_stat_t": "~/mode",
            "temp_cmd_t": "~/target/set",
            "temp_stat_t": "~/target",
            "curr_temp_t": "~/current",
            "min_temp": 40,
            "max_temp": 65,
        }
        return {"heater": heater}

    def live(self, dt_s: float) -> None:
        heating = self.shown["mode"] != "off" and self._water_c < self.shown["target"] - 0.5
        power_w = (2000.0 if self.shown["mode"] == "performance" else 1200.0) if heating else 0.0
        self.around.world.watts[self.name] = power_w
        self._water_c += (power_w - 1.6 * (self._water_c - 20)) * dt_s / (4190 * 120)
        self.show(current=round(self._water_c, 1))
