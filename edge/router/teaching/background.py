"""What sentences look like to the network at large: the statistics that a few examples are told apart from."""

import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from edge.router.network import FloatArray
from edge.router.teaching.lessons import TeachingError

FILE: Final = "background.npz"
EVIDENCE: Final = (
    "bias",
    "fit",
    "margin",
    "cosine",
    "likeness",
    "coverage",
    "kernel",
    "device",
    "agreement",
    "examples",
)
"""What is known of a sentence beside a taught function, in the order of the weights for it; see `evidence.py`."""
RIDGE: Final = 0.02
"""Added to the variance of every direction (ridge regression): so few examples can't tell more apart."""
_ENDINGS: Final = ("'s", "ing", "ers", "er", "ed", "es", "s", "e")
_MOST_BYTES: Final = 4 * 1024 * 1024


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its ending, coarsely: water, waters, watering and watered are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@dataclass(frozen=True, slots=True)
class Background:
    """Means and spread of the states (D numbers) of many sentences, how usual words are in them, and learnt weights."""

    centre: FloatArray
    """(D,)"""
    basis: FloatArray
    """(D, R): the directions in which normalised states vary most."""
    variances: FloatArray
    """(R,): how much they vary in these."""
    rest: float
    """How much they vary in every other direction."""
    counts: Mapping[str, int]
    """Stems in how many of the sentences; rare ones are left out."""
    sentences: int
    weights: FloatArray
    """(len(EVIDENCE),): of a logistic regression from evidence to "this is the taught function"."""
    digest: bytes
    """Changes with the network: readings made with another one are of no use."""

    @classmethod
    def load(cls, path: Path) -> "Background":
        """Raises `TeachingError` where the file is missing or not one of ours."""
        import hashlib  # 4 MB that only a house that was taught something needs

        try:
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                words = bytes(arrays["words"]).decode("utf-8").split("\n")
                return cls(
                    arrays["centre"].astype(np.float32),
                    arrays["basis"].astype(np.float32) * arrays["scale"],
                    arrays["variances"].astype(np.float32),
                    float(arrays["rest"]),
                    dict(zip(words, arrays["counts"].tolist(), strict=True)),
                    int(arrays["sentences"]),
                    arrays["weights"].astype(np.float32),
                    hashlib.blake2b(data, digest_size=16).digest(),
                )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise TeachingError(f"{path}: can't be used, so nothing can be taught: {error}") from error

    def normal(self, states: FloatArray) -> FloatArray:
        """States (N, D) or (D,) from the centre, of length one."""
        moved = states - self.centre
        shaped: FloatArray = moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-6)
        return shaped

    def solve(self, rows: FloatArray) -> FloatArray:
        """Each of (N, D) rows times the inverse of the covariance with the ridge."""
        rest = self.rest + RIDGE
        inside = (rows @ self.basis) * (1 / (self.variances + rest) - 1 / rest)
        solved: FloatArray = (rows / rest + inside @ self.basis.T).astype(np.float32)
        return solved

    def spread(self, rows: FloatArray) -> FloatArray:
        """The standard deviation of ordinary sentences along each of (N, D) directions."""
        inside = (rows @ self.basis) ** 2 @ self.variances
        spread: FloatArray = np.sqrt(inside + self.rest * (rows**2).sum(-1)).astype(np.float32)
        return spread

    def rarity(self, stems: Iterable[str]) -> list[float]:
        """How much each stem tells (inverse document frequency, in nats)."""
        return [math.log((self.sentences + 1) / (self.counts.get(one, 0) + 1)) for one in stems]
