"""The whole house: messages and the time go in, messages come out. Pure, and the same for the same seed."""

import json
import random
from collections.abc import Iterator
from typing import Final

from edge.demo.house import plan
from edge.demo.house.thing import DISCOVERY, Agenda, Message, Radio, Surroundings, Thing

HAND: Final = "house/hand"
"""Where a person's hand comes in: `{"device": "Hall Light", "do": "press"}`; also `unplug`, `plug_in`, `open`, …"""
DONE: Final = "house/hand/done"
"""The same again with `done`, once it was tried."""
_TICK_S: Final = 0.5
_STEP_S: Final = 120.0
"""The longest step of the physics."""


class House:
    """All devices; `speed` is how much faster than ours the world's time passes (devices move at their own pace)."""

    def __init__(self, *, seed: int = 1, start_hour: float = 8.0, speed: float = 1.0) -> None:
        chance = random.Random(seed)  # noqa: S311 (uneven delays, not secrets)
        self._speed = speed
        self._agenda = Agenda()
        self._world = plan.world(chance, start_hour * 3600)
        self._world.live(1.0)
        around = Surroundings(self._agenda, self._world, chance)
        plan.furnish(around)
        self.things: tuple[Thing, ...] = tuple(around.things)
        self.radios: tuple[Radio, ...] = tuple({id(thing.radio): thing.radio for thing in self.things}.values())
        self._agenda.after(_TICK_S, self._tick)

    @property
    def next_s(self) -> float:
        """When something will happen next by itself, on the clock that `advance` is told."""
        return self._agenda.next_s or 0.0

    @property
    def entities(self) -> int:
        """How many entities its discovery describes."""
        messages = (message for thing in self.things for message in thing.announcements())
        return sum(len(json.loads(message.payload).get("cmps", (1,))) for message in messages)

    def filters(self, radio: Radio) -> tuple[str, ...]:
        """What a connection subscribes to."""
        topics = (topic for thing in radio.things for topic in thing.command_topics())
        return (*topics, f"{DISCOVERY}/status", *((HAND,) if radio is self.radios[0] else ()))

    def connected(self, radio: Radio) -> None:
        """A connection is up: it announces its devices, says that it is there, and reports."""
        for thing in radio.things:
            radio.outbox.extend(thing.announcements())
        radio.outbox.append(radio.birth)
        for thing in radio.things:
            thing.greet()
            thing.report()

    def receive(self, radio: Radio, topic: str, payload: str) -> None:
        """A message comes in on a connection."""
        if topic == HAND:
            self._hand(payload)
        elif topic == f"{DISCOVERY}/status":
            if payload == "online":
                self._agenda.after(0.2, lambda: self.connected(radio))
        else:
            for thing in radio.things:
                if thing.plugged and any(matches(wanted, topic) for wanted in thing.command_topics()):
                    thing.receive(topic, payload)

    def advance(self, now_s: float) -> None:
        """Let time pass until then; the messages are in the outboxes of the radios."""
        self._agenda.run_until(now_s)

    def command_filters(self) -> Iterator[str]:
        """Every topic filter that devices take commands on."""
        for thing in self.things:
            yield from thing.command_topics()

    def _tick(self) -> None:
        left_s = _TICK_S * self._speed
        while left_s > 0:
            step_s = min(left_s, _STEP_S)
            self._world.live(step_s)
            for thing in self.things:
                thing.live(step_s)
            left_s -= step_s
        self._agenda.after(_TICK_S, self._tick)

    def _hand(self, payload: str) -> None:
        try:
            wish = json.loads(payload)
        except ValueError:
            return
        if not isinstance(wish, dict):
            return
        done = [
            thing.touch(str(wish.get("do")))
            for thing in self.things
            if thing.name.lower() == str(wish.get("device")).lower()
        ]
        self.radios[0].outbox.append(Message(DONE, json.dumps({**wish, "done": any(done)}), retain=False))


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic is one that a filter with `+` wants."""
    wanted_levels, levels = wanted.split("/"), topic.split("/")
    return len(wanted_levels) == len(levels) and all(
        one in ("+", level) for one, level in zip(wanted_levels, levels, strict=True)
    )
