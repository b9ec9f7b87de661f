"""The trained network under onnxruntime: an utterance in, log-probabilities of functions and tags out."""

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError
from edge.router.text import MAX_CHARACTERS, MAX_WORDS, Word, WordPiece, split_words
from edge.router.words import WordTable

FloatArray = NDArray[np.float32]
_FILES: Final = ("router.onnx", "vocab.txt", "words.bin")


class NetworkError(EdgeError):
    """Weights that are missing or can't be loaded."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network makes of one utterance of W words in K steps."""

    text: str
    words: tuple[Word, ...]
    functions: FloatArray
    """(K + 1, F) log-probabilities of function tokens; the last row is only ever the end's."""
    tags: FloatArray
    """(K, W, S) log-probabilities of tags, at each word's first token."""
    states: FloatArray
    """(K, D): the vector each token was chosen from."""
    whole: bool = True
    """False where the utterance goes on after the last of these words."""


class Network:
    """One thread, no state between sentences; safe to call from several threads."""

    def __init__(self, session: Any, pieces: WordPiece, table: WordTable) -> None:
        self._session = session
        self._pieces = pieces
        self._table = table

    @classmethod
    def load(cls, folder: Path | None = None) -> "Network":
        """From a folder of weights, by default those of the package; raises `NetworkError`."""
        import onnxruntime  # 33 MB and 60 ms that only routing needs

        folder = folder or Path(__file__).parent / "weights"
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise NetworkError(f"{folder}: {' and '.join(missing)} missing; reinstall the package or train the router")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(folder / "router.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no public root
            raise NetworkError(f"{folder / 'router.onnx'}: {error}; reinstall the package") from error
        try:
            pieces = WordPiece.load(folder / "vocab.txt")
            table = WordTable(folder / "words.bin", len(pieces))
        except (OSError, ValueError, KeyError) as error:
            raise NetworkError(f"{folder}: the words don't fit the network ({error}); reinstall the package") from error
        _give_back()
        return cls(session, pieces, table)

    def read(self, text: str) -> Reading | None:
        """None where there is not one word in the text."""
        words = split_words(text)
        if not words:
            return None
        ids, first = self._pieces.encode([word.text for word in words])
        whole = len(first) == len(words) < MAX_WORDS and len(text.rstrip()) <= MAX_CHARACTERS
        functions, tags, states = self._session.run(None, {"vectors": self._table.vectors(ids)})
        return Reading(text, tuple(words[: len(first)]), functions, tags[:, first], states, whole)


def _give_back() -> None:
    """Return what only loading needed to the system, where the C library can: a third of the network's size."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
