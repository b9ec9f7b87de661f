"""Discovery payloads of a house as large as one likes, shaped as real ones are."""

import json
from collections.abc import Iterator

ROOMS = ("Kitchen", "Bedroom", "Living Room", "Office", "Hall", "Bathroom", "Garage", "Garden", "Study", "Attic")
_WORDS = (  # noqa: SIM905 (a hundred lines otherwise)
    "amber ash aspen autumn basil bay beech birch blossom bramble brass brook bronze cedar cherry chestnut "
    "clover cobalt copper coral cotton cream crystal daisy dawn desert dove dune dusk ebony elder elm ember "
    "fern fig flax flint forest garnet ginger glacier granite hazel heather holly honey indigo iris ivory ivy "
    "jade jasper juniper lagoon larch laurel lavender lilac lily linen lotus maple marble marsh meadow mint "
    "mist moss myrtle nutmeg oak olive onyx opal orchid pearl pepper pine plum poplar poppy prairie quartz "
    "raven ridge river rose rowan ruby saffron sage sand sepia silver slate sorrel spruce stone sunset teal "
    "thistle timber topaz tulip valley velvet violet walnut willow winter zinc "
).split()
_NOUNS = ("Lamp", "Ceiling Light", "Plug", "Blinds", "Fan", "Temperature", "Humidity", "Motion", "Door", "Power")


def word(box: int) -> str:
    """What tells one box from the others, as a person would say it."""
    first, second = divmod(box, len(_WORDS))
    return _WORDS[second].title() if not first else f"{_WORDS[first % len(_WORDS)]} {_WORDS[second]}".title()


_COMPONENTS = {
    "Lamp": "light",
    "Ceiling Light": "light",
    "Plug": "switch",
    "Blinds": "cover",
    "Fan": "fan",
    "Motion": "binary_sensor",
    "Door": "binary_sensor",
}


def payloads(count: int) -> Iterator[tuple[str, str]]:
    """Topic and payload of `count` entities, ten to a device, as Zigbee2MQTT writes them."""
    for number in range(count):
        box, noun = divmod(number, 10)
        name = _NOUNS[noun]
        component = _COMPONENTS.get(name, "sensor")
        base = f"zigbee2mqtt/box {box}"
        unique = f"0x{box:016x}_{name.lower().replace(' ', '_')}"
        payload = {
            "name": f"{word(box)} {name}",
            "unique_id": f"{unique}_zigbee2mqtt",
            "object_id": f"{word(box)} {name}",
            "state_topic": base,
            "availability": [{"topic": f"{base}/availability", "value_template": "{{ value_json.state }}"}],
            "device": {
                "identifiers": [f"zigbee2mqtt_0x{box:016x}"],
                "manufacturer": "Example",
                "model": "A model with a name of some length (AB-1234)",
                "name": f"Box {box}",
                "suggested_area": ROOMS[box % len(ROOMS)],
                "sw_version": "1.2.3",
            },
            "origin": {"name": "Zigbee2MQTT", "sw": "2.1.0", "url": "https://www.zigbee2mqtt.io"},
        } | _own_keys(component, name, base)
        yield f"homeassistant/{component}/{unique}/config", json.dumps(payload)


def _own_keys(component: str, name: str, base: str) -> dict[str, object]:
    key = name.lower().replace(" ", "_")
    match component:
        case "light":
            return {"schema": "json", "brightness": True, "brightness_scale": 254, "command_topic": f"{base}/{key}/set"}
        case "switch" | "fan":
            return {
                "command_topic": f"{base}/{key}/set",
                "payload_on": "ON",
                "payload_off": "OFF",
                "value_template" if component == "switch" else "state_value_template": "{{ value_json.state }}",
            }
        case "cover":
            return {
                "command_topic": f"{base}/{key}/set",
                "position_topic": base,
                "set_position_topic": f"{base}/{key}/set",
                "set_position_template": '{ "position": {{ position }} }',
                "position_template": "{{ value_json.position }}",
            }
        case "binary_sensor":
            return {"payload_on": True, "payload_off": False, "value_template": f"{{{{ value_json.{key} }}}}"}
        case _:
            unit = {"Temperature": "°C", "Humidity": "%", "Power": "W"}[name]
            return {"unit_of_measurement": unit, "value_template": f"{{{{ value_json.{key} }}}}", "device_class": key}


def state(number: int) -> str:
    """What one box reports."""
    return json.dumps(
        {"state": "OFF", "brightness": 100, "position": 50, "temperature": 20 + number % 5, "humidity": 40}
        | {"motion": False, "door": False, "power": 3.5, "linkquality": 80}
    )
