"""openWakeWord's networks under onnxruntime: sound to mel spectrum to embeddings, which every word's network reads.

Every 80 ms (1280 samples) give 8 frames of 32 mels, computed over three hops more; 76 frames give one embedding of 96
values; a word's network reads the last 16 of them or so and gives a probability.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import Samples
from edge.speech.wake.engine import Score, threshold
from edge.speech.wake.errors import WakeError

MEL: Final = "melspectrogram.onnx"
EMBEDDING: Final = "embedding_model.onnx"
_STEP: Final = 1280
_BEFORE: Final = 480
_MELS: Final = 32
_WINDOW: Final = 76
_VALUES: Final = 96
_CUTOFF: Final = 0.5
_WARM_UP: Final = 5
"""Steps until nothing is left in the windows of what was there before the sound began."""


class OpenEngine:
    """Any number of openWakeWord networks, which share the first two steps."""

    def __init__(self, mel: Path, embedding: Path) -> None:
        """The two networks that all words need; raises `WakeError`."""
        self._mel = _Network(mel)
        self._embedding = _Network(embedding)
        self._words: dict[str, tuple[_Network, int, float]] = {}
        self._rest: Samples = np.zeros(0, dtype=np.int16)
        self._steps = 0
        self._sound: NDArray[np.float32] = np.zeros(_BEFORE + _STEP, dtype=np.float32)
        self._mels: NDArray[np.float32] = np.ones((_WINDOW, _MELS), dtype=np.float32)
        self._embeddings: NDArray[np.float32] = np.zeros((1, _VALUES), dtype=np.float32)
        self._checked()

    def add(self, word: str, network: Path, sensitivity: float) -> None:
        """Load a word's network; raises `WakeError`."""
        loaded = _Network(network)
        windows = loaded.shape[1] if len(loaded.shape) == 3 and isinstance(loaded.shape[1], int) else 16
        outcome = loaded.run(np.zeros((1, windows, _VALUES), dtype=np.float32))
        if outcome.size != 1:
            raise WakeError(f"{network} knows {outcome.size} words at once: use a network of one word")
        self._words[word] = loaded, windows, threshold(_CUTOFF, sensitivity)
        longest = max(windows for _, windows, _ in self._words.values())
        self._embeddings = np.zeros((longest, _VALUES), dtype=np.float32)

    @property
    def words(self) -> Sequence[str]:
        """Those that were added."""
        return tuple(self._words)

    def feed(self, samples: Samples) -> Sequence[Score]:
        """A score for each word, every 80 ms of sound."""
        waiting = np.concatenate([self._rest, samples])
        best: dict[str, float] = {}
        while len(waiting) >= _STEP:
            self._step(waiting[:_STEP])
            waiting = waiting[_STEP:]
            for word, (network, windows, _) in self._words.items():
                sure = float(network.run(self._embeddings[np.newaxis, -windows:]).flat[0])
                if self._steps >= windows + _WARM_UP:
                    best[word] = max(best.get(word, 0.0), sure)
        self._rest = waiting
        return [Score(word, probability, self._words[word][2]) for word, probability in best.items()]

    def reset(self) -> None:
        """Forget what was heard."""
        self._rest = self._rest[:0]
        self._steps = 0
        self._sound[:] = 0
        self._mels[:] = 1
        self._embeddings[:] = 0

    def _step(self, samples: Samples) -> None:
        self._sound[:_BEFORE] = self._sound[_STEP:]
        self._sound[_BEFORE:] = samples
        mels = self._mel.run(self._sound[np.newaxis]).reshape(-1, _MELS) / 10 + 2
        self._mels = np.concatenate([self._mels, mels])[-_WINDOW:]
        embedding = self._embedding.run(self._mels[np.newaxis, :, :, np.newaxis]).reshape(1, _VALUES)
        self._embeddings = np.concatenate([self._embeddings[1:], embedding])
        self._steps += 1

    def _checked(self) -> None:
        """The two networks fit together, or `WakeError` says which one does not."""
        mels = self._mel.run(self._sound[np.newaxis])
        if mels.size % _MELS or not mels.size:
            raise WakeError(f"{self._mel.path} gives {list(mels.shape)}, not frames of {_MELS} mels: fetch it again")
        embedding = self._embedding.run(self._mels[np.newaxis, :, :, np.newaxis])
        if embedding.size != _VALUES:
            raise WakeError(
                f"{self._embedding.path} gives {list(embedding.shape)}, not {_VALUES} values: fetch it again"
            )


class _Network:
    def __init__(self, path: Path) -> None:
        import onnxruntime

        self.path = path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            (given,) = self._session.get_inputs()
        except Exception as error:
            raise WakeError(f"the wake word's network {path} can't be loaded, fetch it again: {error}") from error
        self._name: str = given.name
        self.shape: list[Any] = list(given.shape)

    def run(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            outcome: NDArray[np.float32] = self._session.run(None, {self._name: given})[0]
        except Exception as error:
            raise WakeError(f"{self.path} does not take {list(given.shape)}, as openWakeWord's do: {error}") from error
        return outcome
