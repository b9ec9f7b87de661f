"""Wi-Fi devices that describe themselves in one device-based payload; `<slug>/<property>/set` takes commands."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from edge.demo.house.thing import DISCOVERY, Json, Message, Radio, Surroundings, Thing, number

Taker = Callable[[str], None]


class Native(Thing):
    """Keeps its properties, publishes each when it changes."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        self.base = name.lower().replace(" ", "-")
        will = f"{self.base}/status"
        super().__init__(around, Radio(self.base, Message(will, "online"), Message(will, "offline")), name, area)
        self.shown: dict[str, Any] = {}
        self.takes: dict[str, Taker] = {}
        """What takes a command, by property."""

    def components(self) -> dict[str, Json]:
        """Its entities by id, in abbreviations; `~` stands for its own topic."""
        return {}

    def announcements(self) -> Iterable[Message]:
        payload = {
            "dev": {"ids": [self.base], "mf": "Hausgeist", "sw": "1.4.2", "sa": self.area, **self.title},
            "o": {"name": "hausgeist-mqtt", "sw": "1.4.2"},
            "avty_t": f"{self.base}/status",
            "cmps": {
                key: {"~": self.base, "uniq_id": f"{self.base}_{key}", **component}
                for key, component in self.components().items()
            },
        }
        yield Message(f"{DISCOVERY}/device/{self.base}/config", json.dumps(payload, ensure_ascii=False))

    @property
    def title(self) -> Json:
        """Its name, unless its entities need none of it."""
        return {"name": self.name}

    def command_topics(self) -> Iterable[str]:
        return (f"{self.base}/+/set",)

    def obey(self, topic: str, payload: str) -> None:
        take = self.takes.get(topic.split("/")[-2])
        if take is not None:
            take(payload)

    def show(self, **properties: Any) -> None:
        """Change properties and publish those that did; a dictionary goes out as JSON."""
        for key, value in properties.items():
            if self.shown.get(key) != value:
                self.shown[key] = value
                self._publish(key)

    def report(self) -> None:
        for key in self.shown:
            self._publish(key)

    def _publish(self, key: str) -> None:
        self.say(f"{self.base}/{key}", self.shown[key] if isinstance(self.shown[key], dict) else str(self.shown[key]))

    def choice(self, key: str, words: Iterable[str]) -> Taker:
        """Takes one of some words for a property."""
        known = frozenset(words)
        return lambda text: self.show(**{key: text}) if text in known else None

    def number(self, key: str, least: float, most: float, step: float = 1.0) -> Taker:
        """Takes a number for a property, within limits."""

        def take(text: str) -> None:
            value = number(text)
            if value is not None:
                value = round(max(least, min(most, value)) / step) * step
                self.show(**{key: int(value) if value == int(value) else value})

        return take


class WallLight(Native):
    """A lamp with a text protocol of its own: `on,128` and `off` (Home Assistant's template schema)."""

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self._level = 255
        self._lit = 0.0
        self.shown["light"] = "off,255"
        self.takes["light"] = self._take

    def components(self) -> dict[str, Json]:
        return {
            "light": {
                "p": "light",
                "name": None,
                "schema": "template",
                "cmd_t": "~/light/set",
                "stat_t": "~/light",
                "cmd_on_tpl": "on{% if brightness is defined %},{{ brightness }}{% endif %}",
                "cmd_off_tpl": "off",
                "stat_tpl": "{{ value.split(',')[0] }}",
                "bri_tpl": "{{ value.split(',')[1] }}",
            }
        }

    def _take(self, text: str) -> None:
        word, _, level = text.partition(",")
        if level.isdecimal():
            self._level = max(1, min(255, int(level)))
        if word in ("on", "off"):
            self.show(light=f"{word},{self._level}")

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        part = self._level / 255 if self.plugged and self.shown["light"].startswith("on") else 0.0
        self.around.world.watts[self.name] = 7 * part
        self.room.lamps_lx += 200 * part - self._lit
        self._lit = 200 * part

    def hand(self, deed: str) -> bool:
        """Its switch."""
        if deed == "press":
            self._take("off" if self.shown["light"].startswith("on") else "on")
        return deed == "press"


class GarageDoor(Native):
    """A door on a motor that knows open and closed, and on its way."""

    pace_s = (0.1, 0.3)
    travel_s: Final = 2.5

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["door"] = "closed"
        self.takes["door"] = self._take

    def components(self) -> dict[str, Json]:
        door = {"p": "cover", "name": None, "dev_cla": "garage", "cmd_t": "~/door/set", "stat_t": "~/door"}
        return {"door": door}

    def _take(self, text: str) -> None:
        now = self.shown["door"]
        match text:
            case "OPEN" if now != "open":
                self._run("opening", "open")
            case "CLOSE" if now != "closed":
                self._run("closing", "closed")
            case "STOP" if now in ("opening", "closing"):
                self.show(door="stopped")

    def _run(self, moving: str, end: str) -> None:
        self.show(door=moving)
        self.after(self.travel_s, lambda: self.show(door=end) if self.shown["door"] == moving else None)


class Valve(Native):
    """A tap on a motor."""

    pace_s = (0.2, 0.4)

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["valve"] = "closed"
        self.takes["valve"] = self._take

    def components(self) -> dict[str, Json]:
        return {
            "valve": {"p": "valve", "name": None, "dev_cla": "water", "cmd_t": "~/valve/set", "stat_t": "~/valve"},
        }

    def _take(self, text: str) -> None:
        target = {"OPEN": "open", "CLOSE": "closed"}.get(text)
        if target is None or target == self.shown["valve"]:
            return
        self.show(valve="opening" if target == "open" else "closing")
        self.after(1.0, lambda: self.show(valve=target))


class AlarmPanel(Native):
    """The house's alarm: it leaves a moment to get out before it is armed."""

    _MODES: Final = {"ARM_HOME": "armed_home", "ARM_AWAY": "armed_away", "ARM_NIGHT": "armed_night"}

    def __init__(self, around: Surroundings, name: str, area: str) -> None:
        super().__init__(around, name, area)
        self.shown["mode"] = "disarmed"
        self.takes["mode"] = self._take

    def components(self) -> dict[str, Json]:
        return {
            "alarm": {
                "p": "alarm_control_panel",
                "name": None,
                "cmd_t": "~/mode/set",
                "stat_t": "~/mode",
                "sup_feat": ["arm_home", "arm_away", "arm_night"],
                "cod_arm_req": False,
                "cod_dis_req": False,
            }
        }

    def _take(self, text: str) -> None:
        if text == "DISARM":
            self.show(mode="disarmed")
        elif text in self._MODES:
            self.show(mode="arming")
            self.after(1.5, lambda: self.show(mode=self._MODES[text]) if self.shown["mode"] == "arming" else None)
