"""Whether this library computes what it should on this machine: small made-up models whose answers are known.

Builds have crashed, and have computed nonsense, on processors they were not made for; nonsense is worse, since nobody
notices. Each tensor type has kernels of its own, so each gets a model: one layer of Llama's shape, weights that come
from a hash, and the values it gives its vocabulary, computed once in double precision without the library
(`golden.json`; how is in the tests). Runs in the worker process, where a crash costs nothing but that process.
"""

import hashlib
import json
import math
import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from edge.llm.engine import Engine
from edge.llm.errors import LlmError
from edge.llm.wire import Load

LEAST_NEARNESS: Final = 0.99
"""Rounding in the quantised kernels leaves more than this; a wrong kernel leaves next to nothing."""
WIDTH, FF, HEADS, KV_HEADS, VOCABULARY = 256, 512, 4, 2, 64
PROMPT: Final = tuple((7 * index * index + 3 * index) % VOCABULARY for index in range(48))
"""Read at once, by the kernels for batches."""
NEXT: Final = 41
"""Read by itself, by the kernels for single tokens."""

_TYPES: Final = {
    "F32": (0, 1, 4, ()),
    "F16": (1, 1, 2, ()),
    "Q4_0": (2, 32, 18, ((0, 0.006),)),
    "Q4_1": (3, 32, 20, ((0, 0.006), (2, -0.045))),
    "Q5_0": (6, 32, 22, ((0, 0.003),)),
    "Q5_1": (7, 32, 24, ((0, 0.003), (2, -0.0465))),
    "Q8_0": (8, 32, 34, ((0, 0.0004),)),
    "Q2_K": (10, 256, 84, ((80, 0.003), (82, 0.0045))),
    "Q3_K": (11, 256, 110, ((108, 0.0006),)),
    "Q4_K": (12, 256, 144, ((0, 0.0002), (2, 0.0015))),
    "Q5_K": (13, 256, 176, ((0, 0.0001), (2, 0.00155))),
    "Q6_K": (14, 256, 210, ((208, 0.00002),)),
    "IQ4_NL": (20, 32, 18, ((0, 0.0005),)),
    "IQ4_XS": (23, 256, 136, ((0, 0.00002),)),
}
"""A type's number, weights in a block, bytes of a block, and where in it are scales (half precision) of what value."""
KNOWN: Final = frozenset(_TYPES)
_ALIGNMENT: Final = 32


def check(types: Iterable[str], *, repack: bool, flash_attn: bool | None) -> tuple[float, str]:
    """The least nearness of what the library computes to what is known, and what is wrong; empty when nothing is.

    Types that have no model here are left out. Raises `LlmError` where a model can't be loaded at all.
    """
    least = 1.0
    for type_ in sorted(KNOWN.intersection(types)):
        pairs = zip(_computed(type_, repack, flash_attn), _known()[type_], strict=True)
        nearness = min(near(computed, known) for computed, known in pairs)
        least = min(least, nearness)
        if nearness < LEAST_NEARNESS:
            return nearness, f"weights of type {type_} give wrong values (nearness {nearness:.3f} of 1)"
    return least, ""


def near(computed: Sequence[float], known: Sequence[float]) -> float:
    """The cosine between two lists of values; -1 where they are no numbers."""
    if len(computed) != len(known) or not all(map(math.isfinite, computed)):
        return -1.0
    product = math.hypot(*computed) * math.hypot(*known)
    return math.fsum(one * other for one, other in zip(computed, known, strict=True)) / product if product else -1.0


def tensors() -> Iterator[tuple[str, int, int]]:
    """The matrices of the model: name, rows, columns."""
    kv_width = WIDTH // HEADS * KV_HEADS
    yield "output.weight", VOCABULARY, WIDTH
    yield "blk.0.attn_q.weight", WIDTH, WIDTH
    yield "blk.0.attn_k.weight", kv_width, WIDTH
    yield "blk.0.attn_v.weight", kv_width, WIDTH
    yield "blk.0.attn_output.weight", WIDTH, WIDTH
    yield "blk.0.ffn_gate.weight", FF, WIDTH
    yield "blk.0.ffn_up.weight", FF, WIDTH
    yield "blk.0.ffn_down.weight", WIDTH, FF


def weights(name: str, type_: str, count: int) -> bytes:
    """The bytes of `count` weights of a tensor, the same everywhere and always."""
    _, in_block, size, scales = _TYPES[type_]
    noise = bytearray(hashlib.shake_256(f"{name} {type_}".encode()).digest(count // in_block * size))
    if not scales:
        numbers = [(byte - 127.5) * 0.0004 for byte in hashlib.shake_256(name.encode()).digest(count)]
        return struct.pack(f"<{count}{'f' if type_ == 'F32' else 'e'}", *numbers)
    for offset, scale in scales:
        low, high = struct.pack("<e", scale)
        noise[offset::size] = bytes([low]) * (count // in_block)
        noise[offset + 1 :: size] = bytes([high]) * (count // in_block)
    return bytes(noise)


def model(type_: str) -> bytes:
    """A GGUF file: matrices of the given type, everything else in single precision."""
    parts: list[tuple[str, tuple[int, ...], str, bytes]] = [
        ("token_embd.weight", (WIDTH, VOCABULARY), "F32", weights("token_embd", "F32", WIDTH * VOCABULARY))
    ]
    ones = struct.pack(f"<{WIDTH}f", *[1.0] * WIDTH)
    parts += [(f"{name}_norm.weight", (WIDTH,), "F32", ones) for name in ("output", "blk.0.attn", "blk.0.ffn")]
    parts += [(name, (wide, high), type_, weights(name, type_, high * wide)) for name, high, wide in tensors()]
    facts = _facts()
    head = [struct.pack("<4sIQQ", b"GGUF", 3, len(parts), len(facts)), *facts]
    at = 0
    for name, shape, kind, data in parts:
        head += [_text(name), struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, _TYPES[kind][0], at)]
        at += _padded(len(data))
    front = b"".join(head)
    body = b"".join(data.ljust(_padded(len(data)), b"\0") for _, _, _, data in parts)
    return front.ljust(_padded(len(front)), b"\0") + body


def _computed(type_: str, repack: bool, flash_attn: bool | None) -> tuple[list[float], list[float]]:
    """What the library makes of the prompt, and of the token after it."""
    file = os.memfd_create("golden")
    try:
        with open(file, "wb", closefd=False) as target:
            target.write(model(type_))
        path = f"/proc/self/fd/{file}"
        load = Load(path, 2, 2, 256, 64, 64, "none", repack, flash_attn=flash_attn)
        engine = Engine(load, lambda _: True)
        try:
            engine.read(PROMPT)
            batched = engine.logits()
            engine.read([*PROMPT, NEXT])
            return batched, engine.logits()
        finally:
            engine.close()
    finally:
        os.close(file)


@cache
def _known() -> dict[str, tuple[list[float], list[float]]]:
    try:
        known: dict[str, tuple[list[float], list[float]]] = json.loads(
            Path(__file__).with_name("golden.json").read_text("ascii")
        )
    except (OSError, ValueError) as error:
        raise LlmError(f"the known values can't be read ({error}): install edge again") from error
    return known


def _facts() -> list[bytes]:
    numbers = {
        "llama.vocab_size": VOCABULARY,
        "llama.context_length": 256,
        "llama.embedding_length": WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": FF,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": KV_HEADS,
        "llama.rope.dimension_count": WIDTH // HEADS,
    }
    texts = {"general.architecture": "llama", "general.name": "golden", "tokenizer.ggml.model": "no_vocab"}
    return [
        *(_text(key) + struct.pack("<I", 8) + _text(value) for key, value in texts.items()),
        *(_text(key) + struct.pack("<II", 4, value) for key, value in numbers.items()),
        _text("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5),
    ]


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
