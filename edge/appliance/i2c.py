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
_BUS: Final = 1
"""The one at a Raspberry Pi's header."""
_PATIENCE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip by its driver's name for it."""

    name: str
    bus: int
    address: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`bme280@0x76`, or `bme280@3-0x76` on the bus 3; None for anything else."""
        found = _CHIP.fullmatch(text.strip().lower())
        address = int(found["address"], 16) if found else 0
        if found is None or not 0x08 <= address <= 0x77:
            return None
        return cls(found["name"], int(found["bus"] or _BUS), address)


def attach(
    machine: Machine, chips: Iterable[Chip], run: Runner, sleep: Callable[[float], None] = time.sleep
) -> list[str]:
    """Have the kernel's drivers take the chips until the next start; what could not be done. As root."""
    problems = []
    missing: set[int] = set()
    for chip in chips:
        bus = machine.root / f"sys/bus/i2c/devices/i2c-{chip.bus}"
        device = bus.parent / f"{chip.bus}-{chip.address:04x}"
        if device.exists():
            continue
        # Each bus is waited for once: the service waits for this.
        if chip.bus in missing or not _there(bus / "new_device", sleep):
            missing.add(chip.bus)
            problems.append(f"i2c: {chip.name}: there is no I2C bus {chip.bus} here that takes chips")
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
                    f"i2c: {chip.name}: no such chip answers at 0x{chip.address:02x} of bus {chip.bus}; see its wires "
                    "and its address"
                )
    return problems


def _there(file: Path, sleep: Callable[[float], None]) -> bool:
    """Whether it is there, or comes within seconds: buses are found while the machine starts."""
    waited_s = 0.0
    while not file.exists():
        if waited_s >= _PATIENCE_S:
            return False
        sleep(0.1)
        waited_s += 0.1
    return True
