"""The data partition reaches to the end of its card, after any number of starts that were cut short."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.appliance.errors import ApplianceError
from edge.appliance.grow import grow, partition
from edge.appliance.running import run
from tests.appliance.machines import Programs

MIB = 2048
"""Sectors."""


def card(root: Path, *, sectors: int, parts: list[tuple[int, int]]) -> None:
    """As sysfs shows one."""
    disk = root / "sys/devices/mmcblk0"
    disk.mkdir(parents=True, exist_ok=True)
    (disk / "size").write_text(f"{sectors}\n")
    blocks = root / "sys/class/block"
    blocks.mkdir(parents=True, exist_ok=True)
    for index, (start, size) in enumerate(parts, 1):
        part = disk / f"mmcblk0p{index}"
        part.mkdir(exist_ok=True)
        (part / "partition").write_text(f"{index}\n")
        (part / "start").write_text(f"{start}\n")
        (part / "size").write_text(f"{size}\n")
        link = blocks / part.name
        if not link.exists():
            link.symlink_to(part)


def programs() -> Programs:
    return Programs({"findmnt": "/dev/mmcblk0p2[/state] ext4\n"})


def test_the_last_partition_takes_the_rest_of_the_card(tmp_path: Path) -> None:
    card(tmp_path, sectors=1000 * MIB, parts=[(4 * MIB, 100 * MIB), (104 * MIB, 64 * MIB)])
    said = programs()
    assert grow(Path("/var/lib/edge"), said, tmp_path) == (1000 - 168) << 20
    names = [call[0] for call in said.calls]
    assert names == ["findmnt", "sfdisk", "partx", "resize2fs"]
    assert said.called("sfdisk")[0][-3:] == ("-N", "2", "/dev/mmcblk0")
    assert said.called("resize2fs") == [("resize2fs", "/dev/mmcblk0p2")]


def test_a_start_that_was_cut_short_is_caught_up_with(tmp_path: Path) -> None:
    """The entry was written, the file system had not grown yet."""
    card(tmp_path, sectors=1000 * MIB, parts=[(4 * MIB, 100 * MIB), (104 * MIB, 896 * MIB)])
    said = programs()
    assert grow(Path("/var/lib/edge"), said, tmp_path) == 0
    assert [call[0] for call in said.calls] == ["findmnt", "partx", "resize2fs"]


def test_a_partition_that_another_one_follows_is_left_alone(tmp_path: Path) -> None:
    card(tmp_path, sectors=1000 * MIB, parts=[(104 * MIB, 64 * MIB), (4 * MIB, 100 * MIB)])
    found = partition("mmcblk0p2", tmp_path)
    assert found is not None
    assert found.room == 0


@pytest.mark.parametrize(
    "source", ["overlay overlay\n", "tmpfs tmpfs\n", "/dev/sda ext4\n", "", "/dev/mmcblk0p2 vfat\n"]
)
def test_what_is_no_partition_with_ext4_is_left_alone(tmp_path: Path, source: str) -> None:
    card(tmp_path, sectors=1000 * MIB, parts=[(4 * MIB, 100 * MIB), (104 * MIB, 64 * MIB)])
    said = Programs({"findmnt": source})
    assert grow(Path("/var/lib/edge"), said, tmp_path) == 0
    assert [call[0] for call in said.calls] == ["findmnt"]


PROGRAMS = ("losetup", "sfdisk", "partx", "mkfs.ext4", "resize2fs", "mount", "findmnt")


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A card of 300 MB with a data partition of 64, mounted."""
    if os.geteuid() != 0 or not all(shutil.which(name) for name in PROGRAMS):
        pytest.skip("needs root, and the programs that a card is made with")
    image, mount = tmp_path / "card", tmp_path / "data"
    mount.mkdir()
    with image.open("wb") as stream:
        stream.truncate(300 << 20)
    run(
        ["sfdisk", "--quiet", str(image)],
        given="label: dos\nstart=8192, size=65536, type=c\nstart=73728, size=131072\n",
    )
    try:
        device = run(["losetup", "--find", "--show", str(image)]).strip()
    except ApplianceError:
        pytest.skip("there are no loop devices here")
    part = f"{device}p2"
    try:
        run(["partx", "--add", device])
        number = (Path("/sys/class/block") / Path(part).name / "dev").read_text().strip()
        if not Path(part).exists():
            run(["mknod", part, "b", *number.split(":")])
        run(["mkfs.ext4", "-q", part])
        run(["mount", part, str(mount)])
        yield device, mount
        run(["umount", str(mount)])
    finally:
        for command in (["partx", "--delete", device], ["losetup", "--detach", device], ["rm", "-f", part]):
            subprocess.run(command, check=False)


@pytest.mark.root
def test_a_mounted_file_system_grows_and_keeps_what_is_in_it(loop: tuple[str, Path]) -> None:
    device, mount = loop
    (mount / "kept").write_text("all of it")
    before = os.statvfs(mount)
    try:
        assert grow(mount, run) > 150 << 20
    except ApplianceError as error:
        assert "Permission denied" in str(error)
        grown = partition(f"{Path(device).name}p2")
        assert grown is not None
        assert (grown.room, grown.sectors > 400_000) == (0, True)
        pytest.skip("this root may not resize what is mounted (CAP_SYS_RESOURCE)")
    after = os.statvfs(mount)
    assert after.f_blocks * after.f_frsize > 180 << 20 > before.f_blocks * before.f_frsize
    assert grow(mount, run) == 0
    assert (mount / "kept").read_text() == "all of it"
