"""Sound of any layout is heard as mono at 16 kHz."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.pcm import RATE_HZ, ToMono, ToRate
from edge.wyoming import PcmFormat


def _tone(rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz) * 0.5


def _bytes(tone: np.ndarray, width: int, channels: int) -> bytes:
    whole = np.round(tone * (1 << (8 * width - 1))).astype(np.int64)
    frames = np.repeat(whole, channels)
    return b"".join(int(one).to_bytes(width, "little", signed=True) for one in frames)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 48_000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_layout_is_the_same_tone(rate_hz: int, width: int, channels: int) -> None:
    converter = ToMono(PcmFormat(rate_hz, width, channels))
    data = _bytes(_tone(rate_hz), width, channels)
    heard = np.concatenate(
        [*(converter.feed(data[at : at + 1001]) for at in range(0, len(data), 1001)), converter.rest()]
    )
    assert len(heard) == pytest.approx(RATE_HZ / 2, abs=2)
    middle = slice(1000, 7000)
    assert np.abs(heard[middle] - _tone(RATE_HZ)[middle] * 32768).max() < 400


@given(st.integers(1, 4), st.integers(1, 4), st.lists(st.binary(max_size=20), max_size=8))
def test_where_chunks_are_cut_does_not_matter(width: int, channels: int, chunks: list[bytes]) -> None:
    whole = ToMono(PcmFormat(RATE_HZ, width, channels)).feed(b"".join(chunks))
    one_by_one = ToMono(PcmFormat(RATE_HZ, width, channels))
    assert np.array_equal(whole, np.concatenate([np.zeros(0, np.int16), *(one_by_one.feed(chunk) for chunk in chunks)]))


def test_a_rate_is_changed_piece_by_piece() -> None:
    change = ToRate(22_050, 16_000)
    tone = np.asarray(_tone(22_050) * 32767, np.int16)
    heard = np.concatenate(
        [*(change.feed(tone[at : at + 700]) for at in range(0, len(tone), 700)), change.feed(tone[:0], last=True)]
    )
    assert len(heard) == pytest.approx(8000, abs=2)
