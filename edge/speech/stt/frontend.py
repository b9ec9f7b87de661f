"""What recorded sound goes through before a recogniser: no direct current, an even level."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import RATE_HZ, Samples

LEVEL: Final = 9000.0
"""The amplitude that only one sample in two hundred of speech exceeds, after levelling."""
_MOST_GAIN: Final = 20.0
_CORNER_HZ: Final = 60.0


class Leveller:
    """Brings one utterance to the level the acoustic model was tuned at; the gain is held from `settle` on."""

    def __init__(self) -> None:
        self._keep = float(np.exp(-2 * np.pi * _CORNER_HZ / RATE_HZ))
        self._mean = 0.0
        self._gain: float | None = None

    def settle(self, samples: Samples) -> None:
        """Choose the gain from the first words."""
        centred = samples.astype(np.float32) - float(samples.mean() if len(samples) else 0.0)
        loud = float(np.percentile(np.abs(centred), 99.5)) if len(samples) else 0.0
        self._mean = float(samples.mean()) if len(samples) else 0.0
        self._gain = min(_MOST_GAIN, LEVEL / max(loud, 1.0))

    def level(self, samples: Samples) -> Samples:
        """(n,) samples around zero, at the settled gain."""
        wide: NDArray[np.float32] = (samples.astype(np.float32) - self._mean) * (self._gain or 1.0)
        return np.clip(wide, -32_000, 32_000).astype(np.int16)
