"""Which to-do list is meant, and which of Home Assistant's two families of list intents stands for the call."""

from collections.abc import Mapping
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Value
from edge.router.vocabulary import Function

_SHOPPING: Final = frozenset(["shopping", "grocery", "groceries", "supermarket"])
_SHOPPING_INTENT: Final = "HassShoppingList"


def with_list(
    function: Function, said: str | None, made: Mapping[str, Value], registry: Registry
) -> tuple[dict[str, Value], tuple[str, ...], str | None]:
    """Arguments with the list's `name`, its device if the home has one, and the intent.

    Without a name it is the shopping list; a name the home does not know stays as it was said, for a list of our own.
    """
    device = _device(said, registry)
    arguments = dict(made)
    if device is not None:
        arguments["name"] = registry.devices[device].name
    elif said is not None:
        arguments["name"] = said
    shopping = said is None or _shops(said) or (device is not None and _shops(registry.devices[device].name))
    fitting = [name for name in function.ha_intents if name.startswith(_SHOPPING_INTENT) is shopping]
    intent = next(iter(fitting or function.ha_intents), None)
    return arguments, () if device is None else (device,), intent


def _shops(name: str) -> bool:
    return not _SHOPPING.isdisjoint(tokens(name))


def _device(said: str | None, registry: Registry) -> str | None:
    lists = list(registry.of_kind("todo"))
    if said is None:
        return next((one for one in lists if _shops(registry.devices[one].name)), lists[0] if len(lists) == 1 else None)
    names = registry.device_names
    for words in (tokens(said), (*tokens(said), "list")):
        found = [one for one in (*names.exact(words), *names.partial(words)) if one in lists]
        if found:
            return found[0]
    return next((one for one in lists if _shops(said) and _shops(registry.devices[one].name)), None)
