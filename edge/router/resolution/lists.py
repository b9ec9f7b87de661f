"""Which to-do list is meant, and which of Home Assistant's two families of list intents stands for the call."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import distance, listed, sound, tokens
from edge.router.model import Value
from edge.router.vocabulary import Function

_SHOPPING: Final = frozenset(["shopping", "grocery", "groceries", "supermarket"])
_SHOPPING_INTENT: Final = "HassShoppingList"
_IDLE: Final = listed("list, my, our, the, a, an, of, for, your, this, that, one, please, in, on")
"""Words that tell no list from another; "to do" is a name."""
_MOST: Final = 64
_STEM: Final = 4
"""Letters of which one word must begin another, to be of one stem: "pack", "packing"."""


def with_list(
    function: Function, said: str | None, made: Mapping[str, Value], registry: Registry
) -> tuple[dict[str, Value], tuple[str, ...], str | None]:
    """Arguments with the list's `name`, its device if the home has one, and the intent.

    Several devices are a tie. Without a name it is the shopping list; a name the home does not know stays as it was
    said, for a list of our own.
    """
    devices = _devices(said, registry)
    device = devices[0] if len(devices) == 1 else None
    arguments = dict(made)
    if device is not None:
        arguments["name"] = registry.devices[device].name
    elif said is not None and _bare(said):
        arguments["name"] = said
    unnamed = said is None or not _bare(said)
    shopping = unnamed or _shops(said or "") or (device is not None and _shops(registry.devices[device].name))
    fitting = [name for name in function.ha_intents if name.startswith(_SHOPPING_INTENT) is shopping]
    intent = next(iter(fitting or function.ha_intents), None)
    return arguments, devices, intent


def _shops(name: str) -> bool:
    return not _SHOPPING.isdisjoint(tokens(name))


def _devices(said: str | None, registry: Registry) -> tuple[str, ...]:
    lists = list(islice(registry.of_kind("todo"), _MOST))
    shopping = tuple(one for one in lists if _shops(registry.devices[one].name))[:1]
    bare = () if said is None else _bare(said)
    if said is None or not bare:
        return shopping or tuple(lists if len(lists) == 1 else ())
    for words in (tokens(said), (*tokens(said), "list")):
        if found := tuple(one for one in registry.device_names.exact(words) if one in lists):
            return found[:1]
    alike = [(max(_alike(bare, _bare(name)) for name in _names(registry, one)), one) for one in lists]
    best = max((score for score, _ in alike), default=0)
    near = tuple(one for score, one in alike if best and score == best)
    return near or (shopping if _shops(said) else ())


def _names(registry: Registry, one: str) -> tuple[str, ...]:
    return (registry.devices[one].name, *registry.devices[one].aliases)


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word for word in tokens(text) if word not in _IDLE)


def _alike(said: Sequence[str], name: Sequence[str]) -> int:
    """3 for the same words, 2 for said words that are all in the name, 1 for misheard ones; 0 for another list."""
    if "".join(said) == "".join(name):
        return 3
    if not said or not name:
        return 0
    if set(said) <= set(name):
        return 2
    return int(all(any(_same(word, other) for other in name) for word in said))


def _same(word: str, other: str) -> bool:
    """Whether two words are one, misheard, misspelt or in another form."""
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    if len(short) < _STEM or word.isdecimal() or other.isdecimal():
        return False
    edits = distance(word, other, 2)
    return long.startswith(short) or edits <= len(long) // _STEM - 1 or (edits <= 2 and sound(word) == sound(other))
