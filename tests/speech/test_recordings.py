"""Recordings of every kind come out as a microphone's frames; broken ones are named."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.recordings import frames_of, read_recording
from edge.speech.sound import FRAME, RATE_HZ, SpeechError
from tests.speech.listener import pitch_hz, tone


def wav(body: bytes, *, code: int = 1, channels: int = 1, rate: int = 16_000, bits: int = 16) -> bytes:
    """A WAV file with a chunk that nobody knows before its samples."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * block, block, bits)
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def encoded(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", kind: str) -> tuple[bytes, int, int]:
    """Bytes, format code and bits."""
    values = samples.astype(np.float64) / 32768
    match kind:
        case "u8":
            return (values * 127 + 128).astype(np.uint8).tobytes(), 1, 8
        case "s24":
            return b"".join(int(v * (1 << 23)).to_bytes(3, "little", signed=True) for v in values), 1, 24
        case "s32":
            return (values * (1 << 31)).astype("<i4").tobytes(), 1, 32
        case "f32":
            return values.astype("<f4").tobytes(), 3, 32
        case "f64":
            return values.astype("<f8").tobytes(), 3, 64
        case _:
            return samples.astype("<i2").tobytes(), 1, 16


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("kind", ["u8", "s16", "s24", "s32", "f32", "f64"])
def test_any_rate_and_width(tmp_path: Path, rate: int, kind: str) -> None:
    body, code, bits = encoded(tone(440, 0.5, rate), kind)
    file = tmp_path / "tone.wav"
    file.write_bytes(wav(body, code=code, rate=rate, bits=bits))
    samples = read_recording(file)
    assert samples.dtype == np.int16
    assert abs(len(samples) - RATE_HZ // 2) <= 2
    assert abs(pitch_hz(samples) - 440) < 5
    assert abs(int(np.abs(samples).max()) - 8000) < 400


def test_channels_are_mixed(tmp_path: Path) -> None:
    both = np.stack([tone(440, 0.5), np.zeros(8000, np.int16)], axis=1)
    file = tmp_path / "stereo.wav"
    file.write_bytes(wav(both.astype("<i2").tobytes(), channels=2))
    assert abs(int(np.abs(read_recording(file)).max()) - 4000) < 50


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no WAV"),
        (b"OggS" + bytes(100), "is no WAV"),
        (wav(b"")[:30], "lacks its format"),
        (wav(bytes(100))[:52], "lacks samples"),
        (wav(bytes(100), code=7, bits=8), "is not read"),
        (wav(bytes(100), channels=0), "0 channels"),
        (wav(bytes(100), rate=7), "7 Hz"),
    ],
)
def test_what_can_not_be_heard_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "broken.wav"
    file.write_bytes(data)
    with pytest.raises(SpeechError, match=f"broken.wav.*{said}"):
        read_recording(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match=r"none.wav can't be read: No such file"):
        read_recording(tmp_path / "none.wav")


@given(st.binary(max_size=80), st.integers(0, 44))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    data = bytearray(wav(bytes(64)))
    data[at : at + len(noise)] = noise
    file = tmp_path_factory.mktemp("any") / "any.wav"
    file.write_bytes(bytes(data))
    try:
        assert read_recording(file).dtype == np.int16
    except SpeechError as error:
        assert "any.wav" in str(error)


def test_frames_are_whole() -> None:
    frames = frames_of(np.ones(FRAME + 1, np.int16))
    assert [len(frame) for frame in frames] == [FRAME, FRAME]
    assert frames[1].sum() == 1
    assert frames_of(np.zeros(0, np.int16)) == []
