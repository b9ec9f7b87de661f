"""Listens for all wake words at once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.speech.sound import RATE_HZ, Samples
from edge.speech.wake.engine import Score, WakeEngine
from edge.speech.wake.errors import WakeError
from edge.speech.wake.files import Found, Make, find
from edge.speech.wake.micro import MicroEngine, try_out
from edge.speech.wake.openwakeword import OpenEngine

log = logging.getLogger(__name__)

_PAUSE_S: Final = 1.0
"""One word is heard once: what follows a detection within this belongs to it."""
_LAG_S: Final = 0.4
"""Networks are sure 0.1 to 0.4 s after the end of the word, 0.2 s in the middle."""
_IN_BREATH_S: Final = 0.75
"""A sentence that follows in the same breath may have begun this long before: the word is shorter then."""
_AFTER_S: Final = 0.06
"""A word may still sound this long when the network is sure."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A wake word that was heard."""

    word: str
    at_s: float
    """When it was sure, in seconds of sound since the first sample that was fed."""
    probability: float

    @property
    def end_s(self) -> float:
        """The word has ended behind this; up to 0.3 s of it may lie there, too."""
        return max(0.0, self.at_s - _LAG_S)

    @property
    def sentence_s(self) -> float:
        """What follows the word, also without a pause, lies behind this; much of the word may, too."""
        return max(0.0, self.at_s - _IN_BREATH_S)

    @property
    def called_s(self) -> float:
        """How much of what lies behind `sentence_s` may be the word's."""
        return self.at_s - self.sentence_s + _AFTER_S


class WakeWords:
    """All wake words on one stream of sound."""

    def __init__(self, engines: Sequence[WakeEngine], problems: Sequence[str] = ()) -> None:
        self._engines = tuple(engine for engine in engines if engine.words)
        self.words = tuple(word for engine in self._engines for word in engine.words)
        """What is listened for."""
        self.problems = tuple(problems)
        """What can't be, each with its remedy."""
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


def load(wanted: Mapping[str, float], models: Path | None = None) -> WakeWords:
    """Load wake words by name, each with its sensitivity 0..1 (0.5: as its maker meant it).

    `models` is the directory of the store, in whose `wake` files may be dropped. Blocks for some 50 ms, for half a
    second more for each custom word of microWakeWord's. Never fails: what can't be used is in `problems`.
    """
    found = find(models)
    problems = list(found.problems)
    loader = _Loader(found)
    for word, sensitivity in wanted.items():
        try:
            loader.add(word, sensitivity)
        except WakeError as error:
            problems.append(str(error))
            log.warning("wake.unusable", extra={"word": word, "reason": str(error)})
    return WakeWords(loader.engines, problems)


class _Loader:
    def __init__(self, found: Found) -> None:
        self._found = found
        self._micro: MicroEngine | None = None
        self._open: OpenEngine | None = None

    @property
    def engines(self) -> list[WakeEngine]:
        return [engine for engine in (self._micro, self._open) if engine is not None]

    def add(self, word: str, sensitivity: float) -> None:
        file = self._found.words.get(word)
        if file is None:
            known = ", ".join(sorted(self._found.words)) or "none: pip install 'edge-assistant[speech]'"
            raise WakeError(f"there is no wake word called {word!r}: there are {known}")
        if file.make is Make.OPEN:
            self._open_engine().add(word, file.path, sensitivity)
            return
        if not file.is_bundled:
            try_out(file.path)
        self._micro = self._micro or MicroEngine()
        self._micro.add(word, file.path, sensitivity)

    def _open_engine(self) -> OpenEngine:
        if self._open is None:
            if self._found.mel is None or self._found.embedding is None:
                raise WakeError("openWakeWord's shared networks are missing")
            self._open = OpenEngine(self._found.mel, self._found.embedding)
        return self._open


def _margin(score: Score) -> float:
    return (score.probability - score.threshold) / max(1e-6, 1 - score.threshold)
