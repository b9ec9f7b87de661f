"""What is left of a wake word before a sentence is no word of it."""

import pytest

from edge.devices import Registry
from edge.speech.stt.household import classes_of
from edge.speech.stt.ngrams import CALL, START, Compiler, TrigramModel
from edge.speech.stt.patterns import load_phrases
from edge.speech.stt.whisper import uncalled
from tests.speech.stt.house import house

CALLS = (("okay", "nabu"), ("hey", "jarvis"))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Okay, Nabu, turn on the light", "turn on the light"),
        ("nabu turn on the light", "turn on the light"),
        ("Jarvis! Stop", "Stop"),
        ("Turn on the light", "Turn on the light"),
        ("Nabu", "Nabu"),
        ("", ""),
        ("okay turn on the light", "okay turn on the light"),
    ],
)
def test_a_text_loses_the_wake_word_it_begins_with(heard: str, meant: str) -> None:
    assert uncalled(heard, CALLS) == meant


def model(registry: Registry, *calls: str) -> TrigramModel:
    return TrigramModel(Compiler(load_phrases(), classes_of(registry, calls)).sentences(), {})


def test_a_sentence_may_begin_with_one_and_has_none_within() -> None:
    trigrams = model(house(), "okay_nabu")
    assert trigrams.of(CALL, START, "") > 0.2
    assert trigrams.of(CALL, "the", "on") < 1e-4
    assert trigrams.of("turn", CALL, START) == pytest.approx(model(house()).of("turn", START, ""), rel=0.3)


def test_without_wake_words_the_language_is_what_it_was() -> None:
    assert CALL not in model(house()).single
