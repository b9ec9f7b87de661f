"""What teaching on the device starts from: statistics of the network's states, and weights learnt from taught functions.

`python -m edge.router.training.background [FOLDER]` writes `background.npz` beside weights that lack it; no torch.
"""

import argparse
import logging
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.router.network import Network
from edge.router.teaching.background import EVIDENCE, FILE, Background, stem
from edge.router.teaching.evidence import Evidence, Sentence
from edge.router.teaching.taught import sentence_of
from edge.router.training.examples import Recipe
from edge.router.training.grammar import CORPUS
from edge.router.training.sampling import generate

FloatArray = NDArray[np.floating[Any]]

log = logging.getLogger(__name__)

_SEED: Final = 52_001
_SENTENCES: Final = 3000
_RANK: Final = 64
"""Directions of the states that are kept apart; they hold nine tenths of what varies."""
_OTHERS: Final = 500
"""Ordinary sentences that each task is told apart from, besides those of the other taught functions."""
_TASKS: Final = (5, 5, 5, 3, 4, 6, 8, 10, 1, 2)
"""Numbers of examples to learn from, for each taught function of the corpus."""


def write(weights: Path) -> Path:
    """Make `background.npz` for the network in a folder."""
    network = Network.load(weights)
    words = (weights / "vocab.txt").read_text("utf-8").split("\n")
    usual = _read(network, sentences(_SEED, _SENTENCES, words, out=False))
    states = np.array([one.state for one in usual], np.float64)
    counts = Counter(one for sentence in usual for one in {stem(word) for word in sentence.words})
    path = weights / FILE
    _save(path, states, counts, np.zeros(len(EVIDENCE)))
    learnt = _weights(Background.load(path), network, usual)
    _save(path, states, counts, learnt)
    facts = dict(zip(EVIDENCE, np.round(learnt, 3).tolist(), strict=True))
    log.info("training.background", extra={"bytes": path.stat().st_size, "weights": facts})
    return path


def sentences(seed: int, count: int, words: Sequence[str], *, out: bool) -> list[str]:
    """Ordinary sentences of the training families, or of the held-out ones, as they are spoken."""
    recipe = Recipe(chat_share=0.45, several_share=0.05, misheard_share=0.03, mistyped_share=0.02)
    return list(dict.fromkeys(" ".join(one.words) for one in generate(seed, count, words, out, recipe)))


def _read(network: Network, texts: Sequence[str]) -> list[Sentence]:
    readings = (network.read(text) for text in texts)
    return [sentence_of(reading) for reading in readings if reading is not None]


def _weights(background: Background, network: Network, usual: Sequence[Sentence]) -> FloatArray:
    """Logistic regression over many small tasks: some sentences of a taught function given, the rest to be found."""
    random = Random(_SEED)
    taught: Mapping[str, Mapping[str, list[str]]] = tomllib.loads((CORPUS / "taught.toml").read_text("utf-8"))
    meant = {name: _read(network, [*one["examples"], *one["paraphrases"]]) for name, one in taught.items()}
    alike = {name: _read(network, one["others"]) for name, one in taught.items()}
    rows: list[FloatArray] = []
    truth: list[int] = []
    for name, pool in meant.items():
        strangers = [one for other, own in meant.items() if other != name for one in own]
        for count in _TASKS:
            chosen = random.sample(range(len(pool)), count)
            evidence = Evidence(background, [[pool[at] for at in chosen]])
            wanted = [one for at, one in enumerate(pool) if at not in chosen and not evidence.barred(one, 0)]
            wrong = [*alike[name], *strangers, *random.sample(usual, _OTHERS)]
            wrong = [one for one in wrong if not evidence.barred(one, 0)]
            rows += [evidence.features(one)[0] for one in (*wanted, *wrong)]
            truth += [1] * len(wanted) + [0] * len(wrong)
    return _logistic(np.array(rows, np.float64), np.array(truth, np.float64))


def _logistic(features: FloatArray, truth: FloatArray) -> FloatArray:
    """Newton's method on the log-likelihood with a small penalty on scaled weights."""
    scale = features.std(0)
    scale[0] = 1
    scaled = features / scale
    weights = np.zeros(len(scale))
    for _ in range(60):
        predicted = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        gradient = scaled.T @ (truth - predicted) - weights
        curvature = (scaled * (predicted * (1 - predicted))[:, None]).T @ scaled + np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, gradient)
    result: FloatArray = weights / scale
    return result


def _save(path: Path, states: FloatArray, counts: Mapping[str, int], weights: FloatArray) -> None:
    """The statistics of (N, D) states; `counts` are of all their sentences' stems. `Background.load` reads them."""
    centre = states.mean(0)
    moved = states - centre
    moved = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    values, vectors = np.linalg.eigh(moved.T @ moved / len(moved))
    basis, variances = vectors[:, ::-1][:, :_RANK], values[::-1]
    scale = np.abs(basis).max() / 127
    told = {word: count for word, count in sorted(counts.items()) if count > 2}
    np.savez_compressed(
        path,
        centre=centre.astype(np.float16),
        basis=np.round(basis / scale).astype(np.int8),
        scale=np.float32(scale),
        variances=variances[:_RANK].astype(np.float32),
        rest=np.float32(variances[_RANK:].mean()),
        words=np.frombuffer("\n".join(told).encode(), np.uint8),
        counts=np.array(list(told.values()), np.uint16),
        sentences=np.int64(len(states)),
        weights=weights.astype(np.float32),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m edge.router.training.background", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(str(resources.files("edge.router"))) / "weights")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    print(write(parser.parse_args().folder))
