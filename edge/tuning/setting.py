"""What of a worker is a matter of speed, in llama.cpp's words: how many threads, how large a batch, how weights lie."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

BATCH: Final = 64
"""Tokens computed at once: as fast as 512, with an eighth of the buffers, and a cancel need not wait as long."""
KV_TYPES: Final = ("f16", "q8_0")
"""How the KV cache may be kept; q8_0 takes half, costs time on long prompts and needs flash attention."""


class LoadMode(StrEnum):
    """How weights come into memory: mapped from the file, or read into memory of one's own."""

    MMAP = "mmap"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to run a model; what it takes of memory depends on the context too, which is none of speed's business."""

    n_threads: int
    n_threads_batch: int
    n_batch: int = BATCH
    n_ubatch: int = BATCH
    load_mode: LoadMode = LoadMode.MMAP
    repack: bool = True
    """Whether the library may lay weights out anew for this processor: its fast path."""
    flash_attn: bool | None = None
    """None: as the library thinks best."""
    type_k: str = "f16"
    type_v: str = "f16"
