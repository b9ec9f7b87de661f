"""More Wi-Fi devices: what moves air and water, what cleans, what shows, rings and plays."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from edge.demo.house.native import Native
from edge.demo.house.thing import Json, Message, Surroundings


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


class RobotVacuum(Native):
    """A robot that cleans and finds its way home."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["state"] = {"state": "docked", "fan_speed": "medium", "battery_level": 100}
        self.takes = {"command": self._take, "fan": lambda speed: self._now(fan_speed=speed)}

    def components(self) -> dict[str, Json]:
        vacuum = {
            "p": "vacuum",
            "name": None,
            "cmd_t": "~/command/set",
            "stat_t": "~/state",
            "sup_feat": ["start", "stop", "pause", "return_home", "locate", "clean_spot", "fan_speed"],
            "set_fan_spd_t": "~/fan/set",
            "fanspd_lst": ["low", "medium", "high"],
        }
        return {"vacuum": vacuum}

    def _now(self, **facts: Any) -> None:
        self.show(state={**self.shown["state"], **facts})

    def _take(self, command: str) -> None:
        match command:
            case "start" | "clean_spot":
                self._now(state="cleaning")
            case "pause":
                self._now(state="paused")
            case "stop":
                self._now(state="idle")
            case "return_to_base":
                self._now(state="returning")
                self.after(4.0, self._dock)

    def _dock(self) -> None:
        if self.shown["state"]["state"] == "returning":
            self._now(state="docked")


class Mower(Native):
    """A robot that mows."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["activity"] = "docked"
        self.takes["activity"] = self._take

    def components(self) -> dict[str, Json]:
        mower = {"p": "lawn_mower", "name": None, "act_stat_t": "~/activity"}
        for command, key in (("start_mowing", "strt_mw"), ("pause", "pause"), ("dock", "dock")):
            mower |= {f"{key}_cmd_t": "~/activity/set", f"{key}_cmd_tpl": command}
        return {"mower": mower}

    def _take(self, command: str) -> None:
        activity = {"start_mowing": "mowing", "pause": "paused", "dock": "docked"}.get(command)
        if activity is not None:
            self.show(activity=activity)


class WashingMachine(Native):
    """A machine that runs the programme it is set to."""

    _PROGRAMMES: Final = ("Cotton", "Eco", "Wool", "Quick")

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown |= {"power": "OFF", "programme": "Eco", "spin": 1200, "left": 0}
        self.takes = {
            "power": self._take_power,
            "programme": self.choice("programme", self._PROGRAMMES),
            "spin": self.number("spin", 400, 1600, 200),
        }

    def components(self) -> dict[str, Json]:
        spin = {"p": "number", "name": "Spin speed", "cmd_t": "~/spin/set", "stat_t": "~/spin", "unit_of_meas": "rpm"}
        left = {"p": "sensor", "name": "Time left", "stat_t": "~/left", "dev_cla": "duration", "unit_of_meas": "min"}
        programme = {"p": "select", "name": "Programme", "cmd_t": "~/programme/set", "stat_t": "~/programme"}
        return {
            "switch": {"p": "switch", "name": None, "cmd_t": "~/power/set", "stat_t": "~/power"},
            "programme": programme | {"ops": list(self._PROGRAMMES)},
            "spin": spin | {"min": 400, "max": 1600, "step": 200},
            "left": left,
        }

    def _take_power(self, text: str) -> None:
        if text in ("ON", "OFF"):
            self._left_s = 5400.0 if text == "ON" else 0.0
            self.show(power=text, left=round(self._left_s / 60))

    _left_s = 0.0

    def live(self, dt_s: float) -> None:
        running = self.plugged and self.shown["power"] == "ON"
        self.around.world.watts[self.name] = 320.0 if running else 1.0
        if running:
            self._left_s = max(0.0, self._left_s - dt_s)
            self.show(left=round(self._left_s / 60), power="ON" if self._left_s else "OFF")


class Doorbell(Native):
    """Rings as an event; its chime can be chosen and tried."""

    _CHIMES: Final = ("Ding dong", "Westminster", "Bird")

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown |= {"chime": "Ding dong", "volume": 6}
        self.takes = {
            "chime": self.choice("chime", self._CHIMES),
            "volume": self.number("volume", 0, 10),
            "test": lambda _: self._ring("test"),
        }

    def components(self) -> dict[str, Json]:
        chime = {"p": "select", "name": "Chime", "cmd_t": "~/chime/set", "stat_t": "~/chime", "ops": list(self._CHIMES)}
        volume = {"p": "number", "name": "Volume", "cmd_t": "~/volume/set", "stat_t": "~/volume", "min": 0, "max": 10}
        kinds = ["press", "test"]
        return {
            "ring": {"p": "event", "name": "Ring", "stat_t": "~/ring", "evt_typ": kinds, "dev_cla": "doorbell"},
            "chime": chime,
            "volume": volume,
            "test": {"p": "button", "name": "Test", "cmd_t": "~/test/set", "pl_prs": "ring"},
        }

    def _ring(self, kind: str) -> None:
        self.say(f"{self.base}/ring", {"event_type": kind}, retain=False)

    def hand(self, deed: str) -> bool:
        """Somebody at the door."""
        if deed == "press":
            self._ring("press")
        return deed == "press"


class CatFeeder(Native):
    """A button that gives a portion, and how many there were."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["portions"] = 0
        self.takes["feed"] = lambda _: self.show(portions=self.shown["portions"] + 1)

    def components(self) -> dict[str, Json]:
        return {
            "feed": {"p": "button", "name": None, "cmd_t": "~/feed/set"},
            "portions": {"p": "sensor", "name": "Portions", "stat_t": "~/portions", "stat_cla": "total_increasing"},
        }


class Display(Native):
    """A little screen: a line that stays, and messages that come and go; its firmware is old."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown |= {"line": "Welcome", "message": "", "firmware": {"installed_version": "1.4.2"}}
        self.shown["firmware"] |= {"latest_version": "1.5.0"}
        self.takes = {
            "line": lambda text: self.show(line=text[:40]),
            "message": lambda text: self.show(message=text[:200]),
        }

    def components(self) -> dict[str, Json]:
        return {
            "line": {"p": "text", "name": "Line", "cmd_t": "~/line/set", "stat_t": "~/line", "max": 40},
            "message": {"p": "notify", "name": None, "cmd_t": "~/message/set"},
            "firmware": {"p": "update", "name": "Firmware", "stat_t": "~/firmware", "dev_cla": "firmware"},
        }


class Player(Native):
    """A television or speaker. Home Assistant discovers none over MQTT: whoever wants it is told its topics."""

    def __init__(
        self, around: Surroundings, name: str, area: str, *, sources: tuple[str, ...], titles: tuple[str, ...]
    ) -> None:
        super().__init__(around, name, area)
        self.sources, self._titles = sources, titles
        self.shown |= {"state": "off", "volume": 30, "mute": "OFF", "source": sources[0], "title": titles[0]}
        self.takes = {
            "command": self._take,
            "volume": self.number("volume", 0, 100),
            "mute": self.choice("mute", ("ON", "OFF")),
            "source": self.choice("source", sources),
            "play": lambda title: self.show(title=title, state="playing"),
        }

    def announcements(self) -> Iterable[Message]:
        return ()

    def _take(self, command: str) -> None:
        states = {"on": "playing", "play": "playing", "pause": "paused", "stop": "idle", "off": "off"}
        if command in states:
            self.show(state=states[command])
        elif command in ("next", "previous"):
            at = self._titles.index(self.shown["title"]) if self.shown["title"] in self._titles else 0
            self.show(title=self._titles[(at + (1 if command == "next" else -1)) % len(self._titles)])

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        on = self.plugged and self.shown["state"] != "off"
        self.around.world.watts[self.name] = 60.0 if on else 0.5


class SceneSwitch(Native):
    """Scenes that a controller of its own carries out, by telling other devices as a bridge's groups would."""

    def __init__(
        self, around: Surroundings, name: str, area: str, scenes: dict[str, tuple[tuple[str, str], ...]]
    ) -> None:
        super().__init__(around, name, area)
        self._scenes = scenes
        for scene in scenes:
            self.takes[_key(scene)] = partial(self._activate, scene)

    def components(self) -> dict[str, Json]:
        return {
            _key(scene): {"p": "scene", "name": scene, "cmd_t": f"~/{_key(scene)}/set", "pl_on": "ON"}
            for scene in self._scenes
        }

    @property
    def title(self) -> Json:
        """A scene is called by its own name."""
        return {}

    def _activate(self, scene: str, _payload: str) -> None:
        for topic, payload in self._scenes[scene]:
            self.say(topic, payload, retain=False)
        self.show(last=scene)


def _key(scene: str) -> str:
    return scene.lower().replace(" ", "_")
