"""The inputs of a TensorFlow Lite network, read from the file without loading it.

The layout is that of schema.fbs (a FlatBuffer): a table's fields lie where its vtable says; Model.subgraphs is field 2,
SubGraph.tensors 0 and inputs 1, Tensor.shape 0 and type 1.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.models.errors import ModelError

MAX_BYTES: Final = 64 << 20
"""A wake word's network takes well under a megabyte."""
TYPES: Final = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 7: "int16", 9: "int8"}


@dataclass(frozen=True, slots=True)
class TfliteInput:
    """One input: its type's name and its shape."""

    type: str
    shape: tuple[int, ...]


def read_inputs(path: Path) -> tuple[TfliteInput, ...]:
    """The inputs of the first graph in `path`; raises `ModelError` where it is no such file."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror or error}") from error
    if data[4:8] != b"TFL3":
        raise ModelError(f"{path} is no TensorFlow Lite network of at most {MAX_BYTES >> 20} MiB")
    try:
        (root,) = struct.unpack_from("<I", data, 0)
        graph = _vector(data, _field(data, root, 2))[0]
        tensors = _vector(data, _field(data, graph, 0))
        inputs = [tensors[index] for index in _numbers(data, _field(data, graph, 1))]
        return tuple(_input(data, tensor) for tensor in inputs)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise ModelError(f"{path} is a damaged TensorFlow Lite network ({error}): try another copy") from error


def _input(data: bytes, tensor: int) -> TfliteInput:
    kind = _slot(data, tensor, 1)
    return TfliteInput(TYPES.get(data[kind] if kind else 0, "other"), _numbers(data, _field(data, tensor, 0)))


def _slot(data: bytes, table: int, field: int) -> int:
    """Where the field's value lies; 0 where the table has its default."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    if vtable < 0:
        raise ValueError("a table points outside of the file")
    (length,) = struct.unpack_from("<H", data, vtable)
    if 4 + 2 * field + 2 > length:
        return 0
    offset: int = struct.unpack_from("<H", data, vtable + 4 + 2 * field)[0]
    return table + offset if offset else 0


def _field(data: bytes, table: int, field: int) -> int:
    """Where the vector that the field points to begins."""
    at = _slot(data, table, field)
    if not at:
        raise ValueError(f"field {field} is missing")
    return at + int(struct.unpack_from("<I", data, at)[0])


def _numbers(data: bytes, at: int) -> tuple[int, ...]:
    (count,) = struct.unpack_from("<I", data, at)
    if count > len(data) // 4:
        raise ValueError("a list is longer than the file")
    return struct.unpack_from(f"<{count}i", data, at + 4)


def _vector(data: bytes, at: int) -> list[int]:
    """Where the tables in a vector of tables begin."""
    return [at + 4 + 4 * index + offset for index, offset in enumerate(_numbers(data, at))]
