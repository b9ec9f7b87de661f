"""What the golden models must answer, computed without llama.cpp: `python -m tests.llm.golden_reference` writes it.

One layer of the Llama architecture in double precision, on weights that the `gguf` package takes apart.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from edge.llm import golden

Values = npt.NDArray[np.float64]
FILE = Path(golden.__file__).with_name("golden.json")


def answers(type_: str) -> tuple[list[float], list[float]]:
    """Values for the vocabulary after the prompt, and after the token that follows it."""
    embeddings = _matrix("token_embd", "F32", golden.VOCABULARY, golden.WIDTH)
    of = {name: _matrix(name, type_, rows, columns) for name, rows, columns in golden.tensors()}
    x = embeddings[[*golden.PROMPT, golden.NEXT]]
    x = x + _attention(_norm(x), of) @ of["blk.0.attn_output.weight"].T
    h = _norm(x)
    gate = h @ of["blk.0.ffn_gate.weight"].T
    x = x + (gate / (1 + np.exp(-gate)) * (h @ of["blk.0.ffn_up.weight"].T)) @ of["blk.0.ffn_down.weight"].T
    logits = _norm(x) @ of["output.weight"].T
    return logits[-2].tolist(), logits[-1].tolist()


def _attention(h: Values, of: dict[str, Values]) -> Values:
    length, size = len(h), golden.WIDTH // golden.HEADS
    q = _rotated((h @ of["blk.0.attn_q.weight"].T).reshape(length, golden.HEADS, size))
    k = _rotated((h @ of["blk.0.attn_k.weight"].T).reshape(length, golden.KV_HEADS, size))
    v = (h @ of["blk.0.attn_v.weight"].T).reshape(length, golden.KV_HEADS, size)
    k, v = (np.repeat(one, golden.HEADS // golden.KV_HEADS, axis=1) for one in (k, v))
    scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(size)
    scores = np.where(np.tril(np.ones((length, length), bool)), scores, -np.inf)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return np.einsum("hqk,khd->qhd", shares, v).reshape(length, golden.WIDTH)


def _rotated(x: Values) -> Values:
    """Rotary positions on neighbouring pairs, as Llama has them in a GGUF."""
    length, _, size = x.shape
    angles = np.arange(length)[:, None] * 10000.0 ** (-np.arange(0, size, 2) / size)
    cos, sin = np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]
    out = np.empty_like(x)
    out[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    out[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
    return out


def _norm(x: Values) -> Values:
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)


def _matrix(name: str, type_: str, rows: int, columns: int) -> Values:
    data = np.frombuffer(golden.weights(name, type_, rows * columns), np.uint8).reshape(rows, -1)
    return gguf.quants.dequantize(data, gguf.GGMLQuantizationType[type_]).reshape(rows, columns).astype(np.float64)


def main() -> None:
    """Write the file."""
    values = {
        type_: [[float(f"{value:.5g}") for value in one] for one in answers(type_)] for type_ in sorted(golden.KNOWN)
    }
    FILE.write_text(json.dumps(values, separators=(",", ":")).replace(']],"', ']],\n"') + "\n", "ascii")


if __name__ == "__main__":
    main()
