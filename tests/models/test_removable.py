"""Sticks and cards that a person has plugged in, as the kernel shows them."""

from pathlib import Path

import pytest

from edge.models import Kind
from edge.models.removable import offers, removable_mounts
from tests.models.makers import make_micro, make_voice, make_whisper


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The kernel's files of a board with its card, an inner disk, a stick and a card reader."""
    disks = {
        "179:2": ("devices/platform/mmc/block/mmcblk0", "mmcblk0p2", "0"),
        "8:1": ("devices/pci0000:00/usb1/1-1/block/sda", "sda1", "0"),
        "8:17": ("devices/pci0000:00/ata1/block/sdb", "sdb1", "0"),
        "8:33": ("devices/pci0000:00/ata2/block/sdc", "sdc1", "1"),
    }
    for number, (disk, part, removable) in disks.items():
        (tmp_path / "sys" / disk / part).mkdir(parents=True)
        (tmp_path / "sys" / disk / "removable").write_text(f"{removable}\n")
        link = tmp_path / "sys/dev/block" / number
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(tmp_path / "sys" / disk / part)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(
        "22 1 179:2 / / rw shared:1 - ext4 /dev/root rw\n"
        "30 22 8:1 / /mnt/my\\040stick rw - vfat /dev/sda1 rw\n"
        "31 22 8:17 / /data rw - ext4 /dev/sdb1 rw\n"
        "32 22 8:33 / /card rw - vfat /dev/sdc1 rw\n"
        "33 22 0:50 / /media/pi/BACKUP rw - fuseblk /dev/x rw\n"
        "34 22 0:51 / /proc rw - proc proc rw\n"
        "garbage\n"
        "35 22 8:1 / /mnt/my\\040stick rw - vfat /dev/sda1 rw\n"
    )
    return tmp_path


def test_what_can_be_pulled_out_is_told_from_what_is_built_in(machine: Path) -> None:
    assert removable_mounts(machine) == (Path("/mnt/my stick"), Path("/card"), Path("/media/pi/BACKUP"))


def test_a_machine_without_these_files_has_no_sticks(tmp_path: Path) -> None:
    assert removable_mounts(tmp_path) == ()


def test_this_machine_is_looked_at_without_harm() -> None:
    assert Path("/") not in removable_mounts()


def test_a_stick_offers_its_models_and_says_what_ails_others(tmp_path: Path) -> None:
    make_whisper(tmp_path / "whisper")
    make_voice(tmp_path / "alan.onnx")
    make_micro(tmp_path / "nabu.tflite").with_suffix(".json").unlink()
    found = {offer.path.name: offer for offer in offers((tmp_path, tmp_path / "unplugged"))}
    assert set(found) == {"whisper", "alan.onnx", "nabu.tflite"}
    whisper, voice, wake = found["whisper"], found["alan.onnx"], found["nabu.tflite"]
    assert whisper.bundle is not None
    assert whisper.bundle.kind is Kind.TRANSCRIPTION
    assert whisper.size_bytes > 0
    assert voice.bundle is not None
    assert voice.bundle.name == "alan"
    assert wake.bundle is None
    assert "without its JSON" in (wake.problem or "")
