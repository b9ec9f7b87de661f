"""The memory model: what each setting costs, for shapes as they are in the files of real models."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.models import GgufHeader, Tensor, read_header
from edge.tuning import Hardware, predict
from edge.tuning.accelerator import Accelerator
from edge.tuning.memory import kv_token_bytes
from tests.gguf_maker import SHAPES, Shape, make

GIB = 1 << 30
PLAIN = Hardware("aarch64", "a board", frozenset({"asimd"}), 4, 4, None, 4 * GIB, 3 * GIB, 0)
DOTPROD = replace(PLAIN, cpu_features=frozenset({"asimd", "asimddp"}))


def header(shape: Shape, tensors: tuple[Tensor, ...] = ()) -> GgufHeader:
    """The header of a model of this shape."""
    return GgufHeader(
        path=Path("model.gguf"),
        file_bytes=0,
        version=3,
        architecture=shape.architecture,
        name="Model",
        quantisation="Q4_0",
        n_layer=shape.n_layer,
        n_embd=shape.n_embd,
        n_head=shape.n_head,
        n_head_kv=(shape.n_head_kv,) * shape.n_layer,
        key_length=shape.head_dim,
        value_length=shape.head_dim,
        n_vocab=shape.n_vocab,
        n_merges=0,
        n_ctx_train=shape.n_ctx_train,
        sliding_window=shape.sliding_window,
        chat_template=None,
        license=None,
        tensors=tensors or (Tensor("token_embd.weight", (shape.n_embd, 32), "F16", 64 * shape.n_embd),),
    )


@pytest.mark.parametrize(
    ("name", "kib"),
    [("qwen2.5-0.5b", 12), ("qwen2.5-1.5b", 28), ("qwen3-0.6b", 112), ("llama-3.2-1b", 32), ("phi-3-mini", 384)],
)
def test_a_token_of_cache_takes_what_the_shape_says(name: str, kib: int) -> None:
    assert kv_token_bytes(header(SHAPES[name])) == kib * 1024


def test_a_windowed_cache_is_kept_whole() -> None:
    gemma = header(SHAPES["gemma-3-270m"])
    short, long = (predict(gemma, PLAIN, n_ctx=n_ctx, n_ubatch=64, mapped=False).kv_bytes for n_ctx in (1024, 8192))
    assert long == 8 * short


def test_an_eight_bit_cache_takes_a_little_over_half() -> None:
    shape = header(SHAPES["qwen2.5-0.5b"])
    assert kv_token_bytes(shape, "q8_0", "q8_0") / kv_token_bytes(shape) == 34 / 64


def test_without_flash_attention_every_head_keeps_its_scores() -> None:
    shape = header(SHAPES["llama-3.2-1b"])
    flash, plain = (
        predict(shape, PLAIN, n_ctx=4096, n_ubatch=64, mapped=False, flash_attn=flash).compute_bytes
        for flash in (True, False)
    )
    assert plain - flash >= 4096 * 64 * shape.n_head * 4


def test_a_mapped_file_is_let_go_before_the_first_and_after_the_last_tensor_in_use(tmp_path: Path) -> None:
    shape = header(
        SHAPES["llama-3.2-1b"],
        (
            Tensor("output.weight", (2048, 1024), "Q4_0", 1000),
            Tensor("token_embd.weight", (2048, 1024), "Q4_0", 100),
            Tensor("blk.0.attn_q.weight", (2048, 2048), "Q4_0", 30),
            Tensor("blk.0.attn_norm.weight", (2048,), "F32", 5),
            Tensor("blk.0.ffn_up.weight", (2048, 8192), "Q4_0", 7),
        ),
    )
    mapped = predict(shape, DOTPROD, n_ctx=512, n_ubatch=64, mapped=True)
    assert (mapped.weights_bytes, mapped.repacked_bytes) == (135, 1037)
    read = predict(shape, DOTPROD, n_ctx=512, n_ubatch=64, mapped=False)
    assert (read.weights_bytes, read.repacked_bytes) == (1142, 0)
    plain = predict(shape, PLAIN, n_ctx=512, n_ubatch=64, mapped=True)
    assert (plain.weights_bytes, plain.repacked_bytes) == (1142, 0)


def test_an_unknown_architecture_gets_more_room() -> None:
    known = header(SHAPES["qwen3-0.6b"])
    other = replace(known, architecture="mamba3")
    sizes = [predict(one, PLAIN, n_ctx=512, n_ubatch=64, mapped=False) for one in (known, other)]
    assert sizes[0].total_bytes == sizes[1].total_bytes
    assert sizes[0].most_bytes < sizes[1].most_bytes


def test_a_graphics_processor_that_shares_memory_takes_its_part_of_it() -> None:
    shape = header(SHAPES["qwen3-0.6b"])
    jetson = replace(PLAIN, accelerator=Accelerator("nvidia,ga10b", shares_memory=True, driver=True, offload=True))
    sizes = [predict(shape, one, n_ctx=512, n_ubatch=64, mapped=False) for one in (PLAIN, jetson)]
    assert sizes[1].total_bytes - sizes[0].total_bytes >= 300 << 20
    assert sizes[1].margin > sizes[0].margin


@pytest.mark.parametrize("name", ["gemma-3-270m", "phi-3-mini", "gemma-2-2b", "phi-4-mini"])
def test_the_helper_s_shapes_are_read_as_they_were_made(tmp_path: Path, name: str) -> None:
    shape = replace(SHAPES[name], n_layer=1, n_embd=64, n_ff=128, n_vocab=0)
    read = read_header(make(tmp_path / "model.gguf", shape, type_="Q8_0"))
    assert (read.architecture, read.sliding_window, read.key_length) == (
        shape.architecture,
        shape.sliding_window,
        shape.head_dim,
    )
    assert predict(read, PLAIN, n_ctx=512, n_ubatch=64, mapped=True).weights_bytes == read.tensor_bytes


@given(
    name=st.sampled_from(sorted(SHAPES)),
    n_ctx=st.integers(1, 131072),
    n_ubatch=st.integers(1, 2048),
    mapped=st.booleans(),
    repack=st.booleans(),
    flash=st.booleans(),
    kv=st.sampled_from(["f16", "q8_0", "f32", "q4_0"]),
)
def test_more_of_anything_never_takes_less(
    name: str, n_ctx: int, n_ubatch: int, mapped: bool, repack: bool, flash: bool, kv: str
) -> None:
    def total(n_ctx: int, n_ubatch: int) -> int:
        said = predict(
            header(SHAPES[name]),
            DOTPROD,
            n_ctx=n_ctx,
            n_ubatch=n_ubatch,
            mapped=mapped,
            repack=repack,
            type_k=kv,
            type_v=kv,
            flash_attn=flash,
        )
        assert said.most_bytes == math.ceil(said.total_bytes * (1 + said.margin))
        return said.total_bytes

    here = total(n_ctx, n_ubatch)
    assert total(n_ctx + 256, n_ubatch) > here
    assert total(n_ctx, n_ubatch + 1) >= here
