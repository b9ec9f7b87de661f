"""What others want of the machine, from counters as the kernel writes them, whole, missing and damaged."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tuning.cgroups import own_groups
from edge.tuning.pressure import Pressure, PressureGauge
from tests.tuning.machine import machine, version_1, version_2, write

MIB = 1 << 20
HZ = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def stall(total_us: int) -> str:
    return f"some avg10=0.00 avg60=0.00 avg300=0.00 total={total_us}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"


def times(*cpus: tuple[int, int, int, int]) -> str:
    """`proc/stat` with seconds of user, nice, idle and stolen time for each processor."""
    lines = [f"cpu{at} {u * HZ} {n * HZ} 0 {i * HZ} 0 0 0 {s * HZ} 0 0" for at, (u, n, i, s) in enumerate(cpus)]
    return "\n".join(["cpu  1 2 3 4 5 6 7 8 9 10", *lines, "intr 1", ""])


def process(seconds: int) -> str:
    return f"7 (a) b) S {' '.join(['0'] * 10)} {seconds * HZ} 0 0 0 20 0 1 0"


def gauge(root: Path, cpus: tuple[int, ...] = (0, 1)) -> PressureGauge:
    return PressureGauge(root, cpus)


def test_the_first_look_knows_what_is_free_and_no_pressure(tmp_path: Path) -> None:
    root = machine(tmp_path, available=700 * MIB)
    write(root, {"proc/pressure/memory": stall(5_000_000)})
    assert gauge(root).read(10.0) == Pressure(700 * MIB)


def test_shares_are_of_the_time_between_two_looks(tmp_path: Path) -> None:
    root = machine(tmp_path)
    write(root, {"proc/pressure/memory": stall(1_000_000), "proc/pressure/cpu": stall(0)})
    write(root, {"proc/vmstat": "pswpin 100\n", "proc/stat": times((0, 0, 0, 0), (0, 0, 0, 0))})
    ours = gauge(root)
    ours.read(0.0)
    write(root, {"proc/pressure/memory": stall(1_500_000), "proc/pressure/cpu": stall(2_000_000)})
    write(root, {"proc/vmstat": "pswpin 300\n", "proc/stat": times((1, 0, 1, 0), (0, 1, 0, 1))})
    seen = ours.read(2.0)
    assert seen.memory_stall == pytest.approx(0.25)
    assert seen.cpu_stall == pytest.approx(1.0)
    assert seen.swapped_in_bytes_per_s == pytest.approx(100 * PAGE)
    # A second of work and one that the host took; a second at low priority gives way by itself.
    assert seen.others_cpus == pytest.approx(1.0)


def test_our_own_work_is_no_competition(tmp_path: Path) -> None:
    root = machine(tmp_path)
    write(root, {"proc/stat": times((0, 0, 0, 0), (0, 0, 0, 0)), "proc/7/stat": process(100)})
    ours = gauge(root)
    ours.read(0.0, [7])
    write(root, {"proc/stat": times((4, 0, 0, 0), (4, 0, 0, 0)), "proc/7/stat": process(105)})
    assert ours.read(4.0, [7]).others_cpus == pytest.approx(0.75)
    # Another worker: what it did before it was looked at is not ours to take off.
    write(root, {"proc/stat": times((8, 0, 0, 0), (4, 0, 4, 0)), "proc/8/stat": process(50)})
    assert ours.read(8.0, [8]).others_cpus == pytest.approx(1.0)


def test_only_processors_that_are_ours_count(tmp_path: Path) -> None:
    root = machine(tmp_path)
    write(root, {"proc/stat": times((0, 0, 0, 0), (0, 0, 0, 0))})
    ours = gauge(root, (1,))
    ours.read(0.0)
    write(root, {"proc/stat": times((9, 0, 0, 0), (1, 0, 0, 0))})
    assert ours.read(2.0).others_cpus == pytest.approx(0.5)


def test_a_group_that_waits_counts_though_the_machine_does_not(tmp_path: Path) -> None:
    root = machine(tmp_path)
    version_2(root, "/system.slice/edge.service", {"system.slice/edge.service": {"memory.pressure": stall(0)}})
    assert root / "sys/fs/cgroup/system.slice" in list(own_groups(root))
    write(root, {"proc/pressure/memory": stall(0)})
    ours = gauge(root)
    ours.read(0.0)
    write(root, {"sys/fs/cgroup/system.slice/edge.service/memory.pressure": stall(600_000)})
    assert ours.read(1.0).memory_stall == pytest.approx(0.6)


def test_a_groups_limit_is_what_is_free(tmp_path: Path) -> None:
    root = machine(tmp_path, available=3000 * MIB)
    limits = {"memory.limit_in_bytes": str(512 * MIB), "memory.usage_in_bytes": str(400 * MIB)}
    version_1(root, "/edge", {"memory/edge": limits})
    assert gauge(root).read(0.0).available_bytes == 112 * MIB


def test_a_machine_that_tells_nothing_is_under_no_pressure(tmp_path: Path) -> None:
    ours = gauge(tmp_path)
    assert ours.read(0.0) == Pressure()
    assert ours.read(2.0, [1]) == Pressure()


@given(
    st.dictionaries(
        st.sampled_from(["proc/stat", "proc/vmstat", "proc/pressure/memory", "proc/meminfo", "proc/7/stat"]),
        st.tuples(st.text(max_size=80), st.text(max_size=80)),
    )
)
def test_damaged_counters_never_fail(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[str, str]]
) -> None:
    root = tmp_path_factory.mktemp("damaged")
    ours = gauge(root)
    for at in (0, 1):
        for name, contents in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[at].encode("utf-8", "surrogatepass"))
        seen = ours.read(float(at), [7])
        assert 0 <= seen.memory_stall <= 1
        assert 0 <= seen.others_cpus <= 2


def test_this_machine_tells_what_is_free_and_that_somebody_works() -> None:
    ours = PressureGauge()
    began = time.monotonic()
    ours.read(began)
    while time.monotonic() < began + 0.3:
        pass
    seen = ours.read(time.monotonic())
    assert seen.available_bytes
    assert seen.others_cpus > 0
