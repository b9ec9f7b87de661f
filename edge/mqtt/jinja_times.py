"""Home Assistant's time helpers for templates."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from edge.mqtt.jinja_numbers import NONE, or_default

_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


def _local(value: datetime) -> datetime:
    """In the machine's own time zone; a time without a zone is taken to be in it already."""
    return value.astimezone()


def _from_timestamp(value: Any) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def _timestamp_custom(value: Any, date_format: str = _FORMAT, local: bool = True, default: Any = NONE) -> Any:
    try:
        moment = _from_timestamp(value)
        return (_local(moment) if local else moment).strftime(date_format)
    except (ValueError, TypeError, OverflowError, OSError):
        return or_default("timestamp_custom", value, default)


def _timestamp_iso(name: str, local: bool) -> Callable[..., Any]:
    def convert(value: Any, default: Any = NONE) -> Any:
        try:
            moment = _from_timestamp(value)
            return (_local(moment) if local else moment).isoformat()
        except (ValueError, TypeError, OverflowError, OSError):
            return or_default(name, value, default)

    return convert


def _parse(text: Any) -> datetime:
    if not isinstance(text, str):
        raise TypeError("not a text")
    return datetime.fromisoformat(text.strip())


def _as_datetime(value: Any, default: Any = NONE) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(0, 0))
    try:
        return _from_timestamp(float(value))
    except (ValueError, TypeError, OverflowError, OSError):
        try:
            return _parse(value)
        except (ValueError, TypeError):
            return None if default is NONE and isinstance(value, str) else or_default("as_datetime", value, default)


def _as_timestamp(value: Any, default: Any = NONE) -> Any:
    try:
        moment = value if isinstance(value, datetime) else _parse(value)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return or_default("as_timestamp", value, default)


def _strptime(text: str, pattern: str, default: Any = NONE) -> Any:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 # the template says which zone it means
    except (ValueError, TypeError, AttributeError):
        return or_default("strptime", text, default)


def _today_at(clock: str = "") -> datetime:
    today = datetime.now().astimezone()
    at = time.fromisoformat(clock) if clock else time(0, 0)
    return today.replace(hour=at.hour, minute=at.minute, second=at.second, microsecond=at.microsecond)


_DURATION: Final = re.compile(
    r"P?(?:(?P<days>\d+(?:\.\d+)?)\s*D(?:ays?,?)?)?\s*T?(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"(?:(?P<days>-?\d+)\s+)?(?P<hours>\d+):(?P<minutes>\d+)(?::(?P<seconds>\d+(?:\.\d+)?))?")


def _as_timedelta(value: str) -> timedelta | None:
    match = _CLOCK.fullmatch(str(value).strip()) or _DURATION.fullmatch(str(value).strip())
    if match is None or not any(match.groups()):
        return None
    return timedelta(**{name: float(amount) for name, amount in match.groupdict().items() if amount})


_UNITS: Final = (
    ("year", 31_536_000),
    ("month", 2_592_000),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)


def _age(seconds: float, precision: int = 1) -> str:
    """The largest units of a duration, "2 days 3 hours"."""
    rest = round(seconds)
    parts: list[str] = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count and len(parts) < max(1, precision):
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return " ".join(parts) or "0 seconds"


def _distance(sign: int) -> Callable[..., Any]:
    def measure(value: Any, precision: int = 1) -> Any:
        if not isinstance(value, datetime):
            return value
        seconds = sign * (datetime.now(UTC) - _local(value)).total_seconds()
        return value if seconds < 0 else _age(seconds, precision)

    return measure


def is_datetime(value: Any) -> bool:
    """Whether it is a moment."""
    return isinstance(value, datetime)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "as_datetime": _as_datetime,
    "as_local": _local,
    "as_timedelta": _as_timedelta,
    "as_timestamp": _as_timestamp,
    "relative_time": _distance(+1),
    "time_since": _distance(+1),
    "time_until": _distance(-1),
    "today_at": _today_at,
}
"""Functions that are filters as well."""

GLOBALS: Final[Mapping[str, Callable[..., Any]]] = {
    "now": lambda: datetime.now().astimezone(),
    "strptime": _strptime,
    "timedelta": timedelta,
    "utcnow": lambda: datetime.now(UTC),
}

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "timestamp_custom": _timestamp_custom,
    "timestamp_local": _timestamp_iso("timestamp_local", local=True),
    "timestamp_utc": _timestamp_iso("timestamp_utc", local=False),
}
