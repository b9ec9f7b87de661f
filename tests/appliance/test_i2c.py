"""Chips at I2C buses: what the kernel is told of them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.appliance.i2c import Chip, attach
from tests.appliance.machines import Board


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("bme280@0x76", Chip("bme280", None, 0x76)),
        (" SHT3x@3-0x44 ", Chip("sht3x", 3, 0x44)),
        ("bme280", None),
        ("bme280@0x7f", None),
        ("bme280@76", None),
        ("../x@0x76", None),
        ("a b@0x76", None),
    ],
)
def test_a_chip_has_a_name_and_an_address(text: str, chip: Chip | None) -> None:
    assert Chip.parse(text) == chip


def bus(house: Board, number: int) -> Path:
    directory = house.machine.root / f"sys/bus/i2c/devices/i2c-{number}"
    directory.mkdir(parents=True)
    (directory / "new_device").write_text("")
    return directory / "new_device"


def test_a_seed_names_chips_and_the_kernel_takes_them(house: Board) -> None:
    told = bus(house, 1)
    house.write('i2c = ["bme280@0x76", "nonsense"]\n')
    report = house.start()
    assert told.read_text() == "bme280 0x76\n"
    assert house.programs.called("modprobe") == [("modprobe", "--quiet", "i2c:bme280")]
    (problem,) = report.problems
    assert "'nonsense'" in problem
    assert "bme280@0x76" in problem


def test_a_chip_that_is_there_is_left_alone_and_one_without_bus_or_driver_is_told(house: Board) -> None:
    told = bus(house, 1)
    (house.machine.root / "sys/bus/i2c/devices/1-0076").mkdir()
    waited: list[float] = []
    chips = [Chip("bme280", 1, 0x76), Chip("sht3x", 9, 0x44)]
    (problem,) = attach(house.machine, chips, house.programs, waited.append)
    assert "no I2C bus 9" in problem
    assert waited
    house.programs.fails.add("modprobe")
    (problem,) = attach(house.machine, [Chip("bme999", 1, 0x40)], house.programs, waited.append)
    assert "no driver" in problem
    assert told.read_text() == ""


def test_a_bus_that_is_not_there_is_waited_for_once(house: Board) -> None:
    waited: list[float] = []
    chips = [Chip("bme280", 7, address) for address in range(0x70, 0x77)]
    assert len(attach(house.machine, chips, house.programs, waited.append)) == len(chips)
    assert sum(waited) < 11


@pytest.mark.parametrize("answers", [True, False])
def test_a_chip_that_does_not_answer_is_told(house: Board, answers: bool) -> None:
    """The kernel makes a device of every address; one whose driver has found nothing stays without it."""
    device = bus(house, 1).parent.parent / "1-0076"

    def run(command: Sequence[str], given: str = "") -> str:
        device.mkdir()
        if answers:
            (device / "driver").mkdir()
        return given + command[0]

    problems = attach(house.machine, [Chip("bme280", 1, 0x76)], run)
    assert ["no such chip answers at 0x76 of i2c-1" in problem for problem in problems] == [True] * (not answers)


@pytest.mark.parametrize("node", ["soc/i2c@7e804000", "axi/pcie@1000120000/pci@0,0/dev@0,0/pci-ep-bus@1/i2c@40074000"])
def test_the_bus_at_the_header_is_found_by_the_device_tree_whatever_its_number(house: Board, node: str) -> None:
    told = [bus(house, number) for number in (0, 1, 4)]
    tree = house.machine.root / "sys/firmware/devicetree/base"
    for file, name in zip(told, ("soc/i2c@7e205000", "soc/i2c@7ef04500", node), strict=True):
        (tree / name).mkdir(parents=True)
        (file.parent / "of_node").symlink_to(tree / name)
    assert attach(house.machine, [Chip("bme280", None, 0x76)], house.programs) == []
    assert [file.read_text() for file in told] == ["", "", "bme280 0x76\n"]
