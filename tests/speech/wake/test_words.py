"""Wake words on speech, several at once, from files of any make and in any state."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.models.store import ModelStore
from edge.speech.ring import Ring
from edge.speech.sound import RATE_HZ, Samples
from edge.speech.wake import Detection, WakeWords, load
from edge.speech.wake.engine import threshold
from edge.speech.wake.micro import bundled
from tests.models.makers import make_voice, tflite
from tests.speech.listener import tone
from tests.speech.onnx_maker import make_openwakeword
from tests.speech.spoken import frames, hush, say, together

ALL = dict.fromkeys(("okay_nabu", "alexa", "hey_jarvis", "hey_mycroft"), 0.5)


def heard(words: WakeWords, samples: Samples) -> list[Detection]:
    """Everything that fires."""
    return [found for frame in frames(samples) if (found := words.feed(frame))]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A store's directory with a place to drop wake words into."""
    (tmp_path / "models" / "wake").mkdir(parents=True)
    return tmp_path / "models"


def drop(models: Path, word: str, original: str = "alexa") -> Path:
    """A bundled wake word under another name, as a person would drop it."""
    source = bundled()[original]
    network = models / "wake" / f"{word}.tflite"
    shutil.copy(source.with_suffix(".tflite"), network)
    facts = json.loads(source.read_text(encoding="utf-8"))
    network.with_suffix(".json").write_text(json.dumps(facts | {"model": network.name}), encoding="utf-8")
    return network


@pytest.mark.parametrize("word", ["okay_nabu", "alexa"])
@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en-gb-scotland"])
def test_a_spoken_word_is_heard_once_and_is_that_word(word: str, voice: str) -> None:
    sound = together(hush(1), say(word.replace("_", " "), voice), hush(1.5))
    (found,) = heard(load(ALL), sound)
    assert found.word == word
    assert 0.85 < found.probability <= 1


def test_talk_is_no_wake_word() -> None:
    sentences = ("turn on the light in the kitchen", "what a lovely day it is", "he played the cello in a hotel")
    sound = together(hush(1), *(part for text in sentences for part in (say(text), hush(0.5))))
    assert heard(load(ALL), sound) == []


def test_two_words_one_after_the_other_are_both_heard() -> None:
    sound = together(hush(1), say("alexa"), hush(2), say("okay nabu"), hush(1.5))
    assert [found.word for found in heard(load(ALL), sound)] == ["alexa", "okay_nabu"]


def test_only_what_is_wanted_is_listened_for() -> None:
    words = load({"alexa": 0.5})
    assert words.words == ("alexa",)
    assert heard(words, together(hush(1), say("okay nabu"), hush(1.5))) == []


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en-029"])
def test_a_sentence_without_a_pause_is_in_the_ring_whole(voice: str) -> None:
    words, ring = load({"okay_nabu": 0.5}), Ring()
    before, sentence = together(hush(1), say("okay nabu", voice)), say("turn on the kitchen light", voice)
    found = None
    for frame in frames(together(before, sentence, hush(1))):
        ring.push(frame)
        found = found or words.feed(frame)
    assert found is not None
    kept = ring.since(found.end_s)
    begins = round(ring.end_s * RATE_HZ) - len(kept)
    assert len(before) - 0.45 * RATE_HZ < begins <= len(before), "not much of the wake word, and all of the sentence"
    assert np.array_equal(kept[len(before) - begins :][: len(sentence)], sentence)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.3, 0.99))
def test_more_sensitive_never_needs_more(one: float, other: float, cutoff: float) -> None:
    low, high = sorted((one, other))
    assert threshold(cutoff, high) <= threshold(cutoff, low) + 1e-9
    assert 0.0 < threshold(cutoff, low) < 1.0
    assert threshold(cutoff, 0.5) == pytest.approx(cutoff)


def test_a_dropped_micro_wake_word_is_listened_for(models: Path) -> None:
    drop(models, "computer", original="alexa")
    words = load({"computer": 0.5, "okay_nabu": 0.5}, models)
    assert words.problems == ()
    assert [found.word for found in heard(words, together(hush(1), say("alexa"), hush(1)))] == ["computer"]


def test_a_wake_word_in_the_store_is_listened_for(models: Path, tmp_path: Path) -> None:
    network = drop(models, "computer").rename(tmp_path / "computer.tflite")
    (models / "wake" / "computer.json").rename(tmp_path / "computer.json")
    ModelStore(models).add(network)
    assert load({"computer": 0.5}, models).words == ("computer",)


def test_a_dropped_open_wake_word_is_listened_for(models: Path) -> None:
    make_openwakeword(models / "wake", "whistle")
    words = load({"whistle": 0.5, "alexa": 0.5}, models)
    assert words.problems == ()
    assert heard(words, together(hush(3), tone(2500, 2), hush(2))) == []
    found = heard(words, together(hush(2), tone(1010, 1.5), hush(1)))
    assert {one.word for one in found} == {"whistle"}


def test_a_broken_network_ends_no_more_than_its_trial(models: Path) -> None:
    network = drop(models, "broken")
    content = bytearray(network.read_bytes())
    content[2000:] = bytes(len(content) - 2000)
    network.write_bytes(bytes(content))
    words = load({"broken": 0.5, "alexa": 0.5}, models)
    assert words.words == ("alexa",)
    assert len(words.problems) >= 1
    assert "broken" in " ".join(words.problems)


def test_a_network_that_was_cut_short_is_named(models: Path) -> None:
    network = drop(models, "short")
    network.write_bytes(network.read_bytes()[:20_000])
    words = load({"short": 0.5, "alexa": 0.5}, models)
    assert words.words == ("alexa",)
    assert "short" in " ".join(words.problems)


def test_what_is_no_wake_word_is_named_with_its_remedy(models: Path) -> None:
    dropped = models / "wake"
    (dropped / "porcupine.ppn").write_bytes(b"x")
    (dropped / "text.onnx").write_bytes(b"nothing of the kind")
    (dropped / "open.tflite").write_bytes(tflite((1, 16, 96), 0))
    (dropped / "other.tflite").write_bytes(tflite((1, 49, 40, 1), 9))
    (dropped / "bare.tflite").write_bytes(tflite((1, 3, 40), 9))
    make_voice(dropped / "amy.onnx")
    words = load({"alexa": 0.5, "porcupine": 0.5}, models)
    assert words.words == ("alexa",)
    said = "\n".join(words.problems)
    for name, remedy in {
        "porcupine.ppn": "Porcupine",
        "text.onnx": "no ONNX",
        "open.tflite": "put its .onnx",
        "other.tflite": "no wake word",
        "bare.tflite": "bare.json",
        "amy.onnx": "edge models add",
        "'porcupine'": "there are alexa",
    }.items():
        assert any(name in line and remedy in line for line in words.problems), said


def test_an_open_wake_word_alone_says_what_it_needs(models: Path) -> None:
    make_openwakeword(models / "wake", "whistle")
    (models / "wake" / "melspectrogram.onnx").unlink()
    words = load({"whistle": 0.5, "alexa": 0.5}, models)
    assert words.words == ("alexa",)
    assert any("melspectrogram.onnx beside" in problem for problem in words.problems)


def test_shared_networks_that_do_not_fit_are_named(models: Path) -> None:
    make_openwakeword(models / "wake", "whistle")
    shutil.copy(models / "wake" / "whistle.onnx", models / "wake" / "embedding_model.onnx")
    words = load({"whistle": 0.5, "alexa": 0.5}, models)
    assert words.words == ("alexa",)
    assert any("embedding_model.onnx does not take" in problem for problem in words.problems)


def test_forgetting_leaves_no_half_of_a_word(models: Path) -> None:
    words = load({"alexa": 0.5})
    sound = say("alexa")
    heard(words, together(hush(1), sound[: len(sound) // 2]))
    words.reset()
    assert heard(words, together(hush(1), sound[len(sound) // 2 :], hush(1))) == []
