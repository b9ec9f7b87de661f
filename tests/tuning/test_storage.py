"""Room, medium and speed of storage."""

import os
from pathlib import Path

import pytest

from edge.tuning.storage import Medium, StorageError, measure_storage, medium, read_space
from tests.tuning.machine import write


def block(root: Path, number: str, device: str, files: dict[str, str]) -> Path:
    """A block device: its directory under `sys/devices`, and the link by number."""
    write(root, {f"sys/devices/{device}/{name}": content for name, content in files.items()})
    (root / "sys/devices" / device).mkdir(parents=True, exist_ok=True)
    links = root / "sys/dev/block"
    links.mkdir(parents=True, exist_ok=True)
    (links / number).symlink_to(root / "sys/devices" / device)
    return root


def test_a_card_and_soldered_flash_are_told_apart(tmp_path: Path) -> None:
    card = "platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0"
    write(tmp_path, {f"sys/devices/{card}/queue/rotational": "0\n", f"sys/devices/{card}/device/type": "SD\n"})
    block(tmp_path, "179:2", f"{card}/mmcblk0p2", {"partition": "2\n"})
    assert medium(179, 2, tmp_path) is Medium.CARD
    soldered = "platform/mmc_host/mmc1/mmc1:0001/block/mmcblk1"
    block(tmp_path, "179:8", soldered, {"queue/rotational": "0\n", "device/type": "MMC\n"})
    assert medium(179, 8, tmp_path) is Medium.FLASH


def test_sticks_disks_and_solid_state_are_told_apart(tmp_path: Path) -> None:
    block(tmp_path, "8:0", "pci0/usb2/2-1/host0/block/sda", {"queue/rotational": "1\n"})
    block(tmp_path, "8:16", "pci0/ata1/host1/block/sdb", {"queue/rotational": "1\n"})
    block(tmp_path, "259:0", "pci0/nvme/nvme0/nvme0n1", {"queue/rotational": "0\n"})
    block(tmp_path, "254:0", "pci0/virtio0/block/vda", {"queue/rotational": "1\n"})
    kinds = [medium(*number, tmp_path) for number in ((8, 0), (8, 16), (259, 0), (254, 0), (1, 1))]
    assert kinds == [Medium.USB, Medium.DISK, Medium.FLASH, Medium.UNKNOWN, Medium.UNKNOWN]


def test_a_file_system_in_memory_is_memory(tmp_path: Path) -> None:
    write(tmp_path, {"proc/self/mountinfo": "36 25 0:31 / /tmp rw,nosuid shared:9 - tmpfs tmpfs rw,size=4096k\n"})
    assert medium(0, 31, tmp_path) is Medium.MEMORY
    assert medium(0, 3, tmp_path) is Medium.UNKNOWN


def test_the_room_of_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    space = read_space(tmp_path / "models/not/yet")
    assert space.total_bytes >= space.free_bytes > 0


def test_writing_and_reading_are_measured_and_nothing_stays(tmp_path: Path) -> None:
    speed = measure_storage(tmp_path, budget_s=0.2)
    assert speed.read
    assert speed.write
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_only_read(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(os.urandom(1 << 20) * 3 + b"an odd end")
    speed = measure_storage(tmp_path, file, budget_s=0.2)
    assert speed.read
    assert speed.write is None
    if speed.past_cache:
        assert speed.load_s(int(speed.read)) == pytest.approx(1, rel=0.01)
    else:
        assert speed.load_s(1) is None


def test_what_can_t_be_measured_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be measured"):
        measure_storage(tmp_path, tmp_path / "missing.gguf")
    with pytest.raises(StorageError, match="can't be measured"):
        measure_storage(tmp_path / "missing")
