"""A house with homonyms, floors, devices without an area and odd names, and shorthand for what the network copies."""

from datetime import datetime
from functools import cache

from edge.devices.home import parse_home
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.router.model import RawCall, Slot, Span
from edge.router.resolution import Resolution, resolve
from edge.router.vocabulary import load_vocabulary

NOW = datetime(2026, 3, 11, 15, 20)  # noqa: DTZ001, a Wednesday, local time

_AREAS = {
    "ground": ["Kitchen", "Living Room", "Hall", "Garage", "Office", "Dining Room"],
    "first": ["Bedroom", "Bathroom", "Kid's Room", "Guest Room"],
    "outdoors": ["Garden", "Patio"],
}
_DEVICES = """
light.kitchen_ceiling | Kitchen Ceiling | kitchen
light.kitchen_counter | Counter Lights | kitchen | worktop lights
light.lamp_office | Lamp | office
light.lamp_bedroom | Lamp | bedroom
light.desk | Desk Lamp | office
light.living_main | Main Light | living_room
light.vesuvius | Vesuvius | living_room
light.spot_1 | Spot 1 | hall
light.spot_2 | Spot 2 | hall
light.kids_star | Star | kids_room
light.bathroom | Bathroom Light | bathroom
light.bed_light | Bed Light |
light.patio_string | String Lights | patio
switch.coffee | Coffee Machine | kitchen | coffee maker, coffee
switch.hall_light | Hall Light | hall
switch.garden_pump | Pump | garden
switch.heater | Space Heater | office
switch.wifi | WiFi Router | office
fan.bathroom | Extractor Fan | bathroom
fan.bedroom | Ceiling Fan | bedroom
fan.living | Tower Fan | living_room
cover.kitchen_blinds | Kitchen Blinds | kitchen | | blind
cover.office_left | Left Blind | office | | blind
cover.office_right | Right Blind | office | | blind
cover.living_curtains | Curtains | living_room
cover.garage_door | Garage Door | garage | | garage
cover.bedroom_window | Bedroom Window | bedroom | | window
cover.kitchen_window | Kitchen Window | kitchen | | window
lock.front_door | Front Door | hall
lock.back_door | Back Door | kitchen
binary_sensor.front_door | Front Door | hall | | door
binary_sensor.hall_motion | Hall Motion | hall | | motion
climate.ecobee | EcoBee | hall | thermostat
climate.bedroom_radiator | Bedroom Radiator | bedroom
media_player.tv | TV | | television
media_player.kitchen_radio | Kitchen Radio | kitchen
media_player.living_speaker | Speaker | living_room | | speaker
humidifier.nursery | Humidifier | kids_room
vacuum.rosie | Rosie | hall
lawn_mower.shaun | Shaun | garden
alarm_control_panel.home | House Alarm | hall
valve.main | Main Water | garage
siren.attic | Siren |
sensor.kitchen_temperature | Kitchen Temperature | kitchen | | temperature
sensor.bathroom_humidity | Bathroom Humidity | bathroom | | humidity
sensor.outdoor_humidity | Outdoor Humidity | | | humidity
sensor.freezer | Freezer | kitchen | | temperature
sensor.remote_battery | Remote Battery | living_room | | battery
sensor.car_battery | Car Battery | garage | | battery
scene.movie_night | Movie Night |
script.good_night | Good Night |
button.doorbell | Doorbell | hall
number.pump_interval | Pump Interval | garden
select.washer | Washer Program |
todo.shopping_list | Shopping List |
todo.to_do | To Do |
weather.home | Home |
person.anna | Anna |
water_heater.boiler | Boiler | garage
light.lamp_2 | Shelf Lamp 2 | dining_room
light.lamp_3 | Shelf Lamp 3 | dining_room
"""


@cache
def house() -> Registry:
    """The house; nobody changes it."""
    floors = [{"id": "ground", "name": "Ground Floor"}, {"id": "first", "name": "First Floor", "aliases": ["upstairs"]}]
    areas = [
        {"id": slug(name), "name": name, "floor": floor if floor != "outdoors" else None}
        for floor, names in _AREAS.items()
        for name in names
    ]
    devices = []
    for line in _DEVICES.strip().splitlines():
        one, name, area, aliases, of = [*(part.strip() for part in line.split("|")), "", "", ""][:5]
        attributes: dict[str, object] = {"device_class": of} if of else {}
        if one == "select.washer":
            attributes["options"] = ["Cotton", "Quick wash"]
        devices.append(
            {
                "id": one,
                "name": name,
                "area": area or None,
                "aliases": [alias.strip() for alias in aliases.split(",") if alias.strip()],
                "state": "playing" if one == "media_player.kitchen_radio" else "off",
                "attributes": attributes,
            }
        )
    registry = parse_home({"floors": floors, "areas": areas, "devices": devices}, "house")
    registry.put_device(Device("light.bridge_led", "Bridge LED", "hall", category="config"))
    return registry


def slug(name: str) -> str:
    """ "Kid's Room" is kids_room."""
    return name.lower().replace("'", "").replace(" ", "_")


def call(function: str, **spans: str | list[str]) -> RawCall:
    """A raw call with spans by slot name; a list gives several of one slot."""
    made = [
        Span(Slot(slot.rstrip("_")), text, 0, len(text))
        for slot, texts in spans.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    ]
    return RawCall(function, tuple(made))


def ask(*calls: RawCall, area: str | None = None, home: Registry | None = None, text: str = "said") -> Resolution:
    """Resolve raw calls in the house."""
    return resolve(calls, text, home or house(), load_vocabulary(), area, NOW)


def targets(function: str, *, area: str | None = None, **spans: str | list[str]) -> list[str]:
    """The devices one raw call comes to, over all its calls."""
    return [target for one in ask(call(function, **spans), area=area).calls for target in one.targets]


def said(text: str, function: str, **spans: str | list[str]) -> RawCall:
    """A raw call whose spans stand where they stand in the sentence, each after the last of its slot."""
    made = []
    for slot, texts in spans.items():
        at = 0
        for one in [texts] if isinstance(texts, str) else texts:
            at = text.index(one, at)
            made.append(Span(Slot(slot.rstrip("_")), one, at, at + len(one)))
            at += len(one)
    return RawCall(function, tuple(sorted(made, key=lambda span: span.start)))
