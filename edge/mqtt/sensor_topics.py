"""From a `[[sensors]]` entry of the configuration to the same entities that discovery makes."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from edge.mqtt.configured import DeviceEntryError, configured_entity
from edge.mqtt.entity import Entity
from edge.mqtt.slugs import slugify

if TYPE_CHECKING:
    from edge.settings.history import SensorSettings

_STEP: Final = re.compile(r"\[(\d{1,6})\]|\.?([^.\[\]]+)")


def sensor_entities(entries: "Iterable[SensorSettings]") -> tuple[list[Entity], list[str]]:
    """The sensors that are described by their topics, and sentences about those that can't be built."""
    entities: dict[str, Entity] = {}
    problems = []
    for place, entry in enumerate(entries):
        try:
            entity = configured_entity(_as_device(entry), f"sensors[{place}]")
        except DeviceEntryError as error:
            problems.append(str(error))
            continue
        if entity.device.id in entities:
            problems.append(f"sensors[{place}]: id: there is another {entity.device.id}: give one an id of its own")
        entities.setdefault(entity.device.id, entity)
    return list(entities.values()), problems


def path_template(path: str) -> str:
    """`sensors[0].temperature` as the template `{{ value_json['sensors'][0]['temperature'] }}`."""
    steps = "".join(f"[{index}]" if index else f"['{name}']" for index, name in _STEP.findall(path.removeprefix("$")))
    return f"{{{{ value_json{steps} }}}}"


def _as_device(entry: "SensorSettings") -> dict[str, Any]:
    device_id = entry.id or f"sensor.{slugify(entry.name)}"
    template = path_template(entry.path) if entry.path is not None else entry.template
    is_sensor = device_id.startswith("sensor.")
    given = {
        "id": device_id,
        "name": entry.name,
        "area": entry.area,
        "aliases": list(entry.aliases),
        "state_topic": entry.topic,
        "value_template": template,
        "unit_of_measurement": entry.unit,
        "device_class": entry.device_class,
        "state_class": entry.state_class if entry.state_class or not is_sensor else _measured(entry),
        "payload_on": entry.payload_on,
        "payload_off": entry.payload_off,
        "expire_after": entry.expire_after_s,
    }
    return {key: value for key, value in given.items() if value is not None}


def _measured(entry: "SensorSettings") -> str | None:
    """What has a unit is a measurement, unless it says otherwise."""
    return "measurement" if entry.unit and entry.device_class not in ("date", "enum", "timestamp") else None
