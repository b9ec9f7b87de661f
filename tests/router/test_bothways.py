"""One thing on and another off, each with a verb of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.bothways import each_way
from edge.router.retold import retold


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("turn the porch lamp off and the shed lamp on", "turn the porch lamp off and turn the shed lamp on"),
        ("Switch on the shed fan and off the heater", "Switch the shed fan on and Switch the heater off"),
        ("put the cellar and shed lights off, but the fan on", "put the cellar and shed lights off and put the fan on"),
        (
            "turn the lamps on in the shed and off in the cellar",
            "turn the lamps on in the shed and turn the lamps off in the cellar",
        ),
        ("porch lamp on shed lamp off", "turn porch lamp on and turn shed lamp off"),
        ("lamps on shed lamps off in the porch", "turn lamps on in shed and turn lamps off in porch"),
        ("blinds down lamp on", "put blinds down and turn lamp on"),
        ("fan on, heating off please", "turn fan on and turn heating off please"),
    ],
)
def test_each_has_its_own_verb(said: str, told: str) -> None:
    assert each_way(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "turn the lamp on and the fan on",
        "turn the lamp off and put the fan on",
        "is the lamp on and the fan off",
        "I turned the lamp on and the fan off",
        "i put the lamp on and the fan off",
        "what's on and what's off",
        "when the lamp goes off turn the fan on",
        "coat off shoes on",
        "lamp on shed lamp off porch lamp",
        "turn the lamp on and off",
    ],
)
def test_anything_else_stays_as_it_was_said(said: str) -> None:
    assert each_way(said) == said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("turn off the porch lamp and the shed one", "turn off the porch lamp and the shed lamp"),
        ("dim the lights but not the dining room ones", "dim the lights but not the dining room lights"),
        ("turn the porch lamp off and the shed one on", "turn the porch lamp off and turn the shed lamp on"),
        ("turn off the porch lamp not the other one", "turn off the porch lamp not the other one"),
        ("turn on the one in the shed", "turn on the one in the shed"),
    ],
)
def test_one_is_what_was_named_before(said: str, told: str) -> None:
    assert retold(said) == told


@given(st.lists(st.sampled_from(["turn", "the", "lamp", "on", "off", "and", ",", "in", "one"]), max_size=60))
def test_no_sentence_takes_long_or_loses_its_end(words: list[str]) -> None:
    text = " ".join(words)
    told = each_way(text)
    assert told == text or len(told) > len(text) - 4
