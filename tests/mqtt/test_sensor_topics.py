"""Topics of the configuration become sensors: by path, by template, on and off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.sensor_topics import path_template, sensor_entities
from edge.mqtt.templates import template
from edge.settings.history import SensorSettings


def test_a_path_reaches_into_json() -> None:
    entry = SensorSettings(topic="a/b", name="Greenhouse Air", path="sensors[1].t", unit="°C", area="Garden")
    (entity,), problems = sensor_entities([entry])
    assert not problems
    assert (entity.device.id, entity.device.unit, entity.device.area) == ("sensor.greenhouse_air", "°C", "Garden")
    state = entity.receive("a/b", b'{"sensors": [{"t": 1}, {"t": 21.5}]}')
    assert state is not None
    assert state.state == "21.5"
    assert entity.receive("a/b", b'{"sensors": []}') is None


def test_a_template_and_a_binary_sensor_are_read_as_in_discovery() -> None:
    entries = [
        SensorSettings(topic="a", name="Tank", template="{{ value_json.mm / 10 }}", unit="cm"),
        SensorSettings(topic="b", name="Gate", id="binary_sensor.gate", payload_on="open", payload_off="shut"),
    ]
    (tank, gate), problems = sensor_entities(entries)
    assert not problems
    first, second = tank.receive("a", b'{"mm": 125}'), gate.receive("b", b"open")
    assert first is not None
    assert second is not None
    assert (first.state, second.state) == ("12.5", "on")


def test_two_of_one_name_are_a_problem() -> None:
    entries = [SensorSettings(topic="a", name="Tank"), SensorSettings(topic="b", name="Tank")]
    entities, problems = sensor_entities(entries)
    assert len(entities) == 1
    assert "give one an id of its own" in problems[0]


@pytest.mark.parametrize("wrong", [{"path": "a b"}, {"path": "a'b"}, {"path": "a", "template": "b"}, {"id": "light.a"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        SensorSettings(topic="a", name="A", **wrong)  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.integers(0, 999)), min_size=1, max_size=6))
def test_every_path_is_a_template_that_compiles(steps: list[str | int]) -> None:
    path = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in steps).lstrip(".")
    assert template(path_template(path)).source == path_template(path)
