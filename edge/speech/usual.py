"""What the profile of this board says of hearing and speaking, where the settings say nothing."""

from functools import cache
from typing import TYPE_CHECKING, cast

from edge.speech.devices import Direction
from edge.tuning.board import read_board
from edge.tuning.profiles import Speech, recognise

if TYPE_CHECKING:
    from edge.settings.model import SpeechSettings
    from edge.speech.stt.engines import Wanted


@cache
def of_this_board() -> Speech:
    """Its profile's; blocks for some small files, once."""
    return recognise(read_board()).speech


def recogniser(settings: "SpeechSettings", board: Speech) -> "Wanted":
    """A person's word, `auto` too, goes over the board's."""
    if "recogniser" in settings.model_fields_set:
        return settings.recogniser
    return cast("Wanted", board.recogniser)


def preferred(board: Speech, direction: Direction) -> tuple[str, ...]:
    """Patterns of names, the likeliest first."""
    return board.microphones if direction is Direction.INPUT else board.loudspeakers
