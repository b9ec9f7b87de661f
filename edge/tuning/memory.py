"""The memory model: resident bytes of the worker process, predicted from a model's header and its settings.

Constants were measured on x86-64 over models from 135 M to 1.5 B parameters. Peers add the file's size and the cache,
which is 10 to 47 % too little: the vocabulary's tables and the second copy of repacked weights are what they miss.
"""

from dataclasses import dataclass
from typing import Final

from edge.models.gguf import GgufHeader, Tensor
from edge.tuning.hardware import Hardware

MIB: Final = 1 << 20
INTERPRETER_BYTES: Final = 42 * MIB
"""Python with the library loaded."""
TOKEN_BYTES: Final = 180
MERGE_BYTES: Final = 135
"""The tokenizer's tables: an entry of the vocabulary, a pair of a byte-pair vocabulary."""
RUNTIME_BYTES: Final = 7 * MIB
"""Graphs, buffers and stacks that do not depend on the settings."""
UBATCH_BYTES: Final = int(0.075 * MIB)
"""Compute buffers that get touched, a token of the physical batch."""
KV_VALUE_BYTES: Final = 2
"""The cache is kept in half precision."""

_REPACKED_BY: Final = {
    "avx2": frozenset({"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"}),
    "avx512f": frozenset({"Q2_K"}),
    "amx_int8": frozenset({"Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"}),
    "asimddp": frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4"}),
    "i8mm": frozenset({"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4"}),
}
"""Which tensor types llama.cpp lays out anew, by processor feature."""


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


def predict(
    header: GgufHeader, hardware: Hardware, *, n_ctx: int, n_ubatch: int, mapped: bool, repack: bool = True
) -> Prediction:
    """What a worker with these settings keeps resident; `repack` is whether the library may lay weights out anew."""
    return Prediction(
        base_bytes=INTERPRETER_BYTES,
        vocabulary_bytes=header.n_vocab * TOKEN_BYTES + header.n_merges * MERGE_BYTES,
        weights_bytes=header.tensor_bytes,
        repacked_bytes=_second_copy(header, hardware, mapped) if repack else 0,
        kv_bytes=header.kv_values_per_token * KV_VALUE_BYTES * padded(n_ctx),
        compute_bytes=RUNTIME_BYTES + UBATCH_BYTES * n_ubatch,
    )


def padded(n_ctx: int) -> int:
    """The context that llama.cpp allots: the next multiple of 256."""
    return -(-n_ctx // 256) * 256


def repacked_types(hardware: Hardware) -> frozenset[str]:
    """The tensor types that get laid out anew on this machine."""
    return frozenset().union(*(_REPACKED_BY[feature] for feature in hardware.cpu_features & _REPACKED_BY.keys()))


def _second_copy(header: GgufHeader, hardware: Hardware, mapped: bool) -> int:
    types = repacked_types(hardware)

    def repacks(tensor: Tensor) -> bool:
        return tensor.type in types and len(tensor.shape) == 2 and tensor.shape[1] % 8 == 0

    matrices = [tensor for tensor in header.tensors if tensor.name != "token_embd.weight" and repacks(tensor)]
    tied = not any(tensor.name == "output.weight" for tensor in header.tensors)
    embeddings = [
        tensor for tensor in header.tensors if tied and tensor.name == "token_embd.weight" and repacks(tensor)
    ]
    return sum(tensor.bytes for tensor in [*(matrices if mapped else []), *embeddings])
