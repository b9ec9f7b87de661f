"""The English sentence templates of the package home-assistant-intents, as families of our own corpus format."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import permutations
from typing import Any, Final

from edge.router.training.grammar import Choice, Family, GrammarError, Node, Sequence, Slotted, Words

_ON_OFF: Final = {"light", "switch", "fan", "media_player", "climate", "humidifier", "siren", "water_heater"}
_KINDS: Final = {
    "light": "light", "fan": "fan", "cover": "cover", "lock": "lock", "media_player": "media", "climate": "climate",
    "vacuum": "vacuum", "lawn_mower": "mower", "valve": "valve", "scene": "scene", "script": "script", "switch": "switch",
    "person": "person", "sensor": "sensor", "weather": "sensor", "todo": "any", "alarm_control_panel": "panel",
}  # fmt: skip
_FIXED: Final = {
    "HassBroadcast": "assistant.broadcast", "HassCancelAllTimers": "timer.cancel_all", "HassCancelTimer": "timer.cancel",
    "HassClimateGetTemperature": "climate.get_temperature", "HassClimateSetFanMode": "climate.set_fan_mode",
    "HassClimateSetTemperature": "climate.set_temperature", "HassDecreaseTimer": "timer.subtract",
    "HassFanSetSpeed": "fan.set_speed", "HassGetCurrentDate": "date.get", "HassGetCurrentTime": "time.get",
    "HassGetState": "state.get", "HassGetWeather": "weather.get", "HassIncreaseTimer": "timer.add",
    "HassLawnMowerDock": "lawn_mower.dock", "HassLawnMowerStartMowing": "lawn_mower.start_mowing", "HassLightSet": "light.set",
    "HassListAddItem": "todo.add_item", "HassListCompleteItem": "todo.complete_item", "HassListRemoveItem": "todo.remove_item",
    "HassMediaNext": "media_player.next", "HassMediaPause": "media_player.pause", "HassMediaPlayerMute": "media_player.mute",
    "HassMediaPlayerUnmute": "media_player.unmute", "HassMediaPrevious": "media_player.previous",
    "HassMediaSearchAndPlay": "media_player.play_media", "HassMediaUnpause": "media_player.play",
    "HassNevermind": "assistant.nevermind", "HassPauseTimer": "timer.pause", "HassSetVolume": "media_player.volume_set",
    "HassShoppingListAddItem": "todo.add_item", "HassShoppingListCompleteItem": "todo.complete_item",
    "HassStartTimer": "timer.start", "HassTimerStatus": "timer.status", "HassUnpauseTimer": "timer.resume",
    "HassVacuumCleanArea": "vacuum.clean_area", "HassVacuumReturnToBase": "vacuum.return_to_base", "HassVacuumStart": "vacuum.start",
}  # fmt: skip
_SKIPPED: Final = {"HassRespond", "HassSetVolumeRelative"}
_SLOTS: Final = {
    "brightness": ("level", "brightness"), "brightness_level": ("level", "brightness"), "color": ("color", ""),
    "color_temperature_names": ("color", ""), "temperature": ("level", "temperature"), "position": ("level", "position"),
    "fan_speed": ("level", "speed"), "volume": ("level", "volume"), "fan_mode": ("mode", "fan"), "search_query": ("media", ""),
    "message": ("message", ""), "timer_name": ("label", "timer"), "shopping_list_item": ("item", ""), "todo_list_item": ("item", ""),
    "on_off_states": ("state", "on"), "lock_states": ("state", "lock"), "cover_states": ("state", "open"),
    "bs_open_states": ("state", "open"), "bs_occupancy_states": ("state", "any"),
}  # fmt: skip
_STATE_LISTS: Final = {"on_off_states", "lock_states", "cover_states", "bs_open_states", "bs_occupancy_states"}


@dataclass(slots=True)
class _Context:
    rules: Mapping[str, str]
    lists: Mapping[str, Any]
    kind: str
    function: str
    depth: int = 0


def families() -> list[Family]:
    """One family a block of templates that stand for one intent on one kind of thing."""
    data = json.loads(files("home_assistant_intents").joinpath("data/en.json").read_text("utf-8"))
    found = []
    for intent, body in data["intents"].items():
        for number, block in enumerate(body["data"]):
            function, kind = _function(intent, block)
            if function is None:
                continue
            context = _Context(
                {**data["expansion_rules"], **block.get("expansion_rules", {})},
                {**data["lists"], **block.get("lists", {})},
                kind,
                function,
            )
            lines = [line for text in block["sentences"] if (line := _line(text, context)) is not None]
            if lines:
                found.append(Family(function, f"home-assistant/{intent}-{number}", tuple(lines)))
    return found


def _function(intent: str, block: Mapping[str, Any]) -> tuple[str | None, str]:
    wanted = block.get("requires_context", {}).get("domain") or block.get("slots", {}).get("domain") or ""
    domain = wanted[0] if isinstance(wanted, list) else str(wanted)
    kind = _KINDS.get(domain, "any")
    text = " ".join(block["sentences"])
    if intent in _SKIPPED or "conversation_command" in text:
        return None, kind
    if intent in ("HassTurnOn", "HassTurnOff"):
        return _on_off(intent == "HassTurnOn", domain, text), kind
    if intent == "HassSetPosition":
        return ("valve.set_position" if domain == "valve" else "cover.set_position"), kind if kind != "any" else "cover"
    defaults = {"HassLightSet": "light", "HassFanSetSpeed": "fan", "HassVacuumStart": "vacuum", "HassVacuumReturnToBase": "vacuum",
                "HassLawnMowerDock": "mower", "HassLawnMowerStartMowing": "mower", "HassClimateSetTemperature": "climate"}  # fmt: skip
    return _FIXED.get(intent), kind if kind != "any" else defaults.get(
        intent, "media" if "Media" in intent or "Volume" in intent else kind
    )


def _on_off(on: bool, domain: str, text: str) -> str | None:
    verb = "turn_on" if on else "turn_off"
    if domain in _ON_OFF:
        return f"{domain}.{verb}"
    if domain in ("cover", "valve") or "<open>" in text or "<close>" in text or "cover_classes" in text:
        return f"{'valve' if domain == 'valve' else 'cover'}.{'open' if on else 'close'}"
    if domain == "lock" or "lockable" in text:
        return "lock.lock" if on else "lock.unlock"
    if domain in ("scene", "script") and on:
        return f"{domain}.turn_on"
    return "light.turn_on" if "<light>" in text and on else "light.turn_off" if "<light>" in text else f"switch.{verb}"


def _line(text: str, context: _Context) -> Node | None:
    try:
        return _Template(text, context).whole()
    except (GrammarError, RecursionError):
        return None


class _Template:
    """hassil's template language: optional, alternatives, permutations, lists and rules."""

    def __init__(self, text: str, context: _Context) -> None:
        self.text, self.context, self.at = text, context, 0

    def whole(self) -> Node:
        return self.sequence("")

    def sequence(self, stop: str) -> Node:
        options: list[Node] = []
        parts: list[Node] = []
        permuted: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in stop:
            char = self.text[self.at]
            if char == "|":
                options.append(Sequence(tuple(parts)))
                parts = []
                self.at += 1
            elif char == ";":
                permuted.append(Sequence(tuple(parts)))
                parts = []
                self.at += 1
            else:
                parts.append(self.part(char))
        options.append(Sequence(tuple(parts)))
        if permuted:
            items = [*permuted, *options]
            space = Words(" ")
            orders = [
                Sequence(tuple(node for item in order for node in (item, space))) for order in permutations(items)
            ]
            return Choice(tuple(orders))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def part(self, char: str) -> Node:
        if char in "([":
            close = {"(": ")", "[": "]"}[char]
            self.at += 1
            inner = self.sequence(close)
            self.at += 1
            return inner if char == "(" else Choice((inner, Words("")))
        match = re.compile(r"\{([a-z_0-9]+)(?::([a-z_0-9]+))?\}|<([a-z_0-9]+)>|[^()\[\]{}<>|;]+").match(
            self.text, self.at
        )
        if match is None:
            raise GrammarError(f"not a template: {self.text}")
        self.at = match.end()
        if match[3]:
            return self.rule(match[3])
        return self.slot(match[1]) if match[1] else Words(match.group())

    def rule(self, name: str) -> Node:
        text = self.context.rules.get(name)
        if text is None or self.context.depth > 12:
            raise GrammarError(f"unknown rule {name}")
        self.context.depth += 1
        node = _Template(text, self.context).whole()
        self.context.depth -= 1
        return node

    def slot(self, name: str) -> Node:
        if name == "name":
            return (
                Slotted("list", "")
                if self.context.function.startswith("todo.")
                else Slotted("target", self.context.kind)
            )
        if name in ("area", "floor"):
            return Slotted("place", "at")
        if name == "cover_classes":
            return _spoken(_values(self.context.lists[name]), "target")
        if name.startswith("timer_"):
            return self.timer(name)
        if name == "volume_step" or name not in _SLOTS:
            raise GrammarError(f"no slot for {name}")
        slot, kind = _SLOTS[name]
        if name in _STATE_LISTS or name in ("brightness_level", "color_temperature_names"):
            return _spoken(_values(self.context.lists[name]), slot)
        return Slotted(slot, kind)

    def timer(self, name: str) -> Node:
        if name == "timer_name":
            return Slotted("label", "timer")
        raise GrammarError("spoken durations come from our own corpus")


def _values(entry: Mapping[str, Any]) -> Node:
    values = [value if isinstance(value, str) else value.get("in", "") for value in entry.get("values", [])]
    plain = [text for text in values if isinstance(text, str) and text]
    if not plain:
        raise GrammarError("a list without values")
    return Choice(tuple(_Template(text, _Context({}, {}, "any", "")).whole() for text in plain))


def _spoken(node: Node, slot: str) -> Node:
    return Slotted(slot, "", node)


_NOUNS: Final = frozenset(
    ["light", "lights", "lamp", "lamps", "lighting", "fan", "fans", "switch", "switches", "curtain", "curtains", "window", "windows", "door", "doors", "lock", "locks", "blind", "blinds", "shutter", "shutters", "shade", "shades", "awning", "awnings", "garage", "gate", "gates", "valve", "valves", "tv", "music", "movie", "media", "vacuum", "mower", "lawn", "device", "devices", "everything", "speaker", "speakers", "cover", "covers"]
)  # fmt: skip
_VERBS: Final = ("lock", "switch", "vacuum")
"""Nouns that are none where a sentence begins with them."""
_QUANTIFIERS: Final = frozenset(["all", "of", "the", "my", "our", "every", "single", "each", "and", "any", "some"])
_UNITS: Final = frozenset(["percent", "%", "degree", "degrees", "°", "celsius", "fahrenheit", "c", "f"])
"""What a level is said in belongs to it, whether the template or the sampled value says it."""
_OF_THINGS: Final = (
    "light.",
    "fan.",
    "cover.",
    "lock.",
    "switch.",
    "valve.",
    "state.get",
    "media_player.",
    "vacuum.",
    "lawn_mower.",
)


def with_nouns(words: list[str], tags: list[str], function: str) -> list[str]:
    """The templates' own nouns ("lights", "every fan") marked as targets, one span with the area before them; the units
    of levels; and the "shopping" of a shopping list."""
    tags = _with_units(words, tags)
    if function.startswith("todo."):
        return [
            "B-list" if pair == ("shopping", "list") else tag for tag, pair in zip(tags, _pairs(words), strict=True)
        ]
    if not function.startswith(_OF_THINGS):
        return tags
    for at, word in enumerate(words):
        if not tags[at] and word in _NOUNS and (at or word not in _VERBS):
            start = at
            while start and tags[start - 1].endswith("-place"):
                start -= 1
            while start and not tags[start - 1] and words[start - 1] in _QUANTIFIERS:
                start -= 1
            while start < at and words[start] in ("the", "my", "our", "of", "and", "single"):
                start += 1
            tags[start : at + 1] = ["B-target", *["I-target"] * (at - start)]
        if word == "floor" and at and not tags[at] and tags[at - 1].endswith("-place"):
            tags[at] = "I-place"
    for at in range(1, len(tags)):
        if tags[at] == "B-target" and tags[at - 1].endswith("-target"):
            tags[at] = "I-target"
    return tags


def _with_units(words: list[str], tags: list[str]) -> list[str]:
    """Units after a level's span taken into it."""
    tags = list(tags)
    for at in range(1, len(tags)):
        if not tags[at] and words[at] in _UNITS and tags[at - 1].endswith("-level"):
            tags[at] = "I-level"
    return tags


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    """Each word with the one after it."""
    return list(zip(words, [*words[1:], ""], strict=True))
