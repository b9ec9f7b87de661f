"""What every simulated device is: it announces itself, takes commands after a moment, reports, and lives in a room."""

import heapq
import itertools
import json
import math
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from edge.demo.house.world import Room, World

DISCOVERY: Final = "homeassistant"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message; everything a device says of its state is retained, events are not."""

    topic: str
    payload: str
    retain: bool = True


class Agenda:
    """What is due when, on the house's own clock in seconds."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def next_s(self) -> float | None:
        """When something is due next; None for never."""
        return self._due[0][0] if self._due else None

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do it that much later."""
        heapq.heappush(self._due, (self.now_s + delay_s, next(self._order), action))

    def run_until(self, now_s: float) -> None:
        """Do everything that is due by then, in order."""
        while self._due and self._due[0][0] <= now_s:
            due_s, _, action = heapq.heappop(self._due)
            self.now_s = max(self.now_s, due_s)
            action()
        self.now_s = max(self.now_s, now_s)


@dataclass(slots=True)
class Radio:
    """One connection to the broker: a bridge for many devices, or a device that has one of its own."""

    client_id: str
    birth: Message
    will: Message
    things: "list[Thing]" = field(default_factory=list)
    outbox: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What devices share: the agenda, the weather and rooms, and the chance that makes delays uneven."""

    agenda: Agenda
    world: World
    chance: random.Random
    things: "list[Thing]" = field(default_factory=list)
    """Every device there is."""


class Thing:
    """One device. Subclasses say what they announce, take and report."""

    pace_s: ClassVar[tuple[float, float]] = (0.02, 0.09)
    """How long it takes to react to a command."""
    lost_after_s: ClassVar[float] = 30.0
    """How long until others are told that it is gone: a keep-alive that stays out."""

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        self.name = name
        self.area = area
        self.slug = slug(name)
        self.base = self.slug
        """What its own topics begin with."""
        self.around = around
        self.radio = radio
        self.plugged = True
        radio.things.append(self)
        around.things.append(self)

    # For subclasses to fill in -------------------------------------------------------------------------------------

    def announcements(self) -> Iterable[Message]:
        """Its discovery messages."""
        return ()

    def greet(self) -> None:
        """What it says when its radio comes up, before it reports."""

    def command_topics(self) -> Iterable[str]:
        """The topic filters it takes commands on."""
        return ()

    def obey(self, topic: str, payload: str) -> None:
        """A command, after the moment it takes to react."""

    def report(self) -> None:
        """Everything it knows of itself."""

    def live(self, dt_s: float) -> None:
        """Let `dt_s` seconds of the world pass."""

    def hand(self, deed: str) -> bool:  # noqa: ARG002 (for subclasses)
        """What a person does to it with a hand; False where that can't be done."""
        return False

    # For everyone --------------------------------------------------------------------------------------------------

    @property
    def room(self) -> Room:
        """Where it stands."""
        return self.around.world.rooms[self.area]

    def receive(self, topic: str, payload: str) -> None:
        """A command comes in over the air."""
        self.after(self.around.chance.uniform(*self.pace_s), lambda: self.obey(topic, payload))

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do it later, if it has power then."""
        self.around.agenda.after(delay_s, lambda: action() if self.plugged else None)

    def say(self, topic: str, payload: Any, *, retain: bool = True) -> None:
        """Publish; what is no text goes out as JSON."""
        if self.plugged:
            text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
            self.radio.outbox.append(Message(topic, text, retain))

    def touch(self, deed: str) -> bool:
        """`unplug` and `plug_in` work on everything, the rest as the device has it."""
        if deed == "unplug":
            self.plugged = False
            self.around.agenda.after(self.lost_after_s, lambda: None if self.plugged else self.missed())
            return True
        if deed == "plug_in":
            self.plugged = True
            self.found()
            self.report()
            return True
        return self.plugged and self.hand(deed)

    def missed(self) -> None:
        """Somebody notices that it is gone: the broker, by the last will."""
        self.radio.outbox.append(self.radio.will)

    def found(self) -> None:
        """It is there again."""
        self.radio.outbox.append(self.radio.birth)


def slug(name: str) -> str:
    """A name as it stands in topics and ids."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def number(value: object) -> float | None:
    """A finite number, or the text of one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def discovery(component: str, node: str, object_id: str, config: Json) -> Message:
    """A retained discovery message."""
    topic = f"{DISCOVERY}/{component}/{node}/{object_id}/config"
    return Message(topic, json.dumps(config, ensure_ascii=False, separators=(",", ":")))
