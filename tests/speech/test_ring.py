"""The last seconds, and what of them is our own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.ring import OwnSound, Ring
from edge.speech.sound import RATE_HZ


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


def test_our_own_sound_is_silence_in_it() -> None:
    ring = Ring()
    loud = np.full(512, 9000, dtype=np.int16)
    ring.push(loud)
    assert not ring.push(loud, ours=True).any()
    ring.push(loud)
    kept = ring.since(0)
    assert kept[:512].all()
    assert not kept[512:1024].any()
    assert kept[1024:].all()


def test_what_was_said_before_it_was_cleared_is_gone_and_time_goes_on() -> None:
    ring = Ring()
    ring.push(np.full(RATE_HZ, 9000, dtype=np.int16))
    ring.clear()
    assert ring.end_s == 1.0
    assert not ring.since(0).any()


def test_our_own_sound_goes_on_until_the_room_is_quiet() -> None:
    own = OwnSound(tail_s=0.25)
    assert not own.covers(0.0)
    own.began()
    assert own.covers(100.0)
    own.ended(10.0)
    assert own.covers(10.2)
    assert not own.covers(10.3)


def test_of_two_sounds_the_last_one_ends_it() -> None:
    own = OwnSound(tail_s=0.25)
    own.began()
    own.began()
    own.ended(1.0)
    assert own.covers(5.0)
    own.ended(6.0)
    assert not own.covers(6.3)
