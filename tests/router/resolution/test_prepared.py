"""What a sentence says that its spans do not: names inside of values, values said twice, "on" where nothing is set."""

from typing import Any

import pytest

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.router.model import Call, Decision
from tests.router.resolution.house import ask, call, said


def _home() -> Registry:
    home = Registry()
    home.put_area(Area("den", "Den"))
    home.put_area(Area("hall", "Hall"))
    for one, name in (
        ("light.haze", "Blue Lagoon"),
        ("light.play", "Orb Play"),
        ("light.red", "Red"),
        ("light.den", "Corner Lamp"),
    ):
        home.put_device(
            Device(one, name, "den" if one == "light.den" else "hall", options={"effects": ["Fireplace", "Orb"]})
        )
    return home


def _calls(text: str, function: str, area: str | None = "den", **spans: str | list[str]) -> tuple[Call, ...]:
    return ask(said(text, function, **spans), text=text, home=_home(), area=area).calls


def test_a_name_within_a_colour_is_the_device() -> None:
    (one,) = _calls("make blue lagoon green", "light.set", color="blue lagoon green")
    assert (one.targets, one.arguments["color"]) == (("light.haze",), "green")
    (one,) = _calls("make blue lagoon green", "light.set", target="blue", color="lagoon green")
    assert (one.targets, one.arguments["color"]) == (("light.haze",), "green")


def test_a_name_within_a_mode_is_the_device() -> None:
    (one,) = _calls("set orb play to fireplace", "light.set", mode=["orb", "fireplace"])
    assert (one.targets, one.arguments["effect"]) == (("light.play",), "Fireplace")


def test_a_colour_that_is_no_more_than_a_colour_stays_one() -> None:
    (one,) = _calls("make it red", "light.set", color="red")
    assert (one.targets, one.arguments["color"]) == (("light.den",), "red")
    (one,) = _calls("make the corner lamp blue", "light.set", target="corner lamp", color="blue")
    assert (one.targets, one.arguments["color"]) == (("light.den",), "blue")


@pytest.mark.parametrize(
    ("text", "spans", "function"),
    [
        ("put the corner lamp on", {"target": "corner lamp"}, "light.turn_on"),
        ("set the corner lamp to off", {"target": "corner lamp", "level": "off"}, "light.turn_off"),
        ("blue lagoon on please", {"color": "blue lagoon"}, "light.turn_on"),
        ("make the light on the corner lamp nice", {"target": "corner lamp"}, "light.set"),
    ],
)
def test_a_light_that_is_set_to_nothing_but_on_is_turned_on(text: str, spans: dict[str, str], function: str) -> None:
    (one,) = _calls(text, "light.set", **spans)
    assert one.function == function


def _arguments(text: str, function: str, **spans: str | list[str]) -> list[dict[str, Any]]:
    return [dict(one.arguments) for one in ask(said(text, function, **spans), text=text).calls]


def test_two_messages_are_two_reminders() -> None:
    made = _arguments(
        "remind me at six to feed the cat and to take the bins out",
        "reminder.set",
        time="six",
        message=["feed the cat", "take the bins out"],
    )
    assert [one["message"] for one in made] == ["feed the cat", "take the bins out"]
    assert len({one["at"] for one in made}) == 1


def test_a_time_in_two_pieces_is_one() -> None:
    text = "tomorrow remind me to feed the cat at 6 pm"
    (one,) = _arguments(text, "reminder.set", time=["tomorrow", "6 pm"], message="feed the cat")
    assert one["at"] == "2026-03-12T18:00:00"


def test_two_times_are_two_alarms() -> None:
    made = _arguments("alarms at 6 am and 7 am", "alarm.set", time=["6 am", "7 am"])
    assert [one["at"] for one in made] == ["2026-03-12T06:00:00", "2026-03-12T07:00:00"]


def test_durations_add_up_only_where_they_are_one() -> None:
    made = _arguments("timers of five and ten minutes", "timer.start", duration=["five", "ten minutes"])
    assert made == [{"minutes": 5}, {"minutes": 10}]
    (one,) = _arguments(
        "a timer of one hour and twenty minutes", "timer.start", duration=["one hour", "twenty minutes"]
    )
    assert one == {"hours": 1, "minutes": 20}


def test_values_go_with_what_was_named_with_them() -> None:
    text = "desk lamp to 20 and vesuvius to 60"
    calls = ask(said(text, "light.set", target=["desk lamp", "vesuvius"], level=["20", "60"]), text=text).calls
    assert [(one.targets, one.arguments["brightness"]) for one in calls] == [
        (("light.desk",), 20),
        (("light.vesuvius",), 60),
    ]
    text = "milk on the shopping list and nails on the hardware list"
    made = _arguments(text, "todo.add_item", item=["milk", "nails"], list=["shopping", "hardware"])
    assert [(one["item"], one["name"]) for one in made] == [("milk", "Shopping List"), ("nails", "hardware")]


def test_two_values_for_one_device_are_asked_about() -> None:
    text = "set the desk lamp to 20 and 60"
    resolution = ask(said(text, "light.set", target="desk lamp", level=["20", "60"]), text=text)
    assert (resolution.decision, resolution.question) == (Decision.CLARIFY, "20 or 60?")
    assert not any(one.targets for one in resolution.calls)


def test_two_measures_are_two_questions() -> None:
    text = "temperature and humidity in the bathroom"
    made = _arguments(text, "sensor.query", measure=["temperature", "humidity"], place="bathroom")
    assert [one["measure"] for one in made] == ["temperature", "humidity"]


def test_who_asks_which_people() -> None:
    (one,) = ask(call("state.get", target="who", state="home")).calls
    assert (one.targets, one.arguments["aggregate"]) == (("person.anna",), "which")


def test_two_times_in_one_piece_are_two_alarms() -> None:
    made = _arguments("alarms at five and six pm", "alarm.set", time="five and six pm")
    assert [one["at"] for one in made] == ["2026-03-11T17:00:00", "2026-03-11T18:00:00"]
    (one,) = _arguments("alarm at half past six", "alarm.set", time="half past six")
    assert one["at"] == "2026-03-12T06:30:00"


@pytest.mark.parametrize(
    ("text", "function", "spans", "area", "found"),
    [
        ("vacuum in here", "vacuum.clean_area", {}, "hall", {"area": "Hall"}),
        ("close the blinds here please", "cover.close", {"target": "blinds"}, "office", {"area": "Office"}),
    ],
)
def test_here_is_heard_though_nothing_copied_it(
    text: str, function: str, spans: dict[str, str], area: str, found: dict[str, str]
) -> None:
    (one,) = ask(said(text, function, **spans), text=text, area=area).calls
    assert found.items() <= one.arguments.items()


def test_there_is_of_its_own_clause() -> None:
    text = "lights on in the office and close the blinds in there and lock the front door"
    first = said(text, "light.turn_on", target="lights", place="office")
    second = said(text, "cover.close", target="blinds")
    third = said(text, "lock.lock", target="front door")
    calls = ask(first, second, third, text=text).calls
    assert [one.targets for one in calls[1:]] == [("cover.office_left", "cover.office_right"), ("lock.front_door",)]
    text = "how humid is it out there"
    (one,) = ask(said(text, "sensor.query", measure="humid"), text=text, area="office").calls
    assert one.targets == ("sensor.outdoor_humidity",)
    text = "is there a light on"
    (one,) = ask(said(text, "state.get", target="light", state="on"), text=text, area="office").calls
    assert one.targets


def test_exceptions_that_nothing_copied_are_kept() -> None:
    text = "all lights off except the desk lamp, vesuvius and the bathroom"
    (one, *_) = ask(said(text, "light.turn_off", target="all lights", except_="desk lamp"), text=text).calls
    assert not {"light.desk", "light.vesuvius", "light.bathroom"} & set(one.targets)
    assert "light.kids_star" in one.targets
    text = "all lights off except the desk lamp and lock the front door"
    calls = ask(
        said(text, "light.turn_off", target="all lights", except_="desk lamp"),
        said(text, "lock.lock", target="front door"),
        text=text,
    ).calls
    assert calls[0].arguments["except"] == "desk lamp"
    assert calls[-1].targets == ("lock.front_door",)


def test_spans_that_nobody_said_take_nothing_from_the_words() -> None:
    made = call("light.turn_on", target="lights")
    calls = ask(made, text="it is so dark in there", area="office").calls
    assert calls[0].targets == ("light.lamp_office", "light.desk")


def test_a_value_goes_with_the_call_among_whose_words_it_stands() -> None:
    text = "desk lamp to 20 and vesuvius to 60"
    first = said(text, "light.set", target="desk lamp", level=["20", "60"])
    calls = ask(first, said(text, "light.set", target="vesuvius"), text=text).calls
    assert [(one.targets, one.arguments["brightness"]) for one in calls] == [
        (("light.desk",), 20),
        (("light.vesuvius",), 60),
    ]


def test_a_device_that_was_taken_for_a_place_is_meant_too() -> None:
    text = "desk lamp and vesuvius on"
    calls = ask(said(text, "light.turn_on", target="desk lamp", place="vesuvius"), text=text).calls
    assert {target for one in calls for target in one.targets} == {"light.desk", "light.vesuvius"}
    text = "turn on the star light"
    calls = ask(said(text, "light.turn_on", place="star", target="light"), text=text).calls
    assert [one.targets for one in calls] == [("light.kids_star",)]
