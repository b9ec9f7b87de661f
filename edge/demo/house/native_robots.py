"""Wi-Fi machines that do a piece of work: a vacuum cleaner, a mower, a washing machine, a feeder."""

from typing import Any, Final

from edge.demo.house.native import Native
from edge.demo.house.thing import Json, Surroundings


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
