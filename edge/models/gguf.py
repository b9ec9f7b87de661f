"""What a GGUF file says of itself: shape, quantisation, tensor sizes and chat template, read from its header alone.

The layout is that of the GGUF specification (ggml, docs/gguf.md), versions 2 and 3, little-endian. Nothing in a file is
believed before it is checked: every count is held against the bytes that are there before anything is read or kept.
"""

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from edge.errors import EdgeError
from edge.models.tensor_types import FILE_TYPES, TENSOR_TYPES

MAX_HEADER_BYTES: Final = 128 << 20
MAX_KEYS: Final = 4096
MAX_TENSORS: Final = 65536
MAX_ARRAY: Final = 4 << 20
MAX_TEXTS: Final = 2 << 20
MAX_TEXT_BYTES: Final = 1 << 20
MAX_NAME_BYTES: Final = 1024
KEPT_ARRAY: Final = 1024
"""Arrays of numbers up to this length are kept (per-layer head counts); of longer ones, and of texts, the length."""

_STRING: Final = 8
_ARRAY: Final = 9
_NUMBERS: Final = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}


class GgufError(EdgeError):
    """The file can't be used as a language model; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """An array too long, or of texts, of which only the length was kept."""

    length: int


Value = str | int | float | bool | tuple[int | float, ...] | ArrayOf


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its name, its shape (fastest dimension first), its type's name and its size in the file."""

    name: str
    shape: tuple[int, ...]
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The facts of one language model file. Widths are in values, sizes in bytes, contexts in tokens."""

    path: Path
    file_bytes: int
    version: int
    architecture: str
    name: str
    quantisation: str
    n_layer: int
    n_embd: int
    n_head: int
    n_head_kv: tuple[int, ...]
    """Key-value heads, a layer each; 0 for a layer without attention."""
    key_length: int
    value_length: int
    n_vocab: int
    n_merges: int
    """Pairs of a byte-pair vocabulary; 0 for other kinds."""
    n_ctx_train: int
    sliding_window: int
    """Tokens a windowed layer looks back; 0 where every layer sees everything."""
    chat_template: str | None
    license: str | None
    tensors: tuple[Tensor, ...] = field(repr=False)

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors as they lie in the file."""
        return sum(tensor.bytes for tensor in self.tensors)

    @property
    def n_params(self) -> int:
        """Weights in all tensors."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors)

    @property
    def kv_values_per_token(self) -> int:
        """Values that one token adds to the key-value cache, all layers together."""
        return sum(self.n_head_kv) * (self.key_length + self.value_length)


def read_header(path: Path) -> GgufHeader:
    """Read the header of `path`; raises `GgufError` for whatever is wrong with it, and nothing else."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            return _header(_Reader(file, size, path))
    except OSError as error:
        raise GgufError(f"{path} can't be read: {error.strerror or error}") from error


class _Reader:
    """Reads little-endian fields and never past the end, nor past the most that a header may take."""

    def __init__(self, file: BinaryIO, size: int, path: Path) -> None:
        self.path = path
        self.size = size
        self._limit = min(size, MAX_HEADER_BYTES)
        self._file = file
        self._block = b""
        self._at = 0
        self._block_start = 0
        self._texts = 0

    @property
    def position(self) -> int:
        return self._block_start + self._at

    def wrong(self, what: str) -> GgufError:
        return GgufError(f"{self.path}: {what}")

    def need(self, count: int) -> None:
        """Refuse unless `count` more bytes lie ahead within the header's limit."""
        if self.position + count > self._limit:
            if self._limit < self.size:
                raise self.wrong(f"the header takes more than {MAX_HEADER_BYTES >> 20} MB, which no model does")
            raise self.wrong(f"the file is truncated: its header goes on past its end at {self.size} bytes")

    def take(self, count: int) -> bytes:
        self.need(count)
        end = self._at + count
        if end > len(self._block):
            self._block_start = self.position
            self._file.seek(self._block_start)
            self._block = self._file.read(max(count, 1 << 16))
            self._at, end = 0, count
            if len(self._block) < count:
                raise self.wrong("the file became shorter while it was read")
        data = self._block[self._at : end]
        self._at = end
        return data

    def skip(self, count: int) -> None:
        self.need(count)
        if self._at + count <= len(self._block):
            self._at += count
        else:
            self._block_start, self._block, self._at = self.position + count, b"", 0

    def _skip_texts(self, count: int) -> None:
        """Pass over the words of a vocabulary, 150,000 and more of them: what lies in the block is counted in place."""
        while count:
            block, at = self._block, self._at
            end = min(len(block), self._limit - self._block_start)
            while count and at + 8 <= end:
                following = at + 8 + int.from_bytes(block[at : at + 8], "little")
                if following > end:
                    break
                at, count = following, count - 1
            self._at = at
            if count:  # the next one goes on past the block
                self.skip(self.u64())
                count -= 1

    def number(self, kind: int) -> int | float | bool:
        layout = _NUMBERS[kind]
        value: int | float | bool = layout.unpack(self.take(layout.size))[0]
        return value

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def text(self, limit: int, what: str) -> str:
        length = self.u64()
        if length > limit:
            raise self.wrong(f"{what} has {length} bytes; at most {limit} are sensible")
        return self.take(length).decode("utf-8", "replace")

    def value(self, kind: int, key: str) -> Value | None:
        """One metadata value; None for a text too long to be one we use."""
        if kind in _NUMBERS:
            return self.number(kind)
        if kind == _STRING:
            length = self.u64()
            if length > MAX_TEXT_BYTES:
                self.skip(length)
                return None
            return self.take(length).decode("utf-8", "replace")
        if kind == _ARRAY:
            return self._array(key)
        raise self.wrong(f"metadata key {key!r} has the unknown type {kind}: the file is damaged or too new")

    def _array(self, key: str) -> Value:
        kind, count = self.u32(), self.u64()
        if count > MAX_ARRAY:
            raise self.wrong(f"metadata key {key!r} claims {count} entries; at most {MAX_ARRAY} are sensible")
        if kind == _STRING:
            self.need(8 * count)
            self._texts += count
            if self._texts > MAX_TEXTS:
                raise self.wrong(f"it lists more than {MAX_TEXTS} texts, which no vocabulary does")
            self._skip_texts(count)
            return ArrayOf(count)
        if kind not in _NUMBERS:
            raise self.wrong(f"metadata key {key!r} is an array of the unusable type {kind}")
        layout = _NUMBERS[kind]
        self.need(layout.size * count)
        if count <= KEPT_ARRAY:
            return tuple(self.number(kind) for _ in range(count))
        self.skip(layout.size * count)
        return ArrayOf(count)


def _header(reader: _Reader) -> GgufHeader:
    version, n_tensors, n_keys = _preamble(reader)
    metadata = _metadata(reader, n_keys)
    return _facts(reader, version, metadata, _tensors(reader, n_tensors, metadata))


def _preamble(reader: _Reader) -> tuple[int, int, int]:
    if reader.size < 24 or reader.take(4) != b"GGUF":
        raise reader.wrong("this is no GGUF file: a language model begins with the letters GGUF")
    version = reader.u32()
    if version & 0xFFFF == 0:
        raise reader.wrong("the file is big-endian, made for another kind of machine")
    if version == 1:
        raise reader.wrong("GGUF version 1 is too old: convert the model again with a current llama.cpp")
    if version > 3:
        raise reader.wrong(f"GGUF version {version} is too new: versions 2 and 3 are known")
    n_tensors, n_keys = reader.u64(), reader.u64()
    if n_tensors > MAX_TENSORS or n_keys > MAX_KEYS:
        raise reader.wrong(f"it claims {n_tensors} tensors and {n_keys} metadata keys: the file is damaged")
    return version, n_tensors, n_keys


def _metadata(reader: _Reader, n_keys: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    for _ in range(n_keys):
        key = reader.text(MAX_NAME_BYTES, "a metadata key")
        value = reader.value(reader.u32(), key)
        if key in metadata:
            raise reader.wrong(f"metadata key {key!r} is there twice")
        if value is not None:
            metadata[key] = value
    return metadata


def _tensors(reader: _Reader, n_tensors: int, metadata: dict[str, Value]) -> tuple[Tensor, ...]:
    tensors: dict[str, Tensor] = {}
    end = 0
    for _ in range(n_tensors):
        name = reader.text(MAX_NAME_BYTES, "a tensor's name")
        n_dims = reader.u32()
        if not 1 <= n_dims <= 4:
            raise reader.wrong(f"tensor {name!r} has {n_dims} dimensions; 1 to 4 are possible")
        shape = tuple(reader.u64() for _ in range(n_dims))
        kind = TENSOR_TYPES.get(number := reader.u32())
        if kind is None:
            raise reader.wrong(f"tensor {name!r} has the unknown type {number}: the file is damaged or too new")
        values = math.prod(shape)
        if values == 0 or values >= 1 << 48 or shape[0] % kind.block_values:
            raise reader.wrong(f"tensor {name!r} can't have the shape {shape} as {kind.name}")
        size = values // kind.block_values * kind.block_bytes
        if name in tensors:
            raise reader.wrong(f"tensor {name!r} is there twice")
        tensors[name] = Tensor(name, shape, kind.name, size)
        end = max(end, reader.u64() + size)
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20 or alignment & (alignment - 1):
        raise reader.wrong(f"general.alignment is {alignment!r}; a power of two is expected")
    needed = -(-reader.position // alignment) * alignment + end
    if tensors and needed > reader.size:
        raise reader.wrong(
            f"the file is truncated: it has {reader.size} bytes and its tensors end at {needed}; copy it again"
        )
    return tuple(tensors.values())


def _facts(reader: _Reader, version: int, metadata: dict[str, Value], tensors: tuple[Tensor, ...]) -> GgufHeader:
    architecture = _text(metadata, "general.architecture")
    if not architecture:
        raise reader.wrong("it does not say its architecture (general.architecture)")
    if (kind := _text(metadata, "general.type")) not in (None, "model"):
        raise reader.wrong(f"it holds no language model but a part of one ({kind})")
    if not tensors:
        raise reader.wrong("it holds no weights: a vocabulary alone can't answer")

    def count(key: str, limit: int, default: int | None = None) -> int:
        value = metadata.get(f"{architecture}.{key}", default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
            raise reader.wrong(f"{architecture}.{key} is {value!r}; a number from 0 to {limit} is expected")
        return value

    n_layer = count("block_count", 1024)
    n_embd = count("embedding_length", 1 << 20)
    heads = _per_layer(reader, metadata, f"{architecture}.attention.head_count", n_layer, (0,))
    kv_heads = _per_layer(reader, metadata, f"{architecture}.attention.head_count_kv", n_layer, heads)
    n_head = max(heads, default=0)
    width = n_embd // n_head if n_head else 0
    return GgufHeader(
        path=reader.path,
        file_bytes=reader.size,
        version=version,
        architecture=architecture,
        name=_text(metadata, "general.name") or reader.path.stem,
        quantisation=_quantisation(metadata, tensors),
        n_layer=n_layer,
        n_embd=n_embd,
        n_head=n_head,
        n_head_kv=kv_heads,
        key_length=count("attention.key_length", 1 << 16, width),
        value_length=count("attention.value_length", 1 << 16, width),
        n_vocab=_vocabulary(reader, metadata, architecture),
        n_merges=_length(metadata.get("tokenizer.ggml.merges")),
        n_ctx_train=count("context_length", 1 << 31),
        sliding_window=count("attention.sliding_window", 1 << 31, 0),
        chat_template=_text(metadata, "tokenizer.chat_template"),
        license=_text(metadata, "general.license"),
        tensors=tensors,
    )


def _text(metadata: dict[str, Value], key: str) -> str | None:
    value = metadata.get(key)
    return value if isinstance(value, str) and value else None


def _per_layer(
    reader: _Reader, metadata: dict[str, Value], key: str, n_layer: int, default: tuple[int, ...]
) -> tuple[int, ...]:
    value = metadata.get(key, default)
    counts = value if isinstance(value, tuple) else (value,) * n_layer
    if len(counts) == 1:
        counts *= n_layer
    if len(counts) < n_layer or not all(isinstance(one, int) and 0 <= one <= 1 << 16 for one in counts):
        raise reader.wrong(f"{key} is no count of heads for each of {n_layer} layers")
    return tuple(int(one) for one in counts if isinstance(one, int))[:n_layer]


def _vocabulary(reader: _Reader, metadata: dict[str, Value], architecture: str) -> int:
    if tokens := _length(metadata.get("tokenizer.ggml.tokens")):
        return tokens
    size = metadata.get(f"{architecture}.vocab_size")
    if isinstance(size, int) and 0 < size <= MAX_ARRAY:
        return size
    raise reader.wrong("it has no vocabulary (tokenizer.ggml.tokens)")


def _length(value: Value | None) -> int:
    return value.length if isinstance(value, ArrayOf) else 0


def _quantisation(metadata: dict[str, Value], tensors: tuple[Tensor, ...]) -> str:
    """The file type's name, or the type that most bytes have where the file does not say."""
    declared = metadata.get("general.file_type")
    if isinstance(declared, int) and declared in FILE_TYPES:
        return FILE_TYPES[declared]
    by_type: dict[str, int] = {}
    for tensor in tensors:
        by_type[tensor.type] = by_type.get(tensor.type, 0) + tensor.bytes
    return max(by_type, key=lambda kind: by_type[kind])
