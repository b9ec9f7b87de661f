"""What the kernel's sensors say is remembered like anything else that the house says."""

import asyncio
from datetime import UTC
from pathlib import Path

from edge.devices.registry import Registry
from edge.hardware.attached import Attached
from edge.schedule import SystemClock
from edge.sensors.history.history import History
from tests.hardware.pins import ONE_WIRE, entry, plant
from tests.hardware.test_attached import until


async def test_a_thermometer_on_a_wire_has_a_past(tmp_path: Path) -> None:
    registry = Registry()
    root = plant(tmp_path / "root", ONE_WIRE)
    tank = entry(kind="one_wire", source="28-000005e2fdc3", name="Tank")
    clock = await asyncio.to_thread(lambda: SystemClock(UTC))
    async with History(tmp_path / "history.sqlite", registry, clock) as history:
        async with Attached([tank], runtime=tmp_path, root=root) as attached:
            await attached.begin(registry)
            await until(registry, lambda: registry.state("sensor.tank").state is not None)
        await history.flush()
        (sensor,) = await history.ask(lambda reader: reader.sensors())
        assert (sensor.device, sensor.unit) == ("sensor.tank", "°C")
