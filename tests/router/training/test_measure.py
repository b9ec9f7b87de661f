from random import Random

import pytest

from edge.router.confidence import Calibration
from edge.router.decode import Decoded
from edge.router.network import Network
from edge.router.training.measure import Judged, calibrated, expected_calibration_error, judge, per_function, share
from edge.router.training.noise import Example, Labelled, plain
from edge.router.vocabulary import load_vocabulary


def _example(text: str, function: str, target: str = "") -> Example:
    words, named = plain(text), plain(target)
    tags = [""] * len(words)
    if named:
        at = words.index(named[0])
        tags[at : at + len(named)] = ["B-target", *["I-target"] * (len(named) - 1)]
    return Example(words, (Labelled(function, tuple(tags), (0, len(words))),), f"{function}/test/plain")


def test_sentences_are_judged_by_verb_and_by_span() -> None:
    examples = [
        _example("turn on the kitchen light", "light.turn_on", "kitchen light"),
        _example("turn on the kitchen light", "switch.turn_on", "kitchen light"),
        _example("turn on the kitchen light", "light.turn_on", "light"),
        _example("turn on the kitchen light", "light.turn_off", "kitchen light"),
        _example("turn on the kitchen light", "chat"),
        _example("tell me a story about dragons", "chat"),
    ]
    judged = judge(examples, Network.load(), load_vocabulary())
    assert [(one.function_right, one.right) for one in judged] == [
        (True, True),
        (True, True),
        (True, False),
        (False, False),
        (False, False),
        (True, True),
    ]
    assert [one.sound for one in judged] == [one.right for one in judged]
    assert [one.special for one in judged] == [False] * 4 + [True] * 2
    assert per_function(judged)["light.turn_on"] == (2, 1.0, 0.5)


def test_a_determiner_more_moves_no_other_device() -> None:
    network, vocabulary = Network.load(), load_vocabulary()
    example = _example("turn on the kitchen light", "light.turn_on", "the kitchen light")
    (judged,) = judge([example], network, vocabulary)
    assert (judged.function_right, judged.right, judged.sound) == (True, False, True)


def test_a_calibrated_confidence_is_how_often_it_is_right() -> None:
    random, judged = Random(4), []
    for number in range(4000):
        probability = random.random() * 0.9 + 0.05
        right = random.random() < probability**2  # surer than it should be
        special = "<chat>" if number % 2 else None
        decoded = Decoded((), special, probability, 0.99, 1.0)
        judged.append(Judged(_example("x", "chat"), decoded, right, right, right))
    truth = [one.right for one in judged]
    before = expected_calibration_error([Calibration(1, 0).of(one.decoded) for one in judged], truth)
    fitted = calibrated(judged)
    after = expected_calibration_error([fitted.of(one.decoded) for one in judged], truth)
    assert after < 0.04 < before


@pytest.mark.parametrize(
    ("confidences", "right", "error"),
    [([1.0, 1.0], [True, True], 0.0), ([1.0, 1.0], [True, False], 0.5), ([0.0, 1.0], [True, True], 0.5)],
)
def test_the_calibration_error_is_the_gap_in_each_bin(
    confidences: list[float], right: list[bool], error: float
) -> None:
    assert expected_calibration_error(confidences, right) == pytest.approx(error)


def test_a_share_of_nothing_is_no_number() -> None:
    assert share([]) != share([])
    assert share([True, False]) == 0.5
