"""Takes the steps of the script one by one and judges each by what the house shows."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.demo.effects import Effect, Seen, field_of
from edge.demo.house.house import matches
from edge.demo.house.thing import Thing
from edge.demo.household import BASE
from edge.demo.script import Step
from edge.demo.stage import Stage
from edge.demo.watch import Heard, decoded

_LINGER_S: Final = 0.4
"""How long nothing must happen where nothing may."""
_NOISE: Final = frozenset(
    ("action", "current", "energy", "left", "linkquality", "local_temperature", "power_w", "running_state", "SENSOR")
)
"""What devices measure rather than do."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a device now says differently."""

    topic: str
    key: str
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Result:
    """How one sentence went."""

    text: str
    reply: dict[str, Any]
    commands: tuple[Heard, ...]
    changes: tuple[Change, ...]
    events: tuple[str, ...]
    """What the service told unasked."""
    command_ms: float | None
    """From the sentence to the first command on the broker."""
    change_ms: float | None
    """From the sentence to the first thing the house showed of it."""
    reply_ms: float
    problems: tuple[str, ...] = ()
    step: Step | None = None

    @property
    def passed(self) -> bool:
        """Whether every effect was seen."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """One line of `edge demo --json`."""
        step = self.step
        return {
            "text": self.text,
            "title": step.title if step else None,
            "area": step.area if step else None,
            "passed": self.passed,
            "problems": list(self.problems),
            "decision": self.reply.get("decision"),
            "source": self.reply.get("source"),
            "calls": self.reply.get("calls", []),
            "commands": [{"topic": one.topic, "payload": one.payload} for one in self.commands],
            "changes": [
                {"topic": one.topic, "key": one.key or None, "before": one.before, "now": one.now}
                for one in self.changes
            ],
            "events": list(self.events),
            "reply": self.reply.get("text", ""),
            "ms": {"command": self.command_ms, "change": self.change_ms, "reply": self.reply_ms},
        }


async def tour(stage: Stage, steps: Sequence[Step]) -> AsyncIterator[Result]:
    """One result a step."""
    for step in steps:
        if step.needs_model:
            await stage.until_model()
        yield await take(stage, step)


async def take(stage: Stage, step: Step) -> Result:
    """Say the sentence, wait for its effects, judge them."""
    missing = [
        f"{device} can't be told to {deed}" for device, deed in step.hands if not await stage.watch.hand(device, deed)
    ]
    watch = stage.watch
    await stage.check()
    watch.forget()
    before, begin = dict(watch.latest), len(watch.heard)
    reply, asked_s = await watch.ask(step.say, step.area)
    filters = tuple(stage.house.command_filters())

    def seen() -> Seen:
        return Seen(before, watch.latest, tuple(watch.heard[begin:]), reply, asked_s, filters)

    def lacking(effects: Sequence[Effect]) -> list[str]:
        now = seen()
        return [lack for effect in effects if (lack := effect.lacks(now)) is not None]

    wanted = [effect for effect in step.effects if not effect.lasting]
    hopeless = reply.get("decision") in ("chat", "clarify", "ignore")
    await watch.until(lambda: not lacking(wanted), _LINGER_S if hopeless else step.within_s)
    if any(effect.lasting for effect in step.effects):
        await asyncio.sleep(_LINGER_S)
    problems = missing + lacking(step.effects)
    return _result(stage, step.say, seen(), problems, step)


async def say(stage: Stage, text: str, area: str | None) -> Result:
    """A sentence of the person at the prompt: what came of it until the reply and a moment after."""
    watch = stage.watch
    await stage.check()
    watch.forget()
    before, begin = dict(watch.latest), len(watch.heard)
    reply, asked_s = await watch.ask(text, area)
    await asyncio.sleep(_LINGER_S / 4)
    filters = tuple(stage.house.command_filters())
    seen = Seen(before, watch.latest, tuple(watch.heard[begin:]), reply, asked_s, filters)
    return _result(stage, text, seen, [], None)


def _result(stage: Stage, text: str, seen: Seen, problems: list[str], step: Step | None) -> Result:
    commands = seen.commanded()
    moved = [thing for thing in stage.house.things if any(owns(thing, one.topic) for one in commands)]
    shown = [one for one in seen.since if any(speaks(thing, one.topic) for thing in moved) and one not in commands]
    changes = changed(seen.before, shown)
    first = next((one for one in shown if any(one.topic == change.topic for change in changes)), None)
    reply_s = next((one.at_s for one in seen.since if _answers(one, seen.reply)), seen.asked_s)

    def ms(at_s: float) -> float:
        return round((at_s - seen.asked_s) * 1000, 1)

    return Result(
        text,
        dict(seen.reply),
        tuple(commands),
        tuple(changes),
        tuple(told for one in seen.since if (told := event_of(one)) is not None),
        ms(commands[0].at_s) if commands else None,
        ms(first.at_s) if first else None,
        ms(reply_s),
        tuple(problems),
        step,
    )


def changed(before: Mapping[str, str], shown: Sequence[Heard]) -> list[Change]:
    """What was different at the end from what it was before, by topic and key."""
    latest = {one.topic: one.payload for one in shown}
    found: list[Change] = []
    for topic, payload in latest.items():
        now = decoded(payload)
        keys = list(now) if isinstance(now, dict) else [""]
        for key in keys:
            was = field_of(before[topic], key or None) if topic in before else None
            value = field_of(payload, key or None)
            if was != value and key not in _NOISE and topic.rpartition("/")[2] not in _NOISE:
                found.append(Change(topic, key, was, value))
    return found


def event_of(heard: Heard) -> str | None:
    """What the service tells of its own accord, in words; None for anything else."""
    if heard.topic != f"{BASE}/event" or not isinstance(heard.json, dict) or heard.json.get("event") == "request":
        return None
    return str(heard.json.get("text") or "") or None


def owns(thing: Thing, topic: str) -> bool:
    """Whether a topic is one that the device takes commands on."""
    return any(matches(wanted, topic) for wanted in thing.command_topics())


def speaks(thing: Thing, topic: str) -> bool:
    """Whether a topic is the device's own."""
    return topic == thing.base or topic.startswith(f"{thing.base}/")


def _answers(one: Heard, reply: Any) -> bool:
    return one.topic.endswith("/reply") and isinstance(one.json, dict) and one.json.get("id") == reply.get("id")
