"""A made-up machine: `proc` and `sys` as files under a directory."""

from pathlib import Path

GIB = 1 << 30


def write(root: Path, files: dict[str, str]) -> Path:
    """Put text files under `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def machine(
    root: Path,
    *,
    total: int = 4 * GIB,
    available: int = 3 * GIB,
    cores: dict[int, str] | None = None,
    cpuinfo: str = "",
) -> Path:
    """A machine with memory, and for each processor the processors that share its core."""
    files = {
        "proc/meminfo": f"MemTotal: {total // 1024} kB\nMemAvailable: {available // 1024} kB\nSwapTotal: 102400 kB\n",
        "proc/cpuinfo": cpuinfo,
    }
    for cpu, siblings in (cores or {0: "0", 1: "1", 2: "2", 3: "3"}).items():
        files[f"sys/devices/system/cpu/cpu{cpu}/topology/core_cpus_list"] = siblings + "\n"
    return write(root, files)


def version_2(root: Path, path: str, groups: dict[str, dict[str, str]], top: str = "/") -> Path:
    """A unified hierarchy with this process at `path`; `groups` are files by directory."""
    files = {
        "proc/self/cgroup": f"0::{path}\n",
        "proc/self/mountinfo": f"29 22 0:26 {top} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
    }
    (root / "sys/fs/cgroup").mkdir(parents=True, exist_ok=True)
    for group, contents in groups.items():
        (root / "sys/fs/cgroup" / group).mkdir(parents=True, exist_ok=True)
        files |= {f"sys/fs/cgroup/{group}/{name}": content for name, content in contents.items()}
    return write(root, files)


def version_1(root: Path, path: str, groups: dict[str, dict[str, str]], top: str = "/") -> Path:
    """The memory and processor hierarchies of version 1, with this process at `path` in both."""
    files = {
        "proc/self/cgroup": f"4:memory:{path}\n2:cpu,cpuacct:{path}\n0::/\n",
        "proc/self/mountinfo": (
            f"30 25 0:26 {top} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            f"31 25 0:27 {top} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        ),
    }
    for group, contents in groups.items():
        files |= {f"sys/fs/cgroup/{group}/{name}": content for name, content in contents.items()}
    return write(root, files)
