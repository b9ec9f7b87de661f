"""Listens for all wake words at once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.speech.sound import RATE_HZ, Samples
from edge.speech.wake.engine import Score, WakeEngine
from edge.speech.wake.errors import WakeError
from edge.speech.wake.micro import MicroEngine, bundled

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0
"""One word is heard once: what follows a detection within this belongs to it."""
_LAG_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """A wake word that was heard."""

    word: str
    at_s: float
    """When it was sure, in seconds of sound since the first sample that was fed."""
    probability: float

    @property
    def end_s(self) -> float:
        """About when the word was over: what follows it without a pause begins here (networks are sure 0.1-0.4 s
        later, 0.2 s in the middle)."""
        return max(0.0, self.at_s - _LAG_S)


class WakeWords:
    """All wake words on one stream of sound."""

    def __init__(self, engines: Sequence[WakeEngine], words: Sequence[str] = ()) -> None:
        self._engines = tuple(engines)
        self.words = tuple(words)
        self._fed = 0
        self._deaf_until_s = 0.0

    def feed(self, samples: Samples) -> Detection | None:
        """Take any number of samples at `RATE_HZ` (frames of 32 ms suit); the surest word that was heard now."""
        self._fed += len(samples)
        scores = [score for engine in self._engines for score in engine.feed(samples)]
        now_s = self._fed / RATE_HZ
        heard = [score for score in scores if score.probability >= score.threshold]
        if not heard or now_s < self._deaf_until_s:
            return None
        surest = max(heard, key=_margin)
        self._deaf_until_s = now_s + _PAUSE_S
        return Detection(surest.word, now_s, surest.probability)

    def reset(self) -> None:
        """Forget what was heard; time goes on."""
        for engine in self._engines:
            engine.reset()


def _margin(score: Score) -> float:
    return (score.probability - score.threshold) / max(1e-6, 1 - score.threshold)


def load(wanted: Mapping[str, float]) -> WakeWords:
    """Load wake words by name, each with its sensitivity 0..1 (0.5: as its maker meant it); raises `WakeError`."""
    known = bundled()
    unknown = [word for word in wanted if word not in known]
    if unknown:
        raise WakeError(f"there is no wake word called {unknown[0]!r}: there are {', '.join(sorted(known))}")
    engine = MicroEngine({word: (known[word], sensitivity) for word, sensitivity in wanted.items()})
    return WakeWords([engine], tuple(wanted))
