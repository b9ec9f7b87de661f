"""The network: a BERT encoder and a decoder that writes one function token a step and marks the words each call copies."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

MAX_CALLS: Final = 3
WIDTH: Final = 384
_HEADS: Final = 12
_READ_HEADS: Final = 4
_TAG_WIDTH: Final = 256


@dataclass(frozen=True, slots=True)
class Output:
    """For B sentences of T tokens and K steps (the last only ever ends): functions (B, K, F), tags (B, K, T, S), reads (B, K, T),
    states (B, K, W): the vector each function token was chosen from."""

    functions: Tensor
    tags: Tensor
    reads: Tensor
    states: Tensor


class Layer(nn.Module):
    """A post-norm transformer layer, BERT's (Devlin et al. 2019)."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = x.shape
        qkv = self.qkv(x).view(batch, length, 3, _HEADS, WIDTH // _HEADS)
        q, k, v = qkv[:, :, 0].transpose(1, 2), qkv[:, :, 1].transpose(1, 2), qkv[:, :, 2].transpose(1, 2)
        weights = torch.softmax(q @ k.transpose(2, 3) * (1 / math.sqrt(WIDTH // _HEADS)) + bias, -1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm1(x + self.dropout(self.out(mixed)))
        return self.norm2(x + self.dropout(self.down(functional.gelu(self.up(x)))))


class Router(nn.Module):
    """Token ids (B, T) to `Output`; `functions` and `tags` are the sizes of the two vocabularies."""

    def __init__(self, words: int, functions: int, tags: int, layers: int = 6, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.positions = nn.Embedding(128, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList([Layer(dropout) for _ in range(layers)])
        self.dropout = nn.Dropout(dropout)
        self.first = nn.Linear(2 * WIDTH, WIDTH)
        self.key, self.value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.query, self.merge = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.spent = nn.Parameter(torch.zeros(2, WIDTH))
        self.state_norm, self.call_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.functions = nn.Embedding(functions, WIDTH)
        self.function_bias = nn.Parameter(torch.zeros(functions))
        self.tag_word, self.tag_call = nn.Linear(WIDTH, _TAG_WIDTH), nn.Linear(WIDTH, _TAG_WIDTH)
        self.tag_out = nn.Linear(_TAG_WIDTH, tags)
        self.next = nn.GRUCell(2 * WIDTH, WIDTH)
        nn.init.normal_(self.functions.weight, std=0.05)
        nn.init.normal_(self.spent, std=0.02)

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(B, T) ids and 1/0 mask to (B, T, W)."""
        bias = ((1 - mask) * -1e4)[:, None, None, :]
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        x = self.dropout(x)
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def forward(self, ids: Tensor, mask: Tensor, gold: Tensor | None = None, gold_used: Tensor | None = None) -> Output:
        """`gold` (B, K) function ids and `gold_used` (B, K, T) 1 where a word was copied: teacher forcing."""
        encoded = self.encode(ids, mask)
        weight = mask[:, :, None]
        mean = (encoded * weight).sum(1) / weight.sum(1)
        state = torch.tanh(self.first(torch.cat((encoded[:, 0], mean), -1)))
        spent = torch.zeros(ids.shape[0], ids.shape[1], 2, dtype=encoded.dtype)
        functions, tags, reads, states = [], [], [], []
        for step in range(MAX_CALLS + 1):
            words = encoded + spent @ self.spent
            state, read = self._read(state, words, mask)
            logits = state @ self.functions.weight.T + self.function_bias
            chosen = logits.argmax(-1) if gold is None else gold[:, step]
            call = self.call_norm(state + self.functions(chosen))
            marks = self.tag_out(functional.gelu(self.tag_word(words) + self.tag_call(call)[:, None]))
            functions.append(logits)
            tags.append(marks)
            reads.append(read)
            states.append(state)
            if step == MAX_CALLS:
                break
            used = (1 - torch.softmax(marks, -1)[..., 0]) if gold_used is None else gold_used[:, step]
            used = used * mask
            copied = (encoded * used[:, :, None]).sum(1) / (used.sum(1, keepdim=True) + 1)
            state = self.next(torch.cat((self.functions(chosen), copied), -1), state)
            spent = spent + torch.stack((used, read), -1)
        return Output(torch.stack(functions, 1), torch.stack(tags, 1), torch.stack(reads, 1), torch.stack(states, 1))

    def _read(self, state: Tensor, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        batch, length, _ = words.shape
        size = WIDTH // _READ_HEADS
        q = self.query(state).view(batch, _READ_HEADS, 1, size)
        k = self.key(words).view(batch, length, _READ_HEADS, size).transpose(1, 2)
        v = self.value(words).view(batch, length, _READ_HEADS, size).transpose(1, 2)
        weights = torch.softmax(
            q @ k.transpose(2, 3) * (1 / math.sqrt(size)) + ((1 - mask) * -1e4)[:, None, None, :], -1
        )
        mixed = (weights @ v).reshape(batch, WIDTH)
        return self.state_norm(state + self.merge(mixed)), weights.mean(1)[:, 0]


def pretrained(folder: Path, kept: list[int], functions: int, tags: int, layers: int) -> Router:
    """A router whose encoder starts from a MiniLM checkpoint, its word embeddings cut down to the rows `kept`."""
    source = {
        name.removeprefix("bert."): tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()
    }
    router = Router(len(kept), functions, tags, layers)
    with torch.no_grad():
        router.words.weight.copy_(source["embeddings.word_embeddings.weight"][kept])
        positions = source["embeddings.position_embeddings.weight"][:128]
        router.positions.weight.copy_(positions + source["embeddings.token_type_embeddings.weight"][0])
        _copy(router.norm, source, "embeddings.LayerNorm")
        for number, layer in enumerate(router.layers):
            at = f"encoder.layer.{number}"
            parts = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
            layer.qkv.weight.copy_(torch.cat([source[f"{part}.weight"] for part in parts]))
            layer.qkv.bias.copy_(torch.cat([source[f"{part}.bias"] for part in parts]))
            _copy(layer.out, source, f"{at}.attention.output.dense")
            _copy(layer.norm1, source, f"{at}.attention.output.LayerNorm")
            _copy(layer.up, source, f"{at}.intermediate.dense")
            _copy(layer.down, source, f"{at}.output.dense")
            _copy(layer.norm2, source, f"{at}.output.LayerNorm")
    return router


def _copy(module: nn.Module, source: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(source[f"{name}.weight"])
    module.bias.copy_(source[f"{name}.bias"])
