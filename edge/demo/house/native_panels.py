"""Wi-Fi devices that ring, show, play and tell others: a doorbell, a display, players, scenes."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from edge.demo.house.native import Native
from edge.demo.house.thing import Json, Message, Surroundings


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
