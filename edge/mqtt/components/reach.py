"""Whether a device can be reached, by what its availability topics say."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from edge.mqtt.components import keys
from edge.mqtt.payloads import Message, topic_matches
from edge.mqtt.templates import Template

_ONLINE: Final = "online"
_OFFLINE: Final = "offline"


@dataclass(frozen=True, slots=True)
class _Source:
    """One availability topic and what it may say."""

    topic: str
    template: Template | None
    available: str
    not_available: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the topics go together: `all` must be up, `any` of them, or the `latest` word counts."""

    mode: str
    sources: tuple[_Source, ...]


class Availability:
    """The availability of one entity: not available until its topics have said so."""

    __slots__ = ("heard", "latest", "rule", "seen")

    def __init__(self, rule: _Rule) -> None:
        self.rule = rule
        self.heard = 0
        self.seen = 0
        self.latest = False

    @property
    def topics(self) -> frozenset[str]:
        """The topics to subscribe to."""
        return frozenset(source.topic for source in self.rule.sources)

    @property
    def available(self) -> bool:
        """Whether the device is there."""
        if self.rule.mode == "all":
            return self.seen == (1 << len(self.rule.sources)) - 1
        return self.seen > 0 if self.rule.mode == "any" else self.latest

    @property
    def is_told(self) -> bool:
        """Whether its topics have said enough to know; a device that has just been announced may be yet to do so."""
        every = (1 << len(self.rule.sources)) - 1
        if self.rule.mode == "latest":
            return self.heard != 0
        gone = self.heard & ~self.seen
        return self.heard == every or (gone != 0 if self.rule.mode == "all" else self.seen != 0)

    def take(self, topic: str, message: Message) -> bool:
        """Takes a message in; False when it says nothing about availability."""
        understood = False
        for place, source in enumerate(self.rule.sources):
            if not topic_matches(source.topic, topic):
                continue
            text = message.value if source.template is None else source.template.read(message)
            if text == source.available:
                self.heard |= 1 << place
                self.seen |= 1 << place
                understood = self.latest = True
            elif text == source.not_available:
                self.heard |= 1 << place
                self.seen &= ~(1 << place)
                self.latest = False
                understood = True
        return understood

    def adopt(self, earlier: "Availability") -> None:
        """Takes over what was seen, as far as the topics are the same."""
        self.latest = earlier.latest
        known = {source.topic: place for place, source in enumerate(earlier.rule.sources)}
        for place, source in enumerate(self.rule.sources):
            if source.topic in known:
                self.heard |= (earlier.heard >> known[source.topic] & 1) << place
                self.seen |= (earlier.seen >> known[source.topic] & 1) << place


_ENTRY: Final[keys.Keys] = {
    "topic": keys.source(required=True),
    "payload_available": keys.text(_ONLINE),
    "payload_not_available": keys.text(_OFFLINE),
    "value_template": keys.template(),
}
_SINGLE: Final[keys.Keys] = {
    "availability_topic": keys.source(),
    "availability_template": keys.template(),
    "payload_available": keys.text(_ONLINE),
    "payload_not_available": keys.text(_OFFLINE),
    "availability_mode": keys.one_of(("all", "any", "latest"), "latest"),
}


def reach_of(payload: Mapping[str, Any]) -> Availability | None:
    """The availability a configuration describes, or None where it describes none. Raises `KeyValueError`."""
    if "availability" not in payload and "availability_topic" not in payload:
        return None
    single = keys.parse(_SINGLE, payload)
    sources: dict[str, _Source] = {}
    if "availability_topic" in single:
        sources[single["availability_topic"]] = _Source(
            single["availability_topic"],
            single.get("availability_template"),
            single.get("payload_available", _ONLINE),
            single.get("payload_not_available", _OFFLINE),
        )
    entries = payload.get("availability")
    for entry in entries if isinstance(entries, list) else [] if entries is None else [entries]:
        if not isinstance(entry, Mapping):
            raise keys.KeyValueError(f"availability: expected topics, got {keys.shown(entry)}")
        given = keys.parse(_ENTRY, entry)
        sources[given["topic"]] = _Source(
            given["topic"],
            given.get("value_template"),
            given.get("payload_available", _ONLINE),
            given.get("payload_not_available", _OFFLINE),
        )
    if not sources:
        return None
    if len(sources) > 32:
        raise keys.KeyValueError(f"availability: {len(sources)} topics, at most 32 are taken")
    return Availability(_rule(single.get("availability_mode", "latest"), tuple(sources.values())))


@lru_cache(maxsize=4096)
def _rule(mode: str, sources: tuple[_Source, ...]) -> _Rule:
    """The rule, kept once for all entities of a device."""
    return _Rule(mode, sources)
