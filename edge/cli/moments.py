"""Times as they are typed: "2h" for two hours ago, a time of today, a date."""

import argparse
import re
import time
from datetime import datetime
from typing import Final

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_AGO: Final = re.compile(r"(\d{1,6})\s*([smhdw])")
_FORMS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


def moment(text: str) -> float:
    """Seconds since the epoch; raises `argparse.ArgumentTypeError`."""
    given = text.strip()
    if (ago := _AGO.fullmatch(given)) is not None:
        return max(0.0, time.time() - int(ago[1]) * _UNITS[ago[2]])
    for form in ("%H:%M", "%H:%M:%S"):
        try:
            clock = datetime.strptime(given, form)  # noqa: DTZ007 (of the machine's own zone, as it is typed)
        except ValueError:
            continue
        today = datetime.now().astimezone()
        return today.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0).timestamp()
    for form in _FORMS:
        try:
            return datetime.strptime(given, form).timestamp()  # noqa: DTZ007
        except (ValueError, OverflowError, OSError):
            continue
    raise argparse.ArgumentTypeError(f"expected 2h, 3d, 10:30, 2026-05-01 or 2026-05-01 10:30, found {text!r}")
