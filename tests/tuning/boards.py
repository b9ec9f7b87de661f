"""Boards as trees of files, written from public documentation (device-tree sources, datasheets), not off boards."""

from dataclasses import dataclass
from pathlib import Path

from tests.tuning.machine import write

MIB = 1 << 20
A53 = "fp asimd evtstrm crc32 cpuid"
A72 = "fp asimd evtstrm crc32 cpuid"
A76 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"


@dataclass(frozen=True, slots=True)
class Tree:
    """What a board's files say."""

    title: str
    """The profile that should be recognised."""
    model: str
    compatible: tuple[str, ...]
    memory_mib: int
    capacities: tuple[int, ...]
    max_khz: int
    features: str
    cache: tuple[int, str] = (2, "512K")
    machine: str = "aarch64"


ZERO_2_W = Tree(
    "Raspberry Pi Zero 2 W",
    "Raspberry Pi Zero 2 W Rev 1.0",
    ("raspberrypi,model-zero-2-w", "brcm,bcm2837"),
    416,
    (1024,) * 4,
    1_000_000,
    A53,
)
PI_3_B_PLUS = Tree(
    "Raspberry Pi 3",
    "Raspberry Pi 3 Model B Plus Rev 1.3",
    ("raspberrypi,3-model-b-plus", "brcm,bcm2837"),
    906,
    (1024,) * 4,
    1_400_000,
    A53,
)
PI_4 = Tree(
    "Raspberry Pi 4",
    "Raspberry Pi 4 Model B Rev 1.4",
    ("raspberrypi,4-model-b", "brcm,bcm2711"),
    3792,
    (1024,) * 4,
    1_800_000,
    A72,
    (2, "1024K"),
)
PI_5 = Tree(
    "Raspberry Pi 5",
    "Raspberry Pi 5 Model B Rev 1.0",
    ("raspberrypi,5-model-b", "brcm,bcm2712"),
    8062,
    (1024,) * 4,
    2_400_000,
    A76,
    (3, "2048K"),
)
ORIN_NANO = Tree(
    "Jetson Orin Nano",
    "NVIDIA Jetson Orin Nano Developer Kit",
    ("nvidia,p3768-0000+p3767-0005", "nvidia,p3767-0005", "nvidia,tegra234"),
    7620,
    (1024,) * 6,
    1_510_400,
    A76,
    (3, "2048K"),
)
ROCK_5 = Tree(
    "Any machine",
    "Radxa ROCK 5B",
    ("radxa,rock-5b", "rockchip,rk3588"),
    7690,
    (530, 530, 530, 530, 1024, 1024, 1024, 1024),
    2_400_000,
    A76,
    (3, "3072K"),
)
EVERY = (ZERO_2_W, PI_3_B_PLUS, PI_4, PI_5, ORIN_NANO, ROCK_5)

DOCUMENTED = (
    # Linux, arch/arm64/boot/dts/broadcom and arch/arm/boot/dts/broadcom; the trees that Raspberry Pi's firmware loads.
    ("Raspberry Pi 3 Model B", ("raspberrypi,3-model-b", "brcm,bcm2837"), "raspberry-pi-3"),
    ("Raspberry Pi 3 Model B+", ("raspberrypi,3-model-b-plus", "brcm,bcm2837"), "raspberry-pi-3"),
    ("Raspberry Pi 3 Model A+", ("raspberrypi,3-model-a-plus", "brcm,bcm2837"), "raspberry-pi-3"),
    ("Raspberry Pi Compute Module 3", ("raspberrypi,3-compute-module", "brcm,bcm2837"), "raspberry-pi-3"),
    ("Raspberry Pi Zero 2 W", ("raspberrypi,model-zero-2-w", "brcm,bcm2837"), "raspberry-pi-zero-2-w"),
    ("Raspberry Pi 4 Model B", ("raspberrypi,4-model-b", "brcm,bcm2711"), "raspberry-pi-4"),
    ("Raspberry Pi 400", ("raspberrypi,400", "brcm,bcm2711"), "raspberry-pi-4"),
    ("Raspberry Pi Compute Module 4", ("raspberrypi,4-compute-module", "brcm,bcm2711"), "raspberry-pi-4"),
    ("Raspberry Pi Compute Module 4S", ("raspberrypi,4-compute-module-s", "brcm,bcm2711"), "raspberry-pi-4"),
    ("Raspberry Pi 5 Model B", ("raspberrypi,5-model-b", "brcm,bcm2712"), "raspberry-pi-5"),
    ("Raspberry Pi 500", ("raspberrypi,500", "brcm,bcm2712"), "raspberry-pi-5"),
    ("Raspberry Pi Compute Module 5", ("raspberrypi,5-compute-module", "brcm,bcm2712"), "raspberry-pi-5"),
    ("Raspberry Pi Compute Module 5 Lite", ("raspberrypi,5-compute-module", "brcm,bcm2712"), "raspberry-pi-5"),
    # Boards before them, which are too small.
    ("Raspberry Pi Model B", ("raspberrypi,model-b", "brcm,bcm2835"), "generic"),
    ("Raspberry Pi 2 Model B rev 1.2", ("raspberrypi,2-model-b-rev2", "brcm,bcm2837"), "generic"),
    # Linux, arch/arm64/boot/dts/nvidia, and NVIDIA's own trees of JetPack 6.
    (
        "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
        ("nvidia,p3768-0000+p3767-0005-super", "nvidia,p3767-0005", "nvidia,tegra234"),
        "jetson-orin-nano",
    ),
    (
        "NVIDIA Jetson Orin Nano (8GB)",
        ("nvidia,p3768-0000+p3767-0003", "nvidia,p3767-0003", "nvidia,tegra234"),
        "jetson-orin-nano",
    ),
    (
        "NVIDIA Jetson Orin Nano (4GB) on another carrier",
        ("vendor,carrier", "nvidia,p3767-0004", "nvidia,tegra234"),
        "jetson-orin-nano",
    ),
    (
        "NVIDIA Jetson Orin NX Engineering Reference Developer Kit",
        ("nvidia,p3768-0000+p3767-0000", "nvidia,p3767-0000", "nvidia,tegra234"),
        "jetson-orin-nx",
    ),
    (
        "NVIDIA Jetson Orin NX (8GB)",
        ("nvidia,p3768-0000+p3767-0001", "nvidia,p3767-0001", "nvidia,tegra234"),
        "jetson-orin-nx",
    ),
    ("Orange Pi 5", ("xunlong,orangepi-5", "rockchip,rk3588s"), "generic"),
)
"""Models and names of public device trees: title, `compatible`, the profile."""

LAPTOPS = (
    ("LENOVO", "21BXCTO1WW", "ThinkPad X13s Gen 1", 10, "arm-laptop"),
    ("LENOVO", "21N1CTO1WW", "ThinkPad T14s Gen 6", 10, "arm-laptop"),
    ("Microsoft Corporation", "Microsoft Surface Laptop, 7th Edition", "124I:00", 9, "arm-laptop"),
    ("Qualcomm", "Snapdragon Dev Kit", "1", 3, "generic"),
)
"""SMBIOS of machines with Snapdragons as their makers describe them: vendor, product, version, chassis, the profile."""


def smbios(root: Path, vendor: str, product: str, version: str, chassis: int) -> Path:
    """Write what a firmware says of its machine."""
    at = "sys/class/dmi/id"
    return write(
        root,
        {
            f"{at}/sys_vendor": f"{vendor}\n",
            f"{at}/product_name": f"{product}\n",
            f"{at}/product_version": f"{version}\n",
            f"{at}/chassis_type": f"{chassis}\n",
        },
    )


def plant(root: Path, tree: Tree) -> Path:
    """Write the board's files under `root`."""
    cpus = range(len(tree.capacities))
    files = {
        "proc/device-tree/model": tree.model + "\0",
        "proc/device-tree/compatible": "".join(name + "\0" for name in tree.compatible),
        "proc/meminfo": (
            f"MemTotal:       {tree.memory_mib * 1024} kB\nMemFree:         10240 kB\n"
            f"MemAvailable:   {tree.memory_mib * 768} kB\nSwapTotal:        204796 kB\n"
        ),
        "proc/cpuinfo": "".join(f"processor\t: {cpu}\nFeatures\t: {tree.features}\n\n" for cpu in cpus)
        + f"Model\t\t: {tree.model}\n",
        "proc/self/status": f"Name:\tpython3\nCpus_allowed_list:\t0-{len(tree.capacities) - 1}\n",
    }
    level, size = tree.cache
    for cpu, capacity in enumerate(tree.capacities):
        at = f"sys/devices/system/cpu/cpu{cpu}"
        files |= {
            f"{at}/topology/core_cpus_list": f"{cpu}\n",
            f"{at}/cpu_capacity": f"{capacity}\n",
            f"{at}/cpufreq/cpuinfo_max_freq": f"{tree.max_khz}\n",
            f"{at}/cache/index0/level": "1\n",
            f"{at}/cache/index0/type": "Data\n",
            f"{at}/cache/index0/size": "32K\n",
            f"{at}/cache/index0/shared_cpu_list": f"{cpu}\n",
            f"{at}/cache/index3/level": f"{level}\n",
            f"{at}/cache/index3/type": "Unified\n",
            f"{at}/cache/index3/size": f"{size}\n",
            f"{at}/cache/index3/shared_cpu_list": f"0-{len(tree.capacities) - 1}\n",
        }
    return write(root, files)


def jetson(root: Path) -> Path:
    """An Orin Nano with its graphics processor and driver."""
    return write(
        plant(root, ORIN_NANO),
        {
            "proc/device-tree/bus@0/gpu@17000000/compatible": "nvidia,ga10b\0",
            "proc/device-tree/bus@0/gpu@17000000/status": "okay\0",
            "sys/module/nvgpu/version": "",
        },
    )


def laptop(root: Path, memory_mib: int = 15800) -> Path:
    """A ThinkPad X13s: a Snapdragon whose firmware has SMBIOS tables."""
    return write(
        root,
        {
            "proc/meminfo": f"MemTotal: {memory_mib * 1024} kB\nMemAvailable: {memory_mib * 900} kB\nSwapTotal: 0 kB\n",
            "sys/class/dmi/id/sys_vendor": "LENOVO\n",
            "sys/class/dmi/id/product_name": "21BXCTO1WW\n",
            "sys/class/dmi/id/product_version": "ThinkPad X13s Gen 1\n",
            "sys/class/dmi/id/chassis_type": "10\n",
        },
    )
