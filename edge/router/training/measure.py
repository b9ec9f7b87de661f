"""Figures of shipped weights on sentences never trained on, and the calibration fitted to them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.router.confidence import Calibration, logit
from edge.router.decode import Decoded, Decoder, meaning
from edge.router.model import RawCall
from edge.router.network import Network
from edge.router.parts import decode_in_parts
from edge.router.training.examples import SPECIALS
from edge.router.training.noise import Example
from edge.router.vocabulary import Vocabulary

_BINS: Final = 15
_EMPTY: Final = frozenset(
    ["the", "a", "an", "my", "our", "your", "this", "that", "these", "those", "of", "in", "here", "at", "please", "now"]
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence: what was written, what was decoded, and whether it was right."""

    example: Example
    decoded: Decoded
    function_right: bool
    """The verbs of all calls, in order; chat and ignore count as one another's equals: neither does anything."""
    right: bool
    """Functions and every copied span."""
    sound: bool
    """Functions, and the same words copied for what is to be done and to what: a determiner more, or one name
    in two spans, moves no other device."""

    @property
    def acted(self) -> bool:
        """Whether calls came out."""
        return self.decoded.special is None

    @property
    def special(self) -> bool:
        """Whether nothing should have been done."""
        return self.example.calls[0].function in SPECIALS


def judge(examples: Iterable[Example], network: Network, vocabulary: Vocabulary) -> list[Judged]:
    """Decode and compare; sentences the network can't read are left out."""
    decoder = Decoder(vocabulary)
    judged = []
    for example in examples:
        reading = network.read(" ".join(example.words))
        if reading is None:
            continue
        decoded = decode_in_parts(reading, network, decoder)
        wanted = [_verb(call.function, vocabulary) for call in example.calls]
        found = [_verb(call.function, vocabulary) for call in decoded.calls] or ["nothing"]
        if wanted != found:
            judged.append(Judged(example, decoded, function_right=False, right=False, sound=False))
            continue
        pairs = [] if decoded.special else list(zip(example.calls, decoded.calls, strict=True))
        spans = [(call.spans(example.words), _found(raw)) for call, raw in pairs]
        right = all(first == second for first, second in spans)
        sound = all(_essence(first) == _essence(second) for first, second in spans)
        judged.append(Judged(example, decoded, function_right=True, right=right, sound=sound))
    return judged


def _verb(function: str, vocabulary: Vocabulary) -> str:
    return "nothing" if function in SPECIALS else meaning(vocabulary.functions[function].verb)


def _essence(spans: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The words of each slot; where and what count as one."""
    words: dict[str, list[str]] = defaultdict(list)
    for slot, text in spans:
        own = [word for word in text.split() if word not in _EMPTY]
        if own and slot not in ("label", "step"):
            words["target" if slot == "place" else slot] += own
    return {slot: sorted(own) for slot, own in words.items()}


def _found(raw: RawCall) -> list[tuple[str, str]]:
    return [(span.slot.value, span.text) for span in raw.spans]


def share(values: Sequence[bool]) -> float:
    """The share of true ones; NaN of none."""
    return float(np.mean(values)) if values else float("nan")


def per_function(judged: Sequence[Judged]) -> dict[str, tuple[int, float, float]]:
    """Function of the first call → (sentences, function right, all right)."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.example.calls[0].function].append(one)
    return {
        name: (len(group), share([one.function_right for one in group]), share([one.right for one in group]))
        for name, group in sorted(groups.items())
    }


def calibrated(judged: Sequence[Judged]) -> Calibration:
    """Platt scaling by Newton's method on the log-likelihood, calls and special tokens apart."""
    calls = [one for one in judged if one.acted]
    specials = [one for one in judged if not one.acted]
    features = np.array(
        [(logit(o.decoded.function_probability), logit(o.decoded.span_probability), 1.0) for o in calls]
    )
    weights = _logistic(features, np.array([one.sound for one in calls], float))
    rest = np.array([(logit(one.decoded.function_probability), 1.0) for one in specials])
    special = _logistic(rest, np.array([one.sound for one in specials], float))
    rounded = [round(float(value), 4) for value in (*weights, *special)]
    return Calibration(*rounded)


def _logistic(features: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        predicted = 1 / (1 + np.exp(-features @ weights))
        gradient = features.T @ (truth - predicted) - 1e-3 * weights
        curvature = (features * (predicted * (1 - predicted))[:, None]).T @ features + 1e-3 * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """ECE over 15 equal-width bins (Guo et al. 2017)."""
    confidence, truth = np.array(confidences), np.array(right, float)
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            error += inside.mean() * abs(truth[inside].mean() - confidence[inside].mean())
    return float(error)
