"""How much is written to a card, told from what the kernel counts."""

import os
from pathlib import Path

import pytest

from edge.health import card
from edge.health.card import Sample, disk_of, written
from edge.health.checks.disk import DiskFacts, check
from edge.health.finding import Severity


def kernel(root: Path, device: int, sectors: int, own: int) -> None:
    """A card with a partition that a directory lies on."""
    disk = root / "sys/devices/mmc/block/mmcblk0"
    part = disk / "mmcblk0p3"
    part.mkdir(parents=True, exist_ok=True)
    (part / "partition").write_text("3\n")
    for name, target in (
        (f"sys/dev/block/{os.major(device)}:{os.minor(device)}", part),
        ("sys/class/block/mmcblk0", disk),
    ):
        link = root / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(target)
    (disk / "stat").write_text(f" 1 2 3 4 5 6 {sectors} 8 9 10 11\n")
    (root / "proc/self").mkdir(parents=True, exist_ok=True)
    (root / "proc/self/io").write_text(f"rchar: 1\nread_bytes: 2\nwrite_bytes: {own}\n")


def test_a_day_is_reckoned_once_there_is_enough_of_it() -> None:
    before = Sample(0.0, 1000, 0)
    assert "written_bytes_per_day" not in Sample(60.0, 3000, 5).since(before)
    found = Sample(864.0, 1000 + 200, 4096).since(before)
    assert found["written_bytes"] == 200 * 512
    assert found["written_bytes_per_day"] == 200 * 512 * 100
    assert found["written_by_us_bytes_per_day"] == 409_600


def test_the_whole_card_is_counted_and_not_the_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "_first", {})
    kernel(tmp_path, tmp_path.stat().st_dev, 500, 0)
    assert disk_of(tmp_path, tmp_path) == "mmcblk0"
    assert written(tmp_path, tmp_path)["written_bytes"] == 0
    kernel(tmp_path, tmp_path.stat().st_dev, 700, 8192)
    found = written(tmp_path, tmp_path)
    assert (found["disk"], found["written_bytes"], found["written_by_us_bytes"]) == ("mmcblk0", 200 * 512, 8192)


def test_where_the_kernel_does_not_say_nothing_is_said(tmp_path: Path) -> None:
    assert written(tmp_path, tmp_path) == {}
    kernel(tmp_path, tmp_path.stat().st_dev, 500, 0)
    (tmp_path / "sys/class/block/mmcblk0/stat").write_text("nonsense")
    assert written(tmp_path, tmp_path) == {}


@pytest.mark.parametrize(
    ("free", "severity"), [(1 << 20, Severity.PROBLEM), (1 << 30, Severity.NOTE), (20 << 30, Severity.OK)]
)
def test_a_full_disk_is_a_problem(free: int, severity: Severity) -> None:
    (found,) = check(DiskFacts("/var/lib/edge", free, 30 << 30))
    assert found.severity is severity


def test_a_card_that_is_written_to_death_is_noted() -> None:
    facts = DiskFacts("/var/lib/edge", 20 << 30, 30 << 30, "mmcblk0", 5_000_000_000, 10_000_000)
    assert [one.severity for one in check(facts)] == [Severity.OK, Severity.NOTE]
