"""Several orders in one sentence: the place at its end, and the player of the order before."""

import pytest

from tests.router.resolution.house import ask, said


@pytest.mark.parametrize(
    ("text", "orders", "place", "area", "found"),
    [
        (
            "lamp off and fan on in the bedroom",
            [("light.turn_off", "lamp"), ("fan.turn_on", "fan")],
            "bedroom",
            None,
            ["light.lamp_bedroom", "fan.bedroom"],
        ),
        (
            "blinds down and space heater on in the office please",
            [("cover.close", "blinds"), ("switch.turn_on", "space heater")],
            "office",
            None,
            ["cover.office_left", "cover.office_right", "switch.heater"],
        ),
        (
            "lamps off and fan on in the bedroom",
            [("light.turn_off", "lamps"), ("fan.turn_on", "fan")],
            "bedroom",
            "office",
            ["light.lamp_office", "light.desk", "fan.bedroom"],
        ),
        (
            "vesuvius off and fan on in the bedroom",
            [("light.turn_off", "vesuvius"), ("fan.turn_on", "fan")],
            "bedroom",
            None,
            ["light.vesuvius", "fan.bedroom"],
        ),
    ],
)
def test_a_place_at_the_end_is_for_all_that_may_be_anywhere(
    text: str, orders: list[tuple[str, str]], place: str, area: str | None, found: list[str]
) -> None:
    (one, first), (other, second) = orders
    raw = (said(text, one, target=first), said(text, other, target=second, place=place))
    assert [target for call in ask(*raw, text=text, area=area).calls for target in call.targets] == found


def test_all_of_something_is_not_only_what_is_at_the_end_of_the_sentence() -> None:
    text = "all the lamps off and fan on in the bedroom"
    raw = (
        said(text, "light.turn_off", target="all the lamps"),
        said(text, "fan.turn_on", target="fan", place="bedroom"),
    )
    assert len(ask(*raw, text=text).calls[0].targets) > 2


@pytest.mark.parametrize(("verb", "plays"), [("turn_on", "media_player.living_speaker"), ("pause", None)])
def test_what_is_to_be_played_plays_on_what_was_just_turned_on(verb: str, plays: str | None) -> None:
    text = "turn on the speaker and play some jazz"
    raw = (
        said(text, f"media_player.{verb}", target="speaker"),
        said(text, "media_player.play_media", media="some jazz"),
    )
    assert (plays is not None) is (ask(*raw, text=text).calls[1].targets == ("media_player.living_speaker",))
