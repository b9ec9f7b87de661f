"""The words of a summary: the most important first, and never too many."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.explained import Words
from edge.assistant.summarised import Summing, called
from edge.devices import Area, Device, Registry
from edge.sensors.alarms.words import Moments
from edge.sensors.summary.model import Alarmed, Battery, Drift, Odd, Opening, Room, Silent, Summary, Total, Width

NOW_S = 1_780_272_000.0 + 7.5 * 3600  # a Monday, half past seven UTC
DAY_S = 86_400.0


def home() -> Registry:
    registry = Registry()
    registry.put_area(Area("kitchen", "Kitchen"))
    registry.put_device(Device("binary_sensor.window", "Window", "kitchen", device_class="window"))
    registry.put_device(Device("sensor.freezer", "Freezer", "kitchen", device_class="temperature", unit="°C"))
    return registry


WORDS = Words(home(), Moments(lambda: NOW_S))
INSIDE = Room("sensor.kitchen", "Kitchen", "kitchen", False, "°C", 18.0, 22.5, 18.0, 22.0)
OUTSIDE = Room("sensor.garden", "Garden", "garden", True, "°C", -2.0, 6.0, -1.0, 5.0)
ODD = Odd("sensor.freezer", "Freezer", "kitchen", "°C", "temperature", -9.5, -20.0, -16.0, 1.6)
ALARM = Alarmed("sensor.freezer", "Freezer", "critical", "The freezer is too warm: -9 °C.", NOW_S - 3600, None, False)
OPEN = Opening("binary_sensor.window", "Window", "kitchen", "window", NOW_S - 7200, 7200, still=True)


def said(most: int = 60, **parts: Any) -> str:
    midnight = NOW_S - 7.5 * 3600
    found = Summary(Width.DAY, midnight - DAY_S, midnight, **parts)
    return Summing(WORDS, most).summary(found, called(found.width, found.since_s, found.until_s, WORDS))


def test_a_day_as_others_is_short() -> None:
    assert said(rooms=(INSIDE, OUTSIDE)) == (
        "Yesterday was as usual. It was 18 to 22.5 degrees inside and minus 2 to 6 degrees outside."
    )


def test_what_is_not_as_always_comes_before_how_warm_it_was() -> None:
    text = said(rooms=(INSIDE,), odd=(ODD,), openings=(OPEN,))
    assert (
        text
        == (
            "Yesterday was not quite as usual. "
            "The freezer went up to minus 9.5 degrees, in four weeks to minus 16 degrees at the most. "
            "The kitchen window has been open since 05:30. It was 18 to 22.5 degrees inside."
        )
        or "The window in the kitchen has been open since 05:30." in text
    )


def test_an_alarm_is_told_first_and_what_it_is_about_not_twice() -> None:
    text = said(alarms=(ALARM,), odd=(ODD,))
    assert text.startswith("Yesterday there was one alarm. Still on: the freezer is too warm")
    assert "went up" not in text


def test_meters_are_told_where_they_are_not_as_usual() -> None:
    house = Total("sensor.house", "House", "energy", "kWh", 31.7, 14.4)
    water = Total("sensor.water", "Water", "water", "L", 210.0, 205.0)
    text = said(totals=(house, water))
    assert "The house used 31.7 kilowatt hours of electricity where 14.4 kilowatt hours are usual" in text
    assert "and 210 litres of water." in text


def test_a_room_that_was_far_from_usual_is_named() -> None:
    cold = Room("sensor.kitchen", "Kitchen", "kitchen", False, "°C", 12.0, 22.0, 18.0, 22.0)
    assert "In the kitchen it was 12 to 22 degrees, usually 18 to 22 degrees." in said(rooms=(cold,))


def test_nothing_known_is_said_to_be_so() -> None:
    assert said() == "I know little of yesterday."


def test_a_few_words_for_a_screen() -> None:
    empty = Summary(Width.DAY, 0, DAY_S)
    assert Summing(WORDS).short(empty) == "All as usual"
    full = Summary(Width.DAY, 0, DAY_S, odd=(ODD,), openings=(OPEN,), alarms=(ALARM,))
    assert Summing(WORDS).short(full) == "1 alarm, 1 unusual, 1 open"


@pytest.mark.parametrize(
    ("width", "ago_s", "length_s", "name"),
    [
        (Width.DAY, 31.5 * 3600, DAY_S, "yesterday"),
        (Width.WEEK, 7 * DAY_S, 7 * DAY_S, "the past week"),
        (Width.SPAN, 7.5 * 3600, 7.5 * 3600, "today"),
        (Width.SPAN, DAY_S, DAY_S, "the past day"),
        (Width.SPAN, 11.5 * 3600, 11.5 * 3600, "last night"),
        (Width.SPAN, 2 * 3600, 2 * 3600, "the time since 05:30"),
    ],
)
def test_times_are_called_as_people_do(width: Width, ago_s: float, length_s: float, name: str) -> None:
    assert called(width, NOW_S - ago_s, NOW_S - ago_s + length_s, WORDS) == name


NAMES = st.sampled_from(["Freezer", "Upstairs Bathroom Humidity Sensor", "Ünïcode", "x"])
NUMBERS = st.floats(-1e4, 1e4)


NOWHERE = st.just("")
PARTS = {
    "odd": st.builds(
        Odd,
        *(st.just("sensor.a"), NAMES, NOWHERE, st.sampled_from(["°C", "", "kWh"]), NOWHERE),
        *(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.booleans()),
    ),
    "silent": st.builds(Silent, st.just("sensor.b"), NAMES, NOWHERE, st.just(NOW_S - 9e4)),
    "batteries": st.builds(Battery, st.just("sensor.c"), NAMES, NOWHERE, NUMBERS),
    "drifts": st.builds(Drift, st.just("sensor.d"), NAMES, NOWHERE, st.just("°C"), NUMBERS, st.just(14)),
    "alarms": st.builds(
        Alarmed,
        *(st.just("sensor.e"), NAMES, st.just("info"), st.text(max_size=20), st.just(NOW_S)),
        *(st.none() | st.just(NOW_S), st.booleans()),
    ),
}


@given(most=st.integers(15, 80), **{name: st.lists(one, max_size=9) for name, one in PARTS.items()})
def test_no_summary_is_longer_than_was_asked_for(most: int, **parts: Any) -> None:
    text = said(most, rooms=(INSIDE, OUTSIDE), openings=(OPEN,), **{name: tuple(of) for name, of in parts.items()})
    assert len(text.split()) <= most
    assert text
