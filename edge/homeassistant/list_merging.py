"""One list kept in two places that may both change while they can't hear one another: what each has to do; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edge.schedule.model import Item

LONGEST: Final = 200
"""Characters of an item that are taken over; longer ones stay where they are."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """An item as Home Assistant has it."""

    uid: str
    text: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """What both places had when they last agreed: our item's id, and how it was."""

    item: str
    text: str
    done: bool


@dataclass(slots=True)
class Plan:
    """What has to be done so that both places agree."""

    put: list[Item] = field(default_factory=list)
    gone: list[Item] = field(default_factory=list)
    add: list[Item] = field(default_factory=list)
    """Ours that they lack; who they are there is known when they are seen there."""
    change: list[Theirs] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    pairs: dict[str, Pair] = field(default_factory=dict)
    """By uid: what both agree on once that is done."""

    @property
    def asks_them(self) -> bool:
        """Whether anything has to be done there."""
        return bool(self.add or self.change or self.remove)


def merged(
    name: str, base: Mapping[str, Pair], theirs: Sequence[Theirs], ours: Sequence[Item], new_id: Callable[[], str]
) -> Plan:
    """What to do about the list `name`; `new_id` makes the ids of our new items.

    What was changed in one place since they agreed is changed in the other. Where both changed it, their words hold,
    and it is done if it is done anywhere. What was taken off in one place and changed in the other stays.
    """
    plan, here, there = Plan(), {item.id: item for item in ours}, {one.uid: one for one in theirs}
    for uid, pair in base.items():
        _settle(plan, name, uid, pair, there.pop(uid, None), here.pop(pair.item, None))
    for one in there.values():
        same = next((item for item in here.values() if _key(item.text) == _key(one.text)), None)
        if same is not None:
            _agree(plan, one, here.pop(same.id), one.text, done=one.done and same.done)
        elif len(one.text) <= LONGEST:
            _take(plan, one, Item(new_id(), name, one.text, one.done))
    plan.add += here.values()
    return plan


def _settle(plan: Plan, name: str, uid: str, pair: Pair, theirs: Theirs | None, ours: Item | None) -> None:
    if theirs is None:
        if ours is not None:
            changed = (ours.text, ours.done) != (pair.text, pair.done)
            (plan.add if changed and not ours.done else plan.gone).append(ours)
        return
    changed = (theirs.text, theirs.done) != (pair.text, pair.done)
    if ours is None:
        if changed and not theirs.done:
            _take(plan, theirs, Item(pair.item, name, theirs.text, theirs.done))
        else:
            plan.remove.append(uid)
        return
    text = theirs.text if theirs.text != pair.text else ours.text
    done = theirs.done or ours.done if not pair.done else theirs.done and ours.done
    _agree(plan, theirs, ours, text, done=done)


def _take(plan: Plan, theirs: Theirs, item: Item) -> None:
    plan.put.append(item)
    plan.pairs[theirs.uid] = Pair(item.id, item.text, item.done)


def _agree(plan: Plan, theirs: Theirs, ours: Item, text: str, *, done: bool) -> None:
    settled = replace(ours, text=text, done=done)
    if settled != ours:
        plan.put.append(settled)
    if (text, done) != (theirs.text, theirs.done):
        plan.change.append(Theirs(theirs.uid, text, done))
    plan.pairs[theirs.uid] = Pair(settled.id, text, done)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
