"""Manners that the network does not know, told in one that it knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.retold import retold


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Leave the desk lamp on and switch the rest off.",
            "switch all the lights off except the desk lamp",
        ),
        (
            "please keep the porch light on but turn off everything else",
            "please turn off everything except the porch light",
        ),
        ("keep my fan running and turn all the other fans off", "turn all the fans off except my fan"),
        ("don't touch the attic blinds but close the others", "close all the blinds except the attic blinds"),
        ("leave the radio playing, turn off the rest of the speakers", "turn off all the speakers except the radio"),
        ("shut every blind bar the attic one", "shut every blind except the attic blind"),
        ("turn everything off save for the freezer", "turn everything off except the freezer"),
    ],
)
def test_what_is_left_alone_is_an_exception(said: str, told: str) -> None:
    assert retold(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "leave the desk lamp on",
        "leave the rest to me",
        "is the bar light on",
        "turn on all the bar lights",
        "all lights in the bar the guests like",
        "save everything",
        "turn off the other lamp",
        "keep quiet and let the others sleep",
    ],
)
def test_anything_else_stays_as_it_was_said(said: str) -> None:
    assert retold(said) == said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("lock the side door no wait the shed door", "lock the side door i mean the shed door"),
        ("close the attic, no, the cellar blinds", "close the attic i mean the cellar blinds"),
        ("dim the porch sorry I mean the shed lamp", "dim the porch i mean the shed lamp"),
        ("dim the porch lamp two thirty percent", "dim the porch lamp to thirty percent"),
        ("set the attic two twenty one degrees", "set the attic to twenty one degrees"),
        ("wake me at two thirty", "wake me at two thirty"),
        ("there is no the", "there is no the"),
        ("turn it on no turn it off", "turn it on no turn it off"),
    ],
)
def test_what_was_taken_back_or_heard_wrongly_is_told_plainly(said: str, told: str) -> None:
    assert retold(said) == told


@given(st.text(max_size=300))
def test_no_text_is_too_much(text: str) -> None:
    assert isinstance(retold(text), str)
