"""How the state of several devices is asked for: which of them, any of them, or whether all are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.devices.words import listed, words
from edge.router.model import Call

_MANNERS: Final = {
    **dict.fromkeys(listed("which, what, whats, what's, who, whos, who's, where, wheres, where's"), "which"),
    **dict.fromkeys(listed("any, anything, anyone, anybody, some, something, someone, somebody, there"), "any"),
    **dict.fromkeys(listed("leave, left, forget, forgot, forgotten"), "any"),
    **dict.fromkeys(listed("all, every, everything, everyone, everybody, each, both"), "all"),
}
_PERVASIVE: Final = listed("heating, heat, music, cooling, ventilation")
"""What is on once it is on anywhere."""
_WORKING: Final = frozenset({"on", "heating", "cooling", "playing"})
_LONGEST: Final = 40
"""Words that are looked at."""


def mannered(calls: Sequence[Call], text: str) -> tuple[Call, ...]:
    """The calls; those that ask for the state of several devices say how, where the sentence does in one way only.

    The network copies no word for it, so that "which lights are on" and "are the lights on" are one call to it.
    """
    several = [call for call in calls if call.function == "state.get" and len(call.targets) > 1]
    asking = [
        call for call in several if "state" in call.arguments and not {"aggregate", "start"} & set(call.arguments)
    ]
    if not asking:
        return tuple(calls)
    said = words(text)[:_LONGEST]
    found = [_MANNERS[word] for word in said if word in _MANNERS]
    if not found and not _PERVASIVE.isdisjoint(said):
        found = ["any"] if all(call.arguments["state"] in _WORKING for call in asking) else []
    if not found or (len(several) > 1 and len(set(found)) > 1):
        return tuple(calls)
    return tuple(
        replace(call, arguments={**call.arguments, "aggregate": found[0]}) if call in asking else call for call in calls
    )
