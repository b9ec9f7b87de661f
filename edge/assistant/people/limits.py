"""What each source may order and ask, as the settings have it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.devices.model import Cause

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "timer": "timers",
        "alarm": "timers",
        "reminder": "timers",
        "todo": "lists",
        "notes": "memory",
        "names": "memory",
        "scenes": "scenes",
        "routines": "scenes",
        "state": "questions",
        "sensor": "questions",
        "summary": "questions",
        "notify": "messages",
        "guests": "people",
        "quiet": "voice",
        "assistant": "voice",
    }
)
"""What functions of no device are called together, by what stands before their dot; others by that itself."""
EVERYTHING: Final = "everything"
CHAT: Final = "chat"
"""Talk with the language model."""
FREE: Final = frozenset(
    {"assistant.stop", "assistant.nevermind", "assistant.repeat", "assistant.undo", "time.get", "date.get"}
)
"""What nobody is kept from; undoing is looked at device by device."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one source may do. `None` where nothing is said of it."""

    source: str
    """`http`, `mqtt`, `voice`, …"""
    name: str = ""
    """Who or what within it: a token's name, a satellite's; empty: whatever has no limit of its own."""
    may: frozenset[str] | None = None
    """Domains, device ids, functions and groups of functions."""
    may_not: frozenset[str] = frozenset()
    areas: frozenset[str] | None = None
    """Ids or names of the areas whose devices it may move and ask about."""
    guest: bool = False
    """Whether whoever asks there is a visitor, always."""
    area: str | None = None
    """Where it is, for requests that do not say: an id or a name."""

    def allows(self, *words: str) -> bool:
        """Whether something is allowed that goes by these words, such as a device's id and its domain."""
        if self.may_not.intersection(words):
            return False
        return self.may is None or EVERYTHING in self.may or bool(self.may.intersection(words))


class Limits:
    """The limits there are, by source."""

    def __init__(self, limits: Sequence[Limit] = ()) -> None:
        self._known = {(one.source, one.name): one for one in limits}

    def __bool__(self) -> bool:
        return bool(self._known)

    def of(self, source: str, origin: str) -> Limit | None:
        """The one for a source, and who or what within it; None where it may do everything."""
        if not self._known:
            return None
        own = self._known.get((source, origin))
        if own is None and source == "wyoming":
            own = self._known.get((source, _host(origin)))
        return own or self._known.get((source, ""))

    def of_cause(self, cause: Cause) -> Limit | None:
        """The one for whoever it is done for, when it was ordered earlier too."""
        source, _, origin = (cause.author or f"{cause.source} {cause.origin}").strip().partition(" ")
        return self.of(source, origin)


def group_of(function: str) -> str:
    """What a function of no device is called together with others."""
    prefix = function.partition(".")[0]
    return GROUPS.get(prefix, prefix)


def _host(peer: str) -> str:
    """The address in `192.0.2.7:41234 conversation`."""
    return peer.partition(" ")[0].rpartition(":")[0].strip("[]")
