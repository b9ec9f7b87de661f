"""A graphics processor that could compute the model: whether there is one, and whether the installed build uses it."""

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.files import line, text

_NODES: Final = ("gpu@*", "bus@*/gpu@*", "ga10b", "*.ga10b", "gv11b", "*.gv11b", "*.gp10b")
"""Where JetPack 4 to 6 put it in the device tree."""


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A CUDA device."""

    name: str
    shares_memory: bool
    """Whether it uses the machine's memory, as a Jetson's does, instead of its own."""
    driver: bool
    """Whether its driver is loaded."""
    offload: bool
    """Whether the installed llama.cpp was built for it; without, the model runs on the processor."""

    @property
    def usable(self) -> bool:
        """Whether the model can be put on it."""
        return self.driver and self.offload


def read_accelerator(root: Path = Path("/"), libraries: Path | None = None) -> Accelerator | None:
    """The CUDA device of this machine; None without one. `libraries` is where llama.cpp's shared libraries lie.

    A Jetson's is in the device tree (compatible with nvidia,ga10b, gv11b, gp10b or gm20b) and driven by `nvgpu`;
    a card is listed by its driver under `proc/driver/nvidia`.
    """
    tree = root / "proc/device-tree"
    for node in sorted(node for pattern in _NODES for node in tree.glob(pattern)):
        names = [name for name in text(node / "compatible").split("\0") if name.startswith("nvidia,")]
        if names and line(node / "status") in ("", "okay", "ok"):
            driver = any(
                (root / path).exists() for path in ("sys/module/nvgpu", "dev/nvgpu", "dev/nvhost-gpu", "dev/nvidia0")
            )
            return Accelerator(names[0], True, driver, _built_with_cuda(libraries))
    for facts in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        model = re.search(r"^Model:\s*(.+)$", text(facts), re.MULTILINE)
        return Accelerator(model[1].strip() if model else "NVIDIA", False, True, _built_with_cuda(libraries))
    return None


def _built_with_cuda(libraries: Path | None) -> bool:
    """Whether llama.cpp's CUDA library lies beside the others; looked for, not loaded."""
    if libraries is None:
        package = importlib.util.find_spec("llama_cpp")
        if package is None or package.origin is None:
            return False
        libraries = Path(package.origin).parent / "lib"
    return any(libraries.glob("libggml-cuda*"))
