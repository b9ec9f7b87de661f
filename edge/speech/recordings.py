"""Recordings as a microphone gives them: any WAV file as frames of mono 16-bit samples at the room's rate."""

import contextlib
import struct
import wave
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import FRAME, RATE_HZ, Samples, Sound, SpeechError

_LONGEST_S: Final = 600.0
_MOST_BYTES: Final = 512 << 20
_PCM: Final = 1
_FLOAT: Final = 3
_EXTENSIBLE: Final = 0xFFFE


def read_recording(path: Path) -> Samples:
    """(n,) samples at `RATE_HZ` of a WAV file of any rate, width and number of channels; raises `SpeechError`."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
    except OSError as error:
        raise SpeechError(f"{path} can't be read: {error.strerror or error}") from error
    code, channels, rate, width, body = _chunks(path, data)
    if not 1 <= channels <= 64 or not 1000 <= rate <= 768_000:
        raise SpeechError(f"{path} says it has {channels} channels at {rate} Hz, which no recording has")
    values = _decoded(path, code, width, body)
    mono = values[: len(values) // channels * channels].reshape(-1, channels).mean(axis=1)
    if len(mono) > _LONGEST_S * rate:
        raise SpeechError(f"{path} lasts {len(mono) / rate:.0f} s: at most {_LONGEST_S:.0f} s are heard")
    if rate != RATE_HZ:
        mono = _resampled(mono, rate, RATE_HZ)
    mono = np.nan_to_num(mono, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.clip(mono * 32768.0, -32768, 32767), dtype=np.int16)


def frames_of(samples: Samples) -> list[Samples]:
    """Whole frames; the last is filled up with silence."""
    padded = np.zeros(-(-len(samples) // FRAME) * FRAME, dtype=np.int16)
    padded[: len(samples)] = samples
    return list(padded.reshape(-1, FRAME))


def _resampled(mono: NDArray[Any], rate: int, wanted: int) -> NDArray[Any]:
    try:
        import soxr
    except ImportError as error:
        raise SpeechError("soxr, which resamples, is not installed: pip install 'edge-assistant[speech]'") from error
    return np.asarray(soxr.resample(mono, rate, wanted), dtype=mono.dtype)


def _chunks(path: Path, data: bytes) -> tuple[int, int, int, int, bytes]:
    """Format code, channels, rate, bits a sample, and the samples as they lie."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SpeechError(f"{path} is no WAV file: convert it, for example with ffmpeg")
    at, found = 12, None
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if code == _EXTENSIBLE and len(body) >= 26:
                code = int.from_bytes(body[24:26], "little")
            found = (code, channels, rate, bits)
        elif name == b"data" and found:
            return (*found, body)
        at += 8 + size + size % 2
    raise SpeechError(f"{path} is a broken WAV file: it lacks {'samples' if found else 'its format'}")


def _decoded(path: Path, code: int, bits: int, body: bytes) -> NDArray[np.floating[Any]]:
    width = bits // 8
    body = body[: len(body) // width * width] if width else b""
    match code, bits:
        case _, 8 if code == _PCM:
            return (np.frombuffer(body, np.uint8).astype(np.float32) - 128) / 128
        case _, 16 if code == _PCM:
            return np.frombuffer(body, "<i2").astype(np.float32) / 32768
        case _, 24 if code == _PCM:
            low = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
            wide = low[:, 0] | (low[:, 1] << 8) | (low[:, 2] << 16)
            return np.where(wide >= 1 << 23, wide - (1 << 24), wide).astype(np.float32) / (1 << 23)
        case _, 32 if code == _PCM:
            return np.frombuffer(body, "<i4").astype(np.float32) / (1 << 31)
        case _, 32 if code == _FLOAT:
            return np.frombuffer(body, "<f4").astype(np.float32)
        case _, 64 if code == _FLOAT:
            return np.frombuffer(body, "<f8").astype(np.float32)
        case _:
            raise SpeechError(f"{path} holds samples of a kind (format {code}, {bits} bits) that is not read: use PCM")


class Recording:
    """A WAV file that is written as its sound is made, at the first one's rate, and is there when it is whole.

    Every method blocks and raises OSError.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._unfinished = file.with_name(f"{file.name}.part")
        self._opened: BinaryIO | None = None
        self._wave: wave.Wave_write | None = None
        self._samples = 0
        self._rate_hz = RATE_HZ

    @property
    def seconds(self) -> float:
        """How much was written."""
        return self._samples / self._rate_hz

    def write(self, sound: Sound) -> None:
        """Add it."""
        recording = self._begun(sound.rate_hz)
        samples = sound.samples
        if sound.rate_hz != self._rate_hz:
            samples = _resampled(samples, sound.rate_hz, self._rate_hz)
        recording.writeframes(samples.astype("<i2").tobytes())
        self._samples += len(samples)

    def complete(self) -> None:
        """Put the file in its place; one without sound is a valid one."""
        self._begun(self._rate_hz)
        self._close()
        self._unfinished.replace(self._file)

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._wave is not None:
            self._close()
            self._unfinished.unlink(missing_ok=True)

    def _close(self) -> None:
        """Close both, whatever the disk says of the last bytes."""
        with contextlib.ExitStack() as stack:
            for part in (self._opened, self._wave):
                if part is not None:
                    stack.callback(part.close)

    def _begun(self, rate_hz: int) -> wave.Wave_write:
        if self._wave is None:
            self._rate_hz = rate_hz
            # By itself: a writer whose file can't be opened complains once more when it is thrown away.
            self._opened = self._unfinished.open("wb")
            self._wave = wave.open(self._opened, "wb")  # noqa: SIM115 (closed when it is complete)
            self._wave.setnchannels(1)
            self._wave.setsampwidth(2)
            self._wave.setframerate(rate_hz)
        return self._wave
