"""The probe on made-up machines: memory limits along the whole path, cores, quotas, and files that say nothing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.tuning.cgroups import Limits, read_limits
from edge.tuning.hardware import probe
from tests.tuning.machine import GIB, machine, version_1, version_2, write

NO_LIMIT_V1 = str((1 << 63) - 4096)


def test_a_plain_machine_has_what_the_kernel_says(tmp_path: Path) -> None:
    info = "processor\t: 0\nFeatures\t: fp asimd asimddp\n\nprocessor\t: 1\nFeatures\t: fp asimd\n\n"
    info += "Model\t\t: Raspberry Pi 5\n"
    found = probe(machine(tmp_path, cpuinfo=info), range(4))
    assert found.memory_total_bytes == 4 * GIB
    assert found.memory_available_bytes == 3 * GIB
    assert found.swap_bytes == 102400 * 1024
    assert (found.logical_cpus, found.physical_cores, found.cpu_quota) == (4, 4, None)
    assert found.cpu_model == "Raspberry Pi 5"
    assert found.cpu_features == {"fp", "asimd"}
    assert not found.repacks_weights


def test_two_threads_of_one_core_count_once(tmp_path: Path) -> None:
    root = machine(tmp_path, cores={0: "0,4", 1: "1,5", 4: "0,4", 5: "1,5"})
    assert probe(root, [0, 1, 4, 5]).physical_cores == 2
    assert probe(root, [0, 4]).physical_cores == 1


def test_a_machine_that_says_nothing_is_taken_at_its_most_careful(tmp_path: Path) -> None:
    found = probe(tmp_path, [0, 1])
    assert found.memory_available_bytes == 0
    assert found.physical_cores == 2
    assert found.cpu_model == "unknown"


def test_the_tightest_group_of_the_whole_path_counts_in_version_2(tmp_path: Path) -> None:
    root = machine(tmp_path)
    groups = {
        "": {},
        "system.slice": {
            "memory.max": str(GIB),
            "memory.current": str(GIB // 2),
            "memory.stat": "inactive_file 1048576\n",
        },
        "system.slice/edge.service": {"memory.max": "max\n", "memory.high": str(2 * GIB), "memory.current": "1000"},
    }
    version_2(root, "/system.slice/edge.service", groups)
    assert read_limits(root) == Limits(GIB, GIB // 2 + 1048576, None)
    found = probe(root, [0])
    assert found.memory_total_bytes == GIB
    assert found.memory_available_bytes == GIB // 2 + 1048576


def test_version_1_limits_count_and_its_huge_number_is_no_limit(tmp_path: Path) -> None:
    root = version_1(
        machine(tmp_path),
        "/a/b",
        {
            "memory": {"memory.limit_in_bytes": NO_LIMIT_V1},
            "memory/a": {"memory.limit_in_bytes": str(GIB), "memory.usage_in_bytes": "4096"},
            "memory/a/b": {"memory.limit_in_bytes": NO_LIMIT_V1, "memory.usage_in_bytes": "4096"},
            "cpu,cpuacct/a": {"cpu.cfs_quota_us": "150000", "cpu.cfs_period_us": "100000"},
            "cpu,cpuacct/a/b": {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"},
        },
    )
    assert read_limits(root) == Limits(GIB, GIB - 4096, 1.5)


def test_version_1_tells_a_container_of_limits_above_what_it_sees(tmp_path: Path) -> None:
    stat = f"inactive_file 5\nhierarchical_memory_limit {GIB}\ntotal_inactive_file 96\n"
    seen = {"memory.limit_in_bytes": NO_LIMIT_V1, "memory.usage_in_bytes": "4096", "memory.stat": stat}
    root = version_1(machine(tmp_path), "/docker/abc", {"memory": seen}, "/docker/abc")
    assert read_limits(root) == Limits(GIB, GIB - 4000, None)


def test_in_a_container_the_path_begins_above_what_is_mounted(tmp_path: Path) -> None:
    root = version_2(
        machine(tmp_path), "/docker/abc", {"": {"memory.max": str(GIB), "memory.current": "0"}}, "/docker/abc"
    )
    assert read_limits(root).memory_bytes == GIB
    other = tmp_path / "other"
    version_2(machine(other), "/../../outside", {"": {"memory.max": str(GIB), "memory.current": "0"}})
    assert read_limits(other).memory_bytes == GIB


@pytest.mark.parametrize(("quota", "threads"), [("50000 100000", 1), ("250000 100000", 2), ("max 100000", 4)])
def test_a_quota_is_time_and_not_cores(tmp_path: Path, quota: str, threads: int) -> None:
    root = version_2(machine(tmp_path), "/x", {"x": {"cpu.max": quota}})
    found = probe(root, range(4))
    assert found.physical_cores == 4
    assert found.compute_threads == threads


def test_use_above_the_limit_leaves_nothing(tmp_path: Path) -> None:
    root = version_2(machine(tmp_path), "/x", {"x": {"memory.max": "1000", "memory.current": "5000"}})
    assert probe(root, [0]).memory_available_bytes == 0


def test_this_machine_can_be_probed() -> None:
    found = probe()
    assert found.memory_total_bytes >= found.memory_available_bytes > 0
    assert 1 <= found.physical_cores <= found.logical_cpus
    assert found.compute_threads >= 1


FILES = st.sampled_from(
    [
        "proc/meminfo",
        "proc/cpuinfo",
        "proc/self/cgroup",
        "proc/self/mountinfo",
        "sys/fs/cgroup/memory.max",
        "sys/fs/cgroup/memory.stat",
        "sys/fs/cgroup/cpu.max",
        "sys/devices/system/cpu/cpu0/topology/core_cpus_list",
    ]
)
WORDS = st.sampled_from(
    [
        "MemTotal:",
        "MemAvailable:",
        "9" * 30,
        "kB",
        "0::/",
        "4:memory:/",
        "-",
        "cgroup2",
        "max",
        "/",
        "..",
        "\n",
        " ",
        "²",
        "\0",
    ]
)


@given(files=st.dictionaries(FILES, st.lists(WORDS | st.text(max_size=4), max_size=20).map("".join)))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_files_say_the_probe_answers(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {name: content.encode("utf-8", "replace").decode() for name, content in files.items()})
    found = probe(tmp_path, [0])
    assert found.memory_available_bytes >= 0
    assert found.compute_threads == 1
