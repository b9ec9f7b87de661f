"""What a broker repeats is not carried out twice."""

from paho.mqtt.client import MQTTMessage

from edge.mqtt.taken import Taken


def message(payload: bytes = b"toggle the lamp", *, mid: int = 7, qos: int = 1, dup: bool = False) -> MQTTMessage:
    made = MQTTMessage(mid, b"edge/test/ask")
    made.payload, made.qos, made.dup = payload, qos, dup
    return made


def test_what_is_repeated_after_it_was_taken_is_known_again() -> None:
    taken = Taken()
    assert not taken.again(message())
    assert taken.again(message(dup=True))


def test_what_is_repeated_and_was_never_seen_is_taken() -> None:
    taken = Taken()
    assert not taken.again(message(mid=6))
    assert not taken.again(message(dup=True))
    assert taken.again(message(dup=True))


def test_the_same_words_twice_are_two_requests() -> None:
    taken = Taken()
    assert not taken.again(message())
    assert not taken.again(message())
    assert not taken.again(message(b"another", dup=True))


def test_nothing_that_is_repeated_is_taken_where_it_may_be_old() -> None:
    taken = Taken()
    taken.trusting = False
    assert taken.again(message(dup=True))
    assert not taken.again(message(mid=8))


def test_what_is_kept_is_bounded() -> None:
    taken = Taken()
    for mid in range(1, 5000):
        taken.again(message(mid=mid))
    assert not taken.again(message(mid=1, dup=True))
    assert taken.again(message(mid=4999, dup=True))
