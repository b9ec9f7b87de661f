"""From checkpoint to shipped weights: one graph with its steps unrolled, int8 weights, checked against the checkpoint."""

import logging
import math
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from edge.router.training.network import MAX_CALLS, WIDTH, Router

log = logging.getLogger(__name__)
_OPSET: Final = 17


class Shipped(nn.Module):
    """One sentence without padding: ids (1, T) to function log-probabilities (K, F), tag log-probabilities (K, T, S) and states (K, W)."""

    def __init__(self, router: Router) -> None:
        super().__init__()
        self.router = router

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        router = self.router
        x = router.norm(router.words(ids) + router.positions.weight[: ids.shape[1]])
        for layer in router.layers:
            x = _layer(layer, x)
        words = x[0]
        state = torch.tanh(router.first(torch.cat((words[:1], words.mean(0, keepdim=True)), -1)))
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
    """The decoder's view of the words. What it projects is linear in the words and in how far they are spent: the words' share is
    computed once, and a step only adds the rest."""

    def __init__(self, router: Router, words: Tensor) -> None:
        self.router, self.words = router, words
        self.views = {}
        for name in ("key", "value", "tag_word"):
            projection = getattr(router, name)
            self.views[name] = (
                projection(words),
                router.spent[:1] @ projection.weight.T,
                router.spent[1:] @ projection.weight.T,
            )
        self.used = self.seen = torch.zeros_like(words[:, :1])
        self.copied = torch.zeros_like(words[:1])

    def view(self, name: str) -> Tensor:
        fresh, used, seen = self.views[name]
        return fresh + self.used * used + self.seen * seen

    def read(self, state: Tensor) -> Tensor:
        router, size = self.router, WIDTH // 4
        q = router.query(state).reshape(4, 1, size)
        k = self.view("key").reshape(-1, 4, size).transpose(0, 1)
        v = self.view("value").reshape(-1, 4, size).transpose(0, 1)
        weights = torch.softmax(q @ k.transpose(1, 2) * (1 / math.sqrt(size)), -1)
        self.read_now = weights.mean(0).transpose(0, 1)
        return router.state_norm(state + router.merge((weights @ v).reshape(1, WIDTH)))

    def mark(self, call: Tensor) -> Tensor:
        """Tag log-probabilities; the words that are copied are spent from then on."""
        router = self.router
        marks = torch.log_softmax(router.tag_out(functional.gelu(self.view("tag_word") + router.tag_call(call))), -1)
        used = 1 - marks[:, :1].exp()
        self.copied = (self.words * used).sum(0, keepdim=True) / (used.sum() + 1)
        self.used = self.used + used
        self.seen = self.seen + self.read_now
        return marks


def _layer(layer: nn.Module, x: Tensor) -> Tensor:
    heads, size = 12, WIDTH // 12
    qkv = layer.qkv(x)
    q, k, v = (part.reshape(-1, heads, size).transpose(0, 1) for part in qkv[0].split(WIDTH, -1))
    weights = torch.softmax(q @ k.transpose(1, 2) * (1 / math.sqrt(size)), -1)
    mixed = (weights @ v).transpose(0, 1).reshape(1, -1, WIDTH)
    x = layer.norm1(x + layer.out(mixed))
    return layer.norm2(x + layer.down(functional.gelu(layer.up(x))))


def _next(cell: nn.GRUCell, x: Tensor, state: Tensor) -> Tensor:
    gates_x = x @ cell.weight_ih.T + cell.bias_ih
    gates_h = state @ cell.weight_hh.T + cell.bias_hh
    rx, zx, nx = gates_x.split(WIDTH, -1)
    rh, zh, nh = gates_h.split(WIDTH, -1)
    r, z = torch.sigmoid(rx + rh), torch.sigmoid(zx + zh)
    return (1 - z) * torch.tanh(nx + r * nh) + z * state


def export(router: Router, out: Path) -> Path:
    """Write `out/router.onnx` (int8); raises `ValueError` where the float graph disagrees with the network."""

    shipped = Shipped(router).eval()
    ids = torch.randint(5, 2000, (1, 11))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        whole = Path(folder) / "float.onnx"
        torch.onnx.export(
            shipped, (ids,), str(whole), input_names=["ids"], output_names=["functions", "tags", "states"],
            dynamic_axes={"ids": {1: "tokens"}, "tags": {1: "tokens"}}, opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
        _check(router, whole)
        quantize_dynamic(
            str(whole), str(out / "router.onnx"), weight_type=QuantType.QInt8, per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"], extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    onnx.checker.check_model(str(out / "router.onnx"))
    log.info("training.exported", extra={"bytes": (out / "router.onnx").stat().st_size})
    return out / "router.onnx"


def _check(router: Router, path: Path) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for length in (3, 9, 24):
        ids = torch.randint(5, 2000, (1, length))
        # The first step only: a tie there sends the later ones different ways.
        expected = torch.log_softmax(router(ids, torch.ones(1, length)).functions[0, 0], -1).numpy()
        found = session.run(["functions"], {"ids": ids.numpy()})[0][0]
        if not np.allclose(expected, found, atol=1e-2):
            raise ValueError(f"the exported graph disagrees by {np.abs(expected - found).max():.4f} at {length} tokens")
