"""What goes to the recogniser is even in level and poorer in echo and noise."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.stt.frontend import LEVEL, Cleaner, Leveller
from tests.speech.spoken import frames, hush, say, together


def test_loud_and_quiet_speech_come_out_alike() -> None:
    for gain in (0.05, 0.5, 2.0):
        samples = np.clip(say("turn on the light") * gain + 300, -32768, 32767).astype(np.int16)
        leveller = Leveller()
        leveller.settle(samples)
        level = leveller.level(samples)
        assert abs(float(np.percentile(np.abs(level.astype(float)), 99.5)) / LEVEL - 1) < 0.1
        assert abs(level.mean()) < 100


def test_silence_is_not_blown_up_to_speech() -> None:
    leveller = Leveller()
    leveller.settle(hush(1.0, level=5.0))
    assert np.abs(leveller.level(hush(1.0, level=5.0))).max() < 1000


def test_noise_goes_down_and_speech_stays() -> None:
    speech = say("open the office blinds")
    quiet = np.zeros(8000, np.int16)
    clean = np.concatenate([quiet, speech, quiet]).astype(float)
    noisy = (clean + np.random.default_rng(0).normal(size=len(clean)) * 300).astype(np.int16)
    cleaner = Cleaner(0.19)
    made = np.concatenate([cleaner.clean(noisy), cleaner.rest()])[384:].astype(float)
    assert np.std(made[2000:7000]) < 0.65 * 300
    spoken = slice(8000, 8000 + len(speech))
    assert np.corrcoef(made[spoken], clean[spoken])[0, 1] > 0.95


@given(st.lists(st.integers(0, 3000), max_size=8))
def test_pieces_of_any_size_make_the_same_sound(sizes: list[int]) -> None:
    sound = together(hush(0.2, level=50.0), say("next track"))
    whole, parts = Cleaner(0.19), Cleaner(0.19)
    cuts = np.cumsum([0, *sizes])
    pieces = [sound[a:b] for a, b in pairwise(cuts.tolist())] + [sound[int(cuts[-1]) :]]
    made = np.concatenate([*(parts.clean(piece) for piece in pieces), parts.rest()])
    assert np.array_equal(made, np.concatenate([whole.clean(sound), whole.rest()]))
    assert len(frames(made)) >= len(frames(sound)) - 1
