"""Tells the kernel which chips hang on its I2C buses, so that its drivers show what they measure."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from edge.appliance.errors import ApplianceError
from edge.appliance.places import Machine
from edge.appliance.running import Runner

_CHIP: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]{0,18})@(?:(?P<bus>\d{1,2})-)?0x(?P<address>[0-9a-f]{2})")
_HEADER: Final = ("i2c@7e804000", "i2c@40074000")
"""What the device tree calls the bus at GPIO 2 and 3, up to a Raspberry Pi 4 and on a 5; its number is as it comes."""
_USUAL: Final = 1
"""Its number where the device tree does not say."""
_PATIENCE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip by its driver's name for it."""

    name: str
    bus: int | None
    """None: the one at the board's header."""
    address: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`bme280@0x76`, or `bme280@3-0x76` on the bus 3; None for anything else."""
        found = _CHIP.fullmatch(text.strip().lower())
        address = int(found["address"], 16) if found else 0
        if found is None or not 0x08 <= address <= 0x77:
            return None
        return cls(found["name"], int(found["bus"]) if found["bus"] else None, address)


def attach(
    machine: Machine, chips: Iterable[Chip], run: Runner, sleep: Callable[[float], None] = time.sleep
) -> list[str]:
    """Have the kernel's drivers take the chips until the next start; what could not be done. As root."""
    problems = []
    buses: dict[int | None, Path | None] = {}
    for chip in chips:
        # Each bus is waited for once: the service waits for this.
        if chip.bus not in buses:
            buses[chip.bus] = _found(machine.root / "sys/bus/i2c/devices", chip.bus, sleep)
        bus = buses[chip.bus]
        if bus is None:
            which = "at the header" if chip.bus is None else str(chip.bus)
            problems.append(f"i2c: {chip.name}: there is no I2C bus {which} here that takes chips")
            continue
        device = bus.parent / f"{bus.name.removeprefix('i2c-')}-{chip.address:04x}"
        if device.exists():
            continue
        try:
            run(["modprobe", "--quiet", f"i2c:{chip.name}"])
            (bus / "new_device").write_text(f"{chip.name} 0x{chip.address:02x}\n", "ascii")
        except ApplianceError:
            problems.append(f"i2c: {chip.name}: the kernel has no driver of this name for I2C")
        except OSError as error:
            problems.append(f"i2c: {chip.name}: the kernel does not take it: {error.strerror or error}")
        else:
            if device.is_dir() and not (device / "driver").exists():
                problems.append(
                    f"i2c: {chip.name}: no such chip answers at 0x{chip.address:02x} of {bus.name}; see its wires "
                    "and its address"
                )
    return problems


def _found(devices: Path, number: int | None, sleep: Callable[[float], None]) -> Path | None:
    """The bus, once it is there; None after seconds: buses are found while the machine starts."""
    waited_s = 0.0
    while True:
        bus = devices / f"i2c-{number}" if number is not None else _at_header(devices)
        if bus is not None and (bus / "new_device").exists():
            return bus
        if waited_s >= _PATIENCE_S:
            usual = devices / f"i2c-{_USUAL}"
            return usual if number is None and (usual / "new_device").exists() else None
        sleep(0.1)
        waited_s += 0.1


def _at_header(devices: Path) -> Path | None:
    """By the device tree; the usual one where there is none."""
    found = sorted(devices.glob("i2c-*"))
    if found and not any((bus / "of_node").exists() for bus in found):
        return devices / f"i2c-{_USUAL}"
    return next((bus for bus in found if (bus / "of_node").resolve().name in _HEADER), None)
