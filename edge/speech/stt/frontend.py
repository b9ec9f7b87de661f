"""What sound goes through before a recogniser: an even level, less of the room's echo and of its noise.

Echo and noise are taken away in the short-time spectrum: the late echo has the power of a moment before, decayed as in
an ordinary room (Lebart, Boucher, Denbigh 2001); the noise is what is there while nobody speaks.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import Samples

LEVEL: Final = 9000.0
"""The amplitude that only one sample in two hundred of speech exceeds, after levelling."""
_MOST_GAIN: Final = 20.0

_WINDOW: Final = 512
_HOP: Final = 128
_LATE: Final = 6
"""Hops, 48 ms, after which an echo is late: what comes before helps."""
_MOST_ECHO: Final = 0.3
"""What is left of the power after that time in a hall; 0.19 in a room that takes 0.4 s to fall by 60 dB."""
_FASTEST: Final = 5.0
"""Per cent: sound falls no faster than the room lets it, but for the chance in one moment's power."""
_ECHO_OVER_FASTEST: Final = 3.0
_BANDS: Final = (6, 9, 14, 22, 34, 53, 83, 129, 200)
"""Bounds, in bins of 31 Hz, of the bands that are watched as they fall."""
_FLOOR: Final = 0.2
"""The least that is left of a frequency: less sounds like nothing that a recogniser was trained on."""
_SMOOTH: Final = 0.5
_NOISE_HOPS: Final = range(4, 12)
"""The hops of the first 100 ms, before anybody speaks, that the noise is measured in."""
_NOISE_FALL: Final = 0.9
_NOISE_RISE: Final = (0.95, 0.999)
"""How slowly the noise follows upwards: while it sounds like noise, and while somebody speaks."""

Powers = NDArray[np.float64]


class Leveller:
    """Brings one utterance to the level the acoustic model was tuned at; the gain is held from `settle` on."""

    def __init__(self) -> None:
        self._mean = 0.0
        self._gain = 1.0

    def settle(self, samples: Samples) -> None:
        """Choose the gain from the first words."""
        if not len(samples):
            return
        self._mean = float(samples.mean())
        loud = float(np.percentile(np.abs(samples.astype(np.float32) - self._mean), 99.5))
        self._gain = min(_MOST_GAIN, LEVEL / max(loud, 1.0))

    def level(self, samples: Samples) -> Samples:
        """(n,) samples around zero, at the settled gain."""
        wide: NDArray[np.float32] = (samples.astype(np.float32) - self._mean) * self._gain
        return np.clip(wide, -32_000, 32_000).astype(np.int16)


def echo_of(samples: Samples) -> float:
    """How much power a room leaves 48 ms after a sound, 0..`_MOST_ECHO`, by how fast speech fades at its fastest."""
    if len(samples) < _WINDOW + 2 * _LATE * _HOP:
        return 0.0
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(windows * _window())) ** 2
    bands = np.add.reduceat(power, _BANDS, axis=1)[:, :-1] + 1e-3
    then, now = bands[:-_LATE], bands[_LATE:]
    spoken = (then > 100 * np.percentile(bands, 10, axis=0)) & (then > 0.01 * bands.max(axis=0))
    if not spoken.any():
        return 0.0
    fastest = float(np.percentile((now / then)[spoken], _FASTEST))
    return min(_MOST_ECHO, _ECHO_OVER_FASTEST * fastest)


def _window() -> Powers:
    return np.asarray(np.sqrt(np.hanning(_WINDOW + 1)[:_WINDOW]))


class Cleaner:
    """Takes echo and noise from one utterance, 24 ms behind it."""

    def __init__(self, echo: float) -> None:
        """`echo`: what `echo_of` says of it."""
        self._echo = echo
        self._window: Powers = _window()
        self._in: Powers = np.zeros(_WINDOW - _HOP)
        self._out: Powers = np.zeros(_WINDOW)
        self._power: Powers | None = None
        self._noise: Powers | None = None
        self._before: deque[Powers] = deque(maxlen=_LATE)
        self._hops = 0

    def clean(self, samples: Samples) -> Samples:
        """Take more; what is ready by now."""
        waiting = np.concatenate([self._in, samples.astype(np.float64)])
        hops = max(0, (len(waiting) - _WINDOW) // _HOP + 1)
        ready = [self._hop(waiting[at * _HOP : at * _HOP + _WINDOW]) for at in range(hops)]
        self._in = waiting[hops * _HOP :]
        made = np.concatenate(ready) if ready else np.zeros(0)
        return np.clip(made, -32_000, 32_000).astype(np.int16)

    def rest(self) -> Samples:
        """What was still held back, when no more comes."""
        return self.clean(np.zeros(_WINDOW, dtype=np.int16))

    def _hop(self, frame: Powers) -> Powers:
        spectrum = np.fft.rfft(frame * self._window)
        power = np.abs(spectrum) ** 2 + 1e-3
        smooth = power if self._power is None else _SMOOTH * self._power + (1 - _SMOOTH) * power
        self._power = smooth
        self._track_noise(power, smooth)
        unwanted = np.zeros_like(power) if self._noise is None else self._noise.copy()
        if len(self._before) == _LATE:
            unwanted += self._echo * self._before[0]
        self._before.append(smooth)
        self._hops += 1
        left = np.maximum(_FLOOR, 1 - unwanted / smooth)
        self._out += np.fft.irfft(spectrum * left) * self._window / 2
        done = self._out[:_HOP].copy()
        self._out = np.concatenate([self._out[_HOP:], np.zeros(_HOP)])
        return done

    def _track_noise(self, power: Powers, smooth: Powers) -> None:
        if self._noise is None or self._hops in _NOISE_HOPS:
            if self._hops == _NOISE_HOPS.start:
                self._noise = smooth.copy()
            elif self._noise is not None:
                share = 1 / (self._hops - _NOISE_HOPS.start + 1)
                self._noise += share * (smooth - self._noise)
            return
        keep = np.where(power < self._noise * 1.5, *_NOISE_RISE)
        risen = keep * self._noise + (1 - keep) * np.minimum(power, self._noise * 4)
        fallen = _NOISE_FALL * self._noise + (1 - _NOISE_FALL) * power
        self._noise = np.where(power < self._noise, fallen, risen)
