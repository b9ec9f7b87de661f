"""A card with the image on it, as a person has it in hand: its partitions, and the files that every computer reads."""

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from image.boot.machine import Kernel

_SECTOR: Final = 512


class CardError(Exception):
    """What is wrong with the card or the image."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Where it begins and how long it is, in bytes."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Card:
    """A file that stands for a card."""

    path: Path

    def partitions(self) -> list[Partition]:
        """Those of its MBR. Raises `CardError`."""
        with self.path.open("rb") as file:
            sector = file.read(_SECTOR)
        if len(sector) < _SECTOR or sector[510:512] != b"\x55\xaa":
            raise CardError(f"{self.path} has no partition table")
        entries = [struct.unpack_from("<8xII", sector, 446 + 16 * number) for number in range(4)]
        return [Partition(start * _SECTOR, count * _SECTOR) for start, count in entries if count]

    def read(self, name: str) -> bytes | None:
        """A file of the boot partition; None where there is none."""
        done = subprocess.run(["mcopy", "-n", "-i", self._boot(), f"::{name}", "-"], capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file on the boot partition, or replace it. Only while the machine is off."""
        command = ["mcopy", "-o", "-i", self._boot(), "-", f"::{name}"]
        done = subprocess.run(command, input=content, capture_output=True, check=False)
        if done.returncode:
            raise CardError(f"{name} can't be written to {self.path}: {done.stderr.decode(errors='replace').strip()}")

    def kernel(self, directory: Path) -> Kernel:
        """What the card starts with, taken out into a directory."""
        found = {name: self.read(name) for name in ("vmlinuz", "initrd.img", "cmdline.txt")}
        for name, content in found.items():
            if content is None:
                raise CardError(f"{self.path} has no {name} on its boot partition")
            (directory / name).write_bytes(content)
        # The screen and the quiet are for people.
        words = (found["cmdline.txt"] or b"").decode().split()
        kept = [word for word in words if not word.startswith(("console=", "quiet", "loglevel="))]
        return Kernel(directory / "vmlinuz", directory / "initrd.img", " ".join(kept))

    def _boot(self) -> str:
        return f"{self.path}@@{self.partitions()[0].start}"


def write_card(image: Path, card: Path, size_bytes: int) -> Card:
    """A card of that size with the image (`.img` or `.img.zst`) on it."""
    if image.suffix == ".zst":
        subprocess.run(["zstd", "-q", "-d", "-f", "--sparse", str(image), "-o", str(card)], check=True)
    else:
        subprocess.run(["cp", "--sparse=always", str(image), str(card)], check=True)
    if card.stat().st_size > size_bytes:
        raise CardError(f"the image needs {card.stat().st_size} bytes, the card has {size_bytes}")
    with card.open("r+b") as file:
        file.truncate(size_bytes)
    return Card(card)
