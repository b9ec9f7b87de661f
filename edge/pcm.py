"""Sound from outside, in whatever layout it comes, brought to the mono 16 kHz that is listened to here."""

import importlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError
from edge.wyoming import PcmFormat

RATE_HZ: Final = 16_000

Samples = NDArray[np.int16]
"""(n,) mono samples."""


class PcmError(EdgeError):
    """Sound that can't be converted; the message says what to do."""


class ToMono:
    """Converts one stream to (n,) samples at `RATE_HZ`; a sample that is cut in two between chunks is put together."""

    def __init__(self, format_: PcmFormat) -> None:
        """Raises `PcmError` where another rate comes and there is nothing to resample with."""
        self._format = format_
        self._frame = format_.width * format_.channels
        self._rest = b""
        self._resampler = None if format_.rate_hz == RATE_HZ else _resampler(format_.rate_hz, RATE_HZ)

    def feed(self, chunk: bytes) -> Samples:
        """What these bytes come to; with resampling some of it comes with the next ones."""
        return self._resampled(self._mono(chunk), last=False)

    def rest(self) -> Samples:
        """What is left at the end."""
        self._rest = b""
        return self._resampled(np.zeros(0, np.int16), last=True)

    def _mono(self, chunk: bytes) -> Samples:
        data = self._rest + chunk
        whole = len(data) // self._frame * self._frame
        self._rest = data[whole:]
        samples = _to_int16(data[:whole], self._format.width)
        if self._format.channels == 1:
            return samples
        return np.asarray(samples.reshape(-1, self._format.channels).mean(axis=1).round(), np.int16)

    def _resampled(self, samples: Samples, *, last: bool) -> Samples:
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples, last=last), np.int16)


class ToRate:
    """Brings mono samples of one rate to another, piece by piece."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        """Raises `PcmError` where there is nothing to resample with."""
        self._resampler = None if from_hz == to_hz else _resampler(from_hz, to_hz)

    def feed(self, samples: Samples, *, last: bool = False) -> Samples:
        """What these samples come to; `last` brings what is left."""
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples, last=last), np.int16)


def _to_int16(data: bytes, width: int) -> Samples:
    """The upper 16 bits of signed little-endian integers; one byte is signed too, as Wyoming's library takes it."""
    match width:
        case 1:
            return np.frombuffer(data, np.int8).astype(np.int16) << 8
        case 2:
            return np.frombuffer(data, "<i2").astype(np.int16)
        case 3:
            return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:]).view("<i2").reshape(-1)
        case _:
            return (np.frombuffer(data, "<i4") >> 16).astype(np.int16)


def _resampler(from_hz: int, to_hz: int) -> Any:
    try:
        soxr = importlib.import_module("soxr")
    except ImportError:
        raise PcmError(
            f"sound at {from_hz} Hz needs soxr, which is not installed: pip install 'edge-assistant[speech]', "
            f"or send it at {to_hz} Hz"
        ) from None
    return soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")
