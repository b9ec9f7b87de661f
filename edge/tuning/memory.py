"""The memory model: resident bytes of the worker process, predicted from a model's header and its settings.

Constants were measured on x86-64 with models from 135 M to 4 B parameters (`tests/bench/memory.py` measures again).
Peers add the file's size and the cache, which is 10 to 47 % too little: the vocabulary's tables and the second copy of
repacked weights are what they miss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from edge.models.gguf import GgufHeader, Tensor
from edge.models.tensor_types import TENSOR_TYPES
from edge.tuning.hardware import Hardware

MIB: Final = 1 << 20
INTERPRETER_BYTES: Final = int(45.3 * MIB)
"""Python with the worker and the library loaded."""
CUDA_BYTES: Final = 350 * MIB
"""A CUDA context and its kernels, where the graphics processor shares the machine's memory; from public figures."""
TOKEN_BYTES: Final = 186
MERGE_BYTES: Final = 122
"""The tokenizer's tables: an entry of the vocabulary, a pair of a byte-pair vocabulary."""
RUNTIME_BYTES: Final = int(5.5 * MIB)
LAYER_BYTES: Final = int(0.13 * MIB)
"""Graphs, buffers and stacks: whatever the settings, and for each layer."""
FF_VALUES: Final = 3.27
EMBD_VALUES: Final = 4.2
"""Values kept for a token of the physical batch, by the widths of the feed-forward part and of the embedding."""
MASK_BYTES: Final = 6
"""The attention mask, for a token of the physical batch and one of the context: in both precisions."""
SCORE_BYTES: Final = 4.6
"""Without flash attention, every head's scores: for a token of the physical batch and one of the context."""
KV_VALUE_BYTES: Final = 2
"""A value of the cache in half precision."""
KNOWN: Final = frozenset({"gemma2", "gemma3", "llama", "phi3", "qwen2", "qwen3"})
"""Architectures that the model was measured with."""
KNOWN_MARGIN: Final = 0.06
OTHER_MARGIN: Final = 0.15
"""Room above a prediction, as a share of it: nothing is exact, and less is known of other architectures."""

_REPACKED_BY: Final = {
    "avx2": frozenset({"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}),
    "avx512f": frozenset({"Q2_K"}),
    "amx_int8": frozenset({"Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"}),
    "asimddp": frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4"}),
    "i8mm": frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4"}),
}
"""Which tensor types llama.cpp lays out anew, by processor feature."""
_EMBEDDINGS: Final = "token_embd.weight"


@dataclass(frozen=True, slots=True)
class Prediction:
    """Resident bytes by what takes them."""

    base_bytes: int
    vocabulary_bytes: int
    weights_bytes: int
    repacked_bytes: int
    """The second copy: mapped weights laid out anew, or tied embeddings that need both layouts."""
    kv_bytes: int
    compute_bytes: int
    margin: float = KNOWN_MARGIN
    """Room to leave above the total, as a share of it."""

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return (
            self.base_bytes
            + self.vocabulary_bytes
            + self.weights_bytes
            + self.repacked_bytes
            + self.kv_bytes
            + self.compute_bytes
        )

    @property
    def most_bytes(self) -> int:
        """What must be allowed for it to be safe: the total and the margin."""
        return ceil(self.total_bytes * (1 + self.margin))


def predict(
    header: GgufHeader,
    hardware: Hardware,
    *,
    n_ctx: int,
    n_ubatch: int,
    mapped: bool,
    repack: bool = True,
    type_k: str = "f16",
    type_v: str = "f16",
    flash_attn: bool = True,
) -> Prediction:
    """What a worker with these settings keeps resident once its context is full.

    `repack` is whether the library may lay weights out anew, `type_k` and `type_v` are how the cache is kept. The cache
    of windowed layers (Gemma) counts whole: the worker keeps it whole, to go back to any earlier turn.
    """
    on_cuda = hardware.accelerator if hardware.accelerator and hardware.accelerator.usable else None
    return Prediction(
        base_bytes=INTERPRETER_BYTES + (CUDA_BYTES if on_cuda and on_cuda.shares_memory else 0),
        vocabulary_bytes=header.n_vocab * TOKEN_BYTES + header.n_merges * MERGE_BYTES,
        weights_bytes=_kept(header, hardware, mapped, repack),
        repacked_bytes=_second_copy(header, hardware, mapped) if repack else 0,
        kv_bytes=padded(n_ctx) * kv_token_bytes(header, type_k, type_v),
        compute_bytes=_compute(header, padded(n_ctx), min(n_ubatch, n_ctx), flash_attn),
        margin=KNOWN_MARGIN if header.architecture in KNOWN and not on_cuda else OTHER_MARGIN,
    )


def kv_token_bytes(header: GgufHeader, type_k: str = "f16", type_v: str = "f16") -> int:
    """Bytes that a token of context takes in the cache, all layers together."""
    heads = sum(header.n_head_kv)
    return int(heads * (header.key_length * _value_bytes(type_k) + header.value_length * _value_bytes(type_v)))


def padded(n_ctx: int) -> int:
    """The context that llama.cpp allots: the next multiple of 256."""
    return -(-n_ctx // 256) * 256


def repacked_types(hardware: Hardware) -> frozenset[str]:
    """The tensor types that get laid out anew on this machine."""
    return frozenset().union(*(_REPACKED_BY[feature] for feature in hardware.cpu_features & _REPACKED_BY.keys()))


def _value_bytes(kind: str) -> float:
    layout = next(layout for layout in TENSOR_TYPES.values() if layout.name == kind.upper())
    return layout.block_bytes / layout.block_values


def _compute(header: GgufHeader, n_ctx: int, n_ubatch: int, flash_attn: bool) -> int:
    """Buffers that get touched in a full context."""
    n_ff = max((tensor.shape[0] for tensor in header.tensors if ".ffn_down" in tensor.name), default=4 * header.n_embd)
    token = 4 * (FF_VALUES * n_ff + EMBD_VALUES * header.n_embd) + MASK_BYTES * n_ctx
    if not flash_attn:
        token += SCORE_BYTES * header.n_head * n_ctx
    return RUNTIME_BYTES + LAYER_BYTES * header.n_layer + int(token * n_ubatch)


def _kept(header: GgufHeader, hardware: Hardware, mapped: bool, repack: bool) -> int:
    """Weights as they are in the file: mapped, those before the first and after the last one in use are let go."""
    if not (mapped and repack):
        return header.tensor_bytes
    types = repacked_types(hardware)
    used = [index for index, tensor in enumerate(header.tensors) if not _laid_out_anew(tensor, types)]
    if not used:
        return 0
    return sum(tensor.bytes for tensor in header.tensors[used[0] : used[-1] + 1])


def _second_copy(header: GgufHeader, hardware: Hardware, mapped: bool) -> int:
    types = repacked_types(hardware)
    matrices = [tensor for tensor in header.tensors if _laid_out_anew(tensor, types)] if mapped else []
    tied = not any(tensor.name == "output.weight" for tensor in header.tensors)
    return sum(tensor.bytes for tensor in [*matrices, *(_embeddings(header.tensors, types) if tied else [])])


def _laid_out_anew(tensor: Tensor, types: frozenset[str]) -> bool:
    """Whether the tensor is used in the new layout alone; embeddings are looked up in the old one."""
    return tensor.name != _EMBEDDINGS and _can_be(tensor, types)


def _embeddings(tensors: Sequence[Tensor], types: frozenset[str]) -> list[Tensor]:
    """The table of embeddings, where it serves as the output too and needs the new layout for that."""
    return [tensor for tensor in tensors if tensor.name == _EMBEDDINGS and _can_be(tensor, types)]


def _can_be(tensor: Tensor, types: frozenset[str]) -> bool:
    return tensor.type in types and len(tensor.shape) == 2 and tensor.shape[1] % 8 == 0
