"""Small files of the other kinds of models, true to their formats."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path


def make_voice(path: Path, *, sample_rate: int = 22_050, filling: bytes = b"weights" * 1000) -> Path:
    """A Piper voice: an ONNX file with its three inputs, and the JSON beside it."""
    inputs = [("input", (None, None)), ("input_lengths", (None,)), ("scales", (3,))]
    path.write_bytes(onnx(inputs, filling))
    facts = {"audio": {"sample_rate": sample_rate}, "espeak": {"voice": "en-gb"}, "phoneme_id_map": {"a": [1]}}
    path.with_name(f"{path.name}.json").write_text(json.dumps(facts), encoding="utf-8")
    return path


def make_whisper(directory: Path, *, specification: str = "WhisperSpec") -> Path:
    """A Whisper model as CTranslate2 writes it, of one variable."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.bin").write_bytes(ctranslate2(specification))
    (directory / "config.json").write_text('{"suppress_ids": []}', encoding="utf-8")
    (directory / "tokenizer.json").write_text('{"model": {"vocab": {}}}', encoding="utf-8")
    (directory / "vocabulary.txt").write_text("a\nb\n", encoding="utf-8")
    return directory


def make_micro(path: Path) -> Path:
    """A microWakeWord model: int8 [1, 3, 40], and its JSON."""
    path.write_bytes(tflite((1, 3, 40), 9))
    facts = {"type": "micro", "wake_word": "Okay", "version": 2, "micro": {"probability_cutoff": 0.85}}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    return path


def onnx(inputs: Sequence[tuple[str, Sequence[int | None]]], filling: bytes = b"") -> bytes:
    """A ModelProto with a graph that has an initialiser and these inputs."""
    graph = field(5, field(9, filling)) if filling else b""
    for name, shape in inputs:
        dims = b"".join(field(1, varint(1 << 3) + varint(d) if d is not None else field(2, b"n")) for d in shape)
        tensor = varint(1 << 3) + varint(1) + field(2, dims)
        graph += field(11, field(1, name.encode()) + field(2, field(1, tensor)))
    return varint(1 << 3) + varint(8) + field(2, b"maker") + field(7, graph)


def field(number: int, data: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    """A number in groups of seven bits."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def ctranslate2(specification: str, aliases: int = 1) -> bytes:
    """A model.bin with one variable of 16 floats."""

    def text(word: str) -> bytes:
        return struct.pack("<H", len(word) + 1) + word.encode() + b"\0"

    variable = text("encoder/conv1/weight") + struct.pack("<BII", 2, 4, 4) + struct.pack("<BI", 0, 64) + bytes(64)
    end = struct.pack("<I", aliases) + (text("a") + text("b")) * aliases
    return struct.pack("<I", 6) + text(specification) + struct.pack("<II", 3, 1) + variable + end


def tflite(shape: Sequence[int], kind: int) -> bytes:
    """A FlatBuffer with one graph of one input of that shape and type, laid out by hand."""
    out = bytearray(struct.pack("<I4s", 0, b"TFL3"))

    def put(data: bytes) -> int:
        while len(out) % 4:
            out.append(0)
        out.extend(data)
        return len(out) - len(data)

    def table(offsets: Sequence[int | None], inline: dict[int, bytes] | None = None) -> int:
        """A table whose fields are offsets to fill in, each later than the table; returns where it lies."""
        inline = inline or {}
        vtable = put(struct.pack("<HH", 4 + 2 * len(offsets), 4 + 4 * len(offsets)))
        for index in range(len(offsets)):
            used = offsets[index] is not None or index in inline
            out.extend(struct.pack("<H", 4 + 4 * index if used else 0))
        at = put(struct.pack("<i", 0))
        struct.pack_into("<i", out, at, at - vtable)
        for index in range(len(offsets)):
            out.extend(inline.get(index, bytes(4)))
        return at

    def point(where: int, target: int) -> None:
        struct.pack_into("<I", out, where, target - where)

    model = table([None, None, 0])
    struct.pack_into("<I", out, 0, model)
    graphs = put(struct.pack("<II", 1, 0))
    point(model + 4 + 8, graphs)
    graph = table([0, 0])
    point(graphs + 4, graph)
    tensors = put(struct.pack("<II", 1, 0))
    point(graph + 4, tensors)
    inputs = put(struct.pack("<Ii", 1, 0))
    point(graph + 8, inputs)
    tensor = table([0, None], {1: bytes([kind, 0, 0, 0])})
    point(tensors + 4, tensor)
    dims = put(struct.pack(f"<I{len(shape)}i", len(shape), *shape))
    point(tensor + 4, dims)
    return bytes(out)
