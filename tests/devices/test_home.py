import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.home import HomeError, load_home, parse_home

HOME: dict[str, Any] = {
    "floors": [{"id": "first", "name": "First Floor", "aliases": ["upstairs"]}],
    "areas": [{"id": "office", "name": "Office", "floor": "first", "aliases": []}],
    "devices": [
        {
            "id": "sensor.office_temperature",
            "name": "Office Temperature",
            "area": "office",
            "aliases": [],
            "state": "20.8",
            "attributes": {"device_class": "temperature", "unit_of_measurement": "°C"},
        },
        {"id": "fan.desk", "name": "Fan", "state": "unavailable", "attributes": {"preset_modes": ["eco"]}},
    ],
}


def test_a_home_file_becomes_floors_areas_devices_and_states(tmp_path: Path) -> None:
    path = tmp_path / "home.json"
    path.write_text(json.dumps(HOME), encoding="utf-8")
    home = load_home(path)
    sensor = home.devices["sensor.office_temperature"]
    assert (sensor.domain, sensor.area, sensor.device_class, sensor.unit) == ("sensor", "office", "temperature", "°C")
    assert home.state(sensor.id).state == "20.8"
    assert home.state("fan.desk").available is False
    assert home.devices["fan.desk"].options["preset_modes"] == ["eco"]
    assert home.floors["first"].aliases == ("upstairs",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"devices": {}}, "`devices`: expected a list, found an object"),
        ({"devices": [{"id": "lamp", "name": "Lamp"}]}, "devices[0]: `id`: expected a domain"),
        ({"devices": [{"id": "light.lamp"}]}, "devices[0]: `name`: expected text, found nothing"),
        (
            {"devices": [{"id": "light.lamp", "name": "L", "area": "attic"}]},
            "`area`: expected the id of one of the `areas`",
        ),
        ({"devices": [{"id": "light.a", "name": "A"}, {"id": "light.a", "name": "B"}]}, "devices[1]: `id`"),
        (
            {"devices": [{"id": "light.a", "name": "A", "aliases": "B"}]},
            "`aliases`: expected a list of texts, found text",
        ),
        ({"devices": [{"id": "light.a", "name": "A", "state": []}]}, "`state`: expected text, found a list"),
        ({"areas": ["office"]}, "areas[0]: expected an object, found text"),
    ],
)
def test_an_error_names_file_entry_key_and_what_was_expected(change: dict[str, Any], said: str) -> None:
    with pytest.raises(HomeError) as error:
        parse_home({**HOME, **change}, "home.json")
    assert str(error.value).startswith("home.json: ")
    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_json_is_an_error_and_not_a_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "home.json"
    path.write_bytes(content)
    with pytest.raises(HomeError, match=r"home\.json"):
        load_home(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"nowhere\.json"):
        load_home(tmp_path / "nowhere.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_ENTRY = st.dictionaries(
    st.sampled_from(["id", "name", "area", "aliases", "state", "attributes", "floor", "category"]), _JSON
)


@given(
    _JSON | st.fixed_dictionaries({"floors": st.lists(_ENTRY), "areas": st.lists(_ENTRY), "devices": st.lists(_ENTRY)})
)
def test_any_json_is_a_home_or_a_home_error(data: object) -> None:
    try:
        parse_home(data, "fuzz")
    except HomeError as error:
        assert str(error).startswith("fuzz: ")
