"""gpiozero, led to the pins of the board's header: by itself it takes a chip by its number, which comes as it comes.

On a Raspberry Pi 5 with Debian's kernel the number that it takes may be the chip that switches the board's own radios.
"""

import fcntl
import importlib
import os
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

HEADER: Final = frozenset({"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"})
"""What kernels call the chip at the header: up to a Raspberry Pi 3, a 4, a 5."""
CHOSEN: Final = "GPIOZERO_PIN_FACTORY"
"""Whoever sets this has chosen otherwise."""
_INFO: Final = 0x8044B401
"""GPIO_GET_CHIPINFO_IOCTL of linux/gpio.h: a name, a label, and how many lines."""
_INFO_FORM: Final = "32s32sI"
_choosing = threading.Lock()


def gpiozero() -> Any:
    """The library, for which a chip is chosen where that can be. Raises ImportError."""
    library = importlib.import_module("gpiozero")
    with _choosing:
        if library.Device.pin_factory is None and not os.environ.get(CHOSEN):
            chip = header_chip()
            # Where that fails the library tries by itself, and says what is in the way.
            with suppress(ImportError, OSError, ValueError, library.GPIOZeroError):
                if chip is not None:
                    library.Device.pin_factory = importlib.import_module("gpiozero.pins.lgpio").LGPIOFactory(chip=chip)
    return library


def header_chip(devices: Path = Path("/dev"), label_of: Callable[[Path], str] | None = None) -> int | None:
    """The number of the chip at the header; None where there is none that is known. Raises nothing."""
    for file in sorted(devices.glob("gpiochip*")):
        number = file.name.removeprefix("gpiochip")
        with suppress(OSError):
            if number.isdecimal() and (label_of or label)(file) in HEADER:
                return int(number)
    return None


def label(file: Path) -> str:
    """What the kernel calls a chip. Raises OSError."""
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _, said, _ = struct.unpack(_INFO_FORM, fcntl.ioctl(handle, _INFO, bytes(struct.calcsize(_INFO_FORM))))
        return str(said.rstrip(b"\0").decode("ascii", "replace"))
    finally:
        os.close(handle)
