"""From checkpoint to shipped weights: one graph with its steps unrolled, int8 weights, checked against the checkpoint."""

import logging
import math
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from edge.router.training.network import MAX_CALLS, WIDTH, Router

log = logging.getLogger(__name__)
_OPSET: Final = 17
_HEADS: Final = 4
_SIZE: Final = WIDTH // _HEADS
_ROUNDING: Final = 0.2
"""How far apart int8 may bring the probabilities of a sentence (of random words, on which nothing is certain)."""
_SAYABLE: Final = re.compile(r"(##)?([0-9]+|[a-z]+|[%'])|\[(PAD|UNK|CLS|SEP)\]")
"""Tokens that `edge.router.text` can come to: digits and letters are never in one, nor is other punctuation."""


class Shipped(nn.Module):
    """One sentence without padding: its tokens' vectors (1, T, W) to function log-probabilities (K, F), tag
    log-probabilities (K, T, S) and states (K, W)."""

    def __init__(self, router: Router) -> None:
        super().__init__()
        self.router = router

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        router = self.router
        x = router.norm(vectors + router.positions.weight[: vectors.shape[1]])
        for layer in router.layers:
            x = _layer(layer, x)
        words = x[0]
        state = torch.tanh(_linear(router.first, torch.cat((words[:1], words.mean(0, keepdim=True)), -1)))
        steps = _Steps(router, words)
        functions, tags, states = [], [], []
        for _ in range(MAX_CALLS):
            state = steps.read(state)
            logits = state @ router.functions.weight.T + router.function_bias
            chosen = router.functions(logits.argmax(-1))
            marks = steps.mark(router.call_norm(state + chosen))
            functions.append(torch.log_softmax(logits, -1))
            tags.append(marks[None])
            states.append(state)
            state = _next(router.next, torch.cat((chosen, steps.copied), -1), state)
        state = steps.read(state)
        functions.append(torch.log_softmax(state @ router.functions.weight.T + router.function_bias, -1))
        return torch.cat(functions), torch.cat(tags), torch.cat(states)


class _Steps:
    """The decoder's view of the words. What it projects is linear in the words and in how far they are spent: the words'
    share is computed once, and a step only adds the rest, to products rather than to vectors."""

    def __init__(self, router: Router, words: Tensor) -> None:
        self.router, self.words = router, words
        self.keys = _linear(router.key, words).reshape(-1, _HEADS, _SIZE).permute(1, 2, 0)
        self.values = _linear(router.value, words).reshape(-1, _HEADS, _SIZE).transpose(0, 1)
        self.tag_words = _linear(router.tag_word, words)
        self.spent_key = (router.spent @ router.key.weight.T).reshape(2, _HEADS, _SIZE).permute(1, 2, 0)
        self.spent_value = (router.spent @ router.value.weight.T).reshape(2, _HEADS, _SIZE).transpose(0, 1)
        self.spent_tag = router.spent @ router.tag_word.weight.T
        self.spent: Tensor | None = None
        """(T, 2): how far each word was copied, and how far it was read; None before the first step."""

    def read(self, state: Tensor) -> Tensor:
        router = self.router
        q = _linear(router.query, state).reshape(_HEADS, 1, _SIZE)
        scores = q @ self.keys
        if self.spent is not None:
            scores = scores + (q @ self.spent_key) @ self.spent.T
        weights = torch.softmax(scores * (1 / math.sqrt(_SIZE)), -1)
        mixed = weights @ self.values
        if self.spent is not None:
            mixed = mixed + (weights @ self.spent) @ self.spent_value
        self.read_now = weights.mean(0)
        return router.state_norm(state + _linear(router.merge, mixed.reshape(1, WIDTH)))

    def mark(self, call: Tensor) -> Tensor:
        """Tag log-probabilities; the words that are copied are spent from then on."""
        router = self.router
        seen = self.tag_words if self.spent is None else self.tag_words + self.spent @ self.spent_tag
        mixed = functional.gelu(seen + _linear(router.tag_call, call))
        marks = torch.log_softmax(_linear(router.tag_out, mixed), -1)
        used = 1 - marks[:, :1].exp()
        self.copied = used.T @ self.words / (used.sum() + 1)
        now = torch.cat((used, self.read_now.T), -1)
        self.spent = now if self.spent is None else self.spent + now
        return marks


def _layer(layer: nn.Module, x: Tensor) -> Tensor:
    heads, size = 12, WIDTH // 12
    qkv = layer.qkv(x)
    q, k, v = (part.reshape(-1, heads, size).transpose(0, 1) for part in qkv[0].split(WIDTH, -1))
    weights = torch.softmax(q @ k.transpose(1, 2) * (1 / math.sqrt(size)), -1)
    mixed = (weights @ v).transpose(0, 1).reshape(1, -1, WIDTH)
    x = layer.norm1(x + layer.out(mixed))
    return layer.norm2(x + layer.down(functional.gelu(layer.up(x))))


def _linear(layer: nn.Linear, x: Tensor) -> Tensor:
    """A linear layer as a plain product. On two axes the exporter writes `Gemm` for `nn.Linear`, and the quantiser transposes
    the weights of a `Gemm` in place, once for every step that shares them."""
    return x @ layer.weight.T + layer.bias


def _next(cell: nn.GRUCell, x: Tensor, state: Tensor) -> Tensor:
    gates_x = x @ cell.weight_ih.T + cell.bias_ih
    gates_h = state @ cell.weight_hh.T + cell.bias_hh
    rx, zx, nx = gates_x.split(WIDTH, -1)
    rh, zh, nh = gates_h.split(WIDTH, -1)
    r, z = torch.sigmoid(rx + rh), torch.sigmoid(zx + zh)
    return (1 - z) * torch.tanh(nx + r * nh) + z * state


def export(router: Router, words: Sequence[str], out: Path) -> Path:
    """Write `out/router.onnx` and the word table, `vocab.txt` and `words.bin`: int8 all. `words` are the network's tokens;
    those that no utterance can hold fall away. Raises `ValueError` where the graph disagrees with the network."""
    shipped = Shipped(router).eval()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        kept = [row for row, word in enumerate(words) if _SAYABLE.fullmatch(word)]
        (out / "vocab.txt").write_text("\n".join(words[row] for row in kept), "utf-8")
        (out / "words.bin").write_bytes(rows_of(router.words.weight[kept].numpy()))
        whole = Path(folder) / "float.onnx"
        torch.onnx.export(
            shipped, (router.words.weight[None, 5:16],), str(whole), input_names=["vectors"], opset_version=_OPSET,
            output_names=["functions", "tags", "states"], dynamic_axes={"vectors": {1: "tokens"}, "tags": {1: "tokens"}},
            dynamo=False,
        )  # fmt: skip
        _check(router, whole, 1e-2)
        quantize_dynamic(
            str(whole), str(out / "router.onnx"), weight_type=QuantType.QInt8, per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"], extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        _check(router, out / "router.onnx", _ROUNDING)
    onnx.checker.check_model(str(out / "router.onnx"))
    log.info("training.exported", extra={"bytes": (out / "router.onnx").stat().st_size})
    return out / "router.onnx"


def rows_of(table: NDArray[np.float32]) -> bytes:
    """The word table as `edge.router.words` reads it: each row as int8 and a byte for its scale."""
    steps = np.floor(-16 * np.log2(np.abs(table).max(1, keepdims=True) / 127)).clip(0, 255)
    values = np.round(table / 2 ** (-steps / 16)).clip(-127, 127).astype(np.int8)
    return np.concatenate((values.view(np.uint8), steps.astype(np.uint8)), 1).tobytes()


def _check(router: Router, path: Path, tolerance: float) -> None:
    """By the functions' probabilities, up to the step where a tie sends the two different ways, and by the first tags."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    apart = []
    for length in (3, 5, 9, 13, 24) * 5:
        ids = torch.randint(5, 2000, (1, length))
        wanted = router(ids, torch.ones(1, length))
        expected = torch.softmax(wanted.functions[0], -1).numpy()
        functions, tags, _ = session.run(None, {"vectors": router.words(ids).numpy()})
        agreed = [*(functions.argmax(-1) == expected.argmax(-1)), False]
        apart.append(np.abs(expected - np.exp(functions))[: agreed.index(False) + 1].sum(-1).mean() / 2)
        apart.append(np.abs(torch.softmax(wanted.tags[0, 0], -1).numpy() - np.exp(tags[0])).sum(-1).mean() / 2)
    if np.median(apart) > tolerance:
        raise ValueError(f"{path.name} disagrees with the network: probabilities are {np.median(apart):.4f} apart")
