"""Of the rooms that hear one sentence, one acts: the first, or the one where the speaker is nearer."""

from dataclasses import replace

from edge.router.model import Call
from edge.speech.once import Once


class Rooms:
    """Rooms that ask at certain times."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.once = Once(lambda: self.now_s)
        self.gave_up: list[str] = []

    def woken(self, room: str, level_db: float | None = None) -> bool:
        return self.once.woken(room, level_db, lambda: self.gave_up.append(room))


def test_the_first_room_listens_and_one_as_near_does_not() -> None:
    rooms = Rooms()
    assert rooms.woken("a", 20.0)
    rooms.now_s = 0.4
    assert not rooms.woken("b", 22.0)
    assert not rooms.gave_up


def test_a_room_where_it_stands_out_more_takes_over() -> None:
    rooms = Rooms()
    assert rooms.woken("a", 12.0)
    rooms.now_s = 0.4
    assert rooms.woken("b", 25.0)
    assert rooms.gave_up == ["a"]
    assert not rooms.woken("c", 20.0)
    assert not rooms.woken("a", 12.0)
    assert rooms.gave_up == ["a"]


def test_what_is_not_known_takes_nothing_over_and_is_not_taken_over() -> None:
    rooms = Rooms()
    assert rooms.woken("a")
    assert not rooms.woken("b", 40.0)
    rooms.now_s = 10.0
    assert rooms.woken("b", 40.0)
    assert not rooms.woken("a")


def test_a_room_may_be_woken_again_by_itself() -> None:
    rooms = Rooms()
    assert rooms.woken("a", 12.0)
    assert rooms.woken("a", 12.0)
    assert not rooms.gave_up


def test_the_word_said_elsewhere_later_is_another() -> None:
    rooms = Rooms()
    assert rooms.woken("a", 12.0)
    rooms.now_s = 2.5
    assert rooms.woken("b", 5.0)
    assert not rooms.gave_up


ON = Call("light.turn_on", {"name": "bed light"}, ("light.bed",), "HassTurnOn")


def test_other_words_for_the_same_are_the_same_sentence() -> None:
    rooms = Rooms()
    assert rooms.once.said("a", "turn on the bed light", (ON,))
    rooms.now_s = 3.0
    assert not rooms.once.said("b", "turn the bad light on", (replace(ON, arguments={"name": "bad light"}),))
    assert rooms.once.said("b", "turn off the bed light", (replace(ON, function="light.turn_off"),))
    rooms.now_s = 5.0
    assert rooms.once.said("c", "turn on the bed light", (ON,))


def test_a_sentence_is_known_again_after_others() -> None:
    rooms = Rooms()
    assert rooms.once.said("a", "turn on the bed light", (ON,))
    assert rooms.once.said("b", "what time is it")
    assert not rooms.once.said("c", "turn on the bed light", (ON,))


def test_a_room_may_repeat_itself_and_nothing_asked_for_is_not_the_same() -> None:
    rooms = Rooms()
    assert rooms.once.said("a", "one")
    assert rooms.once.said("a", "one")
    assert rooms.once.said("b", "two")
