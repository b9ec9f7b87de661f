"""Control groups for the worker: made where they may be, nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.llm import ceiling
from edge.llm.ceiling import OWN, SLACK_BYTES, group_for, sweep

CEILING = 64 << 20


def tree(root: Path, memberships: str, group: str, **files: str) -> Path:
    """A machine's `proc` and `sys`, with one control group; returns its directory."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(memberships)
    directory = root / "sys/fs/cgroup" / group
    directory.mkdir(parents=True)
    for name, text in files.items():
        (directory / name.replace("_", ".", 1)).write_text(text)
    return directory


def test_version_1_gets_a_child_of_our_group(tmp_path: Path) -> None:
    parent = tree(tmp_path, "5:cpu:/x\n4:memory:/edge\n0::/\n", "memory/edge")
    group = group_for(123, CEILING, tmp_path)
    assert group is not None
    assert group.path == parent / "edge-llm-123"
    assert (group.path / "memory.limit_in_bytes").read_text() == str(CEILING + SLACK_BYTES)
    assert (group.path / "cgroup.procs").read_text() == "123"
    (group.path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert group.kills() == 2


@pytest.fixture
def delegated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A subtree that was given to us, with two processes of ours in it."""
    group = tree(
        tmp_path,
        "0::/system.slice/edge.service\n",
        "system.slice/edge.service",
        cgroup_controllers="cpu memory pids\n",
        cgroup_procs="10\n11\n",
        cgroup_subtree_control="",
    )
    monkeypatch.setattr(ceiling, "_delegated", lambda one: one == group)
    return group


def test_version_2_moves_our_processes_aside_in_a_delegated_subtree(delegated: Path, tmp_path: Path) -> None:
    group = group_for(123, CEILING, tmp_path)
    assert group is not None
    assert group.path == delegated / "edge-llm-123"
    assert (delegated / OWN / "cgroup.procs").read_text() == "11"  # a plain file keeps the last word
    assert (delegated / "cgroup.subtree_control").read_text() == "+memory"
    assert (group.path / "memory.max").read_text() == str(CEILING + SLACK_BYTES)


def test_version_2_finds_its_place_again_after_moving(delegated: Path, tmp_path: Path) -> None:
    (tmp_path / "proc/self/cgroup").write_text(f"0::/system.slice/edge.service/{OWN}\n")
    (delegated / OWN).mkdir()
    group = group_for(124, CEILING, tmp_path)
    assert group is not None
    assert group.path == delegated / "edge-llm-124"


def test_version_2_has_memory_shared_out_where_systemd_put_us_aside(delegated: Path, tmp_path: Path) -> None:
    """As `DelegateSubgroup=` does."""
    (tmp_path / "proc/self/cgroup").write_text(f"0::/system.slice/edge.service/{OWN}\n")
    (delegated / OWN).mkdir()
    (delegated / "cgroup.subtree_control").write_text("cpu\n")
    assert group_for(99, 1 << 30, tmp_path) is not None
    assert (delegated / "cgroup.subtree_control").read_text() == "+memory"


def test_a_subtree_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    group = tree(tmp_path, "0::/user\n", "user", cgroup_controllers="memory", cgroup_procs="10")
    assert group_for(123, CEILING, tmp_path) is None
    assert sorted(path.name for path in group.iterdir()) == ["cgroup.controllers", "cgroup.procs"]


def test_a_machine_without_groups_has_none(tmp_path: Path) -> None:
    assert group_for(123, CEILING, tmp_path) is None


@pytest.mark.root
@pytest.mark.skipif(not os.access("/sys/fs/cgroup/memory", os.W_OK), reason="needs version 1 as root")
class TestOnThisMachine:
    """The real thing."""

    def test_the_kernel_ends_what_takes_more_and_counts_it(self) -> None:
        hungry = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.readline(); hoard = bytearray(300 << 20)"],
            stdin=subprocess.PIPE,
        )
        group = group_for(hungry.pid, CEILING)
        assert group is not None
        assert hungry.stdin is not None
        hungry.communicate(b"\n")
        assert hungry.returncode == -9
        assert group.kills() >= 1
        group.remove()
        assert not group.path.exists()

    def test_groups_that_were_left_are_swept_away(self) -> None:
        process = subprocess.Popen(["sleep", "60"])
        group = group_for(process.pid, CEILING)
        assert group is not None
        sweep()
        assert group.path.exists()
        process.kill()
        process.wait()
        sweep()
        assert not group.path.exists()
