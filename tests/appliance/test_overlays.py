"""1-wire and I2C at a Raspberry Pi's header: what its firmware is told, and when that counts."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.appliance.overlays import FILE
from tests.appliance.machines import Board

TOP = Path(__file__).parents[2]
SOURCES = sorted((TOP / "image/files/overlays").glob("*.dtso"))
PI_4 = b"raspberrypi,4-model-b\0brcm,bcm2711\0"
PI_5 = b"raspberrypi,5-model-b\0brcm,bcm2712\0"


def board(house: Board, compatible: bytes) -> Path:
    """The board is one, flashed with our image; its file of overlays."""
    tree = house.machine.root / "proc/device-tree"
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "compatible").write_bytes(compatible)
    (house.machine.boot / "overlays").mkdir(exist_ok=True)
    for source in SOURCES:
        (house.machine.boot / f"overlays/edge-{source.stem}.dtbo").touch()
    file = house.machine.boot / FILE
    file.write_bytes((TOP / "image/files/boot" / FILE).read_bytes())
    return file


@pytest.mark.parametrize(
    ("compatible", "line"),
    [(PI_4, "dtoverlay=edge-w1,pin=4"), (PI_5, "dtoverlay=edge-w1-pi5,pin=4")],
)
def test_a_wire_at_a_pin_counts_from_the_next_start_on(house: Board, compatible: bytes, line: str) -> None:
    file = board(house, compatible)
    house.write("one_wire = true\n")
    (problem,) = house.start().problems
    assert problem.startswith("one_wire: counts from the next start on")
    assert file.read_text().splitlines()[1:] == [line]
    assert house.start().problems == ()
    house.write("one_wire = 17\n")
    assert len(house.start().problems) == 1
    assert file.read_text().splitlines()[1:] == [line.replace("pin=4", "pin=17")]
    house.write("")
    assert house.start().problems == ()
    assert "dtoverlay" not in file.read_text()


def test_nothing_is_written_where_nothing_is_asked_for(house: Board) -> None:
    file = board(house, PI_5)
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    assert house.start().problems == ()
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def test_i2c_at_the_header_of_a_pi_5_is_switched_on_with_its_first_chip(house: Board) -> None:
    file = board(house, PI_5)
    devices = house.machine.root / "sys/bus/i2c/devices/i2c-1"
    devices.mkdir(parents=True)
    (devices / "new_device").write_text("")
    house.write('i2c = ["bme280@0x76"]\n')
    assert [problem.partition(":")[0] for problem in house.start().problems] == ["i2c"]
    assert file.read_text().splitlines()[1:] == ["dtoverlay=edge-i2c-pi5"]
    assert house.start().problems == ()


@pytest.mark.parametrize("value", ["40", "-1", '"4"', "4.0", "[4]"])
def test_what_is_no_pin_is_told_and_not_written(house: Board, value: str) -> None:
    file = board(house, PI_4)
    house.write(f"one_wire = {value}\n")
    (problem,) = house.start().problems
    assert problem.startswith("one_wire: expected true, or the number of a pin")
    assert "dtoverlay" not in file.read_text()


def test_another_machine_and_an_older_card_say_that_they_can_not(house: Board) -> None:
    house.write("one_wire = true\n")
    assert "no Raspberry Pi" in house.start().problems[0]
    board(house, PI_4)
    shutil.rmtree(house.machine.boot / "overlays")
    assert "flash a newer one" in house.start().problems[0]


@pytest.mark.skipif(shutil.which("fdtoverlay") is None, reason="needs device-tree-compiler")
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_an_overlay_fits_a_tree_with_the_labels_of_the_kernels(source: Path, tmp_path: Path) -> None:
    """A tree with the labels and cells that Debian's for these boards have."""
    (tmp_path / "base.dts").write_text(
        """/dts-v1/; / {
          gpio: gpio@1 { #gpio-cells = <2>; };
          rp1_gpio: pinctrl@2 { #gpio-cells = <2>; };
          rp1_i2c1: i2c@40074000 { status = "disabled"; };
        };"""
    )

    def run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run("dtc", "-q", "-@", "-o", "base.dtb", "base.dts")
    run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", "one.dtbo", str(source))
    run("fdtoverlay", "-i", "base.dtb", "-o", "whole.dtb", "one.dtbo")
    if source.stem.startswith("w1"):
        label = "/pinctrl@2" if source.stem.endswith("pi5") else "/gpio@1"
        phandle = run("fdtget", "whole.dtb", label, "phandle")
        assert run("fdtget", "whole.dtb", "/edge-w1", "compatible") == "w1-gpio"
        assert run("fdtget", "whole.dtb", "/edge-w1", "gpios") == f"{phandle} 4 0"
    else:
        assert run("fdtget", "whole.dtb", "/i2c@40074000", "status") == "okay"
        pins = run("fdtget", "whole.dtb", "/i2c@40074000", "pinctrl-0")
        assert run("fdtget", "whole.dtb", "/pinctrl@2/edge-i2c1", "phandle") == pins


def test_the_boot_partition_reads_what_a_start_writes() -> None:
    config = (TOP / "image/files/boot/config.txt").read_text().splitlines()
    assert config[-1] == f"include {FILE}"
    assert "dtoverlay" not in (TOP / "image/files/boot" / FILE).read_text()
