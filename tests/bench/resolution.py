"""What resolving costs as the house grows, in processor time: `python -m tests.bench.resolution`; asserts nothing."""

import random
import statistics
import time
from datetime import datetime

from edge.devices.model import Area, Device, Floor
from edge.devices.registry import Registry
from edge.router.model import RawCall, Slot, Span
from edge.router.resolution import resolve
from edge.router.vocabulary import load_vocabulary

_ROOMS = ("Kitchen", "Bedroom", "Living Room", "Office", "Hall", "Bathroom", "Garage", "Garden", "Study", "Attic")
_KINDS = (
    ("light", "Lamp", None),
    ("light", "Ceiling Light", None),
    ("switch", "Plug", None),
    ("sensor", "Temperature", "temperature"),
    ("cover", "Blinds", "blind"),
    ("fan", "Fan", None),
    ("lock", "Door", None),
    ("media_player", "Speaker", "speaker"),
)
_SAID = (
    ("turn on the kitchen lamp", "light.turn_on", {Slot.TARGET: "kitchen lamp"}),
    ("set the office ceiling light to 20", "light.set", {Slot.TARGET: "office ceiling light", Slot.LEVEL: "20"}),
    ("close the bedroom blinds", "cover.close", {Slot.TARGET: "bedroom blinds"}),
    ("turn off the lights", "light.turn_off", {Slot.TARGET: "lights"}),
    ("turn on the bathrum fan", "fan.turn_on", {Slot.TARGET: "bathrum fan"}),
    ("lock the garage door", "lock.lock", {Slot.TARGET: "garage door"}),
    ("how warm is it in the study", "sensor.query", {Slot.MEASURE: "warm", Slot.PLACE: "study"}),
    ("turn it up", "media_player.volume_up", {}),
    ("turn on the disco ball", "switch.turn_on", {Slot.TARGET: "disco ball"}),
    ("set a timer for five minutes", "timer.start", {Slot.DURATION: "five minutes"}),
    ("wake me at half past six", "alarm.set", {Slot.TIME: "half past six"}),
)  # fmt: skip
_NOW = datetime(2026, 3, 11, 15, 20)  # noqa: DTZ001


def house(devices: int) -> Registry:
    """Ten rooms that are always there; the rest in wings of a few rooms, with names of their own."""
    random_ = random.Random(devices)  # noqa: S311
    registry = Registry()
    registry.put_floor(Floor("ground", "Ground Floor"))
    for name in _ROOMS:
        registry.put_area(Area(name.lower().replace(" ", "_"), name, "ground"))
    for number in range(devices):
        domain, noun, of = _KINDS[number % len(_KINDS)]
        wing = number // len(_KINDS)
        if wing < len(_ROOMS):
            area, name = _ROOMS[wing].lower().replace(" ", "_"), f"{_ROOMS[wing]} {noun}"
        else:
            word = "".join(random_.choice("bdfglmnprstv") + random_.choice("aeiou") for _ in range(3)).title()
            area, name = registry.area_named(f"Wing {wing // 4} Room {wing % 4}").id, f"{word} {noun}"
        registry.put_device(Device(f"{domain}.d{number}", name, area, device_class=of))
    return registry


def main() -> None:
    """Print one line a house."""
    vocabulary = load_vocabulary()
    for devices in (10, 1_000, 10_000):
        began = time.thread_time()
        registry = house(devices)
        built_s = time.thread_time() - began
        times: dict[str, list[float]] = {}
        for _ in range(200):
            for text, function, spans in _SAID:
                raw = [RawCall(function, tuple(Span(slot, said, 0, len(said)) for slot, said in spans.items()))]
                began = time.thread_time()
                resolve(raw, text, registry, vocabulary, "living_room", _NOW)
                times.setdefault(text, []).append((time.thread_time() - began) * 1e6)
        every = sorted(value for values in times.values() for value in values)
        print(
            f"{devices:6} devices: built in {built_s:.2f} s; resolve p50 {statistics.median(every):.0f} us, "
            f"p99 {every[len(every) * 99 // 100]:.0f} us"
        )
        for text, values in times.items():
            print(f"        {statistics.median(values):6.0f} us  {text}")


if __name__ == "__main__":
    main()
