"""Writes the initial RAM disk: busybox, a script, e2fsck, and the drivers between power on and the root file system.

It is made here and not on the board: under emulation the usual tools take ten minutes, and their result differs from
one time to the next.
"""

import argparse
import lzma
import re
import stat
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

DRIVERS: Final = (
    # file systems
    "ext4", "overlay", "vfat", "nls_cp437", "nls_ascii",
    # swap in memory
    "zram",
    # the virtual machine of the boot test
    "virtio_blk", "virtio_mmio", "virtio_console",
    # cards: Pi 3 and Zero 2 W; Pi 4; Pi 5
    "bcm2835", "sdhci-iproc", "sdhci-brcmstb", "regulator-fixed", "fixed", "gpio-regulator", "reset-raspberrypi",
    # USB sticks and NVMe, behind PCIe and the Pi 5's own bridge
    "dwc2", "xhci-pci", "xhci-plat-hcd", "usb-storage", "uas", "sd_mod", "nvme", "rp1_pci", "rp1-pci", "clk-rp1",
    "pinctrl-rp1", "phy-generic", "pcie-brcmstb", "pinctrl-brcmstb-bcm2712", "gpio-brcmstb",
    "irq-bcm2712-mip", "irq-bcm7120-l2", "irq-brcmstb-l2",
)  # fmt: skip
"""Modules by name; what a kernel has built in, or has not, is passed over."""
PROGRAMS: Final = ("usr/sbin/e2fsck",)
APPLETS: Final = (
    "awk", "cat", "chmod", "chown", "echo", "find", "findfs", "mkdir", "mkswap", "modprobe", "mount", "sh", "sort",
    "stat", "swapon", "switch_root", "usleep", "xargs",
)  # fmt: skip
_LIBRARY: Final = re.compile(r"\(NEEDED\).*\[(.+)\]")
_INTERPRETER: Final = re.compile(r"interpreter: (.+?)\]")
_LIBRARY_PLACES: Final = ("usr/lib/aarch64-linux-gnu", "usr/lib")


class InitrdError(Exception):
    """What is missing, and where."""


def archive(files: Mapping[str, bytes | str], modes: Mapping[str, int] | None = None) -> bytes:
    """A cpio archive (newc) whose bytes depend on its contents alone.

    Paths without a leading slash; bytes are a file, a string is where a symbolic link points. Directories are made.
    """
    modes = modes or {}
    directories = {str(parent) for path in files for parent in Path(path).parents if str(parent) != "."}
    entries: list[tuple[str, int, bytes]] = [(path, stat.S_IFDIR | 0o755, b"") for path in directories]
    for path, content in files.items():
        if isinstance(content, str):
            entries.append((path, stat.S_IFLNK | 0o777, content.encode()))
        else:
            entries.append((path, stat.S_IFREG | modes.get(path, 0o644), content))
    parts = [_entry(number, *entry) for number, entry in enumerate(sorted(entries), start=1)]
    return b"".join([*parts, _entry(0, "TRAILER!!!", 0, b"")])


def _entry(number: int, path: str, mode: int, content: bytes) -> bytes:
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    numbers = (number, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08X" % value for value in numbers)
    return _padded(header + name) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def with_dependencies(names: Iterable[str], modules_dep: str) -> list[str]:
    """Paths of modules and of all they need, as `modules.dep` has them; names that it does not know are passed over."""
    needs: dict[str, list[str]] = {}
    by_name: dict[str, str] = {}
    for line in modules_dep.splitlines():
        path, _, after = line.partition(":")
        needs[path] = after.split()
        by_name[_module_name(path)] = path
    found: dict[str, None] = {}
    for name in names:
        path = by_name.get(name.replace("-", "_"), "")
        for one in (*needs.get(path, ()), path):
            if one:
                found[one] = None
    return sorted(found)


def _module_name(path: str) -> str:
    return path.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


def modules(root: Path, kernel: str) -> dict[str, bytes]:
    """The drivers, unpacked, with the lists by which they are found."""
    home = root / "usr/lib/modules" / kernel
    dependencies = (home / "modules.dep").read_text()
    taken = with_dependencies(DRIVERS, dependencies)
    if not any(path.endswith("ext4.ko.xz") for path in taken):
        raise InitrdError(f"{home} has no driver for ext4: has depmod been run?")
    names = {_module_name(path) for path in taken}
    files = {f"lib/modules/{kernel}/{_plain(path)}": _unpacked(home / path) for path in taken}
    lines = [line for line in dependencies.splitlines() if line.partition(":")[0] in taken]
    aliases = [
        line
        for line in (home / "modules.alias").read_text().splitlines()
        if line.rpartition(" ")[2].replace("-", "_") in names
    ]
    files[f"lib/modules/{kernel}/modules.dep"] = "".join(f"{_plain_all(line)}\n" for line in lines).encode()
    files[f"lib/modules/{kernel}/modules.alias"] = "".join(f"{line}\n" for line in aliases).encode()
    files[f"lib/modules/{kernel}/modules.builtin"] = (home / "modules.builtin").read_bytes()
    return files


def _plain(path: str) -> str:
    return path.removesuffix(".xz")


def _plain_all(line: str) -> str:
    return line.replace(".ko.xz", ".ko")


def _unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    return lzma.decompress(data) if file.suffix == ".xz" else data


def program(root: Path, path: str) -> dict[str, bytes]:
    """A program of the root file system with its interpreter and libraries."""
    files: dict[str, bytes] = {}
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one in files:
            continue
        file = root / one
        if not file.is_file():
            raise InitrdError(f"{file} is missing: is its package in packages.txt?")
        files[one] = file.read_bytes()
        told = subprocess.run(["readelf", "-ldW", str(file)], capture_output=True, text=True, check=True).stdout
        waiting += [_found(root, library) for library in _LIBRARY.findall(told)]
        waiting += [_found(root, Path(interpreter).name) for interpreter in _INTERPRETER.findall(told)]
    return files


def _found(root: Path, library: str) -> str:
    for place in _LIBRARY_PLACES:
        if (root / place / library).is_file():
            return f"{place}/{library}"
    raise InitrdError(f"{library} is in none of {', '.join(_LIBRARY_PLACES)} below {root}")


def contents(root: Path, kernel: str, init: Path) -> tuple[dict[str, bytes | str], dict[str, int]]:
    """Everything that is in it, and the modes of what is run."""
    files: dict[str, bytes | str] = {"init": init.read_bytes(), "bin/busybox": (root / "usr/bin/busybox").read_bytes()}
    files |= {f"bin/{applet}": "busybox" for applet in APPLETS}
    for path in PROGRAMS:
        files |= program(root, path)
    # Debian's directories of programs and libraries are one.
    files |= {"sbin": "usr/sbin", "lib64": "usr/lib"}
    interpreter = next((path for path in files if "/ld-linux" in path), None)
    if interpreter:
        files["lib/" + Path(interpreter).name] = f"../{interpreter}"
    files |= modules(root, kernel)
    programs = [path for path, data in files.items() if isinstance(data, bytes) and not path.startswith("lib/modules")]
    return files, dict.fromkeys(programs, 0o755)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path, help="the root file system")
    parser.add_argument("kernel", help="the kernel's release, as in usr/lib/modules")
    parser.add_argument("output", type=Path, help="a .cpio.zst")
    options = parser.parse_args(arguments)
    files, modes = contents(options.root, options.kernel, Path(__file__).parent / "files/init")
    packed = subprocess.run(["zstd", "-q", "-19", "-T1"], input=archive(files, modes), capture_output=True, check=True)
    options.output.write_bytes(packed.stdout)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except InitrdError as error:
        sys.exit(f"error: {error}")
