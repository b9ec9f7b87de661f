"""Speech becomes words of this house, and other speech becomes nothing anybody would act on."""

import numpy as np
import pytest

from edge.router.model import Decision
from edge.router.router import Router
from edge.speech.sound import Samples
from edge.speech.stt import Hypothesis, Transcript
from edge.speech.stt.household import classes_of
from edge.speech.stt.sphinx import NAME, Sphinx
from edge.speech.understanding import Understanding
from tests.speech.spoken import frames, hush, say, together
from tests.speech.stt.house import house


@pytest.fixture(scope="module")
def engine() -> Sphinx:
    return Sphinx(classes_of(house()))


def hear(engine: Sphinx, samples: Samples) -> tuple[Hypothesis, ...]:
    """All of it, as the worker does."""
    engine.begin()
    for frame in frames(samples):
        engine.feed(frame)
    return engine.end()


def sentence(text: str, voice: str = "en-us") -> Samples:
    """With a little of a quiet room around it."""
    return together(hush(0.2, level=40.0), say(text, voice, 140), hush(0.2, level=40.0, seed=1))


@pytest.mark.parametrize("text", ["cancel the timer", "pause the tv", "lock the front door"])
def test_an_order_is_heard(engine: Sphinx, text: str) -> None:
    assert text in [one.text for one in hear(engine, sentence(text))[:3]]


def test_words_come_while_somebody_speaks(engine: Sphinx) -> None:
    engine.begin()
    partial = [engine.feed(frame) for frame in frames(sentence("cancel the timer"))]
    assert partial[0] == ""
    assert any(words.startswith("cancel") for words in partial)
    assert len(set(partial)) > 3


def test_the_same_sound_is_heard_the_same_whatever_came_before(engine: Sphinx) -> None:
    sound = sentence("open the office blinds")
    first = hear(engine, sound)
    hear(engine, (sentence("lock the front door") // 8).astype(np.int16))
    assert hear(engine, sound)[0].text == first[0].text


@pytest.mark.parametrize("gain", [0.1, 3.0])
def test_loudness_hardly_matters(engine: Sphinx, gain: float) -> None:
    sound = sentence("cancel the timer").astype(np.float64)
    louder = np.clip(sound * gain + 400, -32768, 32767).astype(np.int16)
    assert hear(engine, louder)[0].text == "cancel the timer"


@pytest.mark.parametrize("samples", [hush(0.0), hush(0.05), hush(2.0), np.zeros(32000, np.int16)])
def test_no_speech_is_no_order(engine: Sphinx, samples: Samples) -> None:
    assert decision(hear(engine, samples)) not in (Decision.ACT, Decision.CLARIFY)


@pytest.mark.parametrize(
    "text",
    [
        "the quick brown fox jumps over the lazy dog",
        "we were stuck at the airport for seven hours",
        "the lights of the city were beautiful",
    ],
)
def test_other_peoples_talk_is_no_order(engine: Sphinx, text: str) -> None:
    assert decision(hear(engine, sentence(text))) not in (Decision.ACT, Decision.QUERY)


def test_an_utterance_that_was_not_ended_is_dropped(engine: Sphinx) -> None:
    engine.begin()
    for frame in frames(sentence("lock the front door")):
        engine.feed(frame)
    assert hear(engine, sentence("lock the front door"))[0].text == "lock the front door"


def decision(hypotheses: tuple[Hypothesis, ...]) -> Decision:
    """What the house would do."""
    return Understanding(ROUTER.route, house()).of(Transcript(NAME, hypotheses)).routing.decision


ROUTER = Router.load()


def test_an_empty_house_has_a_language_too() -> None:
    assert hear(Sphinx({}), sentence("cancel the timer"))[0].text.startswith("cancel the timer")
