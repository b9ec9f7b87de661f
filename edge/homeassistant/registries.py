"""Reads the entries of Home Assistant's registries; what can't be used is left out, nothing raises."""

import re
from typing import Any, Final

from edge.homeassistant.model import Entry, Gadget, Place, Reading
from edge.homeassistant.wire import line, mapping, sequence

ASSISTANT: Final = "conversation"
"""What Home Assistant calls the assistants that exposure is asked about."""
_ENTITY: Final = re.compile(r"(?!.*__)(?!_)[a-z0-9_]{1,64}(?<!_)\.(?!_)[a-z0-9_]{1,255}(?<!_)", re.ASCII)
_MOST_NAMES: Final = 50
_MOST_KEYS: Final = 100_000


def is_entity(value: object) -> bool:
    """Whether this is an entity's id."""
    return isinstance(value, str) and _ENTITY.fullmatch(value) is not None


def floors(value: object) -> dict[str, Place]:
    """`config/floor_registry/list`, by id."""
    return {place.id: place for part in sequence(value) if (place := _place(part, "floor_id")) is not None}


def areas(value: object) -> dict[str, Place]:
    """`config/area_registry/list`, by id."""
    return {place.id: place for part in sequence(value) if (place := _place(part, "area_id")) is not None}


def labels(value: object) -> dict[str, str]:
    """`config/label_registry/list`: names by id."""
    found = {}
    for part in sequence(value):
        label, name = line(mapping(part).get("label_id")), line(mapping(part).get("name"))
        if label and name:
            found[label] = name
    return found


def gadgets(value: object) -> dict[str, Gadget]:
    """`config/device_registry/list`, by id."""
    found = {}
    for part in sequence(value):
        given = mapping(part)
        gadget = line(given.get("id"))
        if gadget is None:
            continue
        by_user = line(given.get("name_by_user"))
        found[gadget] = Gadget(
            id=gadget,
            name=by_user or line(given.get("name")),
            renamed=by_user is not None,
            area=line(given.get("area_id")),
            labels=_texts(given.get("labels")),
            identifiers=_pairs(given.get("identifiers")),
            connections=_pairs(given.get("connections")),
        )
    return found


def entry(value: object) -> Entry | None:
    """One entry of the entity registry, in any of the shapes it is told in."""
    given = mapping(value)
    entity = given.get("entity_id")
    if not isinstance(entity, str) or not is_entity(entity):
        return None
    unique = given.get("unique_id")
    exposed = mapping(mapping(given.get("options")).get(ASSISTANT)).get("should_expose")
    return Entry(
        id=entity,
        platform=line(given.get("platform")) or "",
        unique_id=str(unique)[:500] if isinstance(unique, str | int) and not isinstance(unique, bool) else None,
        name=line(given.get("name")),
        original_name=line(given.get("original_name")),
        area=line(given.get("area_id")),
        gadget=line(given.get("device_id")),
        category=_category(given.get("entity_category")),
        device_class=line(given.get("device_class")) or line(given.get("original_device_class")),
        aliases=_texts(given.get("aliases")),
        labels=_texts(given.get("labels")),
        disabled=given.get("disabled_by") is not None,
        exposed=exposed if isinstance(exposed, bool) else None,
    )


def exposed(value: object) -> frozenset[str]:
    """`homeassistant/expose_entity/list`: the entities that assistants may have."""
    told = mapping(mapping(value).get("exposed_entities"))
    return frozenset(entity for entity, to in told.items() if is_entity(entity) and mapping(to).get(ASSISTANT) is True)


def full_state(value: object) -> tuple[str, Reading] | None:
    """One state as `get_states` and `state_changed` tell it."""
    given = mapping(value)
    entity, state = given.get("entity_id"), given.get("state")
    if not isinstance(entity, str) or not is_entity(entity) or not isinstance(state, str):
        return None
    return entity, Reading(state[:255], mapping(given.get("attributes")))


def compressed_state(value: object) -> Reading | None:
    """One state as `subscribe_entities` tells it."""
    given = mapping(value)
    state = given.get("s")
    return Reading(state[:255], mapping(given.get("a"))) if isinstance(state, str) else None


def changed_state(before: Reading, value: object) -> Reading:
    """The state after a change as `subscribe_entities` tells it."""
    given = mapping(value)
    added, removed = mapping(given.get("+")), mapping(given.get("-"))
    state = added.get("s")
    attributes: dict[str, Any] = {**before.attributes, **mapping(added.get("a"))}
    for gone in sequence(removed.get("a")):
        if isinstance(gone, str):
            attributes.pop(gone, None)
    if len(attributes) > _MOST_KEYS:
        attributes = {}
    return Reading(state[:255] if isinstance(state, str) else before.state, attributes)


def _place(value: object, key: str) -> Place | None:
    given = mapping(value)
    place, name = line(given.get(key)), line(given.get("name"))
    if place is None or name is None:
        return None
    return Place(place, name, _texts(given.get("aliases")), line(given.get("floor_id")) if key == "area_id" else None)


def _texts(value: object) -> tuple[str, ...]:
    found = (text for part in sequence(value)[:_MOST_NAMES] if (text := line(part)) is not None)
    return tuple(sorted(dict.fromkeys(found)))


def _pairs(value: object) -> frozenset[tuple[str, str]]:
    found = set()
    for part in sequence(value)[:_MOST_NAMES]:
        pair = [text for item in sequence(part)[:2] if (text := line(item)) is not None]
        if len(pair) == 2:
            found.add((pair[0].lower(), pair[1].lower()))
    return frozenset(found)


def _category(value: object) -> str | None:
    return value if isinstance(value, str) and value in ("config", "diagnostic") else None
