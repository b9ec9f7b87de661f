"""Covers that move a little, fans that have few speeds."""

import pytest

from edge.devices.model import Area, Device, DeviceState
from edge.devices.registry import Registry
from tests.router.resolution.house import ask, said


def _home() -> Registry:
    home = Registry()
    home.put_area(Area("loft", "Loft"))
    for name, position in (("East", 100), ("West", 10), ("North", None)):
        one = f"cover.{name.lower()}"
        home.put_device(Device(one, f"{name} Blind", "loft", device_class="blind"))
        home.set_state(one, DeviceState("open", {} if position is None else {"current_position": position}))
    home.put_device(Device("fan.loft", "Loft Fan", "loft", options={"percentage_step": 25.0}))
    return home


@pytest.mark.parametrize(
    ("text", "target", "level", "position"),
    [
        ("lower the east blind a bit", "east blind", "a bit", 80),
        ("bring the east blind down slightly", "east blind", "slightly", 80),
        ("raise the west blind a touch", "west blind", "a touch", 30),
        ("close the west blind a little", "west blind", "a little", 0),
        ("open the north blind a bit", "north blind", "a bit", 20),
        ("close the north blind a bit more", "north blind", "a bit more", 80),
        ("have the west blind a bit open", "west blind", "a bit open", 30),
        ("close the east blind to a third", "east blind", "a third", 33),
        ("open the east blind a crack", "east blind", "a crack", 10),
    ],
)
def test_a_little_is_from_where_the_cover_stands(text: str, target: str, level: str, position: int) -> None:
    (one,) = ask(said(text, "cover.set_position", target=target, level=level), home=_home(), text=text).calls
    assert one.arguments["position"] == position


def test_each_cover_goes_from_where_it_stands() -> None:
    text = "lower all the blinds a bit"
    raw = said(text, "cover.set_position", target="all the blinds", level="a bit")
    found = {one.targets: one.arguments["position"] for one in ask(raw, home=_home(), text=text).calls}
    assert found == {("cover.east", "cover.north"): 80, ("cover.west",): 0}


@pytest.mark.parametrize(("level", "step"), [("a little", 25), ("forty percent", 40)])
def test_a_fan_is_slower_by_a_speed_at_least(level: str, step: int) -> None:
    text = f"slow the loft fan down {level}"
    (one,) = ask(said(text, "fan.decrease_speed", target="loft fan", step=level), home=_home(), text=text).calls
    assert one.arguments["percentage_step"] == step
