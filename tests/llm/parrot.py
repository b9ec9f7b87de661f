"""A model whose weights were thought up: what it says next depends on its last token alone, as a table says."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np

from tests.gguf_maker import _byte_vocabulary

WIDTH = 256
FF, HEADS = 32, 4

Table = Mapping[str, Sequence[str]]
"""Tokens by token, as the library writes them ("Ċ" is a newline), the likeliest first."""


def make_parrot(out: Path, table: Table, chat_template: str, user_defined: tuple[str, ...] = ()) -> Path:
    """Write the model. Every token is a direction of its own, its followers' rows of the output point there too."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name("Parrot")
    writer.add_block_count(1)
    writer.add_context_length(16384)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FF)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    n_vocab, _ = _byte_vocabulary(writer, 0, user_defined)
    writer.add_chat_template(chat_template)
    tokens = next(
        dict(data)["tokenizer.ggml.tokens"].value for data in writer.kv_data if "tokenizer.ggml.tokens" in data
    )
    number = {token: at for at, token in enumerate(tokens)}
    directions = rng.choice(np.array([-1, 1], np.float32), (n_vocab, WIDTH))
    output = np.zeros((n_vocab, WIDTH), np.float32)
    for token, followers in table.items():
        for place, follower in enumerate(followers):
            output[number[follower]] += directions[number[token]] * np.float32(0.6**place)
    writer.add_tensor("token_embd.weight", directions)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", output)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((WIDTH, WIDTH), np.float32))
    writer.add_tensor("blk.0.ffn_gate.weight", np.zeros((FF, WIDTH), np.float32))
    writer.add_tensor("blk.0.ffn_up.weight", np.zeros((FF, WIDTH), np.float32))
    writer.add_tensor("blk.0.ffn_down.weight", np.zeros((WIDTH, FF), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out
