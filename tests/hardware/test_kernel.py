"""The kernel's sensors in trees of files written from its documentation."""

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.hardware.errors import HardwareError
from edge.hardware.kernel import find, read
from tests.hardware.pins import ADS1015, BME280, CPU, HWMON, IIO, ONE_WIRE, POWER, W1, plant


def values(kind: str, root: Path) -> dict[str, float]:
    return {sensor.source: round(read(sensor, 85.0), 6) for sensor in find(kind, root)}


def test_a_one_wire_thermometer_is_read_and_what_else_is_on_the_bus_is_left_out(tmp_path: Path) -> None:
    assert values("one_wire", plant(tmp_path, ONE_WIRE)) == {"28-000005e2fdc3": 21.062}


def test_an_older_kernel_shows_a_thermometer_in_one_file(tmp_path: Path) -> None:
    root = plant(tmp_path, {f"{W1}/w1_slave": ONE_WIRE[f"{W1}/w1_slave"].replace("21062", "-1250")})
    assert values("one_wire", root) == {"28-000005e2fdc3": -1.25}


@pytest.mark.parametrize(
    "files",
    [
        {"temperature": ""},
        {"temperature": "85000"},
        {"temperature": "warm"},
        {"w1_slave": "51 01 4b 46 7f ff 0c 10 fa : crc=fa NO\n51 01 4b 46 7f ff 0c 10 fa t=21062\n"},
        {"w1_slave": "YES"},
        {},
    ],
)
def test_a_garbled_answer_is_no_reading(tmp_path: Path, files: dict[str, str]) -> None:
    plant(tmp_path, {f"{W1}/id": "", **{f"{W1}/{name}": content for name, content in files.items()}})
    (sensor,) = find("one_wire", tmp_path)
    with pytest.raises(HardwareError, match="28-000005e2fdc3"):
        read(sensor)


def test_eighty_five_degrees_are_believed_of_what_was_nearly_as_hot(tmp_path: Path) -> None:
    (sensor,) = find("one_wire", plant(tmp_path, {f"{W1}/temperature": "85000"}))
    assert read(sensor, 83.5) == 85.0
    with pytest.raises(HardwareError, match="before it has measured"):
        read(sensor, 21.0)


def test_iio_values_come_in_the_units_of_the_house(tmp_path: Path) -> None:
    root = plant(tmp_path, BME280 | ADS1015)
    assert values("iio", root) == {
        "bme280/humidityrelative": 43.5,
        "bme280/pressure": 1013.25,
        "bme280/temp": 22.48,
        "ads1015/voltage0": 1.2,
        "ads1015/voltage0-voltage1": 0.01,
        "ads1015/voltage1": -0.02,
    }
    assert {sensor.measure.unit for sensor in find("iio", root)} == {"%", "hPa", "°C", "V"}


def test_a_raw_value_gets_its_offset_before_its_scale(tmp_path: Path) -> None:
    files = {"name": "adc", "in_temp_raw": "100", "in_temp_offset": "-20.5", "in_temp_scale": "250"}
    root = plant(tmp_path, {f"{IIO}/{name}": content for name, content in files.items()})
    assert values("iio", root) == {"adc/temp": 19.875}


def test_gases_are_told_apart(tmp_path: Path) -> None:
    files = {"name": "scd30", "in_concentration_co2_raw": "0.0415", "in_concentration_o2_raw": "20"}
    root = plant(tmp_path, {f"{IIO}/{name}": content for name, content in files.items()})
    assert values("iio", root) == {"scd30/concentration_co2": 415.0}


def test_hwmon_values_come_in_the_units_of_the_house(tmp_path: Path) -> None:
    sensors = {sensor.source: sensor for sensor in find("hwmon", plant(tmp_path, CPU | POWER))}
    good = {source: round(read(sensor), 6) for source, sensor in sensors.items() if source != "ina226/temp1"}
    assert good == {
        "cpu_thermal/temp1": 48.312,
        "ina226/in1": 12.65,
        "ina226/curr1": 1.25,
        "ina226/power1": 15.8125,
        "ina226/fan1": 1200.0,
    }
    assert sensors["ina226/fan1"].label == "Hold fan"
    with pytest.raises(HardwareError, match="broken or not connected"):
        read(sensors["ina226/temp1"])


def test_two_chips_of_a_name_are_told_apart_by_where_they_are(tmp_path: Path) -> None:
    for number, address in enumerate(("1-0044", "1-0045")):
        plant(tmp_path, {f"sys/devices/i2c-1/{address}/hwmon/hwmon{number}/name": "sht3x"})
        real = plant(tmp_path, {f"sys/devices/i2c-1/{address}/hwmon/hwmon{number}/temp1_input": f"2{number}000"})
        directory = real / f"sys/devices/i2c-1/{address}/hwmon/hwmon{number}"
        (directory / "device").symlink_to(directory.parents[1])
        (tmp_path / "sys/class/hwmon").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"sys/class/hwmon/hwmon{number}").symlink_to(directory)
    sensors = find("hwmon", tmp_path)
    assert [sensor.exact_source for sensor in sensors] == ["sht3x@1-0044/temp1", "sht3x@1-0045/temp1"]
    assert [sensor.is_named("sht3x@1-0045/temp1") for sensor in sensors] == [False, True]
    assert [sensor.is_named("sht3x/temp1") for sensor in sensors] == [True, True]
    assert not any(sensor.is_named("sht3x/humidity1") or sensor.is_named("bme280") for sensor in sensors)


def test_where_there_is_nothing_nothing_is_found(tmp_path: Path) -> None:
    assert [find(kind, tmp_path) for kind in ("one_wire", "iio", "hwmon")] == [(), (), ()]


@given(
    st.dictionaries(
        st.sampled_from(
            [
                f"{W1}/temperature",
                f"{W1}/w1_slave",
                f"{IIO}/name",
                f"{IIO}/in_temp_raw",
                f"{IIO}/in_temp_scale",
                f"{IIO}/in_pressure_input",
                f"{HWMON}/name",
                f"{HWMON}/temp1_input",
                f"{HWMON}/temp1_label",
                f"{HWMON}/power1_average",
            ]
        ),
        st.binary(max_size=40)
        | st.sampled_from([b"nan", b"inf", b"1e999", b"9" * 400, b"21000", b"YES t=1", b"\xff\xfe", b"-1"]),
    )
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_files_say_a_reading_is_a_number_or_an_error_that_names_the_sensor(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for kind in ("one_wire", "iio", "hwmon"):
        for sensor in find(kind, tmp_path):
            try:
                assert math.isfinite(read(sensor))
            except HardwareError as error:
                assert sensor.exact_source in str(error)
