"""Makes GGUF files of random weights: tiny ones that llama.cpp loads in a blink, and true shapes for benches.

Run it: `python -m tests.gguf_maker OUT.gguf --shape qwen2.5-0.5b --type Q4_0 [--vocab ggml-vocab-qwen2.gguf]`.
Random weights answer with noise, but take the memory and the time that real ones take. Control tokens have no weight,
so that none is ever likely: an answer goes on until its length is reached.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
WORDS = (
    "the",
    "and",
    "ing",
    "light",
    "kitchen",
    "what",
    "is",
    "you",
    "hello",
    "turn",
    "on",
    "off",
    "user",
    "assistant",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The dimensions of a model."""

    architecture: str
    n_layer: int
    n_embd: int
    n_ff: int
    n_head: int
    n_head_kv: int
    n_vocab: int
    n_ctx_train: int
    head_dim: int
    tied: bool = True
    sliding_window: int = 0


SHAPES = {
    "tiny": Shape("qwen2", 2, 64, 128, 4, 2, 0, 2048, 16),
    "small": Shape("llama", 8, 512, 1536, 8, 4, 0, 4096, 64),
    "smollm2-135m": Shape("llama", 30, 576, 1536, 9, 3, 49152, 8192, 64),
    "qwen2.5-0.5b": Shape("qwen2", 24, 896, 4864, 14, 2, 151936, 32768, 64),
    "qwen2.5-1.5b": Shape("qwen2", 28, 1536, 8960, 12, 2, 151936, 32768, 128),
    "qwen3-0.6b": Shape("qwen3", 28, 1024, 3072, 16, 8, 151936, 40960, 128),
    "llama-3.2-1b": Shape("llama", 16, 2048, 8192, 32, 8, 128256, 131072, 64),
    "phi-3-mini": Shape("phi3", 32, 3072, 8192, 32, 32, 32064, 4096, 96, tied=False, sliding_window=2047),
    "phi-4-mini": Shape("phi3", 32, 3072, 8192, 24, 8, 200064, 131072, 128, sliding_window=262144),
    "gemma-2-2b": Shape("gemma2", 26, 2304, 9216, 8, 4, 256000, 8192, 256, sliding_window=4096),
    "gemma-3-270m": Shape("gemma3", 18, 640, 2048, 4, 1, 262144, 32768, 256, sliding_window=512),
    "gemma-3-1b": Shape("gemma3", 26, 1152, 6912, 4, 1, 262144, 32768, 256, sliding_window=512),
}
GEMMA = ("gemma2", "gemma3")

Bytes = npt.NDArray[np.uint8]


def make(
    out: Path,
    shape: Shape | str = "tiny",
    *,
    type_: str = "Q8_0",
    vocab: Path | None = None,
    chat_template: str | None = CHATML,
    name: str | None = None,
    n_ctx_train: int | None = None,
    seed: int = 0,
    user_defined: tuple[str, ...] = (),
) -> Path:
    """Write a model of `shape` to `out`; `type_` is F32, F16, Q8_0, Q4_0 or Q4_K_M.

    `user_defined`: tokens that the small vocabulary has besides, which count as text.
    """
    label = shape if isinstance(shape, str) else shape.architecture
    shape = SHAPES[shape] if isinstance(shape, str) else shape
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(out, shape.architecture)
    writer.add_name(name or f"Random {label}")
    writer.add_block_count(shape.n_layer)
    writer.add_context_length(n_ctx_train or shape.n_ctx_train)
    writer.add_embedding_length(shape.n_embd)
    writer.add_feed_forward_length(shape.n_ff)
    writer.add_head_count(shape.n_head)
    writer.add_head_count_kv(shape.n_head_kv)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(shape.head_dim)
    if shape.head_dim * shape.n_head != shape.n_embd:
        writer.add_key_length(shape.head_dim)
        writer.add_value_length(shape.head_dim)
    if shape.sliding_window:
        writer.add_sliding_window(shape.sliding_window)
    writer.add_file_type(getattr(gguf.LlamaFileType, "ALL_F32" if type_ == "F32" else f"MOSTLY_{type_}"))
    n_vocab, controls = (
        _copy_vocabulary(writer, vocab, shape) if vocab else _byte_vocabulary(writer, shape.n_vocab, user_defined)
    )
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    for tensor, dims in _tensors(shape, n_vocab):
        kind = _kind(tensor, dims, type_, shape)
        data = np.full(dims, float("norm" in tensor), np.float32) if len(dims) == 1 else WEIGHTS[kind](rng, dims)
        if tensor in ("token_embd.weight", "output.weight"):
            data[controls] = 0
        writer.add_tensor(tensor, data, raw_dtype=gguf.GGMLQuantizationType[kind if len(dims) > 1 else "F32"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out


def _tensors(shape: Shape, n_vocab: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes, slowest dimension first as numpy has them."""
    width, q, kv = shape.n_embd, shape.head_dim * shape.n_head, shape.head_dim * shape.n_head_kv
    yield "token_embd.weight", (n_vocab, width)
    yield "output_norm.weight", (width,)
    if not shape.tied:
        yield "output.weight", (n_vocab, width)
    for layer in range(shape.n_layer):
        at = f"blk.{layer}."
        yield at + "attn_norm.weight", (width,)
        yield at + "attn_output.weight", (width, q)
        yield at + "ffn_norm.weight", (width,)
        yield at + "ffn_down.weight", (width, shape.n_ff)
        if shape.architecture == "phi3":
            yield at + "attn_qkv.weight", (q + 2 * kv, width)
            yield at + "ffn_up.weight", (2 * shape.n_ff, width)
            continue
        yield at + "attn_q.weight", (q, width)
        yield at + "attn_k.weight", (kv, width)
        yield at + "attn_v.weight", (kv, width)
        yield at + "ffn_gate.weight", (shape.n_ff, width)
        yield at + "ffn_up.weight", (shape.n_ff, width)
        if shape.architecture == "qwen2":
            yield at + "attn_q.bias", (q,)
            yield at + "attn_k.bias", (kv,)
            yield at + "attn_v.bias", (kv,)
        if shape.architecture in ("qwen3", "gemma3"):
            yield at + "attn_q_norm.weight", (shape.head_dim,)
            yield at + "attn_k_norm.weight", (shape.head_dim,)
        if shape.architecture in GEMMA:
            yield at + "post_attention_norm.weight", (width,)
            yield at + "post_ffw_norm.weight", (width,)


def _kind(tensor: str, dims: tuple[int, ...], type_: str, shape: Shape) -> str:
    """The type that llama.cpp's own quantiser gives a tensor of this name, near enough for size and speed."""
    if type_ in ("F32", "F16", "Q8_0"):
        return type_
    if tensor in ("token_embd.weight", "output.weight") and (tensor == "output.weight" or shape.tied):
        return "Q6_K" if dims[-1] % 256 == 0 else "Q8_0"
    if type_ == "Q4_0":
        return "Q4_0"
    wide = dims[-1] % 256 == 0
    if "ffn_down" in tensor or "attn_v" in tensor:
        layer, n = int(tensor.split(".")[1]), shape.n_layer
        if layer < n // 8 or layer >= 7 * n // 8 or (layer - n // 8) % 3 == 2:
            return "Q6_K" if wide else "Q8_0"
    return "Q4_K" if wide else "Q5_0"


def _blocks(rng: np.random.Generator, dims: tuple[int, ...], values: int, size: int, scales: dict[int, float]) -> Bytes:
    """Random blocks of `size` bytes for `values` weights, with half-precision scales put at the given offsets."""
    blocks = np.frombuffer(rng.bytes(int(np.prod(dims)) // values * size), np.uint8).reshape(-1, size).copy()
    for offset, scale in scales.items():
        blocks[:, offset : offset + 2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    return blocks.reshape(*dims[:-1], -1)


def _normal(rng: np.random.Generator, dims: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return rng.standard_normal(dims, np.float32) * np.float32(0.03)


WEIGHTS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], npt.NDArray[np.generic]]] = {
    "F32": _normal,
    "F16": lambda rng, dims: _normal(rng, dims).astype(np.float16),
    "Q8_0": lambda rng, dims: _blocks(rng, dims, 32, 34, {0: 0.0004}),
    "Q4_0": lambda rng, dims: _blocks(rng, dims, 32, 18, {0: 0.006}),
    "Q5_0": lambda rng, dims: _blocks(rng, dims, 32, 22, {0: 0.003}),
    "Q4_K": lambda rng, dims: _blocks(rng, dims, 256, 144, {0: 0.0002, 2: 0.0015}),
    "Q6_K": lambda rng, dims: _blocks(rng, dims, 256, 210, {208: 0.00002}),
}


def _byte_vocabulary(writer: gguf.GGUFWriter, size: int, user_defined: tuple[str, ...]) -> tuple[int, list[int]]:
    """A small true byte-pair vocabulary: every byte, some words with their merges, the ChatML marks, then filler.

    Returns its size and the numbers of its control tokens.
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(rest))]
    tokens, merges = list(letters), []
    for word in WORDS:
        for form in (word, "Ġ" + word):
            whole = form[0]
            for letter in form[1:]:
                if whole + letter not in tokens:
                    merges.append(f"{whole} {letter}")
                    tokens.append(whole + letter)
                whole += letter
    first_special = len(tokens)
    tokens += SPECIALS
    kinds = [gguf.TokenType.NORMAL] * first_special + [gguf.TokenType.CONTROL] * len(SPECIALS)
    tokens += user_defined
    kinds += [gguf.TokenType.USER_DEFINED] * len(user_defined)
    filler = max(0, size - len(tokens))
    tokens += [f"<filler{index}>" for index in range(filler)]
    kinds += [gguf.TokenType.UNUSED] * filler
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(first_special)
    writer.add_eos_token_id(first_special + 2)
    writer.add_add_bos_token(False)
    return len(tokens), [*range(first_special, first_special + len(SPECIALS))]


def _copy_vocabulary(writer: gguf.GGUFWriter, vocab: Path, shape: Shape) -> tuple[int, list[int]]:
    """The tokenizer of another file; its size and the numbers of its control tokens.

    Gemma 2 and 3 split by score: of a file that has merges as well, the tokens and scores are taken. A shape of more
    tokens than the file has gets filler for the rest.
    """
    reader = gguf.GGUFReader(vocab)
    by_score = shape.architecture in GEMMA
    fields = {
        key: field
        for key, field in reader.fields.items()
        if key.startswith("tokenizer.")
        and key != "tokenizer.chat_template"
        and not (by_score and key in ("tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.merges"))
    }
    if by_score:
        writer.add_tokenizer_model("llama")
    kinds: list[int] = []
    for key, field in fields.items():
        value, kind = field.contents(), field.types[0]
        sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        if key in PER_TOKEN:
            value = value[: shape.n_vocab] if shape.n_vocab else value
            value = value + [PER_TOKEN[key](number) for number in range(len(value), shape.n_vocab)]
        writer.add_key_value(key, value, kind, sub)
        if key == "tokenizer.ggml.token_type":
            kinds = value
    return len(kinds), [number for number, kind in enumerate(kinds) if kind == gguf.TokenType.CONTROL]


PER_TOKEN: dict[str, Callable[[int], object]] = {
    "tokenizer.ggml.tokens": lambda number: f"<filler{number}>",
    "tokenizer.ggml.token_type": lambda _: int(gguf.TokenType.UNUSED),
    "tokenizer.ggml.scores": lambda _: 0.0,
}


def main() -> None:
    """Make the file that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--type", choices=("F32", "F16", "Q8_0", "Q4_0", "Q4_K_M"), default="Q8_0")
    parser.add_argument("--vocab", type=Path, help="take the tokenizer of this GGUF")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    make(args.out, args.shape, type_=args.type, vocab=args.vocab, seed=args.seed)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
