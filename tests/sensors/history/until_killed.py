"""Remembers readings as fast as it can until it is killed, and says how many it has taken in: a program for a test."""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.sensors.history.history import History


class _Trusted:
    trusted = True


async def main(file: Path, window_s: float) -> None:
    registry = Registry()
    for one in range(100):
        registry.put_device(Device(f"sensor.probe_{one}", f"Probe {one}", device_class="temperature", unit="°C"))
    async with History(file, registry, _Trusted(), window_s=window_s, most_per_second=1000):
        os.write(1, b"ready\n")
        number = 0
        while True:
            for _ in range(20):
                state = DeviceState(str(number), reported_s=number + 1.0)
                registry.set_state(f"sensor.probe_{number % 100}", replace(state))
                number += 1
            os.write(1, f"{time.time()} {number}\n".encode())
            await asyncio.sleep(0.004)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
