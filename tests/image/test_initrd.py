"""The initial RAM disk: an archive that the kernel reads, with the drivers that are needed and no others."""

import stat

from hypothesis import given
from hypothesis import strategies as st

from image.initrd import archive, with_dependencies

DEPENDENCIES = """\
kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz
kernel/fs/jbd2/jbd2.ko.xz:
kernel/lib/crc16.ko.xz:
kernel/drivers/mmc/host/sdhci-iproc.ko.xz: kernel/drivers/mmc/host/sdhci.ko.xz
kernel/drivers/mmc/host/sdhci.ko.xz:
"""
NAMES = st.text("abcdefghij", min_size=1, max_size=8)


def entries(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Modes and contents by path, as Documentation/driver-api/early-userspace/buffer-format.rst has it."""
    found, at = {}, 0
    while True:
        fields = [int(data[at + 6 + 8 * number : at + 14 + 8 * number], 16) for number in range(13)]
        assert data[at : at + 6] == b"070701"
        mode, size, length = fields[1], fields[6], fields[11]
        name = data[at + 110 : at + 110 + length - 1].decode()
        begin = at + (110 + length + 3) // 4 * 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, data[begin : begin + size])
        at = begin + (size + 3) // 4 * 4


@given(st.dictionaries(NAMES.map(lambda name: f"usr/{name}/file"), st.binary(max_size=40), max_size=6))
def test_every_file_and_its_directories_are_in_the_archive(files: dict[str, bytes]) -> None:
    found = entries(archive(files))
    assert {path: content for path, (mode, content) in found.items() if stat.S_ISREG(mode)} == files
    for path in files:
        assert stat.S_ISDIR(found[path.rpartition("/")[0]][0])


def test_order_does_not_matter_and_modes_and_links_are_kept() -> None:
    one = archive({"init": b"#!", "bin/sh": "busybox", "bin/busybox": b"x"}, {"init": 0o755})
    other = archive({"bin/busybox": b"x", "bin/sh": "busybox", "init": b"#!"}, {"init": 0o755})
    assert one == other
    found = entries(one)
    assert found["init"][0] == stat.S_IFREG | 0o755
    assert found["bin/sh"] == (stat.S_IFLNK | 0o777, b"busybox")


def test_directories_stand_before_what_is_in_them() -> None:
    names = list(entries(archive({"a/b/c": b""})))
    assert names == ["a", "a/b", "a/b/c"]


def test_a_driver_brings_what_it_needs_and_unknown_ones_are_passed_over() -> None:
    assert with_dependencies(["ext4", "no-such-driver"], DEPENDENCIES) == [
        "kernel/fs/ext4/ext4.ko.xz",
        "kernel/fs/jbd2/jbd2.ko.xz",
        "kernel/lib/crc16.ko.xz",
    ]


def test_dashes_and_underscores_are_one_in_names_of_drivers() -> None:
    assert with_dependencies(["sdhci_iproc"], DEPENDENCIES) == with_dependencies(["sdhci-iproc"], DEPENDENCIES) != []
