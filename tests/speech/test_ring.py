"""The last seconds, and what of them is our own."""

import numpy as np
import soxr
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.ring import OwnSound, Ring
from edge.speech.sound import RATE_HZ
from edge.speech.tones import Earcon, earcon, notes
from tests.speech.spoken import frames, say


@given(st.lists(st.integers(0, 3000), max_size=20), st.integers(0, 40_000))
def test_keeps_the_newest_in_order(sizes: list[int], begin: int) -> None:
    ring = Ring(seconds=0.5)
    pushed = np.arange(sum(sizes)) % 30_000
    at = 0
    for size in sizes:
        ring.push(pushed[at : at + size].astype(np.int16))
        at += size
    oldest = max(0, len(pushed) - RATE_HZ // 2, begin)
    assert np.array_equal(ring.since(begin / RATE_HZ), pushed[oldest:])
    assert ring.end_s == len(pushed) / RATE_HZ
    assert ring.start_s == max(0, len(pushed) - RATE_HZ // 2) / RATE_HZ


def test_more_than_it_holds_at_once_leaves_the_end() -> None:
    ring = Ring(seconds=0.1)
    ring.push(np.arange(5000, dtype=np.int16))
    assert np.array_equal(ring.since(0), np.arange(3400, 5000))


def test_our_own_sign_is_silence_and_who_speaks_meanwhile_is_heard() -> None:
    own = OwnSound()
    own.began(notes(Earcon.LISTENING))
    sign = soxr.resample(earcon(Earcon.LISTENING).samples, earcon(Earcon.LISTENING).rate_hz, RATE_HZ)
    sign = np.concatenate([np.zeros(700, dtype=np.int16), sign, np.zeros(700, dtype=np.int16)])
    left = np.concatenate([own.without(frame) for frame in frames(sign)])
    assert np.sum(np.abs(left) > 1000) < 32  # 2 ms, where a frame has hardly any of it
    speech = say("switch off the kitchen light")
    heard = np.concatenate([own.without(frame) for frame in frames(speech)])
    assert np.corrcoef(heard, speech[: len(heard)])[0, 1] > 0.85


def test_what_was_said_before_it_was_cleared_is_gone_and_time_goes_on() -> None:
    ring = Ring()
    ring.push(np.full(RATE_HZ, 9000, dtype=np.int16))
    ring.clear()
    assert ring.end_s == 1.0
    assert not ring.since(0).any()


def test_our_own_sound_goes_on_until_the_room_is_quiet() -> None:
    own = OwnSound(tail_s=0.25)
    assert not own.covers(0.0)
    own.began((880.0,))
    assert own.covers(100.0)
    own.ended(10.0)
    assert own.covers(10.2)
    assert not own.covers(10.3)


def test_of_two_sounds_the_last_one_ends_it() -> None:
    own = OwnSound(tail_s=0.25)
    own.began((880.0,))
    own.began((880.0,))
    own.ended(1.0)
    assert own.covers(5.0)
    own.ended(6.0)
    assert not own.covers(6.3)
