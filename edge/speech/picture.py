"""A recording to look at: waveform and spectrogram as SVG or PNG, and a small one for a terminal. Pure."""

import base64
import struct
import zlib
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.levels import frame_levels
from edge.speech.sound import Sound

Pixels = NDArray[np.uint8]
"""(height, width) grey, or (height, width, 3) colours."""

_WIDTH: Final = 900
_WAVE: Final = 140
_SPECTRUM: Final = 256
_WINDOW: Final = 512
_RANGE_DB: Final = 80.0
_STOPS: Final = np.array([[8, 8, 24], [60, 24, 110], [180, 50, 90], [245, 150, 40], [255, 250, 190]], dtype=np.float64)
_BARS: Final = " ▁▂▃▄▅▆▇█"
_SHADES: Final = " ░▒▓█"
_CLIPPED: Final = 32_700


def spectrogram(sound: Sound, columns: int, rows: int) -> NDArray[np.float64]:
    """(rows, columns) levels 0..1 over a range of 80 dB, high frequencies first; zeros where there is no sound."""
    samples = sound.samples.astype(np.float64) / 32768
    if len(samples) < _WINDOW:
        return np.zeros((rows, columns))
    starts = np.linspace(0, len(samples) - _WINDOW, columns).astype(int)
    windows = samples[starts[:, np.newaxis] + np.arange(_WINDOW)] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(windows, axis=1)[:, 1:]) ** 2 / (_WINDOW / 4) ** 2
    edges = np.linspace(0, power.shape[1], rows + 1).astype(int)
    bands = np.stack([power[:, low : max(high, low + 1)].max(axis=1) for low, high in pairwise(edges)])
    levels = 10 * np.log10(np.maximum(bands, 1e-12)) / _RANGE_DB + 1
    shown: NDArray[np.float64] = np.clip(levels, 0, 1)[::-1]
    return shown


def outline(sound: Sound, columns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and highest sample of each column, -1..1."""
    if not len(sound.samples):
        return np.zeros(columns), np.zeros(columns)
    edges = np.linspace(0, len(sound.samples), columns + 1).astype(int)
    starts = np.minimum(edges[:-1], len(sound.samples) - 1)
    scaled = sound.samples.astype(np.float64) / 32768
    return np.minimum.reduceat(scaled, starts), np.maximum.reduceat(scaled, starts)


def png(sound: Sound) -> bytes:
    """The waveform above the spectrogram; clipped stretches of the waveform are red."""
    low, high = outline(sound, _WIDTH)
    wave = np.full((_WAVE, _WIDTH, 3), 250, dtype=np.uint8)
    heights = np.arange(_WAVE)[:, np.newaxis]
    middle = (_WAVE - 1) / 2
    inside = (heights >= np.floor(middle - high * middle)) & (heights <= np.ceil(middle - low * middle))
    clipped = np.maximum(np.abs(low), np.abs(high)) * 32768 >= _CLIPPED
    wave[inside] = (40, 90, 160)
    wave[inside & clipped] = (200, 30, 30)
    return encode_png(np.concatenate([wave, _coloured(spectrogram(sound, _WIDTH, _SPECTRUM))]))


def svg(sound: Sound, title: str) -> str:
    """The same with scales: seconds, kilohertz, and full scale."""
    low, high = outline(sound, _WIDTH)
    points = [f"{x},{70 - y * 65:.1f}" for x, y in enumerate(high)]
    points += [f"{x},{70 - low[x] * 65:.1f}" for x in reversed(range(_WIDTH))]
    image = base64.b64encode(encode_png(_coloured(spectrogram(sound, _WIDTH, _SPECTRUM)))).decode()
    seconds, nyquist_khz = sound.seconds, sound.rate_hz / 2000
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 60} 470">',
            "<style>text { font: 12px sans-serif }</style>",
            f'<rect width="{_WIDTH + 60}" height="470" fill="#fff"/>',
            _text(50, 18, _escaped(title), "start"),
            '<g transform="translate(50 28)">',
            f'<path d="M0 5H{_WIDTH}M0 70H{_WIDTH}M0 135H{_WIDTH}" stroke="#ddd" fill="none"/>',
            f'<polygon points="{" ".join(points)}" fill="#285aa0"/>',
            "</g>",
            f'<image x="50" y="176" width="{_WIDTH}" height="{_SPECTRUM}" href="data:image/png;base64,{image}"/>',
            *(_text(46, 182 + _SPECTRUM * (1 - part), f"{nyquist_khz * part:g} kHz", "end") for part in (0, 0.5, 1)),
            *(_text(50 + _WIDTH * part, 450, f"{seconds * part:.1f} s", "middle") for part in (0, 0.25, 0.5, 0.75, 1)),
            "</svg>",
        ]
    )


def sketch(sound: Sound, columns: int = 72, rows: int = 8) -> list[str]:
    """Lines for a terminal: the spectrogram above a line of levels."""
    shades = (spectrogram(sound, columns, rows) * (len(_SHADES) - 1)).round().astype(int)
    levels = frame_levels(sound.samples)
    if not len(levels):
        return []
    nearest = np.linspace(0, len(levels) - 1, columns).astype(int)
    bars = ((np.clip(levels[nearest] / 70 + 1, 0, 1)) * (len(_BARS) - 1)).round().astype(int)
    lines = ["".join(_SHADES[shade] for shade in row) for row in shades]
    return [*lines, "".join(_BARS[bar] for bar in bars)]


def encode_png(pixels: Pixels) -> bytes:
    """A PNG file of colours (RFC 2083: 8 bits, type 2, no interlacing)."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _coloured(levels: NDArray[np.float64]) -> Pixels:
    places = levels * (len(_STOPS) - 1)
    below = np.minimum(places.astype(int), len(_STOPS) - 2)
    share = (places - below)[..., np.newaxis]
    colours: Pixels = (_STOPS[below] * (1 - share) + _STOPS[below + 1] * share).astype(np.uint8)
    return colours


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{text}</text>'


def _escaped(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, name)
    return "".join(letter for letter in text if letter.isprintable())
