"""The inputs of an ONNX network, read from the file without loading it.

The layout is that of onnx.proto (a protocol buffer): ModelProto.graph is field 7, GraphProto.input field 11, and in a
ValueInfoProto the name is field 1 and the type field 2. Whatever else there is gets skipped by its length, unread.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from edge.models.errors import ModelError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_GRAPH, _INPUT = 7, 11
MAX_INPUTS: Final = 4096
MAX_INPUT_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class OnnxInput:
    """One input: its name, and its shape with None where a dimension may vary."""

    name: str
    shape: tuple[int | None, ...]


def read_inputs(path: Path) -> tuple[OnnxInput, ...]:
    """The inputs of the network in `path`, in order; raises `ModelError` where it is no ONNX file."""
    try:
        with path.open("rb") as file:
            return tuple(_input(file, at, end) for at, end in _inputs(file, file.seek(0, 2)))
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror or error}") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is no ONNX network, or only a part of one: {error}") from error


def _inputs(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Where each input's description begins and ends."""
    graphs = [(at, end) for field, at, end in _fields(file, 0, size) if field == _GRAPH and end != -1]
    if len(graphs) != 1:
        raise ValueError("it holds no graph")
    spans = [(at, end) for field, at, end in _fields(file, *graphs[0]) if field == _INPUT and end != -1]
    if not 0 < len(spans) <= MAX_INPUTS:
        raise ValueError(f"its graph has {len(spans)} inputs")
    return spans


def _input(file: BinaryIO, at: int, end: int) -> OnnxInput:
    if end - at > MAX_INPUT_BYTES:
        raise ValueError("an input's description is too long")
    name = ""
    shape: tuple[int | None, ...] = ()
    for field, start, stop in _fields(file, at, end):
        if field == 1 and stop != -1:
            name = _bytes(file, start, stop).decode("utf-8")
        elif field == 2 and stop != -1:
            shape = tuple(_dimensions(file, start, stop))
    return OnnxInput(name, shape)


def _dimensions(file: BinaryIO, at: int, end: int) -> Iterator[int | None]:
    """TypeProto.tensor_type (1), its shape (2), each dim (1): dim_value (1), or a name in its place."""
    for dim_at, dim_end in _within(file, at, end, 1, 2, 1):
        value = None
        for field, start, stop in _fields(file, dim_at, dim_end):
            if field == 1 and stop == -1:
                value = start
        yield value


def _within(file: BinaryIO, at: int, end: int, *path: int) -> Iterator[tuple[int, int]]:
    if not path:
        yield at, end
        return
    for field, start, stop in list(_fields(file, at, end)):
        if field == path[0] and stop != -1:
            yield from _within(file, start, stop, *path[1:])


def _fields(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Field numbers with where their bytes begin and end; for a varint its value, and -1."""
    while at < end:
        key, at = _varint(file, at, end)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(file, at, end)
            yield field, value, -1
            continue
        if kind == _BYTES:
            length, at = _varint(file, at, end)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"byte {at} begins no field")
        if length > end - at:
            raise ValueError(f"it ends before the {length} bytes that byte {at} announces")
        yield field, at, at + length
        at += length


def _varint(file: BinaryIO, at: int, end: int) -> tuple[int, int]:
    data = _bytes(file, at, min(at + 10, end))
    value = 0
    for index, byte in enumerate(data):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError(f"byte {at} begins no number")


def _bytes(file: BinaryIO, at: int, end: int) -> bytes:
    file.seek(at)
    return file.read(end - at)
