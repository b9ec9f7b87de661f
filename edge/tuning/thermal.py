"""How hot the machine is and whether it holds itself back: thermal zones, clock limits, a Raspberry Pi's firmware."""

import contextlib
import fcntl
import os
import re
import struct
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path
from typing import Final

from edge.tuning.files import line, number

PROCESSOR_ZONES: Final = re.compile(r"cpu|soc|package|x86_pkg|bcm2\d{3}|tj", re.IGNORECASE)
"""Zones of the processor, by type; others (a battery, a wireless chip) are warm for reasons of their own."""
PROCESSOR_COOLING: Final = re.compile(r"cpufreq|^Processor$|cpu-throttle|^intel_powerclamp$", re.IGNORECASE)
"""Cooling devices that cool by slowing the processor down; others are fans."""
LIMITING_TRIPS: Final = frozenset({"passive", "hot"})
CLOCK_SHARE: Final = 0.98
"""A clock limit below this share of the top is one."""


class Throttle(Flag):
    """What holds the machine back now, or has since it started."""

    NONE = 0
    UNDER_VOLTAGE = auto()
    FREQUENCY_CAPPED = auto()
    THROTTLED = auto()
    SOFT_TEMPERATURE_LIMIT = auto()
    CLOCK_LIMITED = auto()
    """The kernel or a person allows less than the top clock."""


@dataclass(frozen=True, slots=True)
class Zone:
    """One sensor; the trip points are where the kernel begins to slow down and where it switches off."""

    name: str
    celsius: float
    limits_at_celsius: float | None = None
    critical_celsius: float | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """How it is now."""

    zones: tuple[Zone, ...] = ()
    now: Throttle = Throttle.NONE
    since_start: Throttle = Throttle.NONE
    clock_share: float | None = None
    """The highest clock that is allowed, of the top one; None where the kernel does not say."""

    @property
    def hottest(self) -> Zone | None:
        """The hottest of the processor's zones, or of all where none is called like one."""
        processors = [zone for zone in self.zones if PROCESSOR_ZONES.search(zone.name)]
        return max(processors or self.zones, key=lambda zone: zone.celsius, default=None)

    @property
    def margin_celsius(self) -> float | None:
        """Degrees left before something slows the processor down; negative when past it, None where nobody knows."""
        known = [zone for zone in self.zones if zone.limits_at_celsius is not None or zone.critical_celsius is not None]
        return min((_limit(zone) - zone.celsius for zone in known), default=None)

    @property
    def held_back(self) -> bool:
        """Whether anything slows it down now."""
        return self.now is not Throttle.NONE


def read_heat(root: Path = Path("/")) -> Heat:
    """Look it up under `root`; milliseconds. What can't be read is left out. Never raises."""
    flags = _firmware_flags(root)
    share = _clock_share(root)
    now, since = throttle(flags) if flags is not None else (_voltage_alarm(root), Throttle.NONE)
    if _cooling(root):
        now |= Throttle.THROTTLED
    if share is not None and share < CLOCK_SHARE:
        now |= Throttle.CLOCK_LIMITED
    return Heat(_zones(root), now, since, share)


def throttle(flags: int) -> tuple[Throttle, Throttle]:
    """What the Raspberry Pi firmware's number says: now (bits 0 to 3), and since the start (bits 16 to 19)."""
    order = (
        Throttle.UNDER_VOLTAGE,
        Throttle.FREQUENCY_CAPPED,
        Throttle.THROTTLED,
        Throttle.SOFT_TEMPERATURE_LIMIT,
    )
    now = since = Throttle.NONE
    for bit, meaning in enumerate(order):
        if flags & 1 << bit:
            now |= meaning
        if flags & 1 << bit + 16:
            since |= meaning
    return now, since


def _limit(zone: Zone) -> float:
    """Where the first trouble is; ten degrees before the end where only that is known."""
    if zone.limits_at_celsius is not None:
        return zone.limits_at_celsius
    return (zone.critical_celsius or 0.0) - 10.0


def _zones(root: Path) -> tuple[Zone, ...]:
    zones = []
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        millidegrees = number(zone / "temp")
        if millidegrees is None or not -50_000 < millidegrees < 200_000:
            continue
        trips: dict[str, list[int]] = {}
        for kind in zone.glob("trip_point_*_type"):
            at = number(kind.with_name(kind.name.removesuffix("type") + "temp"))
            if at is not None and 20_000 <= at <= 200_000:
                trips.setdefault(line(kind), []).append(at)
        limiting = [at for kind in LIMITING_TRIPS for at in trips.get(kind, [])]
        critical = trips.get("critical", [])
        zones.append(
            Zone(
                line(zone / "type") or zone.name,
                millidegrees / 1000,
                min(limiting) / 1000 if limiting else None,
                min(critical) / 1000 if critical else None,
            )
        )
    return tuple(zones)


def _cooling(root: Path) -> bool:
    """Whether the kernel slows the processor down to cool it."""
    return any(
        PROCESSOR_COOLING.search(line(device / "type")) and (number(device / "cur_state") or 0) > 0
        for device in (root / "sys/class/thermal").glob("cooling_device*")
    )


def _clock_share(root: Path) -> float | None:
    """The lowest of all clock domains: the highest allowed frequency by the highest possible one."""
    shares = []
    for policy in (root / "sys/devices/system/cpu/cpufreq").glob("policy*"):
        allowed, possible = number(policy / "scaling_max_freq"), number(policy / "cpuinfo_max_freq")
        if allowed and possible and allowed > 0 and possible > 0:
            shares.append(allowed / possible)
    return min(shares, default=None)


def _firmware_flags(root: Path) -> int | None:
    """A Raspberry Pi's `get_throttled`: from the file of its own kernel, else from the firmware; None elsewhere."""
    firmware = root / "sys/devices/platform/soc"
    for path in (firmware / "soc:firmware/get_throttled", firmware / "firmware/get_throttled"):
        digits = line(path).removeprefix("0x")
        if re.fullmatch(r"[0-9a-fA-F]{1,8}", digits):
            return int(digits, 16)
    return _ask_firmware(root / "dev/vcio")


_MAILBOX: Final = 0xC0000000 | struct.calcsize("P") << 16 | 100 << 8
"""_IOWR(100, 0, char *): the property channel of the firmware's mailbox."""
_GET_THROTTLED: Final = 0x00030046
_ANSWERED: Final = 0x80000000


def _ask_firmware(device: Path) -> int | None:
    """Ask through the mailbox, which the group `video` may; None where there is none."""
    # Size of all, a request; then one tag: its number, room for the answer, the request's length, its value; the end.
    message = bytearray(struct.pack("=8I", 32, 0, _GET_THROTTLED, 4, 4, 0, 0, 0))
    with contextlib.suppress(OSError):
        descriptor = os.open(device, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _MAILBOX, message, True)
        finally:
            os.close(descriptor)
    return answer(bytes(message))


def answer(message: bytes) -> int | None:
    """The number in the firmware's answer; None where it did not answer or did not know the question."""
    _, status, tag, _, length, value, *_ = struct.unpack("=8I", message)
    return value if status == _ANSWERED and tag == _GET_THROTTLED and length & _ANSWERED else None


def _voltage_alarm(root: Path) -> Throttle:
    """What a Raspberry Pi tells a kernel without that file: that the voltage is too low."""
    for monitor in (root / "sys/class/hwmon").glob("hwmon*"):
        if line(monitor / "name") == "rpi_volt" and number(monitor / "in0_lcrit_alarm"):
            return Throttle.UNDER_VOLTAGE
    return Throttle.NONE
