"""How loud the assistant speaks and when it does not: volume, mute and quiet hours, kept over restarts."""

import json
import logging
import math
import re
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Final, Self

from edge.files import replace_file
from edge.speech.sound import SpeechError

log = logging.getLogger(__name__)

DEFAULT_VOLUME: Final = 0.7
_HOURS: Final = re.compile(r"\s*(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})\s*")


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a person chose last."""

    volume: float = DEFAULT_VOLUME
    """0..1."""
    muted: bool = False

    @classmethod
    def load(cls, file: Path, volume: float = DEFAULT_VOLUME) -> Self:
        """As it was kept; `volume` where nothing was, or where the file is damaged. Blocks."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            chosen, muted = float(kept["volume"]), kept["muted"] is True
        except FileNotFoundError:
            return cls(volume)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            log.warning("loudness.unreadable", extra={"file": str(file), "reason": str(error)})
            return cls(volume)
        return cls(within(chosen), muted)

    def save(self, file: Path) -> None:
        """Keep it, whole or not at all; raises `SpeechError`. Blocks."""
        kept = {"volume": round(self.volume, 3), "muted": self.muted}
        try:
            replace_file(file, json.dumps(kept).encode())
        except OSError as error:
            raise SpeechError(f"the volume can't be kept in {file}: {error.strerror or error}") from error


def within(volume: float) -> float:
    """A volume as one of 0..1; the default for what is no number."""
    return min(1.0, max(0.0, volume)) if math.isfinite(volume) else DEFAULT_VOLUME


def gain(volume: float) -> float:
    """What samples are multiplied by: half the volume sounds half as loud."""
    return volume * volume


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, past midnight where the second is earlier."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """ "22:00-07:00"; raises `SpeechError`."""
        match = _HOURS.fullmatch(text)
        hours = [int(group) for group in match.groups()] if match else [99] * 4
        try:
            return cls(time(hours[0], hours[1]), time(hours[2], hours[3]))
        except ValueError:
            raise SpeechError(f"quiet hours are written like 22:00-07:00, not {text[:40]!r}") from None

    def cover(self, moment: datetime) -> bool:
        """Whether that moment, local time, is one of them."""
        now = moment.time()
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end
