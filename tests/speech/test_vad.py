"""Voice activity on speech, silence, noise and tones."""

from pathlib import Path

import numpy as np
import pytest

from edge.speech.sound import Samples, SpeechError
from edge.speech.vad import VoiceActivity, network_file
from tests.models.makers import onnx
from tests.speech.listener import tone
from tests.speech.spoken import VOICES, frames, hush, say, together


def probabilities(activity: VoiceActivity, samples: Samples) -> list[float]:
    """One a frame."""
    return [activity.feed(frame) for frame in frames(samples)]


@pytest.mark.parametrize("voice", VOICES)
def test_speech_is_told_from_the_silence_around_it(voice: str) -> None:
    quiet, spoken = hush(1), say("turn on the light in the kitchen please", voice)
    found = probabilities(VoiceActivity(), together(quiet, spoken, hush(1)))
    begins, ends = len(quiet) // 512 + 1, (len(quiet) + len(spoken)) // 512
    assert max(found[: begins - 2]) < 0.3
    assert np.mean(np.array(found[begins:ends]) > 0.5) > 0.85
    assert max(found[ends + 8 :]) < 0.3


@pytest.mark.parametrize("sound", [hush(2, level=1000), tone(440, 2), np.zeros(32_000, dtype=np.int16)])
def test_what_nobody_says_is_no_speech(sound: Samples) -> None:
    assert np.mean(np.array(probabilities(VoiceActivity(), together(sound))) > 0.5) < 0.1


def test_forgetting_makes_it_new() -> None:
    activity, sound = VoiceActivity(), together(say("set a timer for ten minutes"))
    first = probabilities(activity, sound)
    activity.reset()
    assert probabilities(activity, sound) == first


def test_a_frame_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="512 samples"):
        VoiceActivity().feed(np.zeros(480, dtype=np.int16))


def test_the_network_is_found_without_importing_its_package() -> None:
    assert network_file().name == "silero_vad.onnx"


def test_another_network_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.onnx").write_bytes(network_file().read_bytes()[:100_000])
    with pytest.raises(SpeechError, match=r"cut\.onnx, can't be loaded"):
        VoiceActivity(tmp_path / "cut.onnx")
    (tmp_path / "bare.onnx").write_bytes(onnx([("x", (1, 2))]))
    with pytest.raises(SpeechError, match=r"bare\.onnx"):
        VoiceActivity(tmp_path / "bare.onnx")
