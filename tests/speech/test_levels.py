"""Levels of recordings whose levels are known, and pictures of them."""

import io
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.levels import SILENT_DBFS, measure, rms_dbfs, speech_dbfs
from edge.speech.picture import png, sketch, spectrogram, svg
from edge.speech.sound import RATE_HZ, Samples, Sound
from tests.speech.listener import tone
from tests.speech.spoken import hush, say


def test_a_full_sine_is_three_decibels_below_full_scale() -> None:
    assert rms_dbfs(tone(440, 1, amplitude=32767)) == pytest.approx(-3.01, abs=0.05)


@given(st.floats(-40, -6), st.floats(0, 12))
def test_ten_times_as_loud_is_twenty_decibels_more(level_dbfs: float, more_db: float) -> None:
    quiet, loud = (tone(440, 0.2, amplitude=32767 * 10 ** (db / 20)) for db in (level_dbfs - more_db, level_dbfs))
    assert rms_dbfs(loud) - rms_dbfs(quiet) == pytest.approx(more_db, abs=0.5)


@pytest.mark.parametrize("samples", [np.zeros(0, dtype=np.int16), np.zeros(9000, dtype=np.int16)])
def test_silence_has_a_level(samples: Samples) -> None:
    assert rms_dbfs(samples) == SILENT_DBFS
    assert measure(samples, RATE_HZ).peak_dbfs == SILENT_DBFS
    assert speech_dbfs(samples) == SILENT_DBFS


def test_speech_stands_out_of_the_floor_of_the_room() -> None:
    levels = measure(np.concatenate([hush(1, level=30), say("turn on the light"), hush(1, level=30)]), RATE_HZ)
    assert levels.noise_dbfs == pytest.approx(20 * np.log10(30 / 32768), abs=1)
    assert levels.above_noise_db > 30
    assert levels.clipped == 0


def test_clipping_and_an_offset_are_measured() -> None:
    driven = np.clip(tone(440, 1).astype(np.int32) * 8 + 3000, -32768, 32767).astype(np.int16)
    levels = measure(driven, RATE_HZ)
    assert 0.3 < levels.clipped < 0.8
    assert levels.offset > 0.02
    assert levels.peak_dbfs == pytest.approx(0, abs=0.01)


def test_a_spectrogram_has_a_tone_in_its_place() -> None:
    picture = spectrogram(Sound(tone(2000, 1)), columns=50, rows=80)
    assert np.all(np.abs(79 - picture.argmax(axis=0) - 20) <= 1), "2 of 8 kHz is a quarter of the way up"


def test_the_png_is_one() -> None:
    data = png(Sound(say("turn on the light")))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    file = io.BytesIO(data[8:])
    kinds, image = [], b""
    while head := file.read(8):
        length, kind = struct.unpack(">I4s", head)
        body = file.read(length)
        assert struct.unpack(">I", file.read(4)) == (zlib.crc32(kind + body),)
        kinds.append(kind)
        image += zlib.decompress(body) if kind == b"IDAT" else b""
        if kind == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(image) == height * (1 + 3 * width)
    assert len(set(image)) > 50


@given(st.text(max_size=40), st.integers(0, 2000))
def test_the_svg_is_well_formed_whatever_its_title(title: str, length: int) -> None:
    root = ET.fromstring(svg(Sound(tone(440, length / RATE_HZ)), title))  # noqa: S314 - our own
    assert root.tag.endswith("svg")


def test_the_sketch_shows_where_speech_is() -> None:
    lines = sketch(Sound(np.concatenate([hush(1), say("turn on the light in the kitchen"), hush(1)])), columns=60)
    assert len({len(line) for line in lines}) == 1
    assert "█" in lines[-1] or "▇" in lines[-1] or "▆" in lines[-1]
    assert lines[-1][:5].strip("▁▂ ") == ""
