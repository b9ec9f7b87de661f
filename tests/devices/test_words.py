import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.words import MAX_WORDS, distance, sound, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kitchen Lights", "kitchen light"),
        ("The Kid's Room", "kids room"),
        ("Café Lämp", "cafe lamp"),
        ("Lamp two", "lamp 2"),
        ("lamp twenty one", "Lamp 21"),
        ("Master’s bedroom", "masters bedroom"),
        ("my desk lamp", "Desk Lamp"),
        ("Switches", "switch"),
        ("Batteries", "battery"),
    ],
)
def test_the_same_thing_said_two_ways_has_the_same_tokens(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize("name", ["Gas", "Glass", "Lamp A", "The The", "Christmas"])
def test_what_only_looks_like_a_plural_or_an_article_is_kept(name: str) -> None:
    assert "".join(tokens(name)) == name.lower().replace(" ", "")


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("sealing", "ceiling"),
        ("lite", "light"),
        ("nite", "night"),
        ("fone", "phone"),
        ("rite", "write"),
        ("too", "2"),
        ("sine", "sign"),
        ("goast", "ghost"),
    ],
)
def test_words_that_sound_alike_share_a_sound(heard: str, meant: str) -> None:
    assert sound(heard) == sound(meant)


def test_a_pronounced_last_vowel_tells_words_apart() -> None:
    assert sound("disco") != sound("desk")


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("lamp", "lamp", 0), ("lapm", "lamp", 1), ("lmp", "lamp", 1), ("", "ab", 2)]
)
def test_distance_counts_edits_and_swaps(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 5) == edits


@given(st.text(max_size=2000))
def test_any_text_gives_a_bounded_number_of_folded_words(text: str) -> None:
    said = tokens(text)
    assert len(said) <= MAX_WORDS
    assert tokens(" ".join(said)) is not None
    assert all(sound(word) is not None for word in said)


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_symmetric_and_zero_only_for_the_same(one: str, other: str) -> None:
    assert distance(one, other, 20) == distance(other, one, 20)
    assert (distance(one, other, 20) == 0) == (one == other)
