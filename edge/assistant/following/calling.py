"""Another name for what was spoken of: "call it the big light", "rename that to Vesuvius"; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.following.past import Deed
from edge.assistant.following.referents import Referents
from edge.assistant.following.said import as_spelt
from edge.assistant.naming import device_name
from edge.devices.registry import Registry

_LED: Final = (
    r"(?:(?:let's|let us|we'll|i'll|we|i|from now on|you may|shall we|can we|could we|can i|may i|i'd like to|"
    r"i want to) )*"
)
_IT: Final = (
    r"(?:(?:this|that) (?:one|room|place|thing|light|lamp|fan|plug|socket|switch|blinds?|heater|radiator|speaker|"
    r"sensor|door|window|tv|telly)|it|this|that)"
)
_ROOM: Final = re.compile(r"(?:this|that) (?:room|place)|here|in here")
_CALLED: Final = re.compile(
    rf"{_LED}(?:call|name|nickname|rename|label|christen|dub) (?P<ref>{_IT}) (?:to |as |by the name )?(?P<name>.+)|"
    rf"(?P<ref2>it|that|this|this room)(?:'s| is|'ll be| will be| shall be| should be)"
    r"(?: also| now)? (?:called|named|known as) (?P<name2>.+)|"
    r"(?:change|set) (?P<ref3>its|the) name to (?P<name3>.+)|give (?P<ref4>it|this|that) the name (?:of )?(?P<name4>.+)"
)
_NO_NAME: Final = re.compile(
    r"(?:off|back|out|again|a day|quits|it|that|this|so|later|now|what|when|how|home|in)(?: .*)?"
)
"""What is called off, or back, is not named."""
_NAMED_BY_OTHERS: Final = ("scenes.", "rules.", "todo.", "notes.", "memory.")
"""What functions begin with that are about something else which may have a name."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A sentence that gives a name in full, and the device that gets it; none where a room does."""

    text: str
    device: str = ""
    name: str = ""


def renamed(
    core: str, text: str, who: Referents, deeds: Sequence[Deed], area: str | None, registry: Registry
) -> Renamed | None:
    """The sentence written out; None where it names nothing, or nobody can tell what.

    `text`: as it was given, for the spelling of the name.
    """
    found = _CALLED.fullmatch(core)
    if found is None or any(call.function.startswith(_NAMED_BY_OTHERS) for call in deeds[0].calls):
        return None
    facts = found.groupdict()
    ref = next(facts[key] for key in ("ref", "ref2", "ref3", "ref4") if facts[key])
    name = next(facts[key] for key in ("name", "name2", "name3", "name4") if facts[key])
    if _NO_NAME.fullmatch(name):
        return None
    name = as_spelt(name, text)
    if _ROOM.fullmatch(ref):
        room = registry.areas.get(area or "")
        return Renamed(f"rename the {room.name} to {name}") if room is not None else None
    ref = "it" if ref in ("its", "the") else ref
    devices = who.pronoun(ref) or who.named(re.sub(r"^(?:that|this) ", "the ", ref))
    if not devices or len(devices) > 1:
        return None
    thing = device_name(registry.devices[devices[0]], registry)
    return Renamed(f"rename {thing} to {name}", devices[0], name)
