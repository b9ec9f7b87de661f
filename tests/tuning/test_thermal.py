"""Heat and throttling as boards' files tell them."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tuning.thermal import Throttle, answer, read_heat, throttle
from tests.tuning.machine import write

PI_ZONE = {
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "78850\n",
    "sys/class/thermal/thermal_zone0/trip_point_0_type": "critical\n",
    "sys/class/thermal/thermal_zone0/trip_point_0_temp": "110000\n",
}
FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


def test_a_raspberry_pi_that_is_too_hot_and_short_of_power(tmp_path: Path) -> None:
    heat = read_heat(write(tmp_path, {**PI_ZONE, FIRMWARE: "50005\n"}))
    assert heat.hottest is not None
    assert heat.hottest.celsius == 78.85
    assert heat.margin_celsius == pytest.approx(110 - 10 - 78.85)
    assert heat.now == Throttle.UNDER_VOLTAGE | Throttle.THROTTLED
    assert heat.since_start == Throttle.UNDER_VOLTAGE | Throttle.THROTTLED
    assert heat.held_back


def test_what_happened_before_does_not_hold_back_now(tmp_path: Path) -> None:
    heat = read_heat(write(tmp_path, {**PI_ZONE, FIRMWARE: "0xe0000\n"}))
    assert not heat.held_back
    assert heat.since_start == Throttle.FREQUENCY_CAPPED | Throttle.THROTTLED | Throttle.SOFT_TEMPERATURE_LIMIT


def test_a_kernel_without_the_file_still_tells_of_low_voltage(tmp_path: Path) -> None:
    files = {"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}
    assert read_heat(write(tmp_path, files)).now == Throttle.UNDER_VOLTAGE


def test_the_processor_s_zone_counts_and_where_the_kernel_slows_down(tmp_path: Path) -> None:
    files = {
        "sys/class/thermal/thermal_zone0/type": "iwlwifi_1\n",
        "sys/class/thermal/thermal_zone0/temp": "91000\n",
        "sys/class/thermal/thermal_zone1/type": "x86_pkg_temp\n",
        "sys/class/thermal/thermal_zone1/temp": "60000\n",
        "sys/class/thermal/thermal_zone1/trip_point_0_type": "passive\n",
        "sys/class/thermal/thermal_zone1/trip_point_0_temp": "85000\n",
        "sys/class/thermal/thermal_zone1/trip_point_1_type": "passive\n",
        "sys/class/thermal/thermal_zone1/trip_point_1_temp": "-274000\n",
        "sys/class/thermal/thermal_zone2/temp": "nonsense\n",
    }
    heat = read_heat(write(tmp_path, files))
    assert heat.hottest is not None
    assert heat.hottest.name == "x86_pkg_temp"
    assert heat.margin_celsius == 25.0
    assert len(heat.zones) == 2


def test_a_clock_below_its_top_is_a_limit(tmp_path: Path) -> None:
    policy = "sys/devices/system/cpu/cpufreq/policy"
    files = {
        f"{policy}0/scaling_max_freq": "1500000",
        f"{policy}0/cpuinfo_max_freq": "1500000",
        f"{policy}4/scaling_max_freq": "1200000",
        f"{policy}4/cpuinfo_max_freq": "2400000",
    }
    heat = read_heat(write(tmp_path, files))
    assert heat.clock_share == 0.5
    assert heat.now == Throttle.CLOCK_LIMITED


def test_a_fan_that_turns_is_no_throttling_but_a_slowed_processor_is(tmp_path: Path) -> None:
    cooling = "sys/class/thermal/cooling_device"
    fan = write(tmp_path / "fan", {f"{cooling}0/type": "pwm-fan\n", f"{cooling}0/cur_state": "4\n"})
    assert not read_heat(fan).held_back
    slowed = write(tmp_path / "slowed", {f"{cooling}0/type": "cpufreq-cpu0\n", f"{cooling}0/cur_state": "2\n"})
    assert read_heat(slowed).now == Throttle.THROTTLED


def test_a_machine_without_sensors_says_nothing(tmp_path: Path) -> None:
    heat = read_heat(tmp_path)
    assert (heat.zones, heat.hottest, heat.margin_celsius, heat.held_back) == ((), None, None, False)


def test_this_machine_can_be_read() -> None:
    assert read_heat().clock_share is None or read_heat().clock_share


def test_the_firmware_s_answer_is_taken_only_when_it_is_one() -> None:
    question = struct.pack("=8I", 32, 0, 0x00030046, 4, 4, 0, 0, 0)
    assert answer(question) is None
    assert answer(struct.pack("=8I", 32, 0x80000000, 0x00030046, 4, 0x80000004, 0x50000, 0, 0)) == 0x50000
    assert answer(struct.pack("=8I", 32, 0x80000001, 0x00030046, 4, 0, 0, 0, 0)) is None
    assert answer(struct.pack("=8I", 32, 0x80000000, 0x00030046, 4, 4, 7, 0, 0)) is None


@given(st.integers(0, 2**32 - 1))
def test_every_number_of_the_firmware_has_a_meaning(flags: int) -> None:
    now, since = throttle(flags)
    assert bool(now) == bool(flags & 0xF)
    assert bool(since) == bool(flags & 0xF0000)
