"""What was heard is a sentence that the patterns know, or is near one."""

import pytest

from edge.speech.stt.household import classes_of
from edge.speech.stt.parsing import Parser
from edge.speech.stt.patterns import load_phrases
from tests.speech.stt.house import house


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(load_phrases(), classes_of(house()))


@pytest.mark.parametrize(
    "text",
    [
        "turn on the kitchen lights",
        "turn the reading lamp off please",
        "could you set lamp two to fifty percent",
        "set a timer for one hour and twenty minutes",
        "create a timer for four and a half hours",
        "is the front door locked",
        "what's the ecobee temperature",
        "open the office blinds halfway",
        "next track on the tv",
        "what time is it",
        "never mind",
    ],
)
def test_what_people_say_to_a_house_is_known(parser: Parser, text: str) -> None:
    words = tuple(text.split())
    assert parser.probability(words) > 0
    assert parser.nearest(words) == (words, 1.0)


@pytest.mark.parametrize("text", ["turn on", "the lights of the city", "turn on the light off", "mow the lawn", ""])
def test_half_orders_and_what_the_house_lacks_are_not(parser: Parser, text: str) -> None:
    assert parser.probability(tuple(text.split())) == 0


@pytest.mark.parametrize(
    ("heard", "said"),
    [("close the office blinds up", "close the office blinds"), ("to turn on the tv off", "turn on the tv")],
)
def test_short_words_that_noise_was_taken_for_are_left_out(parser: Parser, heard: str, said: str) -> None:
    words, share = parser.nearest(tuple(heard.split()))
    assert " ".join(words) == said
    assert 0 < share < 1


def test_words_with_a_meaning_are_never_left_out(parser: Parser) -> None:
    words = ("don't", "turn", "on", "the", "tv")
    assert parser.nearest(words) == (words, 0.0)
