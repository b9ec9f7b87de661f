"""What a Raspberry Pi's firmware is to add to the device tree: 1-wire and I2C at the header, from the next start on.

`config.txt` reads `edge-overlays.txt`, which is written here; should a power cut lose it, the board starts without.
"""

from collections.abc import Iterable
from typing import Final

from edge.appliance.files import line, read_bounded, writable
from edge.appliance.places import Machine
from edge.appliance.running import Runner
from edge.appliance.seed.model import Seed
from edge.files import replace_file

FILE: Final = "edge-overlays.txt"
_HEAD: Final = "# Written by edge from edge.toml at every start, and read by config.txt.\n"
_RASPBERRY: Final = "raspberrypi,"
_PI_5: Final = "brcm,bcm2712"
_MOST_BYTES: Final = 16 * 1024


def ask_firmware(machine: Machine, seed: Seed, run: Runner) -> list[str]:
    """Have the overlays there that the seed needs; why they don't work yet. Raises OSError, `ApplianceError`."""
    file = machine.boot / FILE
    board = line(machine.root / "proc/device-tree/compatible")
    if _RASPBERRY not in board:
        return ["one_wire: there are no pins for it here, this is no Raspberry Pi"] if seed.one_wire is not None else []
    overlays = _overlays(seed, pi_5=_PI_5 in board)
    missing = [one for one in overlays if not (machine.boot / f"overlays/{one.partition(',')[0]}.dtbo").is_file()]
    if missing:
        return [f"{_keys(missing)}: the card was flashed with an image that could not do that yet: flash a newer one"]
    wanted = (_HEAD + "".join(f"dtoverlay={one}\n" for one in overlays)).encode()
    try:
        before = read_bounded(file, _MOST_BYTES)
    except FileNotFoundError:
        before = b"" if overlays else wanted
    if before == wanted:
        return []
    with writable(machine.boot, run):
        replace_file(file, wanted)
    return [f"{_keys(overlays)}: counts from the next start on, so start the machine again"] if overlays else []


def _overlays(seed: Seed, *, pi_5: bool) -> list[str]:
    """Their names, with parameters; on boards before the 5 the header's I2C is on by itself."""
    suffix = "-pi5" if pi_5 else ""
    found = ["edge-i2c-pi5"] if pi_5 and any(chip.bus is None for chip in seed.i2c) else []
    return found + ([f"edge-w1{suffix},pin={seed.one_wire}"] if seed.one_wire is not None else [])


def _keys(overlays: Iterable[str]) -> str:
    """The keys of the seed that ask for these."""
    return ", ".join("i2c" if one.startswith("edge-i2c") else "one_wire" for one in overlays)
