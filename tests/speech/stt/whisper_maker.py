"""A Whisper model of the right shape with random weights, as CTranslate2's converter would write it; 0.4 MB."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from ctranslate2.specs.whisper_spec import WhisperSpec

WIDTH = 32
HEADS = 2
MELS = 80
SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>",
    "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip
WORDS = ("turn", "on", "off", "the", "light", "kitchen", "five", "minutes", "a", "timer")


def make_whisper(folder: Path) -> Path:
    """Write the model's directory; English only, its vocabulary a few words."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = [*WORDS, *SPECIAL, *(f"<|{number / 50:.2f}|>" for number in range(1501))]
    random = np.random.default_rng(0)
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    _fill(spec.encoder, random)
    _fill(spec.decoder, random)
    spec.encoder.conv1.weight = _some(random, WIDTH, MELS, 3)
    spec.encoder.conv2.weight = _some(random, WIDTH, WIDTH, 3)
    spec.encoder.position_encodings.encodings = _some(random, 1500, WIDTH)
    spec.decoder.position_encodings.encodings = _some(random, 448, WIDTH)
    spec.decoder.embeddings.weight = _some(random, len(vocabulary), WIDTH)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = list(range(len(WORDS) + 1, len(vocabulary)))
    spec.config.suppress_ids_begin = [vocabulary.index("<|endoftext|>")]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return folder


def _tokenizer(vocabulary: list[str]) -> Any:
    numbers = {word: number for number, word in enumerate(vocabulary)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token=WORDS[-2]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.add_special_tokens(list(SPECIAL))
    return made


def _fill(spec: Any, random: np.random.Generator) -> None:
    """Every linear layer and norm: attention has one for queries, keys and values together, or one and then another."""
    spec.layer_norm.gamma, spec.layer_norm.beta = _ones(), _zeros()
    for part in (spec, *spec.layer):
        for name in ("conv1", "conv2"):
            if hasattr(part, name):
                getattr(part, name).bias = _zeros()
    for layer in spec.layer:
        _attention(layer.self_attention, random, (3, 1))
        if hasattr(layer, "attention"):
            _attention(layer.attention, random, (1, 2, 1))
        _norm(layer.ffn.layer_norm)
        _linear(layer.ffn.linear_0, random, 4 * WIDTH, WIDTH)
        _linear(layer.ffn.linear_1, random, WIDTH, 4 * WIDTH)


def _attention(spec: Any, random: np.random.Generator, sizes: tuple[int, ...]) -> None:
    _norm(spec.layer_norm)
    for linear, size in zip(spec.linear, sizes, strict=True):
        _linear(linear, random, size * WIDTH, WIDTH)


def _linear(spec: Any, random: np.random.Generator, rows: int, columns: int) -> None:
    spec.weight, spec.bias = _some(random, rows, columns), np.zeros(rows, dtype=np.float32)


def _norm(spec: Any) -> None:
    spec.gamma, spec.beta = _ones(), _zeros()


def _some(random: np.random.Generator, *shape: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
    return (random.normal(size=shape) * 0.1).astype(np.float32)


def _ones() -> "np.ndarray[Any, np.dtype[np.float32]]":
    return np.ones(WIDTH, dtype=np.float32)


def _zeros() -> "np.ndarray[Any, np.dtype[np.float32]]":
    return np.zeros(WIDTH, dtype=np.float32)
