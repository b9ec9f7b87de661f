"""A small house for the recogniser's tests."""

from edge.devices import Registry, parse_home

HOME = {
    "floors": [{"id": "up", "name": "First Floor", "aliases": ["upstairs"]}],
    "areas": [
        {"id": "kitchen", "name": "Kitchen", "floor": None, "aliases": []},
        {"id": "office", "name": "Office", "floor": "up", "aliases": ["Study"]},
    ],
    "devices": [
        {"id": "light.kitchen_ceiling", "name": "Kitchen Ceiling", "area": "kitchen", "state": "off"},
        {"id": "light.lamp_2", "name": "Lamp 2", "area": "office", "aliases": ["Reading Lamp"], "state": "on"},
        {"id": "media_player.tv", "name": "TV", "area": None, "state": "playing"},
        {"id": "lock.front_door", "name": "Front Door", "area": None, "state": "locked"},
        {"id": "climate.ecobee", "name": "EcoBee", "area": None, "state": "heat"},
        {
            "id": "cover.blinds",
            "name": "Office Blinds",
            "area": "office",
            "state": "closed",
            "attributes": {"device_class": "blind"},
        },
    ],
}


def house() -> Registry:
    """The house in memory."""
    return parse_home(HOME, "the test's home")
