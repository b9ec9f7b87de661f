"""Keeps what Home Assistant said, so that its devices have names, if no states, while it is down."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge.files import replace_file
from edge.homeassistant.model import Known, Place
from edge.homeassistant.registries import is_entity
from edge.homeassistant.services import shared
from edge.homeassistant.wire import line, mapping, sequence

log = logging.getLogger(__name__)

_VERSION: Final = 1
_SAVE_S: Final = 30.0
_MOST_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remembered:
    """Floors, areas and entities as they were told last, and the ids that entities have as devices here."""

    floors: Mapping[str, Place] = field(default_factory=dict)
    areas: Mapping[str, Place] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


def load(file: Path) -> Remembered:
    """What was kept; nothing where there is none or the file was damaged: it is only a convenience. Blocks."""
    try:
        with file.open("rb") as stream:
            content = mapping(json.loads(stream.read(_MOST_BYTES)))
    except FileNotFoundError:
        return Remembered()
    except (OSError, ValueError, RecursionError) as error:
        log.warning("homeassistant.memory_unreadable", extra={"file": str(file), "reason": str(error)})
        return Remembered()
    if content.get("version") != _VERSION:
        return Remembered()
    known = {one.entity: one for part in sequence(content.get("entities")) if (one := _known(part)) is not None}
    ids = {
        entity: device
        for entity, device in mapping(content.get("ids")).items()
        if entity in known and is_entity(device)
    }
    return Remembered(_places(content.get("floors")), _places(content.get("areas")), known, ids)


def save(file: Path, remembered: Remembered) -> None:
    """Write it, atomically; raises OSError. Blocks."""
    content = {
        "version": _VERSION,
        "floors": [asdict(place) for place in remembered.floors.values()],
        "areas": [asdict(place) for place in remembered.areas.values()],
        "entities": [_plain(known) for known in remembered.known.values()],
        "ids": dict(remembered.ids),
    }
    replace_file(file, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


@asynccontextmanager
async def kept(file: Path, now: Callable[[], Remembered]) -> AsyncIterator[None]:
    """Saves what `now` gives where it has changed, seldom, and once more at the end."""
    saved = now()

    async def keep() -> None:
        nonlocal saved
        current = now()
        if current == saved:
            return
        try:
            await asyncio.to_thread(save, file, current)
            saved = current
        except OSError as error:
            log.warning("homeassistant.memory_not_kept", extra={"file": str(file), "reason": str(error)})

    async def now_and_then() -> None:
        while True:
            await asyncio.sleep(_SAVE_S)
            await keep()

    task = asyncio.create_task(now_and_then(), name="homeassistant-memory")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        await keep()


def _plain(known: Known) -> dict[str, Any]:
    values = {
        "entity": known.entity,
        "name": known.name,
        "renamed": known.renamed,
        "area": known.area,
        "aliases": list(known.aliases),
        "device_class": known.device_class,
        "unit": known.unit,
        "features": sorted(known.features),
        "options": dict(known.options),
        "category": known.category,
        "group": known.group,
        "platform": known.platform,
        "unique_id": known.unique_id,
        "labels": list(known.labels),
        "connections": sorted(known.connections),
    }
    return {name: value for name, value in values.items() if value not in (None, [], {}, "", False)}


def _known(value: object) -> Known | None:
    given = mapping(value)
    entity, name = given.get("entity"), line(given.get("name"))
    if not isinstance(entity, str) or not is_entity(entity) or name is None:
        return None
    options = {
        key: tuple(option) if isinstance(option, list) else option
        for key, option in mapping(given.get("options")).items()
        if isinstance(option, str | int | float | list)
    }
    return Known(
        entity=entity,
        name=name,
        renamed=given.get("renamed") is True,
        area=line(given.get("area")),
        aliases=_texts(given.get("aliases")),
        device_class=line(given.get("device_class")),
        unit=line(given.get("unit")),
        features=shared(frozenset(_texts(given.get("features")))),
        options=MappingProxyType(options),
        category=line(given.get("category")),
        group=line(given.get("group")),
        platform=line(given.get("platform")) or "",
        unique_id=line(given.get("unique_id"), 500),
        labels=_texts(given.get("labels")),
        connections=frozenset(
            (str(pair[0]), str(pair[1]))
            for part in sequence(given.get("connections"))
            if len(pair := sequence(part)) == 2
        ),
    )


def _places(value: object) -> dict[str, Place]:
    found = {}
    for part in sequence(value):
        given = mapping(part)
        place, name = line(given.get("id")), line(given.get("name"))
        if place and name:
            found[place] = Place(place, name, _texts(given.get("aliases")), line(given.get("floor")))
    return found


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for part in sequence(value) if (text := line(part)) is not None)
