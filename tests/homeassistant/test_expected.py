"""What a device shows once it did what it was told."""

import pytest

from edge.devices.model import Device, DeviceState, ServiceCall
from edge.homeassistant.expected import expected

S = DeviceState


@pytest.mark.parametrize(
    ("call", "before", "shows", "shows_not"),
    [
        (ServiceCall("switch.a", "turn_on"), S("off"), S("on"), S("off")),
        (ServiceCall("switch.a", "toggle"), S("on"), S("off"), S("on")),
        (ServiceCall("climate.a", "turn_on"), S("off"), S("heat"), S("off")),
        (ServiceCall("climate.a", "set_hvac_mode", {"hvac_mode": "cool"}), S("off"), S("cool"), S("heat")),
        (
            ServiceCall("climate.a", "set_temperature", {"temperature": 21}),
            S("heat"),
            S("heat", {"temperature": 21.0}),
            S("heat", {"temperature": 19}),
        ),
        (
            ServiceCall("light.a", "turn_on", {"brightness_pct": 50}),
            S("off"),
            S("on", {"brightness": 128}),
            S("on", {"brightness": 200}),
        ),
        (ServiceCall("cover.a", "open_cover"), S("closed"), S("opening"), S("closed")),
        (
            ServiceCall("cover.a", "open_cover"),
            S("open", {"current_position": 30}),
            S("open", {"current_position": 100}),
            S("open", {"current_position": 30}),
        ),
        (
            ServiceCall("cover.a", "set_cover_position", {"position": 40}),
            S("open", {"current_position": 90}),
            S("closing", {"current_position": 80}),
            S("opening", {"current_position": 90}),
        ),
        (ServiceCall("cover.a", "stop_cover"), S("opening"), S("open"), S("opening")),
        (
            ServiceCall("cover.a", "set_cover_tilt_position", {"tilt_position": 50}),
            S("open"),
            S("open", {"current_tilt_position": 49}),
            S("opening"),
        ),
        (ServiceCall("lock.a", "lock"), S("unlocked"), S("locked"), S("locking")),
        (ServiceCall("alarm_control_panel.a", "alarm_arm_away"), S("disarmed"), S("arming"), S("armed_home")),
        (ServiceCall("number.a", "set_value", {"value": 4}), S("3.0"), S("4.0"), S("5")),
        (ServiceCall("input_select.a", "select_option", {"option": "x"}), S("y"), S("x"), S("y")),
        (
            ServiceCall("media_player.a", "volume_mute", {"is_volume_muted": False}),
            S("playing"),
            S("playing", {"is_volume_muted": False}),
            S("playing", {"is_volume_muted": True}),
        ),
    ],
)
def test_expectations(call: ServiceCall, before: DeviceState, shows: DeviceState, shows_not: DeviceState) -> None:
    wanted = expected(call, Device(call.device, "A"), before)
    assert wanted is not None
    assert wanted(shows)
    assert not wanted(shows_not)


@pytest.mark.parametrize("device", ["scene.a", "script.a", "button.a", "input_button.a", "notify.a"])
def test_some_show_nothing(device: str) -> None:
    assert expected(ServiceCall(device, "turn_on"), Device(device, "A"), S()) is None


def test_a_lamp_that_can_not_be_dimmed_needs_no_brightness() -> None:
    lamp = Device("light.a", "A", options={"supported_color_modes": ("onoff",)})
    wanted = expected(ServiceCall("light.a", "turn_on", {"brightness_pct": 50}), lamp, S("off"))
    assert wanted is not None
    assert wanted(S("on"))
