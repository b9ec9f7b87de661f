"""Keeps up what Home Assistant says: asks for everything once a session, then follows what changes."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from edge.homeassistant import registries
from edge.homeassistant.describing import TELLING, describe, is_device
from edge.homeassistant.errors import RefusedError
from edge.homeassistant.model import Entry, Gadget, Known, Place, Reading
from edge.homeassistant.services import shared
from edge.homeassistant.session import Session
from edge.homeassistant.wire import line, mapping, sequence

log = logging.getLogger(__name__)

_CHUNK: Final = 200
"""Entries asked for in one go: about 200 kB."""
_AT_ONCE: Final = 100
"""Entities that are described before others have their turn on the loop."""
_SETTLE_S: Final = 0.25
"""Changes come in bursts: so long a pause ends one…"""
_SETTLE_MOST_S: Final = 2.0
"""… or so long a burst is cut in two."""
_LOOK_AGAIN_S: Final = 120.0
"""How often it is asked what is exposed: nothing tells of it for entities without an entry in the registry."""
_LOOK_AT_ALL_S: Final = 600.0
"""How often it is asked for everything where everything is taken: that is a long answer."""
_AT_REST: Final = frozenset({"off", "standby", "unavailable", "unknown"})
_MOST_SUBSCRIPTIONS: Final = 12
_MOST_ENTITIES: Final = 50_000

_EVENTS: Final = {
    "floor_registry_updated": "floors",
    "area_registry_updated": "areas",
    "label_registry_updated": "labels",
    "device_registry_updated": "gadgets",
    "core_config_updated": "config",
    "homeassistant_started": "all",
}
"""What each event of Home Assistant makes stale."""
_LACKING: Final = frozenset({"unknown_command", "unauthorized", "invalid_format"})
"""Refusals that leave another way, or that one can live with."""
_ALL: Final = frozenset({"config", "floors", "areas", "labels", "gadgets", "exposed", "entries"})


@dataclass(slots=True)
class Listener:
    """Who wants to know; each is called on the event loop and must not block."""

    entity: Callable[[str], None]
    """What is known of an entity is new, or it is none (any more)."""
    state: Callable[[str], None]
    """An entity said how it is."""
    places: Callable[[], None]
    """Floors or areas are others."""
    lost: Callable[[], None]
    """The session ended: nothing is heard of any entity."""


@dataclass(slots=True)
class _Stale:
    """What has to be asked for anew."""

    parts: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self, *parts: str, entries: Iterable[str] = ()) -> None:
        self.parts.update(parts)
        self.entries.update(entries)
        self.some.set()


class Mirror:
    """Floors, areas, entities and their readings, as of the last session; `live` is run with every session."""

    def __init__(self, *, exposed_only: bool, listener: Listener) -> None:
        self.floors: dict[str, Place] = {}
        self.areas: dict[str, Place] = {}
        self.known: dict[str, Known] = {}
        self.readings: dict[str, Reading] = {}
        """The readings of this session; empty while there is none."""
        self.is_complete = False
        """Whether everything has been read in this session."""
        self.notice: str | None = None
        """What this Home Assistant lacks, or keeps to itself, as a sentence with what to do about it."""
        self._exposed_only = exposed_only
        self._listener = listener
        self._labels: dict[str, str] = {}
        self._gadgets: dict[str, Gadget] = {}
        self._entries: dict[str, Entry | None] = {}
        self._unit = ""
        self._running = False
        self._stale = _Stale()
        self._taken: set[str] = set()
        self._subscribed: dict[int, set[str]] = {}
        self._compressed = True

    async def live(self, session: Session) -> None:
        """Follow one session to its end; raises what ends it."""
        self._stale = _Stale()
        self._subscribed, self._compressed, self.notice = {}, True, None
        self._entries, self._gadgets = {}, {}
        try:
            for event, part in _EVENTS.items():
                await self._listen(session, event, part)
            await self._listen_to_entries(session)
            self._stale.mark(*_ALL)
            while True:
                await self._settle()
                await self._renew(session)
        finally:
            self.readings.clear()
            self.is_complete, self.notice = False, None
            self._listener.lost()

    # Following -----------------------------------------------------------------------------------------------------

    async def _listen(self, session: Session, event: str, part: str) -> None:
        def on_event(_content: Any) -> None:
            self._stale.mark(*(_ALL if part == "all" else (part,)))

        try:
            await session.subscribe("subscribe_events", on_event, event_type=event)
        except RefusedError as error:
            log.info("homeassistant.not_told", extra={"of": event, "reason": str(error)})

    async def _listen_to_entries(self, session: Session) -> None:
        def on_event(content: Any) -> None:
            data = mapping(mapping(content).get("data"))
            entity, before = data.get("entity_id"), data.get("old_entity_id")
            names = [name for name in (entity, before) if isinstance(name, str) and registries.is_entity(name)]
            if data.get("action") != "update" or before or mapping(data.get("changes")).keys() & {"options"}:
                self._stale.mark("exposed", entries=names)
            else:
                self._stale.mark(entries=names)

        try:
            await session.subscribe("subscribe_events", on_event, event_type="entity_registry_updated")
        except RefusedError as error:
            log.info("homeassistant.not_told", extra={"of": "entity_registry_updated", "reason": str(error)})

    async def _settle(self) -> None:
        """Wait until something is stale and the burst is over."""
        stale = self._stale
        try:
            async with asyncio.timeout(_LOOK_AGAIN_S if self._exposed_only else _LOOK_AT_ALL_S):
                await stale.some.wait()
        except TimeoutError:
            stale.mark("exposed")
        if not self.is_complete:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + _SETTLE_MOST_S
        while stale.some.is_set() and loop.time() < until:
            stale.some.clear()
            await asyncio.sleep(_SETTLE_S)

    async def _renew(self, session: Session) -> None:
        """Ask for what is stale, and tell what became of it."""
        parts, entries = self._stale.parts, self._stale.entries
        self._stale.parts, self._stale.entries = set(), set()
        self._stale.some.clear()
        if "config" in parts:
            await self._renew_config(session)
        await self._renew_places(session, parts)
        if "labels" in parts:
            self._labels = registries.labels(await self._ask(session, "config/label_registry/list"))
        if "gadgets" in parts:
            self._gadgets = registries.gadgets(await self._ask(session, "config/device_registry/list"))
        if parts & {"exposed", "entries"}:
            await self._renew_taken(session)
        stale = self._taken if "entries" in parts else entries & self._taken
        fresh = stale | {entity for entity in self._taken if entity not in self._entries}
        await self._renew_entries(session, fresh)
        affected = self._taken | self.known.keys() if parts & {"config", "labels", "gadgets"} else fresh
        await self._follow(session)
        todo = list(affected | (self.known.keys() - self._taken))
        for start in range(0, len(todo), _AT_ONCE):
            self._describe(todo[start : start + _AT_ONCE])
            await asyncio.sleep(0)
        if not self.is_complete:
            self.is_complete = True
            log.info("homeassistant.read", extra={"entities": len(self.known), "areas": len(self.areas)})

    async def _renew_config(self, session: Session) -> None:
        config = mapping(await self._ask(session, "get_config"))
        self._unit = line(mapping(config.get("unit_system")).get("temperature"), 10) or ""
        self._running = config.get("state", "RUNNING") == "RUNNING"

    async def _renew_places(self, session: Session, parts: set[str]) -> None:
        if "floors" in parts:
            self.floors = registries.floors(await self._ask(session, "config/floor_registry/list"))
        if "areas" in parts:
            self.areas = registries.areas(await self._ask(session, "config/area_registry/list"))
        if parts & {"floors", "areas"}:
            self._listener.places()

    async def _ask(self, session: Session, command: str, **data: Any) -> Any:
        """The result; None where this Home Assistant doesn't know the command or keeps it from us."""
        try:
            return await session.call(command, **data)
        except RefusedError as error:
            if error.code not in _LACKING:
                raise
            log.info("homeassistant.lacks", extra={"command": command, "version": session.version, "code": error.code})
            return None

    # Which entities ------------------------------------------------------------------------------------------------

    async def _renew_taken(self, session: Session) -> None:
        wanted = await self._exposed(session) if self._exposed_only else await self._all(session)
        if len(wanted) > _MOST_ENTITIES:
            log.warning("homeassistant.too_many", extra={"entities": len(wanted), "taken": _MOST_ENTITIES})
            wanted = set(sorted(wanted)[:_MOST_ENTITIES])
        for gone in self._taken - wanted:
            self._entries.pop(gone, None)
            self.readings.pop(gone, None)
            for followed in self._subscribed.values():
                followed.discard(gone)
        self._taken = wanted

    async def _exposed(self, session: Session) -> set[str]:
        try:
            told = await session.call("homeassistant/expose_entity/list")
        except RefusedError as error:
            return await self._exposed_by_options(session, error)
        return set(registries.exposed(told))

    async def _exposed_by_options(self, session: Session, error: RefusedError) -> set[str]:
        """What the registry's options expose, for a token whose user may not ask for the list."""
        if error.is_unknown_command:
            self.notice = (
                f"Home Assistant {session.version} is too old to say what is exposed to assistants, 2023.5 is not: "
                "get a newer one, or have everything with exposed_only = false in [homeassistant]"
            )
            return set()
        self.notice = (
            "the token's user is no administrator in Home Assistant, which then does not list what is exposed: "
            "what was never exposed by hand may be missing; use a token of an administrator"
        )
        told = sequence(await self._ask(session, "config/entity_registry/list"))
        return {entry.id for part in told if (entry := registries.entry(part)) is not None and entry.exposed}

    async def _all(self, session: Session) -> set[str]:
        states = sequence(await self._ask(session, "get_states"))
        return {found[0] for part in states if (found := registries.full_state(part)) is not None}

    async def _renew_entries(self, session: Session, wanted: set[str]) -> None:
        todo = sorted(wanted)
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            told = await self._ask(session, "config/entity_registry/get_entries", entity_ids=chunk)
            if told is None:
                await self._renew_entries_at_once(session, wanted)
                return
            entries = mapping(told)
            for entity in chunk:
                self._entries[entity] = registries.entry(entries.get(entity))

    async def _renew_entries_at_once(self, session: Session, wanted: set[str]) -> None:
        """The way of releases before 2023.2, which tell no aliases there."""
        told = sequence(await self._ask(session, "config/entity_registry/list"))
        found = {entry.id: entry for part in told if (entry := registries.entry(part)) is not None}
        for entity in wanted:
            self._entries[entity] = found.get(entity)

    # States --------------------------------------------------------------------------------------------------------

    async def _follow(self, session: Session) -> None:
        """Subscribe to the states of what is taken and not yet followed."""
        followed = set().union(*self._subscribed.values()) if self._subscribed else set()
        fresh = {entity for entity in self._taken if self._is_device(entity)} - followed
        if not fresh:
            return
        if self._compressed and len(self._subscribed) >= _MOST_SUBSCRIPTIONS:
            for number in list(self._subscribed):
                await session.unsubscribe(number)
                del self._subscribed[number]
            fresh = {entity for entity in self._taken if self._is_device(entity)}
        if self._compressed:
            try:
                number = await session.subscribe("subscribe_entities", self._on_states, entity_ids=sorted(fresh))
            except RefusedError as error:
                if not error.is_unknown_command:
                    raise
                self._compressed = False
            else:
                self._subscribed[number] = fresh
                # The states come right behind the answer, and a pong behind them.
                await session.call("ping")
                return
        await self._follow_the_older_way(session)

    async def _follow_the_older_way(self, session: Session) -> None:
        """Releases before 2022.4: all changes, and then all states."""
        if not self._subscribed:
            number = await session.subscribe("subscribe_events", self._on_change, event_type="state_changed")
            self._subscribed[number] = set()
        for part in sequence(await session.call("get_states")):
            found = registries.full_state(part)
            if found is not None:
                self._put(*found)

    def _on_change(self, content: Any) -> None:
        data = mapping(mapping(content).get("data"))
        found = registries.full_state(data.get("new_state"))
        entity = data.get("entity_id")
        if found is not None:
            self._put(*found)
        elif isinstance(entity, str):
            self._lose(entity)

    def _on_states(self, content: Any) -> None:
        told = mapping(content)
        for entity, part in mapping(told.get("a")).items():
            reading = registries.compressed_state(part)
            if reading is not None:
                self._put(entity, reading)
        for entity, part in mapping(told.get("c")).items():
            before = self.readings.get(entity)
            if before is not None:
                self._put(entity, registries.changed_state(before, part))
        for entity in sequence(told.get("r")):
            if isinstance(entity, str):
                self._lose(entity)

    def _put(self, entity: str, reading: Reading) -> None:
        if entity not in self._taken or not self._is_device(entity):
            return
        before = self.readings.get(entity)
        self.readings[entity] = reading
        if self.is_complete and (before is None or _tells(before) != _tells(reading)):
            self._describe({entity})
        if entity in self.known:
            self._listener.state(entity)

    def _lose(self, entity: str) -> None:
        if self.readings.pop(entity, None) is not None:
            self._stale.mark("config", "exposed", entries=[entity])
            self._describe({entity})

    # Describing ----------------------------------------------------------------------------------------------------

    def _is_device(self, entity: str) -> bool:
        entry = self._entries.get(entity)
        gadget = self._gadgets.get(entry.gadget) if entry is not None and entry.gadget else None
        return is_device(entity, entry, gadget)

    def _describe(self, entities: Iterable[str]) -> None:
        for entity in list(entities):
            fresh = self._known(entity)
            if fresh == self.known.get(entity):
                continue
            if fresh is None:
                self.known.pop(entity, None)
            else:
                self.known[entity] = fresh
            self._listener.entity(entity)

    def _known(self, entity: str) -> Known | None:
        if entity not in self._taken or not self._is_device(entity):
            return None
        reading = self.readings.get(entity)
        if reading is None:
            # While Home Assistant starts, what it will have is not all there.
            return None if self._running else self.known.get(entity)
        entry = self._entries.get(entity)
        gadget = self._gadgets.get(entry.gadget) if entry is not None and entry.gadget else None
        fresh = describe(entity, entry, gadget, reading, self._labels, self._unit)
        before = self.known.get(entity)
        if before is not None and reading.state in _AT_REST:
            # Players can do next to nothing while they are off, and yet again what they could when they are on.
            options = MappingProxyType({**before.options, **fresh.options})
            fresh = replace(fresh, features=shared(before.features | fresh.features), options=options)
        return fresh


def _tells(reading: Reading) -> list[Any]:
    return [reading.attributes.get(name) for name in sorted(TELLING)]
