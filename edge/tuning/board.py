"""Which board or computer this is: by its device tree, or by what its firmware says of it (DMI)."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.files import line, text

_CHASSIS: Final = {
    3: "desktop",
    4: "desktop",
    6: "desktop",
    7: "desktop",
    8: "laptop",
    9: "laptop",
    10: "laptop",
    13: "desktop",
    14: "laptop",
    17: "server",
    23: "server",
    30: "tablet",
    31: "convertible",
    32: "convertible",
    35: "desktop",
    36: "desktop",
}
"""The numbers of the SMBIOS specification (7.4.1), by the words of the device tree's `chassis-type`."""


@dataclass(frozen=True, slots=True)
class Board:
    """What the machine calls itself; empty where it does not say."""

    machine: str
    """The kernel's name of the processor family: aarch64, armv7l, x86_64."""
    model: str = ""
    """For people: "Raspberry Pi 5 Model B Rev 1.0", "LENOVO ThinkPad X13s"."""
    compatible: tuple[str, ...] = ()
    """The device tree's names, the most exact first: "raspberrypi,5-model-b", "brcm,bcm2712"."""
    vendor: str = ""
    product: str = ""
    chassis: str = ""
    """laptop, convertible, tablet, desktop or server."""


def read_board(root: Path = Path("/"), machine: str | None = None) -> Board:
    """Look it up in `proc/device-tree` and `sys/class/dmi` under `root`. Never raises."""
    tree, dmi = root / "proc/device-tree", root / "sys/class/dmi/id"
    vendor, product = line(dmi / "sys_vendor"), line(dmi / "product_name")
    version = line(dmi / "product_version")
    if vendor.casefold() == "lenovo" and version:
        product = version
    number = line(dmi / "chassis_type")
    chassis = line(tree / "chassis-type") or (_CHASSIS.get(int(number), "") if number.isdecimal() else "")
    return Board(
        machine=machine or os.uname().machine,
        model=line(tree / "model") or f"{vendor} {product}".strip(),
        compatible=tuple(name for name in text(tree / "compatible").split("\0") if name.strip()),
        vendor=vendor,
        product=product,
        chassis=chassis,
    )
