"""The catalogue of small instruct models: where each is offered, what it may be used for, and the shape to plan by."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from edge.models.errors import ModelError
from edge.models.gguf import GgufHeader, Tensor
from edge.models.tensor_types import TENSOR_TYPES

_TYPES: Final = {kind.name: kind for kind in TENSOR_TYPES.values()}
_BASE: Final = {"Q4_0": "Q4_0", "Q4_1": "Q4_1", "Q4_K_M": "Q4_K", "Q5_K_M": "Q5_K", "Q6_K": "Q6_K", "Q8_0": "Q8_0"}
"""What most tensors of a quantisation are stored as. Q4_0 keeps the first eighth of the down projections as Q4_1."""
_NARROW: Final = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0"}
"""What takes their place where a row is no multiple of 256."""
_RICHER: Final = {"Q4_K_M": "Q6_K", "Q5_K_M": "Q6_K"}
"""What half of the value and down projections get."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A published score, 0 to 100, with what was measured and where it stands."""

    score: float
    measure: str
    source: str


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of a model. Widths are in values; `window` is 0 where every layer sees everything."""

    architecture: str
    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    merges: int
    context: int
    window: int
    tied: bool
    """Whether the embeddings serve as the output matrix too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue."""

    name: str
    title: str
    base: str
    """The publisher's own repository."""
    repository: str
    """Where the GGUF files are."""
    file: str
    license: str
    license_link: str
    languages: tuple[str, ...]
    parameters: int
    quality: Quality | None
    shape: Shape
    quantisations: tuple[str, ...]

    def file_of(self, quantisation: str) -> str:
        """The file's name in the repository."""
        return self.file.replace("{}", quantisation)

    def header(self, quantisation: str) -> GgufHeader:
        """What the file's header would say, worked out from the shape: enough to predict memory and pace."""
        return _header(self, quantisation)


@cache
def catalogue() -> tuple[Entry, ...]:
    """Every entry, in the file's order."""
    document = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text("utf-8"))
    return tuple(_entry(model, tuple(document["quantisations"])) for model in document["models"])


def find(words: str) -> tuple[Entry, str | None] | None:
    """The entry and quantisation that `NAME` or `NAME:QUANTISATION` means; None where the catalogue knows no such name.

    Raises `ModelError` for a quantisation that is not offered.
    """
    name, _, quantisation = words.partition(":")
    entry = next((entry for entry in catalogue() if entry.name == name.lower()), None)
    if entry is None:
        return None
    if quantisation and quantisation.upper() not in entry.quantisations:
        raise ModelError(f"{entry.name} is offered as {', '.join(entry.quantisations)}, not as {quantisation}")
    return entry, quantisation.upper() or None


def _entry(model: dict[str, Any], quantisations: tuple[str, ...]) -> Entry:
    given = {"quality": None, "quantisations": quantisations} | model
    return Entry(
        **given
        | {
            "languages": tuple(given["languages"]),
            "quality": Quality(**given["quality"]) if given["quality"] else None,
            "shape": Shape(**given["shape"]),
            "quantisations": tuple(given["quantisations"]),
        }
    )


@cache
def _header(entry: Entry, quantisation: str) -> GgufHeader:
    shape = entry.shape
    tensors = tuple(_tensors(shape, quantisation))
    return GgufHeader(
        path=Path(entry.file_of(quantisation)),
        file_bytes=sum(tensor.bytes for tensor in tensors),
        version=3,
        architecture=shape.architecture,
        name=entry.title,
        quantisation=quantisation,
        n_layer=shape.layers,
        n_embd=shape.width,
        n_head=shape.heads,
        n_head_kv=(shape.kv_heads,) * shape.layers,
        key_length=shape.head_size,
        value_length=shape.head_size,
        n_vocab=shape.vocabulary,
        n_merges=shape.merges,
        n_ctx_train=shape.context,
        sliding_window=shape.window,
        chat_template=None,
        license=entry.license,
        tensors=tensors,
    )


def _tensors(shape: Shape, quantisation: str) -> Iterator[Tensor]:
    """Names, shapes and types as llama.cpp's quantiser would write them."""
    yield _matrix("token_embd.weight", shape.width, shape.vocabulary, quantisation, output=shape.tied)
    if not shape.tied:
        yield _matrix("output.weight", shape.width, shape.vocabulary, quantisation, output=True)
    yield _vector("output_norm.weight", shape.width)
    for layer in range(shape.layers):
        richer, early = _richer(layer, shape.layers), layer < shape.layers // 8
        for name, rows, columns, important in _matrices(shape):
            full = f"blk.{layer}.{name}.weight"
            finer = early and quantisation == "Q4_0" and name == "ffn_down"
            yield _matrix(full, rows, columns, "Q4_1" if finer else quantisation, richer=important and richer)
        for name, length in _vectors(shape):
            yield _vector(f"blk.{layer}.{name}", length)


def _matrices(shape: Shape) -> Iterator[tuple[str, int, int, bool]]:
    """Name, length of a row, number of rows, and whether half of the layers get a richer type."""
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    fused = shape.architecture == "phi3"
    if fused:
        yield "attn_qkv", shape.width, queries + 2 * keys, False
    else:
        yield "attn_q", shape.width, queries, False
        yield "attn_k", shape.width, keys, False
        yield "attn_v", shape.width, keys, True
        yield "ffn_gate", shape.width, shape.feed_forward, False
    yield "attn_output", queries, shape.width, False
    yield "ffn_up", shape.width, shape.feed_forward * (2 if fused else 1), False
    yield "ffn_down", shape.feed_forward, shape.width, True


def _vectors(shape: Shape) -> Iterator[tuple[str, int]]:
    yield "attn_norm.weight", shape.width
    yield "ffn_norm.weight", shape.width
    if shape.architecture == "qwen2":
        yield "attn_q.bias", shape.heads * shape.head_size
        yield "attn_k.bias", shape.kv_heads * shape.head_size
        yield "attn_v.bias", shape.kv_heads * shape.head_size
    if shape.architecture in ("gemma2", "gemma3"):
        yield "post_attention_norm.weight", shape.width
        yield "post_ffw_norm.weight", shape.width
    if shape.architecture in ("qwen3", "gemma3"):
        yield "attn_q_norm.weight", shape.head_size
        yield "attn_k_norm.weight", shape.head_size


def _richer(layer: int, layers: int) -> bool:
    """Which layers' important matrices get more bits: the first and last eighth, and every third between."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def _matrix(
    name: str,
    row: int,
    rows: int,
    quantisation: str,
    *,
    output: bool = False,
    richer: bool = False,
) -> Tensor:
    kind = _BASE[quantisation]
    if output and kind != "Q8_0":
        kind = "Q6_K"
    elif richer:
        kind = _RICHER.get(quantisation, kind)
    elif "attn_qkv" in name:
        kind = {"Q4_K_M": "Q5_K", "Q5_K_M": "Q6_K"}.get(quantisation, kind)
    if row % _TYPES[kind].block_values:
        kind = _NARROW[kind]
    stored = _TYPES[kind]
    return Tensor(name, (row, rows), kind, row // stored.block_values * stored.block_bytes * rows)


def _vector(name: str, length: int) -> Tensor:
    return Tensor(name, (length,), "F32", 4 * length)
