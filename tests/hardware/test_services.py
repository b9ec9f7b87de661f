"""What services mean for something at a pin."""

import pytest

from edge.hardware.errors import UnsupportedServiceError
from edge.hardware.services import level_of, services, state_of


@pytest.mark.parametrize(
    ("domain", "service", "data", "now", "level"),
    [
        ("light", "turn_on", {}, 0.0, 0.4),
        ("light", "turn_on", {}, 0.7, 0.7),
        ("light", "turn_on", {"brightness_pct": 20}, 1.0, 0.2),
        ("light", "turn_on", {"brightness": 51}, 1.0, 0.2),
        ("light", "toggle", {}, 0.0, 0.4),
        ("light", "toggle", {}, 0.7, 0.0),
        ("fan", "turn_on", {"percentage": 60}, 0.0, 0.6),
        ("fan", "set_percentage", {"percentage": 0}, 0.5, 0.0),
        ("fan", "increase_speed", {}, 0.5, 0.75),
        ("fan", "decrease_speed", {"percentage_step": 80}, 0.5, 0.0),
        ("cover", "open_cover", {}, 0.2, 1.0),
        ("cover", "set_cover_position", {"position": 30}, 0.0, 0.3),
        ("valve", "close_valve", {}, 0.5, 0.0),
    ],
)
def test_a_graded_output_gets_a_level(
    domain: str, service: str, data: dict[str, object], now: float, level: float
) -> None:
    assert level_of(domain, service, data, now, 0.4, graded=True) == pytest.approx(level)


@pytest.mark.parametrize(
    ("domain", "service", "data"),
    [
        ("light", "turn_on", {"brightness": 300}),
        ("light", "turn_on", {"brightness_pct": "half"}),
        ("light", "turn_on", {"brightness_pct": True}),
        ("fan", "set_percentage", {}),
        ("cover", "set_cover_tilt_position", {"tilt_position": 3}),
        ("cover", "set_cover_position", {"position": float("nan")}),
    ],
)
def test_what_is_no_level_is_refused(domain: str, service: str, data: dict[str, object]) -> None:
    with pytest.raises(UnsupportedServiceError):
        level_of(domain, service, data, 0.5, graded=True)


def test_states_are_in_home_assistants_words() -> None:
    assert state_of("lock", 0.0, graded=False).state == "locked"
    assert state_of("lock", 1.0, graded=False).state == "unlocked"
    assert state_of("switch", 1.0, graded=False).attributes == {}
    light = state_of("light", 0.001, graded=True)
    assert (light.state, light.attributes["brightness"]) == ("on", 1)
    cover = state_of("cover", 0.3, graded=True)
    assert (cover.state, cover.attributes["current_position"]) == ("open", 30)
    assert state_of("button", 1.0, graded=False).state is None
    assert services("valve", graded=False) == {"open_valve", "close_valve", "toggle"}
