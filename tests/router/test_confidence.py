import json
import math
from dataclasses import asdict
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.confidence import Calibration, Manifest, Thresholds, logit
from edge.router.decode import Decoded
from edge.router.network import NetworkError
from edge.router.vocabulary import load_vocabulary

_PROBABILITY = st.floats(0, 1)
_WEIGHT = st.floats(0, 5)


def _decoded(function: float, span: float = 1.0, special: str | None = None) -> Decoded:
    return Decoded((), special, function, span, 1.0)


@given(_PROBABILITY, _PROBABILITY, st.sampled_from([None, "<chat>", "<ignore>"]), _WEIGHT, _WEIGHT, st.floats(-20, 20))
def test_a_confidence_is_a_probability(
    function: float, span: float, special: str | None, weight: float, other: float, bias: float
) -> None:
    confidence = Calibration(weight, other, bias, other, bias).of(_decoded(function, span, special))
    assert 0 <= confidence <= 1


@given(_PROBABILITY, _PROBABILITY, _PROBABILITY)
def test_surer_functions_are_never_less_confident(one: float, other: float, span: float) -> None:
    low, high = sorted((one, other))
    assert Calibration().of(_decoded(low, span)) <= Calibration().of(_decoded(high, span))


def test_log_odds_are_bounded_and_symmetric() -> None:
    assert logit(0.5) == 0
    assert logit(1.0) == pytest.approx(-logit(0.0))
    assert math.isfinite(logit(2.0))


def test_the_shipped_manifest_is_for_the_shipped_functions() -> None:
    manifest = Manifest.load(Path(str(resources.files("edge.router"))) / "weights" / "router.json")
    assert manifest.tokens == load_vocabulary().tokens
    thresholds = manifest.thresholds
    assert 0 < thresholds.ask < thresholds.act < 1


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"tokens": [], "calibration": {"loudness": 1}, "thresholds": {}}', '{"tokens": 5}', "\xff"],
)
def test_another_file_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "router.json").write_text(text, "latin-1")
    with pytest.raises(NetworkError, match=r"router\.json"):
        Manifest.load(tmp_path / "router.json")


def test_a_manifest_is_read_back(tmp_path: Path) -> None:
    written = {"tokens": ["<end>"], "calibration": asdict(Calibration(2.0)), "thresholds": asdict(Thresholds(0.8))}
    (tmp_path / "router.json").write_text(json.dumps(written))
    manifest = Manifest.load(tmp_path / "router.json")
    assert manifest == Manifest(("<end>",), Calibration(2.0), Thresholds(0.8))
