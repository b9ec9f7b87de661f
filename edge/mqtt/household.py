"""What the configuration and the home file say of the home, put where discovery adds to it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from edge.devices.home import HomeError, load_home
from edge.devices.model import Area, Floor
from edge.devices.registry import Registry
from edge.devices.wishes import Wish
from edge.mqtt.configured import DeviceEntryError, configured_entity
from edge.mqtt.entity import Entity
from edge.mqtt.sensor_topics import sensor_entities

if TYPE_CHECKING:
    from edge.settings.model import Settings


def furnish(registry: Registry, settings: "Settings") -> list[str]:
    """Put in the floors, areas and devices that are written down; what can't be used comes back as sentences."""
    problems = []
    if settings.home_file is not None:
        try:
            _copy(load_home(settings.home_file), registry)
        except HomeError as error:
            problems.append(f"home_file: {error}")
    for floor in settings.floors:
        registry.put_floor(Floor(floor.id, floor.name, floor.aliases))
    for area in settings.areas:
        if area.floor is not None and area.floor not in registry.floors:
            problems.append(f"areas: {area.id}: there is no floor {area.floor!r} in [[floors]]")
        known = registry.areas.get(area.id, Area(area.id, area.name))
        registry.put_area(replace(known, name=area.name, floor=area.floor or known.floor, aliases=area.aliases))
    return problems


def described(settings: "Settings") -> tuple[list[Entity], list[str]]:
    """The devices that are described by their topics, and sentences about those that can't be built."""
    entities: list[Entity] = []
    problems = []
    for place, device in enumerate(settings.devices):
        if not device.mqtt:
            continue
        entry = {key: value for key, value in device.model_dump().items() if value is not None}
        try:
            entities.append(configured_entity(entry, f"devices[{place}]"))
        except DeviceEntryError as error:
            problems.append(str(error))
    sensors, unusable = sensor_entities(settings.sensors)
    taken = {entity.device.id for entity in entities}
    twice = [f"sensors: id: {one.device.id} is in [[devices]] too" for one in sensors if one.device.id in taken]
    return [*entities, *(one for one in sensors if one.device.id not in taken)], [*problems, *unusable, *twice]


def wishes(settings: "Settings", registry: Registry) -> dict[str, Wish]:
    """What is written down of devices by id; the configuration goes over the home file."""
    found = {device.id: Wish(device.name, device.area, device.aliases) for device in registry.devices.values()}
    for device in settings.devices:
        before = found.get(device.id, Wish())
        found[device.id] = Wish(
            device.name or before.name,
            device.area or before.area,
            device.aliases if "aliases" in device.model_fields_set else before.aliases,
            before.exposed if device.exposed is None else device.exposed,
        )
    return found


def _copy(home: Registry, registry: Registry) -> None:
    for floor in home.floors.values():
        registry.put_floor(floor)
    for area in home.areas.values():
        registry.put_area(area)
    for device in home.devices.values():
        registry.put_device(device)
        registry.set_state(device.id, home.state(device.id))
