"""How the machine and this process are doing, read from the kernel; blocking reads of small files."""

import os
import time
from pathlib import Path
from typing import Any, Final

_ZONES: Final = Path("/sys/class/thermal")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_STARTED_S: Final = time.monotonic()


def vitals() -> dict[str, Any]:
    """Temperatures in degrees Celsius, memory in bytes, loads, seconds since the service started."""
    return {
        "uptime_s": round(time.monotonic() - _STARTED_S),
        "temperatures": temperatures(),
        "memory": memory(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def temperatures() -> dict[str, float]:
    """By the name of the sensor; empty where the machine has none."""
    found: dict[str, float] = {}
    for zone in sorted(_ZONES.glob("thermal_zone*")):
        name, value = _read(zone / "type"), _read(zone / "temp")
        try:
            found[name or zone.name] = round(int(value) / 1000, 1)
        except ValueError:
            continue
    return found


def memory() -> dict[str, int]:
    """`resident_bytes` of this process, `available_bytes` and `total_bytes` of the machine."""
    found = {}
    resident = _read(Path("/proc/self/statm")).split()
    if len(resident) > 1:
        found["resident_bytes"] = int(resident[1]) * _PAGE_BYTES
    names = {"MemAvailable:": "available_bytes", "MemTotal:": "total_bytes"}
    for line in _read(Path("/proc/meminfo")).splitlines():
        words = line.split()
        if words and words[0] in names:
            found[names[words[0]]] = int(words[1]) * 1024
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
