"""The word table: a vector for each token, read from its file when it is first said, so that it takes no memory."""

import os
import weakref
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 384
_ROW: Final = WIDTH + 1
"""Bytes: a signed one for each number, then an unsigned one for their scale, 2^(-scale / 16)."""
_KEPT: Final = 1024
_SCALES: Final = np.exp2(-np.arange(256, dtype=np.float32) / 16)


class WordTable:
    """Safe to read from several threads; keeps its file open, and the rows of the words that were said last."""

    def __init__(self, path: Path, words: int) -> None:
        """Raises `OSError`, and `ValueError` where the file has not one row for each of `words` tokens."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        size = os.fstat(self._file).st_size
        if size != words * _ROW:
            raise ValueError(f"expected {words} rows of {_ROW} bytes, found {size} bytes")
        self._row = lru_cache(maxsize=_KEPT)(self._read)

    def _read(self, token: int) -> bytes:
        return os.pread(self._file, _ROW, token * _ROW)

    def vectors(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """(1, T, 384): the vector of each token."""
        rows = np.frombuffer(b"".join(map(self._row, tokens)), np.uint8).reshape(1, -1, _ROW)
        return np.multiply(rows[..., :WIDTH].view(np.int8), _SCALES[rows[..., WIDTH:]], dtype=np.float32)
