"""What calls come out: function, intent, arguments, decision."""

from typing import Any

import pytest

from edge.router.model import Decision
from tests.router.resolution.house import ask, call


@pytest.mark.parametrize(
    ("said", "target", "function", "intent", "confirm"),
    [
        ("switch.turn_on", "vesuvius", "light.turn_on", "HassTurnOn", False),
        ("light.turn_on", "movie night", "scene.turn_on", "HassTurnOn", False),
        ("cover.open", "front door", "lock.unlock", "HassTurnOff", True),
        ("switch.turn_off", "front door", "lock.unlock", "HassTurnOff", True),
        ("cover.close", "back door", "lock.lock", "HassTurnOn", False),
        ("lock.lock", "curtains", "cover.close", "HassTurnOff", False),
        ("light.turn_on", "curtains", "cover.open", "HassTurnOn", False),
        ("cover.open", "garage door", "cover.open", "HassTurnOn", True),
        ("cover.close", "garage door", "cover.close", "HassTurnOff", False),
        ("cover.toggle", "garage door", "cover.toggle", "HassToggle", True),
        ("valve.open", "main water", "valve.open", "HassTurnOn", True),
        ("switch.turn_on", "main water", "valve.open", "HassTurnOn", True),
        ("light.dim", "ceiling fan", "fan.decrease_speed", None, False),
        ("fan.increase_speed", "speaker", "media_player.volume_up", "HassSetVolumeRelative", False),
        ("switch.turn_off", "rosie", "vacuum.return_to_base", "HassVacuumReturnToBase", False),
        ("alarm_control_panel.disarm", "alarm", "alarm_control_panel.disarm", None, True),
        ("switch.turn_on", "house alarm", "alarm_control_panel.arm", None, False),
    ],
)
def test_the_function_is_the_one_of_the_devices_own_domain(
    said: str, target: str, function: str, intent: str | None, confirm: bool
) -> None:
    (one,) = ask(call(said, target=target)).calls
    assert (one.function, one.ha_intent, one.confirm) == (function, intent, confirm)


@pytest.mark.parametrize(
    ("function", "spans", "arguments"),
    [
        ("light.turn_on", {"target": "worktop lights"}, {"name": "Counter Lights"}),
        ("light.turn_on", {"target": "kitchen lights"}, {"area": "Kitchen", "domain": "light"}),
        ("light.turn_off", {"place": "upstairs"}, {"floor": "First Floor", "domain": "light"}),
        (
            "cover.close",
            {"target": "blinds", "place": "office"},
            {"area": "Office", "domain": "cover", "device_class": "blind"},
        ),
        ("light.set", {"target": "desk lamp", "level": "half"}, {"name": "Desk Lamp", "brightness": 50}),
        ("light.set", {"target": "desk lamp", "level": "the lowest"}, {"name": "Desk Lamp", "brightness": 1}),
        ("light.set", {"target": "desk lamp", "color": "dark red"}, {"name": "Desk Lamp", "color": "darkred"}),
        (
            "light.set",
            {"target": "desk lamp", "color": "warm white"},
            {"name": "Desk Lamp", "color": "warm white", "color_temp": 2700},
        ),
        ("light.dim", {"target": "desk lamp", "step": "a bit"}, {"name": "Desk Lamp", "brightness_step": 10}),
        ("cover.set_position", {"target": "curtains", "level": "a quarter"}, {"name": "Curtains", "position": 25}),
        ("fan.set_speed", {"target": "ceiling fan", "level": "two"}, {"name": "Ceiling Fan", "percentage": 67}),
        (
            "climate.set_temperature",
            {"target": "thermostat", "level": "70 fahrenheit"},
            {"name": "EcoBee", "temperature": 70, "temperature_unit": "fahrenheit"},
        ),
        (
            "climate.increase_temperature",
            {"target": "thermostat", "step": "half a degree"},
            {"name": "EcoBee", "temperature_step": 0.5},
        ),
        ("climate.set_mode", {"target": "thermostat", "mode": "cooling"}, {"name": "EcoBee", "mode": "cool"}),
        ("media_player.volume_set", {"target": "tv", "level": "30%"}, {"name": "TV", "volume_level": 30}),
        ("media_player.volume_down", {"target": "tv"}, {"name": "TV", "volume_step": "down"}),
        ("media_player.volume_down", {"target": "tv", "step": "ten"}, {"name": "TV", "volume_step": -10}),
        (
            "media_player.play_media",
            {"target": "tv", "media": "some jazz"},
            {"name": "TV", "search_query": "some jazz"},
        ),
        (
            "select.select_option",
            {"target": "washer program", "mode": "quick wash"},
            {"name": "Washer Program", "option": "Quick wash"},
        ),
        ("number.set_value", {"target": "pump interval", "level": "fifteen"}, {"name": "Pump Interval", "value": 15}),
        (
            "light.turn_on",
            {"target": "desk lamp", "delay": "twenty minutes", "duration": "an hour"},
            {"name": "Desk Lamp", "after": 1200, "duration": 3600},
        ),
        (
            "light.turn_on",
            {"target": "desk lamp", "time": "half past nine", "condition": "if it is dark"},
            {"name": "Desk Lamp", "at": "2026-03-11T21:30:00", "condition": "if it is dark"},
        ),
        ("light.turn_on", {"target": "desk lamp", "time": "sunset"}, {"name": "Desk Lamp", "sun": "sunset"}),
        (
            "timer.start",
            {"duration": "4 and a half hours", "label": "pizza"},
            {"hours": 4, "minutes": 30, "name": "pizza"},
        ),
        ("timer.start", {"duration": "90 seconds"}, {"seconds": 90}),
        ("timer.start", {"label": "five minute"}, {"minutes": 5}),
        ("timer.cancel", {"duration": "five minutes"}, {"start_minutes": 5}),
        ("timer.add", {"duration": "five minutes", "delay": "an hour"}, {"minutes": 5, "start_hours": 1}),
        ("alarm.set", {"time": "seven on weekdays"}, {"at": "2026-03-12T07:00:00", "repeat": "weekdays"}),
        (
            "reminder.set",
            {"message": "water the plants", "time": "tomorrow evening"},
            {"message": "water the plants", "at": "2026-03-12T19:00:00"},
        ),
        (
            "assistant.broadcast",
            {"message": "dinner", "place": "upstairs"},
            {"message": "dinner", "floor": "First Floor"},
        ),
        ("assistant.mute", {"duration": "an hour"}, {"duration": 3600}),
    ],
)
def test_arguments_have_home_assistants_names_and_canonical_values(
    function: str, spans: dict[str, str], arguments: dict[str, Any]
) -> None:
    resolution = ask(call(function, **spans))
    assert resolution.decision is Decision.ACT
    assert [dict(one.arguments) for one in resolution.calls] == [arguments]


def test_a_light_and_a_relay_called_light_are_switched_together() -> None:
    calls = ask(call("light.turn_on", target="hall lights")).calls
    assert [(one.function, one.targets) for one in calls] == [
        ("light.turn_on", ("light.spot_1", "light.spot_2")),
        ("switch.turn_on", ("switch.hall_light",)),
    ]


@pytest.mark.parametrize(
    ("function", "spans", "intent", "name", "device"),
    [
        ("todo.add_item", {"item": "milk"}, "HassShoppingListAddItem", "Shopping List", "todo.shopping_list"),
        (
            "todo.add_item",
            {"item": "milk", "list": "shopping"},
            "HassShoppingListAddItem",
            "Shopping List",
            "todo.shopping_list",
        ),
        (
            "todo.add_item",
            {"item": "milk", "list": "groceries"},
            "HassShoppingListAddItem",
            "Shopping List",
            "todo.shopping_list",
        ),
        ("todo.add_item", {"item": "call mum", "list": "to-do"}, "HassListAddItem", "To Do", "todo.to_do"),
        ("todo.add_item", {"item": "nails", "list": "hardware store"}, "HassListAddItem", "hardware store", None),
        (
            "todo.complete_item",
            {"item": "milk", "list": "shopping list"},
            "HassShoppingListCompleteItem",
            "Shopping List",
            "todo.shopping_list",
        ),
        (
            "todo.remove_item",
            {"item": "milk", "list": "shopping"},
            "HassListRemoveItem",
            "Shopping List",
            "todo.shopping_list",
        ),
    ],
)
def test_items_go_on_the_list_that_is_meant(
    function: str, spans: dict[str, str], intent: str, name: str, device: str | None
) -> None:
    (one,) = ask(call(function, **spans)).calls
    assert (one.ha_intent, one.arguments["item"], one.arguments["name"]) == (intent, spans["item"], name)
    assert one.targets == ((device,) if device else ())


def test_two_items_are_two_calls() -> None:
    calls = ask(call("todo.add_item", item=["milk", "eggs"], list="shopping")).calls
    assert [one.arguments["item"] for one in calls] == ["milk", "eggs"]


@pytest.mark.parametrize(
    ("function", "spans", "question"),
    [
        ("timer.start", {"label": "pizza"}, "For how long?"),
        ("light.set", {"target": "desk lamp"}, "How bright, or which colour?"),
        ("climate.set_temperature", {"target": "thermostat"}, "To how many degrees?"),
        ("alarm.set", {}, "For what time?"),
        ("todo.add_item", {"list": "shopping"}, "What shall I add?"),
        ("reminder.set", {"message": "call mum"}, "When?"),
        ("reminder.set", {"time": "tomorrow"}, "What shall I remind you of?"),
        ("switch.turn_on", {}, "Which switch?"),
    ],
)
def test_what_is_missing_is_asked_for(function: str, spans: dict[str, str], question: str) -> None:
    resolution = ask(call(function, **spans))
    assert resolution.decision is Decision.CLARIFY
    assert resolution.question == question


def test_the_decision_is_a_query_only_where_nothing_acts() -> None:
    question, action = call("state.get", target="tv"), call("light.turn_on", target="vesuvius")
    assert ask(question).decision is Decision.QUERY
    assert ask(question, action).decision is Decision.ACT
    assert ask().decision is Decision.CHAT


def test_a_player_command_without_a_player_is_for_the_assistants_own_loudspeaker() -> None:
    from edge.devices.registry import Registry

    resolution = ask(call("media_player.volume_set", level="30"), home=Registry())
    assert resolution.decision is Decision.ACT
    assert resolution.calls[0].targets == ()
    assert resolution.unresolved == ()


def test_several_calls_keep_their_order() -> None:
    resolution = ask(call("light.set", target="desk lamp", level="20"), call("lock.lock", target="front door"))
    assert [one.function for one in resolution.calls] == ["light.set", "lock.lock"]


@pytest.mark.parametrize(
    ("function", "spans", "found"),
    [
        ("sensor.query", {"measure": "humid", "place": "bathroom"}, {"sensor.bathroom_humidity"}),
        ("sensor.query", {"measure": "humidity", "place": "outside"}, {"sensor.outdoor_humidity"}),
        ("sensor.query", {"target": "outdoor humidity"}, {"sensor.outdoor_humidity"}),
        ("sensor.query", {"measure": "temperature", "target": "freezer"}, {"sensor.freezer"}),
        ("sensor.query", {"measure": "temperature", "place": "kitchen"}, {"sensor.kitchen_temperature"}),
        ("sensor.query", {"measure": "battery", "target": "remote"}, {"sensor.remote_battery"}),
        ("sensor.query", {"measure": "temperature", "place": "bedroom"}, {"climate.bedroom_radiator"}),
        ("climate.get_temperature", {"place": "kitchen"}, {"sensor.kitchen_temperature"}),
        ("climate.get_temperature", {"place": "bedroom"}, {"climate.bedroom_radiator"}),
        ("climate.get_temperature", {"target": "thermostat"}, {"climate.ecobee"}),
        (
            "state.get",
            {"target": "lights", "place": "kitchen", "state": "on"},
            {"light.kitchen_ceiling", "light.kitchen_counter"},
        ),
        ("state.get", {"target": "anyone", "state": "at home"}, {"person.anna"}),
        ("state.get", {"target": "windows", "place": "upstairs", "state": "open"}, {"cover.bedroom_window"}),
        ("weather.get", {"time": "tomorrow"}, {"weather.home"}),
        ("weather.get", {"measure": "humid", "place": "outside"}, {"sensor.outdoor_humidity"}),
        ("weather.get", {"measure": "humid", "time": "tomorrow"}, {"weather.home"}),
        ("weather.get", {"measure": "windy"}, {"weather.home"}),
    ],
)
def test_questions_find_what_can_answer_them(function: str, spans: dict[str, str], found: set[str]) -> None:
    resolution = ask(call(function, **spans))
    assert resolution.decision is Decision.QUERY
    assert set(resolution.calls[0].targets) == found


def test_a_question_about_the_past_says_which() -> None:
    spans = {"target": "freezer", "measure": "temperature", "time": "last night", "aggregate": "coldest"}
    arguments = ask(call("sensor.query", **spans)).calls[0].arguments
    assert (arguments["start"], arguments["end"]) == ("2026-03-10T20:00:00", "2026-03-11T08:00:00")
    assert (arguments["measure"], arguments["aggregate"]) == ("temperature", "minimum")


def test_which_and_how_many_look_at_the_whole_home() -> None:
    here = ask(call("state.get", target="lights", state="on"), area="office").calls[0].targets
    everywhere = ask(call("state.get", target="lights", state="on", aggregate="which"), area="office").calls[0].targets
    assert set(here) == {"light.lamp_office", "light.desk"}
    assert set(here) < set(everywhere)


def test_any_doors_are_doors_whatever_they_are_made_of() -> None:
    found = ask(call("state.get", target="any doors", state="open")).calls[0].targets
    assert set(found) == {"cover.garage_door", "binary_sensor.front_door"}
