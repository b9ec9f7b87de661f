"""Carries out the functions `names.…`: other names of devices and places, which the router knows from then on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.naming import device_name, names, with_article
from edge.assistant.phrases import joined, sentence
from edge.assistant.remembering.facts import CONFIRMED
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.memory.memory import Memory
from edge.memory.model import Alias, Thing
from edge.router.model import Call
from edge.router.phrases.sayings import common

_ID: Final = "alias"
_READ: Final = 10
_SPEAKERS: Final = 32


class NameKeeper:
    """Keeps the names in the memory, and the registry up to them."""

    source = ReplySource.DIALOGUE

    def __init__(self, memory: Memory, registry: Registry) -> None:
        self._memory = memory
        self._registry = registry
        self._applied: set[tuple[str, str]] = set()
        self._last: dict[tuple[str, str, str], Alias] = {}
        """The name that was spoken of last, by who speaks where."""

    def apply(self) -> None:
        """Have the registry know the names there are, and no others."""
        given: dict[tuple[str, str], list[str]] = {}
        for alias in self._memory.aliases:
            given.setdefault((alias.thing.value, alias.id), []).append(alias.name)
        for thing in self._applied - given.keys():
            self._registry.nickname(*thing, [])
        for (kind, thing_id), known in given.items():
            self._registry.nickname(kind, thing_id, known)
        self._applied = set(given)

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so, or ask first. Raises `RecollectionError`."""
        match call.function:
            case "names.add":
                return await self._add(call, utterance)
            case "names.remove":
                return await self._remove(call, utterance)
            case _:
                return Told(self._listed(call))

    def name(self, kept: str) -> tuple[str, ...]:
        """What an alias can be called in an answer: itself, and what it is the name of."""
        found = next((one for one in self._memory.aliases if _key(one) == kept), None)
        return () if found is None else (found.name, self._called(found.thing, found.id))

    # Giving --------------------------------------------------------------------------------------------------------

    async def _add(self, call: Call, utterance: Utterance) -> Told:
        thing, id_ = self._meant(call)
        name = str(call.arguments.get("given") or call.arguments.get("alias") or "").strip()
        if not id_:
            return Told("I know nothing here that is called that.")
        who = self._called(thing, id_)
        if not tokens(name) or common(name):
            return Told(f"“{name}” is the word for a kind of thing here: choose another name for {who}.")
        if problem := self._taken(name, thing, id_):
            return Told(problem)
        others = self._partly(name, id_)
        if others and CONFIRMED not in call.arguments:
            then = replace(call, arguments={**call.arguments, CONFIRMED: True})
            devices = [self._registry.devices[one] for one in others]
            mean = joined([device_name(one, self._registry, place=True) for one in devices], "or")
            return Told(f"“{name}” may also mean {mean}. Shall I call {who} that all the same?", then=(then,))
        by = " ".join(part for part in (utterance.source.value, utterance.origin) if part)
        alias = Alias(thing, id_, name, by=by)
        await self._memory.name(alias)
        self._remember(utterance, alias)

        async def undo() -> str:
            await self._memory.unname(alias)
            return sentence(f"{who} is not called {name} any more")

        return Told(f"All right: {who} is also called {name}.", undo)

    @staticmethod
    def _meant(call: Call) -> tuple[Thing, str]:
        if "area" in call.arguments:
            return Thing.AREA, str(call.arguments["area"])
        if "floor" in call.arguments:
            return Thing.FLOOR, str(call.arguments["floor"])
        return Thing.DEVICE, call.targets[0] if len(call.targets) == 1 else ""

    def _taken(self, name: str, thing: Thing, id_: str) -> str:
        """Why nothing can get the name: it would take it from something else; empty where it can."""
        said = tokens(name)
        registry = self._registry
        devices = registry.device_names.exact(said)
        areas, floors = registry.area_names.exact(said), registry.floor_names.exact(said)
        if id_ in {Thing.DEVICE: devices, Thing.AREA: areas, Thing.FLOOR: floors}[thing]:
            return sentence(f"{self._called(thing, id_)} is called that already")
        who = [device_name(registry.devices[one], registry, place=True) for one in devices]
        who += [with_article(registry.areas[one].name) for one in areas]
        who += [with_article(registry.floors[one].name) for one in floors]
        are = "are" if len(who) > 1 else "is"
        return sentence(f"{joined(who)} {are} called {name} already: choose another name") if who else ""

    def _partly(self, name: str, id_: str) -> tuple[str, ...]:
        """Other devices that the name may be meant for as a part of theirs."""
        found = self._registry.device_names.partial(tokens(name))
        return tuple(one for one in found if one != id_)[:3]

    # Taking back ---------------------------------------------------------------------------------------------------

    async def _remove(self, call: Call, utterance: Utterance) -> Told:
        found = self._about(call, utterance)
        if not found:
            return Told("There are no other names." if not self._memory.aliases else "I know of no such name.")
        if len(found) > 1:
            which = joined([f"{one.name} for {self._called(one.thing, one.id)}" for one in found], "or")
            return Told(f"Which name shall I forget: {which}?", candidates=tuple(_key(one) for one in found))
        alias = found[0]
        await self._memory.unname(alias)
        who = self._called(alias.thing, alias.id)

        async def undo() -> str:
            await self._memory.name(alias)
            return sentence(f"{who} is called {alias.name} again")

        return Told(sentence(f"{who} is not called {alias.name} any more"), undo)

    def _about(self, call: Call, utterance: Utterance) -> list[Alias]:
        aliases = list(self._memory.aliases)
        if "id" in call.arguments:
            return [one for one in aliases if _key(one) == call.arguments["id"]]
        said = tokens(str(call.arguments.get("about", "")))
        if not said:
            last = self._last.get(_speaker(utterance))
            return [last] if last in aliases else aliases[-_READ:]
        named = [one for one in aliases if _within(tokens(one.name), said)]
        if named:
            longest = max(len(tokens(one.name)) for one in named)
            named = [one for one in named if len(tokens(one.name)) == longest]
            placed = [one for one in named if set(said) <= {*tokens(one.name), *self._words(one)}]
            return placed or named
        return [one for one in aliases if set(said) <= {*tokens(one.name), *self._words(one)}]

    def _words(self, alias: Alias) -> set[str]:
        """All words by which its thing may be spoken of."""
        joining = {"the", "a", "an", "my", "our", "in", "of", "any", "more", "again", "that"}
        if alias.thing is not Thing.DEVICE or alias.id not in self._registry.devices:
            return {*tokens(self._called(alias.thing, alias.id)), *joining}
        device = self._registry.devices[alias.id]
        area = self._registry.areas.get(device.area or "")
        return {*tokens(device.name), *(tokens(area.name) if area else ()), *joining}

    # Telling -------------------------------------------------------------------------------------------------------

    def _listed(self, call: Call) -> str:
        if "thing" in call.arguments:
            thing, id_ = self._meant(call)
            others = self._aliases(thing, id_)
            who = self._called(thing, id_)
            return sentence(f"{who} is also called {joined(others)}" if others else f"{who} has no other name")
        aliases = self._memory.aliases
        if "about" in call.arguments:
            said = tokens(str(call.arguments["about"]))
            aliases = [one for one in aliases if tokens(one.name) == said]
        if not aliases:
            return "You have given nothing another name."
        read = [f"{one.name} is {self._called(one.thing, one.id)}" for one in aliases[:_READ]]
        more = len(aliases) - len(read)
        return sentence(joined([*read, *([f"{more} more"] if more else [])]))

    def _aliases(self, thing: Thing, id_: str) -> tuple[str, ...]:
        registry = self._registry
        if thing is Thing.DEVICE:
            return registry.devices[id_].aliases if id_ in registry.devices else ()
        known = registry.areas.get(id_) if thing is Thing.AREA else registry.floors.get(id_)
        return known.aliases if known is not None else ()

    def _called(self, thing: Thing, id_: str) -> str:
        registry = self._registry
        if thing is Thing.DEVICE:
            return names([registry.devices[id_]], registry) if id_ in registry.devices else "a device that is gone"
        place = registry.areas.get(id_) if thing is Thing.AREA else registry.floors.get(id_)
        return with_article(place.name) if place is not None else "a place that is gone"

    def _remember(self, utterance: Utterance, alias: Alias) -> None:
        self._last.pop(_speaker(utterance), None)
        self._last[_speaker(utterance)] = alias
        while len(self._last) > _SPEAKERS:
            self._last.pop(next(iter(self._last)))


def _key(alias: Alias) -> str:
    return f"{_ID}:{alias.thing}:{alias.id}:{alias.name}"


def _speaker(utterance: Utterance) -> tuple[str, str, str]:
    return utterance.source.value, utterance.origin, utterance.area or ""


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the words stand in the others one after another."""
    return any(tuple(whole[at : at + len(part)]) == tuple(part) for at in range(len(whole) - len(part) + 1))
