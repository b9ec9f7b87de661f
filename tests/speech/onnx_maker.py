"""Small ONNX networks that run: protocol buffers written by hand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.models.makers import field, varint

_FLOAT, _INT64 = 1, 7
_INTS = 7


def make_openwakeword(directory: Path, word: str) -> Path:
    """Stand-ins of the true shapes, for a word that is a tone of 1 kHz, in `directory`; returns the word's network."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "melspectrogram.onnx").write_bytes(_mel())
    (directory / "embedding_model.onnx").write_bytes(_embedding())
    network = directory / f"{word}.onnx"
    network.write_bytes(_word())
    return network


def _mel() -> bytes:
    """[1, n] sound to [1, 1, frames, 32]: how much there is of 32 frequencies, `160 * frames + 352` samples long."""
    times = np.arange(512) / 16_000
    tones = np.stack([np.hanning(512) * np.cos(2 * np.pi * 250 * (one + 1) * times) for one in range(32)])
    kernel = (tones[:, np.newaxis] / 1e5).astype(np.float32)
    nodes = [
        _node("Unsqueeze", ["input", "axis"], "sound"),
        _node("Conv", ["sound", "kernel"], "waves", strides=[160]),
        _node("Abs", ["waves"], "levels"),
        _node("Transpose", ["levels"], "frames", perm=[0, 2, 1]),
        _node("Unsqueeze", ["frames", "axis"], "mels"),
    ]
    return _model(nodes, {"kernel": kernel, "axis": np.array([1])}, ("input", (None, None)), "mels")


def _embedding() -> bytes:
    """[batch, 76, 32, 1] to [batch, 1, 1, 96]: the mean over the frames, three times over."""
    nodes = [
        _node("Reshape", ["input_1", "table"], "mels"),
        _node("ReduceMean", ["mels"], "mean", axes=[1]),
        _node("Concat", ["mean", "mean", "mean"], "values", axis_=2),
        _node("Reshape", ["values", "wide"], "embedding"),
    ]
    constants = {"table": np.array([-1, 76, 32]), "wide": np.array([-1, 1, 1, 96])}
    return _model(nodes, constants, ("input_1", (None, 76, 32, 1)), "embedding")


def _word() -> bytes:
    """[1, 16, 96] to [1, 1]: sure where the fourth frequency, 1 kHz, stands out of the others."""
    weights = np.full((96, 1), -0.4, dtype=np.float32)
    weights[3] = 40.0
    nodes = [
        _node("ReduceMean", ["x"], "mean", axes=[1]),
        _node("Reshape", ["mean", "flat"], "values"),
        _node("MatMul", ["values", "weights"], "sum"),
        _node("Add", ["sum", "bias"], "sure"),
        _node("Sigmoid", ["sure"], "probability"),
    ]
    constants = {"weights": weights, "bias": np.array([-16.0], dtype=np.float32), "flat": np.array([1, 96])}
    return _model(nodes, constants, ("x", (1, 16, 96)), "probability")


def _model(
    nodes: Sequence[bytes],
    constants: dict[str, NDArray[np.generic]],
    given: tuple[str, Sequence[int | None]],
    outcome: str,
) -> bytes:
    graph = b"".join(field(1, node) for node in nodes) + field(2, b"made")
    graph += b"".join(field(5, _tensor(name, values)) for name, values in constants.items())
    graph += field(11, _value(*given)) + field(12, _value(outcome, ()))
    return varint(1 << 3) + varint(8) + field(7, graph) + field(8, varint(2 << 3) + varint(13))


def _value(name: str, shape: Sequence[int | None]) -> bytes:
    dims = b"".join(field(1, varint(1 << 3) + varint(d) if d is not None else field(2, b"n")) for d in shape)
    kind = varint(1 << 3) + varint(_FLOAT) + (field(2, dims) if shape else b"")
    return field(1, name.encode()) + field(2, field(1, kind))


def _tensor(name: str, values: NDArray[np.generic]) -> bytes:
    kind = _INT64 if values.dtype.kind == "i" else _FLOAT
    dims = b"".join(varint(1 << 3) + varint(d) for d in values.shape)
    return dims + varint(2 << 3) + varint(kind) + field(8, name.encode()) + field(9, values.tobytes())


def _node(operation: str, inputs: Sequence[str], output: str, axis_: int | None = None, **lists: list[int]) -> bytes:
    node = b"".join(field(1, one.encode()) for one in inputs) + field(2, output.encode()) + field(4, operation.encode())
    for name, numbers in lists.items():
        values = b"".join(varint(8 << 3) + varint(number) for number in numbers)
        node += field(5, field(1, name.encode()) + values + varint(20 << 3) + varint(_INTS))
    if axis_ is not None:
        node += field(5, field(1, b"axis") + varint(3 << 3) + varint(axis_) + varint(20 << 3) + varint(2))
    return node
