"""Sensors that the kernel shows as files: 1-wire, IIO and hwmon; found and read under a root, blocking."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.hardware.errors import HardwareError

ROOT: Final = Path("/")
_MOST_BYTES: Final = 4096
_RESET_CELSIUS: Final = 85.0
"""What a DS18B20 has in its memory after it got power, before it has measured."""
_NEAR_CELSIUS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, as Home Assistant calls it, and how the kernel's number becomes that."""

    word: str
    device_class: str | None
    unit: str | None
    factor: float = 1.0
    """From the kernel's unit."""


@dataclass(frozen=True, slots=True)
class KernelSensor:
    """One value of one chip."""

    kind: str
    """one_wire, iio or hwmon."""
    chip: str
    """Its name, or a 1-wire sensor's serial number."""
    address: str
    """Where it is, as the kernel says it: "1-0076"; empty where that says nothing."""
    channel: str
    """temp, temp1, voltage0, …; empty for 1-wire."""
    label: str
    """The chip's maker's or the board's word for it, where there is one."""
    measure: Measure
    directory: Path

    @property
    def source(self) -> str:
        """How a configuration names it, where no other chip has its name."""
        return f"{self.chip}/{self.channel}" if self.channel else self.chip

    @property
    def exact_source(self) -> str:
        """How a configuration names it for certain."""
        return f"{self.chip}@{self.address}/{self.channel}" if self.address and self.channel else self.source

    def is_named(self, source: str | None) -> bool:
        """Whether a configuration means it: by chip, with or without address and channel; None means all."""
        if source is None:
            return True
        chip, _, channel = source.partition("/")
        name, _, address = chip.partition("@")
        return name == self.chip and address in ("", self.address) and channel in ("", self.channel)


def find(kind: str, root: Path = ROOT) -> tuple[KernelSensor, ...]:
    """Every sensor of a kind that there is now, in order. Never raises."""
    return tuple(_FINDERS[kind](root))


def measure_of(kind: str, source: str) -> Measure | None:
    """What one sensor measures, by its name alone; None where that does not say it."""
    channel = source.partition("/")[2]
    match kind:
        case "one_wire":
            return _CELSIUS
        case "iio":
            return _iio_measure(channel)
        case _:
            return _HWMON.get(channel.rstrip("0123456789"))


def read(sensor: KernelSensor, before: float | None = None) -> float:
    """Its value, in the measure's unit; takes up to a second on a 1-wire bus. Raises `HardwareError`.

    `before` is its last value: it tells a boiler's 85 °C from a sensor that has just got power.
    """
    try:
        value = _READERS[sensor.kind](sensor) * sensor.measure.factor
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HardwareError(f"{sensor.exact_source} can't be read: {reason}") from error
    if not math.isfinite(value):
        raise HardwareError(f"{sensor.exact_source} gives no number")
    if (
        sensor.kind == "one_wire"
        and value == _RESET_CELSIUS
        and (before is None or abs(before - value) > _NEAR_CELSIUS)
    ):
        raise HardwareError(
            f"{sensor.exact_source} says 85 °C, which is what it says before it has measured: look at its wires"
        )
    return value


def _text(file: Path) -> str:
    """Raises OSError and ValueError."""
    with file.open("rb") as opened:
        return opened.read(_MOST_BYTES).decode("utf-8", "replace").strip("\0 \n\t")


def _word(file: Path) -> str:
    try:
        return _text(file)
    except (OSError, ValueError):
        return ""


def _listed(directory: Path, pattern: str) -> list[Path]:
    try:
        return sorted(directory.glob(pattern), key=_natural)
    except OSError:
        return []


def _natural(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", path.name))


# 1-wire ------------------------------------------------------------------------------------------------------------

_FAMILIES: Final = ("10", "22", "28", "3b", "42")
"""DS18S20, DS1822, DS18B20, DS1825 (and MAX31850), DS28EA00."""
_CELSIUS: Final = Measure("temperature", "temperature", "°C", 0.001)
_T: Final = re.compile(r"\bt=(-?\d{1,7})\b")


def _one_wire(root: Path) -> Iterable[KernelSensor]:
    for directory in _listed(root / "sys/bus/w1/devices", "*-*"):
        if directory.name.partition("-")[0].lower() in _FAMILIES:
            yield KernelSensor("one_wire", directory.name, "", "", "", _CELSIUS, directory)


def _read_one_wire(sensor: KernelSensor) -> float:
    file = sensor.directory / "temperature"
    if file.exists():
        said = _text(file)
        if not said:
            raise ValueError("the answer was garbled, or nothing answers")
        return int(said)
    said = _text(sensor.directory / "w1_slave")
    found = _T.search(said)
    if "YES" not in said or found is None:
        raise ValueError("the answer was garbled: its check sum is wrong")
    return int(found[1])


# IIO ---------------------------------------------------------------------------------------------------------------

_IIO: Final[Mapping[str, Measure]] = {
    "temp": _CELSIUS,
    "humidityrelative": Measure("humidity", "humidity", "%", 0.001),
    "pressure": Measure("pressure", "pressure", "hPa", 10.0),
    "illuminance": Measure("illuminance", "illuminance", "lx"),
    "voltage": Measure("voltage", "voltage", "V", 0.001),
    "current": Measure("current", "current", "A", 0.001),
    "power": Measure("power", "power", "W", 0.001),
    "energy": Measure("energy", "energy", "J"),
    "resistance": Measure("resistance", None, "Ω"),
    "distance": Measure("distance", "distance", "m"),
    "uvindex": Measure("UV index", None, "UV index"),
    "ph": Measure("pH", "ph", None),
    "concentration_co2": Measure("carbon dioxide", "carbon_dioxide", "ppm", 1e4),
    "concentration_voc": Measure("VOC", "volatile_organic_compounds_parts", "ppb", 1e7),
    "massconcentration_pm1": Measure("PM1", "pm1", "µg/m³"),
    "massconcentration_pm2p5": Measure("PM2.5", "pm25", "µg/m³"),
    "massconcentration_pm10": Measure("PM10", "pm10", "µg/m³"),
}
"""What the kernel's ABI has units for; movement is left out: it is nothing for a reading every few seconds."""
_CHANNEL: Final = re.compile(r"in_([a-z]+\d*(?:-[a-z]+\d+)?(?:_[a-z0-9]+)?)_(?:input|raw)")


def _iio(root: Path) -> Iterable[KernelSensor]:
    for directory in _listed(root / "sys/bus/iio/devices", "iio:device*"):
        chip, address = _word(directory / "name") or directory.name, _parent(directory)
        seen: set[str] = set()
        for file in _listed(directory, "in_*"):
            found = _CHANNEL.fullmatch(file.name)
            if found is None or found[1] in seen:
                continue
            channel = found[1]
            measure = _iio_measure(channel)
            if measure is None:
                continue
            seen.add(channel)
            label = _word(directory / f"in_{channel}_label")
            yield KernelSensor("iio", chip, address, channel, label, measure, directory)


def _iio_measure(channel: str) -> Measure | None:
    kind = re.sub(r"^([a-z]+)\d+", r"\1", channel)
    return _IIO.get(kind) or _IIO.get(re.split(r"[-_]", kind)[0])


def _read_iio(sensor: KernelSensor) -> float:
    base = f"in_{sensor.channel}"
    processed = sensor.directory / f"{base}_input"
    if processed.exists():
        return float(_text(processed))
    raw = float(_text(sensor.directory / f"{base}_raw"))
    offset, scale = _shared(sensor, "offset"), _shared(sensor, "scale")
    return (raw + (offset or 0.0)) * (1.0 if scale is None else scale)


def _shared(sensor: KernelSensor, what: str) -> float | None:
    """The channel's own scale or offset, or the one for all channels of its kind. Raises OSError and ValueError."""
    kind = re.match(r"[a-z]+", sensor.channel)
    for base in dict.fromkeys((sensor.channel, kind[0] if kind else sensor.channel)):
        file = sensor.directory / f"in_{base}_{what}"
        if file.exists():
            return float(_text(file))
    return None


def _parent(directory: Path) -> str:
    """Where on its bus the chip is; empty where it is on none."""
    try:
        name = directory.resolve().parent.name if directory.is_symlink() else ""
    except OSError:
        return ""
    return name if re.fullmatch(r"[A-Za-z0-9_.:+-]{1,64}", name) else ""


# hwmon -------------------------------------------------------------------------------------------------------------

_HWMON: Final[Mapping[str, Measure]] = {
    "temp": _CELSIUS,
    "in": Measure("voltage", "voltage", "V", 0.001),
    "curr": Measure("current", "current", "A", 0.001),
    "power": Measure("power", "power", "W", 1e-6),
    "energy": Measure("energy", "energy", "J", 1e-6),
    "humidity": Measure("humidity", "humidity", "%", 0.001),
    "fan": Measure("speed", None, "rpm"),
}
_INPUT: Final = re.compile(r"((temp|in|curr|power|energy|humidity|fan)\d{1,4})_(?:input|average)")


def _hwmon(root: Path) -> Iterable[KernelSensor]:
    for directory in _listed(root / "sys/class/hwmon", "hwmon*"):
        chip, address = _word(directory / "name") or directory.name, _device(directory)
        seen: set[str] = set()
        for file in _listed(directory, "*_*"):
            found = _INPUT.fullmatch(file.name)
            if found is None or found[1] in seen:
                continue
            seen.add(found[1])
            label = _word(directory / f"{found[1]}_label")
            yield KernelSensor("hwmon", chip, address, found[1], label, _HWMON[found[2]], directory)


def _device(directory: Path) -> str:
    try:
        name = (directory / "device").resolve(strict=True).name
    except OSError:
        return ""
    return name if re.fullmatch(r"[A-Za-z0-9_.:+-]{1,64}", name) else ""


def _read_hwmon(sensor: KernelSensor) -> float:
    if _word(sensor.directory / f"{sensor.channel}_fault") == "1":
        raise ValueError("the chip says that it is broken or not connected")
    file = sensor.directory / f"{sensor.channel}_input"
    return int(_text(file if file.exists() else sensor.directory / f"{sensor.channel}_average"))


_FINDERS: Final[Mapping[str, Callable[[Path], Iterable[KernelSensor]]]] = {
    "one_wire": _one_wire,
    "iio": _iio,
    "hwmon": _hwmon,
}
_READERS: Final[Mapping[str, Callable[[KernelSensor], float]]] = {
    "one_wire": _read_one_wire,
    "iio": _read_iio,
    "hwmon": _read_hwmon,
}
