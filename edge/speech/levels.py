"""How loud sound is: level, noise floor, gain and clipping of what a microphone gives."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.speech.sound import FRAME, Samples

SILENT_DBFS: Final = -96.0
"""What digital silence is reported as: the step of 16 bits."""
_FULL: Final = 32768.0
_CLIPPED: Final = 32_700
_ENOUGH: Final = 16
"""Frames without which nothing can be said about noise."""


def rms_dbfs(samples: Samples) -> float:
    """The level in decibels below full scale; a full-scale sine has -3."""
    if not len(samples):
        return SILENT_DBFS
    wide = samples.astype(np.float32)
    return _dbfs(float(np.sqrt(np.dot(wide, wide) / len(wide))))


def speech_dbfs(samples: Samples) -> float:
    """The level of speech in a recording with pauses: that of its louder frames."""
    levels = frame_levels(samples)
    return float(np.percentile(levels, 80)) if len(levels) else SILENT_DBFS


def above_noise_db(word: Samples, around: Samples) -> float | None:
    """How far a word stands out from the quietest tenth of the sound around it; None where that is digital silence."""
    levels = frame_levels(around)
    sounding = levels[levels > SILENT_DBFS]
    return speech_dbfs(word) - float(np.percentile(sounding, 10)) if len(sounding) >= _ENOUGH else None


def frame_levels(samples: Samples) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """(frames,) levels in dBFS of whole frames."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    rms = np.sqrt((frames * frames).mean(axis=1)) if len(frames) else np.zeros(0)
    return np.asarray(20 * np.log10(np.maximum(rms, _FULL * 10 ** (SILENT_DBFS / 20)) / _FULL))


@dataclass(frozen=True, slots=True)
class Levels:
    """What a recording is like; levels in dBFS."""

    speech_dbfs: float
    peak_dbfs: float
    noise_dbfs: float
    """The floor: the quietest tenth."""
    clipped: float
    """The share of samples at full scale, 0..1."""
    offset: float
    """The mean, as a share of full scale: a microphone that does not lie around zero."""
    seconds: float

    @property
    def above_noise_db(self) -> float:
        """How far what is said stands out."""
        return self.speech_dbfs - self.noise_dbfs


def measure(samples: Samples, rate_hz: int) -> Levels:
    """Levels of a whole recording."""
    if not len(samples):
        return Levels(SILENT_DBFS, SILENT_DBFS, SILENT_DBFS, 0.0, 0.0, 0.0)
    wide = samples.astype(np.int32)
    levels = frame_levels(samples)
    return Levels(
        speech_dbfs=float(np.percentile(levels, 90)) if len(levels) else rms_dbfs(samples),
        peak_dbfs=_dbfs(float(np.abs(wide).max())),
        noise_dbfs=float(np.percentile(levels, 10)) if len(levels) else rms_dbfs(samples),
        clipped=float((np.abs(wide) >= _CLIPPED).mean()),
        offset=float(wide.mean() / _FULL),
        seconds=len(samples) / rate_hz,
    )


def _dbfs(amplitude: float) -> float:
    return max(SILENT_DBFS, 20 * float(np.log10(max(amplitude, 1e-9) / _FULL)))
