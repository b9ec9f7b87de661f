"""Names and ids of what hangs on this machine; pure."""

import re
import unicodedata
from collections.abc import Container
from typing import Final

from edge.hardware.kernel import KernelSensor

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Lower case ASCII letters, digits and underscores."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return _OTHER.sub("_", folded.encode("ascii", "ignore").decode()).strip("_")[:200] or "unnamed"


def free_id(wanted: str, taken: Container[str]) -> str:
    """It, or with the first number that nobody has."""
    device, number = wanted, 1
    while device in taken:
        number += 1
        device = f"{wanted}_{number}"
    return device


def sensor_name(sensor: KernelSensor, prefix: str | None) -> str:
    """What people call one of several: "CPU temperature", "Weather humidity"."""
    said = [prefix or sensor.chip.replace("_", " ")]
    if sensor.label:
        said.append(sensor.label)
    elif sensor.channel.strip("0123456789") != sensor.channel and not sensor.channel.endswith("temp1"):
        said.append(sensor.channel)
    word = sensor.measure.word
    return " ".join(said if said[-1].casefold().endswith(word.casefold()) else [*said, word])
