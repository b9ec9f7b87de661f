"""A registry whose sensors say what a test has them say, by a clock that the test moves."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.history import History
from edge.sensors.history.reader import Reader
from edge.sensors.history.rollup import Zone

START_S = 1_780_272_000.0  # a Monday, 1 June 2026, midnight UTC
UTC_DAYS = Zone(UTC)
TEMPERATURE = Device("sensor.kitchen", "Kitchen", "kitchen", device_class="temperature", unit="°C")
ENERGY = Device("sensor.meter", "Meter", device_class="energy", unit="kWh", options={"state_class": "total_increasing"})
DOOR = Device("binary_sensor.door", "Door", device_class="door")


class Clock:
    """Wall clock of the tests."""

    def __init__(self, now_s: float = START_S) -> None:
        self.now_s = now_s
        self.boot_s = 0.0
        self.trusted = True

    def forward(self, seconds: float) -> None:
        """Time passes."""
        self.now_s += seconds
        self.boot_s += seconds

    def __call__(self) -> float:
        return self.now_s


class House:
    """Devices and what they say."""

    def __init__(self, *devices: Device) -> None:
        self.registry = Registry()
        self.clock = Clock()
        self._reports = 0.0
        for device in devices:
            self.registry.put_device(device)

    def say(self, device: str, state: Any, *, after_s: float = 0.0, available: bool = True, **attributes: Any) -> None:
        """A report, some seconds after what was before."""
        self.clock.forward(after_s)
        self._reports += 1
        text = None if state is None else str(state)
        fresh = DeviceState(text, attributes, available, reported_s=self._reports)
        self.registry.set_state(device, replace(fresh, changed_s=self._reports))

    def wait(self, seconds: float) -> None:
        self.clock.forward(seconds)


@asynccontextmanager
async def remembering(house: House, file: Path, **more: Any) -> Any:
    """A history of the house, which is written when it is told to."""
    history = History(
        file,
        house.registry,
        house.clock,
        choosing=more.pop("choosing", Choosing()),
        zone=UTC_DAYS,
        window_s=more.pop("window_s", 600),
        wall_s=house.clock,
        boot_s=lambda: house.clock.boot_s,
        **more,
    )
    async with history:
        yield history


async def asked(house: House, file: Path, question: Callable[[Reader], Any]) -> Any:
    """What is in the file, without the one who writes it."""

    def answer() -> Any:
        with Reader(file, UTC_DAYS, wall_s=house.clock) as reader:
            return question(reader)

    return await asyncio.to_thread(answer)
