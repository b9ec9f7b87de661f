"""When a sentence is over: on speech, with pauses, with others talking, with nobody talking."""

import numpy as np
import pytest

from edge.speech.endpoint import Endpoint, EndpointState, Timing
from edge.speech.levels import speech_dbfs
from edge.speech.sentence import SpeechOnly
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.vad import VoiceActivity
from tests.speech.spoken import frames, hush, say, together

FRAME_S = FRAME / RATE_HZ


class Said:
    """An activity that was decided beforehand: a probability for each frame, silence after the last."""

    def __init__(self, *parts: tuple[float, float]) -> None:
        """`parts`: seconds and the probability for as long."""
        self._given = [probability for seconds, probability in parts for _ in range(round(seconds / FRAME_S))]
        self._at = 0

    def feed(self, _frame: Samples) -> float:
        """The next one."""
        self._at += 1
        return self._given[self._at - 1] if self._at <= len(self._given) else 0.0

    def reset(self) -> None:
        """From the beginning."""
        self._at = 0


def ends_at(
    endpoint: Endpoint, partial: str | None = None, complete: bool | None = None, level: float = 3000
) -> tuple[EndpointState, float]:
    """How it ends, and after how many seconds."""
    frame = np.full(FRAME, level, dtype=np.int16)
    for count in range(1, 2000):
        state = endpoint.feed(frame, partial, complete)
        if state in (EndpointState.DONE, EndpointState.TIMED_OUT):
            return state, count * FRAME_S
    raise AssertionError("it never ends")


def test_a_spoken_sentence_ends_after_its_silence() -> None:
    sentence = say("turn on the light in the kitchen")
    endpoint = Endpoint(VoiceActivity())
    states = [endpoint.feed(frame) for frame in frames(together(hush(0.5), sentence, hush(2)))]
    done = states.index(EndpointState.DONE) * FRAME_S
    end = 0.5 + len(sentence) / RATE_HZ
    assert end + 0.4 < done < end + 1.1
    assert abs(endpoint.speech_end_s - end) < 0.3
    assert states.index(EndpointState.SPEAKING) * FRAME_S < 0.9


@pytest.mark.parametrize(
    ("partial", "complete", "silence_s"),
    [
        (None, None, 0.7),
        ("turn on the kitchen light", True, 0.3),
        ("turn on the", False, 1.4),
        ("set the thermostat to twenty", False, 1.4),
        ("set the thermostat to twenty", True, 0.7),
        ("turn the light off", True, 0.3),
        ("what is", False, 0.7),
    ],
)
def test_the_silence_that_ends_it_depends_on_what_was_said(
    partial: str | None, complete: bool | None, silence_s: float
) -> None:
    state, at_s = ends_at(Endpoint(Said((1.0, 0.9))), partial, complete)
    assert state is EndpointState.DONE
    assert at_s == pytest.approx(1.0 + silence_s, abs=0.1)


def test_a_pause_inside_a_number_does_not_end_it() -> None:
    endpoint = Endpoint(Said((1.0, 0.9), (1.1, 0.0), (0.5, 0.9)))
    assert ends_at(endpoint, "set the thermostat to twenty", False)[1] > 2.6


def test_nobody_speaking_times_out() -> None:
    state, at_s = ends_at(Endpoint(Said()))
    assert state is EndpointState.TIMED_OUT
    assert at_s == pytest.approx(Timing().begin_within_s, abs=0.1)


def test_a_knock_is_no_beginning() -> None:
    assert ends_at(Endpoint(Said((0.5, 0.0), (0.064, 0.9))))[0] is EndpointState.TIMED_OUT


def test_speech_without_an_end_is_cut_off() -> None:
    state, at_s = ends_at(Endpoint(Said((60.0, 0.9))))
    assert state is EndpointState.DONE
    assert at_s == pytest.approx(Timing().longest_s, abs=0.1)


def test_a_television_behind_the_speaker_does_not_keep_it_open() -> None:
    sentence, television = (
        say("turn on the light"),
        say("and now the news from around the world " * 4, "en-gb-scotland"),
    )
    quiet = (television * 0.1).astype(np.int16)
    background = np.concatenate([quiet, quiet])
    mixed = background.copy()
    mixed[RATE_HZ // 2 : RATE_HZ // 2 + len(sentence)] += sentence
    endpoint = Endpoint(VoiceActivity(), speaker_dbfs=speech_dbfs(say("okay nabu")))
    states = [endpoint.feed(frame) for frame in frames(mixed)]
    done = states.index(EndpointState.DONE) * FRAME_S
    assert done < 0.5 + len(sentence) / RATE_HZ + 1.5


def test_a_television_alone_is_nobody_speaking() -> None:
    quiet = (say("and now the news from around the world " * 4) * 0.1).astype(np.int16)
    endpoint = Endpoint(VoiceActivity(), speaker_dbfs=speech_dbfs(say("okay nabu")))
    states = {endpoint.feed(frame) for frame in frames(quiet)}
    assert EndpointState.SPEAKING not in states
    assert endpoint.state is EndpointState.TIMED_OUT


def test_a_command_that_gets_no_more_words_is_over_though_somebody_talks_on() -> None:
    state, at_s = ends_at(Endpoint(Said((60.0, 0.9))), "turn on the kitchen light", True)
    assert state is EndpointState.DONE
    assert at_s < 2.5


def test_after_the_end_it_stays_ended_until_it_is_reset() -> None:
    endpoint = Endpoint(Said((1.0, 0.9)))
    ends_at(endpoint)
    assert endpoint.feed(np.zeros(FRAME, dtype=np.int16)) is EndpointState.DONE
    endpoint.reset()
    assert endpoint.state is EndpointState.WAITING
    assert ends_at(endpoint)[0] is EndpointState.DONE


def test_a_wake_word_is_no_sentence() -> None:
    endpoint = Endpoint(Said((0.75, 0.9), (0.12, 0.9)), called_s=0.81)
    assert ends_at(endpoint)[0] is EndpointState.TIMED_OUT


def test_a_sentence_long_after_the_wake_word_is_heard() -> None:
    endpoint = Endpoint(Said((0.85, 0.9), (1.5, 0.0), (1.0, 0.9)), called_s=0.81)
    state, end_s = ends_at(endpoint)
    assert state is EndpointState.DONE
    assert end_s == pytest.approx(0.85 + 1.5 + 1.0 + 0.7, abs=0.1)


def test_a_sentence_in_one_breath_with_the_wake_word_is_heard_from_its_beginning() -> None:
    endpoint = Endpoint(Said((1.9, 0.9)), called_s=0.81)
    speech, passed = SpeechOnly(endpoint), 0
    for number in range(60):
        _, some = speech.feed(np.full(FRAME, number, dtype=np.int16), None, False)
        passed += len(some)
        if passed:
            assert int(some[0][0]) == 0
            break
    assert passed * FRAME_S > 0.9


def test_after_a_pause_the_wake_word_is_not_passed_on() -> None:
    endpoint = Endpoint(Said((0.7, 0.9), (1.0, 0.0), (0.5, 0.9)), called_s=0.81)
    speech = SpeechOnly(endpoint)
    first = next(
        int(some[0][0])
        for number in range(80)
        if (some := speech.feed(np.full(FRAME, number, dtype=np.int16), None, False)[1])
    )
    assert first * FRAME_S > 1.2
