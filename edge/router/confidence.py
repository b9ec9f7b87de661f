"""How sure a decision is: probabilities calibrated on held-out sentences, and the thresholds for them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.router.decode import Decoded
from edge.router.network import NetworkError

_EDGE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling (Platt 1999) of two probabilities into one: that function and spans are all right."""

    function_weight: float = 1.0
    span_weight: float = 0.5
    bias: float = 0.0
    special_weight: float = 1.0
    special_bias: float = 0.0

    def of(self, decoded: Decoded) -> float:
        """The confidence in a decoded sequence, 0..1."""
        if decoded.special is not None:
            return _squash(self.special_weight * logit(decoded.function_probability) + self.special_bias)
        score = self.function_weight * logit(decoded.function_probability) + self.span_weight * logit(
            decoded.span_probability
        )
        return _squash(score + self.bias)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Acting wrongly costs 20 times what asking costs; a chat taken for a command costs as much as acting wrongly."""

    act: float = 0.8
    """From this confidence on it acts; below it asks first."""
    named: float = 0.6
    """Instead of `act` where every name that was said is one of the home's own, to the letter."""
    ask: float = 0.4
    """From this confidence on it asks; below, the utterance is for the language model."""
    unknown: float = 0.7
    """From this confidence on it says so when the home has nothing of the name that was said."""
    chat: float = 0.3
    """With more than this probability of being chat or silence nothing is asked or done."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`router.json` beside the weights: what they were trained for and how to read them."""

    tokens: tuple[str, ...]
    calibration: Calibration
    thresholds: Thresholds

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Raises `NetworkError` where the file is not one of ours."""
        try:
            data: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            return cls(tuple(data["tokens"]), Calibration(**data["calibration"]), Thresholds(**data["thresholds"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NetworkError(f"{path}: not a router manifest ({error}); reinstall the package") from error


def logit(probability: float) -> float:
    """The log-odds, bounded."""
    bounded = min(1 - _EDGE, max(_EDGE, probability))
    return math.log(bounded / (1 - bounded))


def _squash(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
