"""Which chip the pins of a board's header are, whatever number a kernel gave it."""

import os
from pathlib import Path

import pytest
from gpiozero import Device

from edge.gpio import CHOSEN, gpiozero, header_chip, label
from tests.hardware.pins import mock_pins


def chips(devices: Path, *labels: str) -> dict[str, str]:
    """Chips of these labels, in the order of their numbers."""
    named = {f"gpiochip{number}": one for number, one in enumerate(labels)}
    for name in named:
        (devices / name).touch()
    return named


@pytest.mark.parametrize(
    ("labels", "number"),
    [
        (["pinctrl-bcm2711", "raspberrypi-exp-gpio"], 0),
        (["raspberrypi-exp-gpio", "pinctrl-bcm2835"], 1),
        (["gpio-brcmstb@107d508500", "gpio-brcmstb@107d517c00", "pinctrl-rp1"], 2),
        (["tegra234-gpio"], None),
        ([], None),
    ],
)
def test_the_headers_chip_is_found_by_its_label(tmp_path: Path, labels: list[str], number: int | None) -> None:
    named = chips(tmp_path, *labels)
    assert header_chip(tmp_path, lambda file: named[file.name]) == number


def test_a_chip_that_can_not_be_asked_is_passed_over(tmp_path: Path) -> None:
    named = chips(tmp_path, "pinctrl-bcm2711", "pinctrl-rp1")

    def ask(file: Path) -> str:
        if file.name == "gpiochip0":
            raise PermissionError(13, "no")
        return named[file.name]

    assert header_chip(tmp_path, ask) == 1
    with pytest.raises(OSError, match="ioctl"):
        label(tmp_path / "gpiochip0")
    assert header_chip(tmp_path) is None


def test_who_has_chosen_pins_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_pins() as pins:
        assert gpiozero().Device.pin_factory is pins
    monkeypatch.setenv(CHOSEN, "mock")
    before, Device.pin_factory = Device.pin_factory, None
    try:
        assert gpiozero().Device.pin_factory is None
    finally:
        Device.pin_factory = before
    assert os.environ[CHOSEN] == "mock"
