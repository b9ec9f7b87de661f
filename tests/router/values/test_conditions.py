"""Spoken conditions as types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.words import listed
from edge.router.values.conditions import Condition, Relation, condition
from edge.router.values.hours import Hours


def read(text: str) -> Condition:
    made = condition(text)
    assert made is not None, text
    return made


@pytest.mark.parametrize(
    ("text", "subject", "relation", "value", "unit"),
    [
        ("the greenhouse goes above thirty", "greenhouse", "above", 30, ""),
        ("the soil is below twenty percent", "soil", "below", 20, "%"),
        ("the freezer gets warmer than minus ten", "freezer", "above", -10, ""),
        ("the freezer is at minus 12.5 °C or more", "freezer", "at_least", -12.5, "°C"),
        ("the freezer is higher than -12", "freezer", "above", -12, ""),
        ("the water tank is under a quarter", "water tank", "below", 25, "%"),
        ("the tank is less than two thirds full", "tank", "below", 66.666667, "%"),
        ("the house uses more than two and a half kilowatts", "house", "above", 2.5, "kW"),
        ("the CO2 exceeds 1200 ppm", "co 2", "above", 1200, "ppm"),
        ("it is colder than five degrees below zero outside", "it outside", "below", -5, "°"),
        ("it drops below freezing in the garden", "it in the garden", "below", 0, "°C"),
        ("the wind gets stronger than ten metres a second", "wind", "above", 10, "m/s"),
        ("the pressure falls to one bar", "pressure", "at_most", 1, "bar"),
        ("the pressure is at least 1.5 bar", "pressure", "at_least", 1.5, "bar"),
        ("the living room is 22 degrees", "living room", "reaches", 22, "°"),
        ("the greenhouse is over 90 degrees fahrenheit", "greenhouse", "above", 90, "°F"),
        ("the nursery is not above twenty degrees", "nursery", "at_most", 20, "°"),
    ],
)
def test_a_bound(text: str, subject: str, relation: str, value: float, unit: str) -> None:
    made = read(text)
    assert (made.subject, made.relation.value, made.unit) == (subject, relation, unit)
    assert made.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "the nursery is not between eighteen and twenty two degrees",
        "the nursery leaves the range of 18 to 22 degrees",
        "the nursery is outside 18 to 22 degrees",
        "the nursery drops below 18 degrees or goes over 22",
        "the nursery is above 22 or below 18 degrees",
    ],
)
def test_a_range_that_is_left(text: str) -> None:
    made = read(text)
    assert (made.subject, made.relation, made.value, made.high, made.unit) == (
        "nursery",
        Relation.OUTSIDE,
        18,
        22,
        "°",
    )


@pytest.mark.parametrize(
    ("text", "subject", "state", "relation"),
    [
        ("the front door opens", "front door", "open", "is"),
        ("the front door is left open", "front door", "open", "is"),
        ("somebody leaves the garage door open", "garage door", "open", "is"),
        ("nobody closes the fridge door", "fridge door", "open", "is"),
        ("the front door isn't locked", "front door", "locked", "is_not"),
        ("the front door is not locked", "front door", "locked", "is_not"),
        ("the pump stops", "pump", "finished", "is"),
        ("the iron's been left on", "iron", "on", "is"),
        ("a window is opened", "any window", "open", "is"),
        ("the iron has been on", "iron", "on", "is"),
        ("there is motion in the garage", "in the garage", "detected", "is"),
        ("something moves in the garden", "in the garden", "detected", "is"),
        ("there's water in the cellar", "in the cellar", "wet", "is"),
        ("the cellar starts leaking", "cellar", "wet", "is"),
        ("the smoke detector in the kitchen goes off", "smoke detector in the kitchen", "goes_off", "is"),
        ("a window is opened in the bedroom", "any window in the bedroom", "open", "is"),
    ],
)
def test_a_state(text: str, subject: str, state: str, relation: str) -> None:
    made = read(text)
    assert (made.subject, made.state, made.relation.value) == (subject, state, relation)


@pytest.mark.parametrize(
    ("text", "relation", "measure"),
    [
        ("the freezer gets too warm", "above", "temperature"),
        ("the nursery is too cold", "below", "temperature"),
        ("the soil gets too dry", "below", ""),
        ("the battery runs low", "below", ""),
        ("the wind gets too strong", "above", ""),
    ],
)
def test_how_much_is_too_much_is_left_open(text: str, relation: str, measure: str) -> None:
    made = read(text)
    assert (made.too, made.value, made.relation.value, made.measure) == (True, None, relation, measure)


def test_how_much_may_be_said_after_it() -> None:
    made = read("the wind gets too strong at forty kilometres an hour")
    assert (made.too, made.value, made.unit) == (False, 40, "km/h")


@pytest.mark.parametrize(
    ("text", "hold_s"),
    [
        ("the greenhouse is above 30 for ten minutes", 600),
        ("the greenhouse is above 30 for more than ten minutes", 600),
        ("the greenhouse is above 30 for over half an hour", 1800),
        ("the door is open longer than ninety seconds", 90),
        ("the door is open for a quarter of an hour", 900),
        ("for ten minutes the greenhouse is above 30", 600),
        ("the door is open for an hour and a half", 5400),
    ],
)
def test_for_how_long(text: str, hold_s: int) -> None:
    assert read(text).hold_s == hold_s


@pytest.mark.parametrize(
    ("text", "relation", "value", "over_s"),
    [
        ("the pump room rises by five degrees within ten minutes", "rises_by", 5, 600),
        ("the pressure falls by half a bar in an hour", "falls_by", 0.5, 3600),
        ("the tank drops more than ten percent in half an hour", "falls_by", 10, 1800),
        ("the freezer warms up by four degrees in twenty minutes", "rises_by", 4, 1200),
        ("the freezer changes by more than four degrees in an hour", "moves_by", 4, 3600),
    ],
)
def test_a_rise_or_a_fall(text: str, relation: str, value: float, over_s: int) -> None:
    made = read(text)
    assert (made.relation.value, made.value, made.over_s) == (relation, value, over_s)


@pytest.mark.parametrize(
    "text",
    [
        "we haven't heard from the freezer for two hours",
        "the freezer stops reporting for two hours",
        "there is nothing from the freezer in two hours",
        "the freezer goes offline for two hours",
    ],
)
def test_silence(text: str) -> None:
    made = read(text)
    assert (made.subject, made.relation, made.hold_s) == ("freezer", Relation.SILENT, 7200)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("the door opens at night", Hours(1320, 360)),
        ("at night the door opens", Hours(1320, 360)),
        ("the door opens between ten and six", Hours(1320, 360)),
        ("the door opens between nine and five", Hours(540, 1020)),
        ("the nursery is below 18 between seven in the morning and ten at night", Hours(420, 1320)),
        ("the door opens after ten pm", Hours(1320, 360)),
        ("the door opens after dark", Hours(dark=True)),
        ("the door isn't closed by ten pm", Hours(1320, 360)),
        ("tonight the door opens", Hours(1320, 360)),
        ("the door opens on weekdays", Hours(days=frozenset(range(5)))),
        ("the door opens on weekdays between nine and five", Hours(540, 1020, frozenset(range(5)))),
        ("the nursery is between 18 and 22 degrees", None),
    ],
)
def test_when_it_counts(text: str, hours: Hours | None) -> None:
    assert read(text).hours == hours


def test_what_must_hold_besides() -> None:
    made = read("the greenhouse goes above thirty for ten minutes while the pump is off")
    assert (made.subject, made.value, made.hold_s) == ("greenhouse", 30, 600)
    assert [(one.subject, one.relation.value, one.state) for one in made.besides] == [("pump", "is", "off")]
    (other,) = read("the living room is over 26 unless the TV is on").besides
    assert (other.relation, other.state) == (Relation.IS_NOT, "on")
    (other,) = read("the window is open while it is below five degrees outside").besides
    assert (other.subject, other.relation, other.value) == ("it outside", Relation.BELOW, 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the next train goes",
        "you need anything",
        "the greenhouse was above thirty",
        "the greenhouse will be above thirty",
        "the greenhouse is going to be above thirty",
        "I get home",
        "he says so",
        "the greenhouse goes above",
        "thirty",
        "the greenhouse is above thirty and then we all go swimming",
        "the greenhouse is above thirty half past nine",
        "the greenhouse is between 22 and 18",
        "the plot twist is over",
    ],
)
def test_what_is_no_condition(text: str) -> None:
    assert condition(text) is None


def test_what_is_so_now_is_told_from_what_happens() -> None:
    assert read("the door is open").plain
    assert not read("the door opens").plain
    assert not read("the door is left open").plain


@given(st.text(max_size=200))
def test_any_text_is_read_or_not(text: str) -> None:
    condition(text)


WORDS = st.sampled_from(
    sorted(
        listed(
            "the, freezer, door, is, are, goes, gets, not, above, below, between, thirty, -, 12, minus, "
            "percent, degrees, for, ten, minutes, in, at, night, and, or, while, unless, too, hot, open, "
            "opens, off, by, rises, from, one, half, a, of, more, than, within, to, after, until, heard, "
            "have, we, over, on, weekdays, zero, freezing"
        )
    )
)


@given(st.lists(WORDS, max_size=20))
def test_any_order_of_its_words_is_read_or_not(words: list[str]) -> None:
    made = condition(" ".join(words))
    if made is not None:
        assert made.hold_s >= 0
        assert made.over_s >= 0
        assert made.high is None or (made.value is not None and made.value < made.high)
        assert made.relation in Relation


@given(st.integers(-40, 60), st.sampled_from(["above", "below"]), st.integers(1, 120))
def test_figures_come_through_as_they_are(value: int, side: str, minutes: int) -> None:
    made = read(f"the cellar is {side} {value} degrees for {minutes} minutes")
    assert (made.subject, made.relation.value, made.value, made.hold_s) == ("cellar", side, value, minutes * 60)
