"""A card as a file: its partitions, and files on the first one, where the programs for that are installed."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from image.boot.card import Card, CardError, Partition

MIB = 1024 * 1024
needs_mtools = pytest.mark.skipif(
    shutil.which("mcopy") is None or shutil.which("mformat") is None, reason="mtools is not installed"
)


def card(directory: Path) -> Card:
    path = directory / "card.img"
    sector = bytearray(512)
    struct.pack_into("<8xII", sector, 446, 2048, 4096)
    struct.pack_into("<8xII", sector, 462, 6144, 100)
    sector[510:512] = b"\x55\xaa"
    with path.open("wb") as file:
        file.write(sector)
        file.truncate(4 * MIB)
    return Card(path)


def test_partitions_are_those_of_the_table(tmp_path: Path) -> None:
    assert card(tmp_path).partitions() == [Partition(MIB, 2 * MIB), Partition(3 * MIB, 51200)]


def test_what_has_no_table_is_no_card(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(bytes(512))
    with pytest.raises(CardError, match="no partition table"):
        Card(path).partitions()


@needs_mtools
def test_files_are_put_on_the_first_partition_and_read_again(tmp_path: Path) -> None:
    one = card(tmp_path)
    subprocess.run(["mformat", "-i", f"{one.path}@@{MIB}", "-T", "4096", "::"], check=True)
    assert one.read("edge.toml") is None
    one.write("edge.toml", b'name = "x"\n')
    one.write("edge.toml", b'name = "edge"\n')
    assert one.read("edge.toml") == b'name = "edge"\n'


@needs_mtools
def test_the_kernel_is_started_as_the_card_says_but_for_screen_and_quiet(tmp_path: Path) -> None:
    one = card(tmp_path)
    subprocess.run(["mformat", "-i", f"{one.path}@@{MIB}", "-T", "4096", "::"], check=True)
    with pytest.raises(CardError, match="vmlinuz"):
        one.kernel(tmp_path)
    for name in ("vmlinuz", "initrd.img"):
        one.write(name, name.encode())
    one.write("cmdline.txt", b"console=tty1 root=LABEL=edge-root ro quiet loglevel=3 panic=10\n")
    kernel = one.kernel(tmp_path)
    assert kernel.kernel.read_bytes() == b"vmlinuz"
    assert kernel.command_line == "root=LABEL=edge-root ro panic=10"
