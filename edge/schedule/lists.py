"""Shopping, to-do and other lists in memory: which list is meant, and which of its items; pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from edge.devices.words import tokens
from edge.schedule.model import Item

SHOPPING: Final = "shopping"
TO_DO: Final = "to do"
_SAME: Final[Mapping[tuple[str, ...], str]] = {
    ("grocery",): SHOPPING,
    ("shop",): SHOPPING,
    ("supermarket",): SHOPPING,
    ("food",): SHOPPING,
    ("buying",): SHOPPING,
    ("todo",): TO_DO,
    ("to", "do"): TO_DO,
    ("task",): TO_DO,
    ("chore",): TO_DO,
}
"""Names of one and the same list."""


class Lists:
    """Every item of every list, as it was added."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    @property
    def items(self) -> Mapping[str, Item]:
        """All items by id."""
        return MappingProxyType(self._items)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the lists that hold anything."""
        return tuple(dict.fromkeys(item.list for item in self._items.values()))

    def put(self, items: Iterable[Item]) -> None:
        """Add items, or replace those with their ids."""
        for item in items:
            self._items[item.id] = item

    def remove(self, ids: Iterable[str]) -> None:
        """Forget items."""
        for item in ids:
            self._items.pop(item, None)

    def of(self, name: str, *, done: bool | None = None) -> list[Item]:
        """The items of a list: all of them, or the done or open ones."""
        return [item for item in self._items.values() if item.list == name and done in (None, item.done)]

    def named(self, said: str | None) -> str:
        """The list that is meant: a known one, a common one's usual name, else what was said; shopping by default."""
        folded = _list_words(said or "")
        if not folded:
            return SHOPPING
        for name in self.names:
            if _list_words(name) == folded:
                return name
        return _SAME.get(folded, " ".join(str(said).casefold().removesuffix("list").split()))

    def find(self, text: str, name: str | None = None, *, done: bool | None = False) -> list[Item]:
        """The items that a person means: of the same words, else those that contain all of them."""
        said = tokens(text)
        items = [item for item in self._items.values() if name in (None, item.list) and done in (None, item.done)]
        same = [item for item in items if tokens(item.text) == said]
        return same or [item for item in items if said and set(said) <= set(tokens(item.text))]


def _list_words(name: str) -> tuple[str, ...]:
    return tuple(word for word in tokens(name) if word not in ("list", "my", "the", "our"))
