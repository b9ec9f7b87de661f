import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.values.colors import NAMES, color
from edge.router.values.levels import Unit, degrees_step, percent, speed, step, temperature
from edge.router.values.states import aggregate, measure, mode, state


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("half", 50),
        ("a third", 33),
        ("max", 100),
        ("all the way", 100),
        ("all the way down", 0),
        ("right up", 100),
        ("a quarter closed", 75),
        ("40 percent shut", 60),
        ("thirty tree percent", 33),
        ("full brightness", 100),
        ("45%", 45),
        ("twenty five percent", 25),
        ("halfway", 50),
        ("half way", 50),
        ("seven out of ten", 70),
        ("level four", 40),
        ("seven", 7),
        ("one percent", 1),
        ("250", 100),
        ("zero", 0),
    ],
)
def test_levels_are_percent(said: str, meant: int) -> None:
    assert percent(said) == meant


def test_the_least_depends_on_what_is_set() -> None:
    assert (percent("the lowest", least=1), percent("minimum")) == (1, 0)


@pytest.mark.parametrize(
    ("said", "meant"), [("two", 67), ("speed 3", 100), ("low", 33), ("50 percent", 50), ("40", 40)]
)
def test_small_numbers_are_a_fans_speeds(said: str, meant: int) -> None:
    assert speed(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("a bit", 10), ("a lot", 30), ("two notches", 20), ("15 percent", 15), ("by ten", 10), ("", None)],
)
def test_steps_are_percent(said: str, meant: int | None) -> None:
    assert step(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("two degrees", 2), ("half a degree", 0.5), ("a bit", 1), ("a lot", 3), ("a degree", 1)]
)
def test_steps_of_temperature_are_degrees(said: str, meant: float) -> None:
    assert degrees_step(said) == meant


def test_a_temperature_has_a_unit_only_where_one_was_said() -> None:
    for said, value, unit in (
        ("21", 21, None),
        ("70 °F", 70, Unit.FAHRENHEIT),
        ("twenty and a half celsius", 20.5, Unit.CELSIUS),
    ):
        found = temperature(said)
        assert found is not None
        assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    ("said", "name", "kelvin"),
    [
        ("red", "red", None),
        ("light blue", "lightblue", None),
        ("deep purple", "purple", None),
        ("navy blue", "navy", None),
        ("the colour of the sea", "blue", None),
        ("reddish", "red", None),
        ("turquoise", "turquoise", None),
        ("warm white", "warm white", 2700),
        ("daylight", "daylight", 6500),
        ("2700 kelvin", "2700 kelvin", 2700),
        ("4000k", "4000 kelvin", 4000),
    ],
)
def test_colours_are_css_names_and_whites_have_a_temperature(said: str, name: str, kelvin: int | None) -> None:
    found = color(said)
    assert found is not None
    assert (found.name, found.kelvin) == (name, kelvin)
    assert found.kelvin or found.name in NAMES


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("on or off", "on"),
        ("still on", "on"),
        ("switched off", "off"),
        ("wide open", "open"),
        ("shut", "closed"),
        ("closed and locked", "locked"),
        ("at home", "home"),
        ("still at work", "not_home"),
        ("blorb", None),
    ],
)
def test_states_are_home_assistants(said: str, meant: str | None) -> None:
    assert state(said) == meant


def test_a_mode_is_the_devices_own_word_where_it_has_one() -> None:
    assert mode("energy saving", "climate", ["none", "Eco", "boost"]) == "Eco"
    assert mode("hdmi two", "media_player", ["HDMI 1", "HDMI 2"]) == "HDMI 2"
    assert mode("quick wash", "select", ["Cotton", "Quick wash 30"]) == "Quick wash 30"
    assert mode("heating", "climate") == "heat"
    assert mode("stay", "alarm_control_panel") == "home"
    assert mode("polar night", "fan") == "polar night"


def test_a_mode_that_was_misheard_is_the_only_one_that_is_like_it() -> None:
    assert mode("nedflix", "media_player", ["Netflix", "HDMI 1", "HDMI 2"]) == "Netflix"
    assert mode("hdmi too", "media_player", ["Netflix", "HDMI 1", "HDMI 2"]) == "HDMI 2"
    assert mode("breakfast television", "media_player", ["Netflix", "HDMI 1", "HDMI 2"]) == "breakfast television"


def test_measures_and_aggregates_have_canonical_names() -> None:
    assert [measure(said) for said in ("humid", "co2", "battery level", "how warm", "flavour")] == [
        "humidity",
        "carbon_dioxide",
        "battery",
        "temperature",
        None,
    ]
    assert [aggregate(said) for said in ("coldest", "how many", "how often", "mean", "purple")] == [
        "minimum",
        "count",
        "count_changes",
        "average",
        None,
    ]
    assert [aggregate(said) for said in ("what time", "how long ago", "how long", "how many hours", "last")] == [
        "last_changed",
        "last_changed",
        "total_time",
        "total_time",
        "last_changed",
    ]


@given(st.text(max_size=300))
def test_no_text_breaks_a_reader_of_words(text: str) -> None:
    color(text)
    state(text)
    measure(text)
    aggregate(text)
    assert isinstance(mode(text, "climate", [text]), str)
