"""What a step of the tour expects to see: on the house's own topics first, in the reply where that is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge.demo.house.house import matches
from edge.demo.household import BASE
from edge.demo.watch import Heard, decoded


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see when a step is judged."""

    before: Mapping[str, str]
    """The last payload of every topic when the step began."""
    now: Mapping[str, str]
    since: tuple[Heard, ...]
    """Everything that was heard since it began."""
    reply: Mapping[str, Any]
    asked_s: float
    commands: tuple[str, ...]
    """The topic filters that devices take commands on."""

    @property
    def text(self) -> str:
        """What the assistant said."""
        return str(self.reply.get("text", ""))

    def commanded(self) -> list[Heard]:
        """What was sent to devices."""
        return [one for one in self.since if any(matches(wanted, one.topic) for wanted in self.commands)]


class Effect(Protocol):
    """Something to see."""

    lasting: bool
    """Whether it is about something that must not happen: judged last, after a pause."""

    def lacks(self, seen: Seen) -> str | None:
        """What is missing, for a person; None when it is there."""
        ...


@dataclass(frozen=True, slots=True)
class Shows:
    """A topic of the house (a key of its JSON) comes to say something; numbers may differ by `within`."""

    topic: str
    key: str | None
    wanted: Any
    within: float = 0.0
    not_before_s: float = 0.0
    """How long after the sentence at the earliest."""
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None once it was said since the sentence, and is so still."""
        value = value_of(seen.now, self.topic, self.key)
        what = f"{self.topic}{f' {self.key}' if self.key else ''}"
        if not self._fits(value):
            return f"{what} is {value!r}, expected {self.wanted!r}"
        said = [one for one in seen.since if one.topic == self.topic and self._fits(field_of(one.payload, self.key))]
        if not said:
            return f"{what} was {self.wanted!r} before"
        early_s = self.not_before_s - (said[0].at_s - seen.asked_s)
        return f"{what} was {self.wanted!r} {early_s:.1f} s too early" if early_s > 0 else None

    def _fits(self, value: Any) -> bool:
        if isinstance(self.wanted, int | float) and isinstance(value, int | float):
            return abs(value - self.wanted) <= self.within
        return bool(value == self.wanted)


@dataclass(frozen=True, slots=True)
class Sinks:
    """A number of the house goes down."""

    topic: str
    key: str | None = None
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None once it is less than before."""
        before, now = value_of(seen.before, self.topic, self.key), value_of(seen.now, self.topic, self.key)
        if isinstance(before, int | float) and isinstance(now, int | float) and now < before:
            return None
        return f"{self.topic} {self.key or ''} went from {before!r} to {now!r}, expected less"


@dataclass(frozen=True, slots=True)
class Blue:
    """A lamp shows a colour that anyone would call blue: CIE x, y near the blue corner."""

    topic: str
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None once it is blue."""
        color = value_of(seen.now, self.topic, "color")
        if isinstance(color, dict) and color.get("x", 1) < 0.22 and color.get("y", 1) < 0.16:
            return None
        return f"{self.topic} has the colour {color!r}, expected blue"


@dataclass(frozen=True, slots=True)
class Keeps:
    """A topic of the house says what it said before."""

    topic: str
    key: str | None = None
    lasting = True

    def lacks(self, seen: Seen) -> str | None:
        """None while it is so."""
        before, now = value_of(seen.before, self.topic, self.key), value_of(seen.now, self.topic, self.key)
        return None if before == now else f"{self.topic} {self.key or ''} went from {before!r} to {now!r}"


@dataclass(frozen=True, slots=True)
class Still:
    """No device was told anything."""

    lasting = True

    def lacks(self, seen: Seen) -> str | None:
        """None while nothing was sent."""
        sent = seen.commanded()
        return f"{sent[0].topic} was sent {sent[0].payload}" if sent else None


@dataclass(frozen=True, slots=True)
class Says:
    """The reply has these words, in any case."""

    words: tuple[str, ...]
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None when it has all of them."""
        missing = [word for word in self.words if word.lower() not in seen.text.lower()]
        return f"the reply lacks {missing[0]!r}: {seen.text!r}" if missing else None


@dataclass(frozen=True, slots=True)
class Measures:
    """The reply has the number that the house shows, to a tenth."""

    topic: str
    key: str | None = None
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None when one of its numbers is right, now or when it was asked."""
        true = [value_of(state, self.topic, self.key) for state in (seen.before, seen.now)]
        said = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", seen.text)]
        for value in true:
            if isinstance(value, int | float) and any(abs(value - number) < 0.11 for number in said):
                return None
        return f"the reply lacks {true[-1]!r}, which {self.topic} shows: {seen.text!r}"


@dataclass(frozen=True, slots=True)
class Asks:
    """The assistant asks back."""

    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None for a question."""
        return None if seen.text.rstrip().endswith("?") else f"expected a question, not {seen.text!r}"


@dataclass(frozen=True, slots=True)
class Quiet:
    """The assistant says nothing."""

    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None for silence."""
        return f"expected silence, not {seen.text!r}" if seen.text else None


@dataclass(frozen=True, slots=True)
class Talks:
    """The language model says something."""

    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None when it did."""
        if seen.reply.get("source") == "llm" and seen.text.strip() and "edge models" not in seen.text:
            return None
        return f"expected the language model to answer, not {seen.reply.get('source')}: {seen.text!r}"


@dataclass(frozen=True, slots=True)
class Happens:
    """The service tells of an event, at least so long after the sentence."""

    event: str
    not_before_s: float = 0.0
    lasting = False

    def lacks(self, seen: Seen) -> str | None:
        """None once it was told."""
        for one in seen.since:
            if one.topic == f"{BASE}/event" and isinstance(one.json, dict) and one.json.get("event") == self.event:
                early_s = self.not_before_s - (one.at_s - seen.asked_s)
                return f"{self.event} came {early_s:.1f} s too early" if early_s > 0 else None
        return f"no event {self.event!r} came"


def value_of(state: Mapping[str, str], topic: str, key: str | None) -> Any:
    """What a topic says, or a key of its JSON; None where it says nothing."""
    return field_of(state[topic], key) if topic in state else None


def field_of(payload: str, key: str | None) -> Any:
    """A key of a JSON payload; the whole of it for none."""
    value = decoded(payload)
    if key is None:
        return value
    return value.get(key) if isinstance(value, dict) else None
