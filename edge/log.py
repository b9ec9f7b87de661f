"""Structured logging to stderr: lines for people on a terminal, JSON otherwise, journald priorities under systemd."""

import io
import json
import logging
import os
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TextIO

_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_PRIORITY: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_LONGEST: Final = 500
MOST_LATELY: Final = 100
"""Warnings that are kept in memory, for who can't read where they were written to."""


def configure(
    level: str = "info", form: Literal["auto", "human", "json"] = "auto", stream: TextIO | None = None
) -> None:
    """Send every logger's lines to `stream` (stderr); the lines of an earlier call stop."""
    out = stream or _kept_open(sys.stderr)
    human = form == "human" or (form == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(HumanFormatter() if human else JsonFormatter(journal=_to_journal(out)))
    root = logging.getLogger()
    for old in [old for old in root.handlers if getattr(old, "made_by_edge", False)]:
        root.removeHandler(old)
        if isinstance(old, logging.StreamHandler) and getattr(old.stream, "made_by_edge", False):
            old.stream.close()
    handler.made_by_edge = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.addHandler(Kept(logging.WARNING))
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def destination(stream: TextIO | None = None) -> dict[str, str]:
    """Where the lines end up: `to` is `journal` (with `unit`), `file` (with `path`), `terminal` or `elsewhere`."""
    out = stream or sys.stderr
    if _to_journal(out):
        return {"to": "journal", "unit": _unit()}
    try:
        handle = out.fileno()
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return {"to": "file", "path": str(Path(f"/proc/self/fd/{handle}").readlink())}
    except (OSError, ValueError):
        return {"to": "elsewhere"}
    return {"to": "terminal" if out.isatty() else "elsewhere"}


def legible(line: str) -> str:
    """A line of JSON as people read it, any other as it is, without what would move a terminal's cursor."""
    try:
        plain = json.loads(line)
        shown = time.strftime("%d %b %H:%M:%S", time.localtime(plain["time"]))
        words = [f"{shown} {str(plain['level']).upper():<7} {_clean(str(plain['event']))}"]
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return _clean(line.rstrip("\n"))
    hidden = ("time", "level", "logger", "event", "traceback")
    words += [f"{_clean(key)}={_word(value)}" for key, value in plain.items() if key not in hidden]
    trace = str(plain.get("traceback", "")).splitlines()
    return "\n".join([" ".join(words), *(f"  {_clean(one)}" for one in trace)])


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`."""
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


class _Own(io.FileIO):
    """A descriptor that is closed when nobody logs to it any more."""

    def __del__(self) -> None:
        self.close()


class _OwnStream(io.TextIOWrapper):
    """A stream whose descriptor is nobody else's."""

    made_by_edge = True

    def __del__(self) -> None:
        self.close()


def _kept_open(stream: TextIO) -> TextIO:
    """The same place behind a descriptor of our own, where there is one: libraries turn 2 to /dev/null for a while."""
    try:
        raw = _Own(os.dup(stream.fileno()), "w")
    except (OSError, ValueError):
        return stream
    return _OwnStream(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)


class Kept(logging.Handler):
    """Keeps the latest lines as JSON."""

    made_by_edge = True

    def __init__(self, level: int, most: int = MOST_LATELY) -> None:
        super().__init__(level)
        self.setFormatter(JsonFormatter())
        self.lines: deque[str] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        try:
            self.lines.append(self.format(record)[:4000])
        except Exception:  # noqa: BLE001 (as every handler of the library)
            self.handleError(record)


def lately() -> list[str]:
    """The latest warnings of this process as JSON, oldest first; none where logging was not set up."""
    kept = [handler for handler in logging.getLogger().handlers if isinstance(handler, Kept)]
    return list(kept[0].lines) if kept else []


class HumanFormatter(logging.Formatter):
    """`12:30:01 INFO    mqtt.connected host=10.0.0.2 port=1883`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows on lines of its own."""
        stamp = time.strftime("%H:%M:%S", time.localtime(record.created))
        words = [f"{stamp} {record.levelname:<7} {_clean(record.getMessage())}"]
        words += [f"{key}={_word(value)}" for key, value in facts(record).items()]
        line = " ".join(words)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (Unix seconds), `level`, `logger`, `event`, then the facts."""

    def __init__(self, *, journal: bool = False) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """One line; under systemd it begins with the priority that journald takes off again."""
        line: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in facts(record).items() if key not in line}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        text = json.dumps(line, default=str, ensure_ascii=False)
        return f"<{_priority(record.levelno)}>{text}" if self._journal else text


class RateLimited:
    """Lets one line through a key and period, and says with the next one how many were held back."""

    def __init__(
        self,
        logger: logging.Logger,
        *,
        period_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        most_keys: int = 1000,
    ) -> None:
        self._log = logger
        self._period_s = period_s
        self._clock = clock
        self._most_keys = most_keys
        self._held: dict[str, tuple[float, int]] = {}
        """When the last line of a key was written, and how many came since."""

    def warning(self, event: str, source: str, extra: Mapping[str, Any] | None = None) -> None:
        """`event` about `source` (a topic, a client), which is named in the line."""
        key = f"{event}\0{source}"
        now = self._clock()
        since, held = self._held.get(key, (-self._period_s, 0))
        if now - since < self._period_s:
            self._held[key] = (since, held + 1)
            return
        if len(self._held) >= self._most_keys:
            self._forget(now)
        self._held[key] = (now, 0)
        line: dict[str, Any] = {"source": _clean(source)[:200], **(extra or {})}
        self._log.warning(event, extra=line | {"held_back": held} if held else line)

    def _forget(self, now: float) -> None:
        """Drop what is out of its period; when a flood of names leaves none, drop the oldest half."""
        self._held = {key: entry for key, entry in self._held.items() if now - entry[0] < self._period_s}
        if len(self._held) >= self._most_keys:
            newest = sorted(self._held.items(), key=lambda item: item[1][0])[self._most_keys // 2 :]
            self._held = dict(newest)


def _to_journal(stream: TextIO) -> bool:
    """Whether the stream is the one systemd has connected to the journal."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    if not inode:
        return False
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (str(status.st_dev), str(status.st_ino)) == (device, inode)


def _unit() -> str:
    """The systemd unit that this process belongs to."""
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return "edge.service"
    steps = (step for line in groups for step in line.rpartition(":")[2].split("/"))
    return next((step for step in steps if step.endswith(".service") and not step.startswith("user@")), "edge.service")


def _priority(level: int) -> int:
    return next((_PRIORITY[known] for known in sorted(_PRIORITY, reverse=True) if level >= known), 7)


def _word(value: object) -> str:
    text = _clean(str(value))
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return json.dumps(text, ensure_ascii=False) if not text or any(sign in text for sign in ' "=') else text


def _clean(text: str) -> str:
    """Control characters from outside must not move a terminal's cursor or begin a new line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
