"""Who wants which topics: exact ones by look-up, for there are thousands; wildcards one by one, for there are few."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from edge.mqtt.errors import MqttLinkError


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came in."""

    topic: str
    payload: bytes
    retain: bool = False
    """Whether the broker had kept it: it may be old."""
    response_topic: str | None = None
    correlation: bytes | None = None


Handler = Callable[[Received], None]
"""Takes a message at once, without waiting; it is called on the loop."""


_NO_LIMIT: Final = 1 << 28
_AROUND_BYTES: Final = 16
_AROUND_FILTER_BYTES: Final = 3
"""What a packet has beside its filters, and beside each of them, at most."""
_NONE: Final[dict[str, tuple[Handler, ...]]] = {}
_COMING: Final = Received("", b"")
"""Stands for what the broker will send, or has no need to."""


class Subscriptions:
    """The table of filters and handlers, and what of it the broker has yet to be told."""

    def __init__(self) -> None:
        self._exact: dict[str, tuple[Handler, ...]] = {}
        self._wild: dict[str, dict[str, tuple[Handler, ...]]] = {}
        """By the first two levels, where those are no wildcards: discovery alone has fifty filters."""
        self._qos: dict[str, int] = {}
        self.others_only: set[str] = set()
        """Filters for which the broker is to leave out what this connection publishes."""
        self._to_add: dict[str, None] = {}
        self._to_remove: dict[str, None] = {}
        self._telling: set[str] = set()
        self._kept: dict[str, Received | None] = {}

    def __len__(self) -> int:
        return len(self._qos)

    @property
    def untold(self) -> bool:
        """Whether there are filters that the broker has not confirmed."""
        return bool(self._to_add or self._telling)

    def add(self, topic_filter: str, handler: Handler, qos: int, *, others_only: bool = False) -> Received | None:
        """Call `handler` for every message that the filter matches; `others_only` where all its handlers want that.

        Returns what the broker has retained there where that is known. Where it is not, the broker is told of the
        filter, again if need be, and sends it.
        """
        if not is_valid_filter(topic_filter):
            raise MqttLinkError(f"{topic_filter[:100]!r} is not a topic to subscribe to")
        wild = _has_wildcard(topic_filter)
        table = self._wild.setdefault(_head(topic_filter), {}) if wild else self._exact
        handlers = table.get(topic_filter, ())
        if handler in handlers:
            return None
        table[topic_filter] = (*handlers, handler)
        if others_only and not handlers:
            self.others_only.add(topic_filter)
        elif not others_only:
            self.others_only.discard(topic_filter)
        higher = qos > self._qos.get(topic_filter, -1)
        self._qos[topic_filter] = max(qos, self._qos.get(topic_filter, 0))
        kept = self._kept.get(topic_filter, _COMING)
        if higher or wild or kept is None:
            self._to_remove.pop(topic_filter, None)
            self._to_add[topic_filter] = None
            return None
        return None if kept is _COMING else kept

    def note(self, message: Received) -> None:
        """Remember what is retained on a topic, until something newer comes: that may be retained or not."""
        if message.topic in self._exact:
            self._kept[message.topic] = message if message.retain else None

    def remove(self, topic_filter: str, handler: Handler) -> None:
        """The handler is not called for this filter any more."""
        wild = _has_wildcard(topic_filter)
        table = self._wild.setdefault(_head(topic_filter), {}) if wild else self._exact
        handlers = tuple(known for known in table.get(topic_filter, ()) if known != handler)
        if handlers:
            table[topic_filter] = handlers
        elif table.pop(topic_filter, None) is not None:
            del self._qos[topic_filter]
            self.others_only.discard(topic_filter)
            self._kept.pop(topic_filter, None)
            self._to_add.pop(topic_filter, None)
            self._to_remove[topic_filter] = None

    def handlers(self, topic: str) -> Iterable[Handler]:
        """Whom a message on this topic is for."""
        found = self._exact.get(topic, ())
        for head in (_head(topic), ""):
            for topic_filter, handlers in self._wild.get(head, _NONE).items():
                if matches(topic_filter, topic):
                    found += handlers
        return found

    def tell_all(self) -> None:
        """A fresh connection: the broker is to be told everything, wildcards first, as they bring the most."""
        self._to_remove.clear()
        self._telling.clear()
        self._kept.clear()
        self._to_add = dict.fromkeys([*chain.from_iterable(self._wild.values()), *self._exact])

    def take_additions(self, most: int, most_bytes: int | None = None) -> list[tuple[str, int]]:
        """The next filters to subscribe to, with their quality of service; a wildcard, which may bring much, alone.

        `most_bytes`: what the broker takes in one packet.
        """
        batch: list[tuple[str, int]] = []
        room = (most_bytes or _NO_LIMIT) - _AROUND_BYTES
        for topic_filter in islice(self._to_add, most):
            room -= len(topic_filter.encode()) + _AROUND_FILTER_BYTES
            if batch and (_has_wildcard(topic_filter) or room < 0):
                break
            batch.append((topic_filter, self._qos[topic_filter]))
            if _has_wildcard(topic_filter):
                break
        for topic_filter, _ in batch:
            del self._to_add[topic_filter]
            self._telling.add(topic_filter)
        return batch

    def note_told(self, batch: Iterable[tuple[str, int]]) -> None:
        """The broker has answered."""
        self._telling.difference_update(topic_filter for topic_filter, _ in batch)

    def take_removals(self, most: int, most_bytes: int | None = None) -> list[str]:
        """The next filters to unsubscribe from."""
        batch: list[str] = []
        room = (most_bytes or _NO_LIMIT) - _AROUND_BYTES
        for topic_filter in islice(self._to_remove, most):
            room -= len(topic_filter.encode()) + _AROUND_FILTER_BYTES
            if batch and room < 0:
                break
            batch.append(topic_filter)
        for topic_filter in batch:
            del self._to_remove[topic_filter]
        return batch


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a filter with `+` and `#` takes a topic; those that begin with `$` only by name (MQTT 5, 4.7.2)."""
    if topic.startswith("$") and not topic_filter.startswith("$"):
        return False
    if topic_filter.endswith("/#") and "+" not in topic_filter:
        return topic.startswith(topic_filter[:-1]) or topic == topic_filter[:-2]
    wanted, given = topic_filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(given) or (level != "+" and level != given[index]):
            return False
    return len(wanted) == len(given)


def is_valid_filter(topic_filter: str) -> bool:
    """Whether a broker would take it (MQTT 5, 4.7.1); another one would cost us the connection."""
    levels = topic_filter.split("/")
    size = len(topic_filter.encode("utf-8", "surrogatepass"))
    return (
        0 < size <= 65_535
        and topic_filter.isprintable()
        and all(level in {"+", "#"} or not _has_wildcard(level) for level in levels)
        and "#" not in levels[:-1]
    )


def is_valid_topic(topic: str) -> bool:
    """Whether one can publish to it."""
    return not _has_wildcard(topic) and is_valid_filter(topic)


def _head(text: str) -> str:
    """The first two levels of a topic, or of a filter that has no wildcard there; else nothing."""
    levels = text.split("/", 2)[:2]
    return "/".join(levels) if len(levels) == 2 and not _has_wildcard("".join(levels)) else ""


def _has_wildcard(text: str) -> bool:
    return "+" in text or "#" in text
