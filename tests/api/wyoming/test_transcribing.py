"""Sound is bounded and cut into frames; words are told once they are certain."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.api.wyoming.transcribing import FRAME, LONGEST_S, Certain, Frames
from edge.pcm import RATE_HZ
from edge.wyoming import PcmFormat


async def _frames(frames: Frames) -> list[np.ndarray]:
    return [frame async for frame in frames]


async def test_the_last_frame_is_filled_up_with_silence() -> None:
    frames = Frames(PcmFormat())
    frames.feed(np.ones(FRAME + 10, "<i2").tobytes())
    frames.end()
    first, second = await _frames(frames)
    assert (first == 1).all()
    assert second.sum() == 10


async def test_what_is_too_long_is_dropped() -> None:
    frames = Frames(PcmFormat())
    for _ in range(round(LONGEST_S) + 5):
        frames.feed(bytes(2 * RATE_HZ))
    frames.feed(b"\0")  # and so is not even converted
    frames.end()
    assert len(await _frames(frames)) == round(LONGEST_S * RATE_HZ / FRAME)


async def test_it_ends_once() -> None:
    frames = Frames(PcmFormat())
    frames.end()
    frames.end()
    assert await _frames(frames) == []


def test_words_are_told_once_they_stay() -> None:
    certain = Certain()
    texts = ["turn", "turn on", "turn on the", "turn on the light", "turn on the lights"]
    assert [certain.feed(text) for text in texts] == ["", "", "", "turn", " on"]
    assert certain.rest("turn on the lights") == " the lights"


def test_what_was_told_is_not_taken_back() -> None:
    certain = Certain()
    for _ in range(3):
        certain.feed("turn on")
    assert certain.rest("switch on") == ""


@given(st.lists(st.text("ab ", max_size=8), max_size=8), st.text("ab ", max_size=8))
def test_what_is_told_is_always_a_beginning_of_some_text(texts: list[str], final: str) -> None:
    certain = Certain()
    told = "".join(certain.feed(text) for text in texts) + certain.rest(final)
    if told:
        assert any(" ".join(text.split()).startswith(told) for text in [*texts, final])
