"""Home Assistant's entities as devices of the house: in the registry, and one with those that MQTT brings."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Literal, Protocol

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.devices.wishes import Wish, granted
from edge.homeassistant.describing import state_of
from edge.homeassistant.mirror import Listener, Mirror
from edge.homeassistant.model import Known
from edge.homeassistant.places import Places
from edge.homeassistant.remembered import Remembered
from edge.homeassistant.twins import Twins

Way = Literal["mqtt", "homeassistant"]

_AT_ONCE: Final = 50
"""Entities that are put into the registry before others have their turn on the loop."""
_NOTHING_HEARD: Final = DeviceState(available=False)


class OtherWay(Protocol):
    """The house on MQTT, which owns its devices."""

    def owns(self, device: str) -> bool:
        """Whether the device is one of those behind MQTT."""
        ...

    def refresh(self, device: str) -> None:
        """Describe a device and show its state anew."""
        ...

    def show(self, device: str, *, reported: bool) -> None:
        """Show its state anew."""
        ...

    def keep_id(self, device: str) -> None:
        """Leave an id to a device of somebody else's."""
        ...

    def free_id(self, device: str) -> None:
        """The id is not needed elsewhere any more."""
        ...


class Household:
    """Puts what a mirror shows into the registry; entities that are MQTT's too are described there, and stay one."""

    def __init__(
        self,
        registry: Registry,
        *,
        exposed_only: bool = True,
        prefer: Way = "mqtt",
        house: OtherWay | None = None,
        wishes: Mapping[str, Wish] | None = None,
        taken: Callable[[str], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`taken` says whether an id is that of a device which neither MQTT nor Home Assistant brings."""
        self._registry = registry
        self._taken = taken or (lambda _device: False)
        self._house = house
        self._wishes = wishes if wishes is not None else {}
        self._prefer = prefer
        self._clock = clock
        self.places = Places(registry)
        self.mirror = Mirror(
            exposed_only=exposed_only,
            listener=Listener(self._on_entity, self._on_state, self._on_places, self._on_lost),
        )
        self.ids: dict[str, str] = {}
        """Our id of each entity that is a device here, MQTT's own ids for those that are MQTT's too."""
        self._entity_of: dict[str, str] = {}
        self._twins = Twins()
        self._states: dict[str, DeviceState] = {}
        self._dirty: dict[str, None] = {}
        self._heard: dict[str, None] = {}
        self._at_work: asyncio.Handle | None = None
        self.on_state: Callable[[str, DeviceState], None] | None = None
        """Told of every state that comes: entity, state."""

    @property
    def merged(self) -> int:
        """How many of the entities are MQTT's too."""
        return sum(self._is_houses(device) for device in self._entity_of)

    @property
    def is_behind(self) -> bool:
        """Whether something was heard that the registry does not show yet."""
        return bool(self._dirty or self._heard)

    def entity_of(self, device: str) -> str | None:
        """The entity that a device is in Home Assistant; None where it is none."""
        return self._entity_of.get(device)

    def reaches(self, entity: str) -> bool:
        """Whether Home Assistant would get a command to the entity now."""
        return self.said(entity).available

    def said(self, entity: str) -> DeviceState:
        """What Home Assistant last said of an entity; unavailable where it says nothing."""
        return self._states.get(entity, _NOTHING_HEARD)

    def remember(self, remembered: Remembered) -> None:
        """Begin with what was known of old, unavailable until it is heard of."""
        self.mirror.floors, self.mirror.areas = dict(remembered.floors), dict(remembered.areas)
        self.mirror.known.update(remembered.known)
        self.ids.update(remembered.ids)
        if remembered.areas or remembered.floors:
            self.places.put(self.mirror.floors, self.mirror.areas)
        for entity in remembered.known:
            self._on_entity(entity)

    def memory(self) -> Remembered:
        """What is to be remembered."""
        return Remembered(dict(self.mirror.floors), dict(self.mirror.areas), dict(self.mirror.known), dict(self.ids))

    def show_merged(self) -> None:
        """Show the states of what is MQTT's too anew: that way opened or closed."""
        for entity, device in self.ids.items():
            if self._is_houses(device):
                self._mark(entity)

    def close(self) -> None:
        """Nothing more is put into the registry."""
        if self._at_work is not None:
            self._at_work.cancel()
        self._dirty.clear()
        self._heard.clear()

    # What MQTT's house asks ----------------------------------------------------------------------------------------

    def placed(self, device: Device) -> Device:
        """The device with the name and the place a person gave it in Home Assistant."""
        known = self.mirror.known.get(self._entity_of.get(device.id, ""))
        if known is None:
            return device
        area = self.places.area(known.area)
        name = known.name if known.renamed else device.name
        aliases = known.aliases if known.renamed else (*known.aliases, *device.aliases)
        return replace(
            device,
            name=name,
            area=area or device.area,
            aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != name)),
        )

    def shown(self, device: str, state: DeviceState, *, reachable: bool) -> DeviceState:
        """Of the two states the one of the way that is used: the preferred one while it reaches the device."""
        entity = self._entity_of.get(device)
        if entity is None:
            return state
        said = self.said(entity)
        if not said.available or (reachable and self._prefer == "mqtt" and state.state is not None):
            return state
        if said.state is None and state.state is not None:
            return state
        return replace(said, changed_s=0.0, reported_s=0.0)

    def appeared(self, device: str, unique_id: str | None, connections: frozenset[tuple[str, str]]) -> None:
        """MQTT has this device now: it may be one of Home Assistant's, or have the id of one that it is not."""
        for entity in self._twins.appeared(device, unique_id, connections):
            if self.ids.get(entity) != device:
                self._mark(entity)
        taken = self._entity_of.get(device)
        if taken is not None:
            self._mark(taken)

    def vanished(self, device: str) -> None:
        """MQTT has it no more: what Home Assistant has of it stands alone."""
        self._twins.vanished(device)
        entity = self._entity_of.pop(device, None)
        if entity is not None:
            self._mark(entity)

    # What the mirror tells -----------------------------------------------------------------------------------------

    def _on_entity(self, entity: str) -> None:
        for other in self._twins.told(entity, self.mirror.known.get(entity)):
            self._mark(other)

    def _on_state(self, entity: str) -> None:
        self._heard[entity] = None
        self._work_soon()

    def _hear(self, entity: str) -> None:
        reading = self.mirror.readings.get(entity)
        if reading is None:
            return
        now_s = self._clock()
        fresh, before = state_of(reading), self.said(entity)
        same = (before.state, before.available) == (fresh.state, fresh.available) and (
            before.attributes == fresh.attributes
        )
        state = replace(fresh, changed_s=before.changed_s if same else now_s, reported_s=now_s)
        self._states[entity] = state
        self._show(entity, reported=True)
        if self.on_state is not None:
            self.on_state(entity, state)

    def _on_places(self) -> None:
        self.places.put(self.mirror.floors, self.mirror.areas)
        for entity in self.mirror.known:
            self._mark(entity)

    def _on_lost(self) -> None:
        for entity, state in list(self._states.items()):
            self._states[entity] = replace(state, available=False)
            self._mark(entity)

    def _show(self, entity: str, *, reported: bool) -> None:
        device = self.ids.get(entity)
        if device is None or self._entity_of.get(device) != entity:
            return
        if self._house is not None and self._house.owns(device):
            self._house.show(device, reported=reported)
        else:
            self._registry.set_state(device, self.said(entity))

    # Devices -------------------------------------------------------------------------------------------------------

    def _mark(self, entity: str) -> None:
        self._dirty[entity] = None
        self._work_soon()

    def _work_soon(self) -> None:
        if self._at_work is None:
            self._at_work = asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        """Some of what came in; a house that is told as a whole must not hold up a command."""
        self._at_work = None
        for entity in list(self._dirty)[:_AT_ONCE]:
            del self._dirty[entity]
            self._apply(entity)
        for entity in list(self._heard)[:_AT_ONCE]:
            del self._heard[entity]
            self._hear(entity)
        if self._dirty or self._heard:
            self._work_soon()

    def _apply(self, entity: str) -> None:
        known = self.mirror.known.get(entity)
        before = self.ids.get(entity)
        if known is None:
            self._drop(entity, before)
            self._forget(entity)
            return
        twin = self._twins.of(known)
        twin = twin if twin is not None and self._is_houses(twin) else None
        if before is not None and before != twin and (twin is not None or self._is_houses(before)):
            self._drop(entity, before)
            before = None
        device = twin or before or self._free(entity)
        self.ids[entity] = device
        self._entity_of[device] = entity
        if entity in self.mirror.readings and entity not in self._states:
            self._hear(entity)
        if twin is not None and self._house is not None:
            self._house.refresh(twin)
            return
        if self._house is not None and known.platform != "mqtt":
            self._house.keep_id(device)
        self._registry.put_device(self._device(known, device))
        self._registry.set_state(device, self.said(entity))

    def _device(self, known: Known, device: str) -> Device:
        described = Device(
            id=device,
            name=known.name,
            area=self.places.area(known.area),
            aliases=known.aliases,
            device_class=known.device_class,
            unit=known.unit,
            features=known.features,
            options=known.options,
            category=known.category,
            group=known.group,
        )
        return granted(described, self._wishes.get(device), self._registry)

    def _free(self, entity: str) -> str:
        """An id for a device that is Home Assistant's alone: the entity's own where nobody has it."""
        device, number = entity, 1
        while self._is_houses(device) or self._taken(device) or self._entity_of.get(device, entity) != entity:
            number += 1
            device = f"{entity}_{number}"
        return device

    def _is_houses(self, device: str) -> bool:
        return self._house is not None and self._house.owns(device)

    def _drop(self, entity: str, device: str | None) -> None:
        """The entity is not this device any more."""
        if device is None:
            return
        if self._entity_of.get(device) == entity:
            del self._entity_of[device]
        self.ids.pop(entity, None)
        if self._house is not None and self._house.owns(device):
            self._house.refresh(device)
        elif device not in self._entity_of:
            self._registry.remove_device(device)
            if self._house is not None:
                self._house.free_id(device)

    def _forget(self, entity: str) -> None:
        self._states.pop(entity, None)
