"""Plans: what fits is taken, what does not is refused with its numbers."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.models import GgufHeader, Tensor
from edge.tuning import Hardware, LoadMode, PlanError, Setting, fit, predict
from edge.tuning.memory import padded, repacked_types
from edge.tuning.plan import CONTEXTS, MARGIN, memory_left

GIB = 1 << 30
BOARD = Hardware("aarch64", "a board", frozenset({"asimd"}), 4, 4, None, 4 * GIB, 3 * GIB, 0)
DOTPROD = replace(BOARD, cpu_features=frozenset({"asimd", "asimddp"}))


def model(n_params: int = 500_000_000, n_ctx_train: int = 32768, tied: bool = True) -> GgufHeader:
    """A model of the proportions of Qwen2.5-0.5B, of whatever size, four bits a weight."""
    width = 896
    embeddings = Tensor("token_embd.weight", (width, 151936), "Q4_0", 151936 * width * 18 // 32)
    layers = Tensor("blk.0.ffn_up.weight", (width, n_params // width // 32 * 32), "Q4_0", n_params * 18 // 32)
    output = () if tied else (replace(embeddings, name="output.weight"),)
    return GgufHeader(
        path=Path("model.gguf"),
        file_bytes=0,
        version=3,
        architecture="qwen2",
        name="Model",
        quantisation="Q4_0",
        n_layer=24,
        n_embd=width,
        n_head=14,
        n_head_kv=(2,) * 24,
        key_length=64,
        value_length=64,
        n_vocab=151936,
        n_merges=151387,
        n_ctx_train=n_ctx_train,
        sliding_window=0,
        chat_template=None,
        license=None,
        tensors=(embeddings, layers, *output),
    )


def test_a_token_of_context_costs_what_the_shape_says() -> None:
    small = predict(model(), BOARD, n_ctx=1024, n_ubatch=64, mapped=False)
    large = predict(model(), BOARD, n_ctx=2048, n_ubatch=64, mapped=False)
    assert large.kv_bytes - small.kv_bytes == 1024 * 12 * 1024
    assert padded(1000) == 1024


def test_mapped_weights_that_are_laid_out_anew_are_there_twice() -> None:
    header = model(tied=False)
    once = predict(header, DOTPROD, n_ctx=512, n_ubatch=64, mapped=False)
    twice = predict(header, DOTPROD, n_ctx=512, n_ubatch=64, mapped=True)
    assert once.repacked_bytes == 0
    assert twice.repacked_bytes == header.tensor_bytes - header.tensors[0].bytes
    assert predict(header, DOTPROD, n_ctx=512, n_ubatch=64, mapped=True, repack=False).repacked_bytes == 0
    assert predict(header, BOARD, n_ctx=512, n_ubatch=64, mapped=True).repacked_bytes == 0


def test_tied_embeddings_are_there_twice_where_they_are_laid_out_anew() -> None:
    header = model(tied=True)
    assert predict(header, DOTPROD, n_ctx=512, n_ubatch=64, mapped=False).repacked_bytes == header.tensors[0].bytes


def test_old_processors_lay_nothing_out_anew() -> None:
    assert repacked_types(BOARD) == frozenset()
    assert "Q4_K" in repacked_types(DOTPROD)


def test_the_largest_context_that_fits_is_taken() -> None:
    plan = fit(model(), BOARD)
    assert plan.n_ctx == CONTEXTS[0]
    assert plan.predicted_bytes * MARGIN <= plan.ceiling_bytes == memory_left(BOARD)
    tight = fit(model(), BOARD, memory_bytes=int(plan.predicted_bytes * MARGIN) - 1)
    assert tight.n_ctx < plan.n_ctx


def test_a_context_never_exceeds_what_the_model_was_trained_for() -> None:
    assert fit(model(n_ctx_train=2048), BOARD).n_ctx == 2048
    assert fit(model(n_ctx_train=300), BOARD).n_ctx == 300


def test_weights_are_mapped_only_where_nothing_copies_them() -> None:
    assert fit(model(), BOARD).load_mode is LoadMode.MMAP
    assert fit(model(), DOTPROD).load_mode is LoadMode.NONE
    assert fit(model(), DOTPROD, repack=False).load_mode is LoadMode.MMAP


def test_where_the_second_copy_does_not_fit_the_fast_path_is_given_up() -> None:
    header = model(tied=True)
    slow = predict(header, DOTPROD, n_ctx=512, n_ubatch=64, mapped=True, repack=False).total_bytes
    plan = fit(header, DOTPROD, memory_bytes=int(slow * MARGIN) + 1)
    assert not plan.repack
    assert plan.n_ctx == 512


def test_threads_follow_cores_and_quota() -> None:
    assert fit(model(), BOARD).n_threads == 4
    assert fit(model(), replace(BOARD, physical_cores=16)).n_threads == 4
    assert fit(model(), replace(BOARD, physical_cores=16)).n_threads_batch == 16
    assert fit(model(), replace(BOARD, cpu_quota=1.7)).n_threads == 1
    assert fit(model(), BOARD, n_threads=3).n_threads_batch == 3


def test_what_does_not_fit_is_refused_with_numbers() -> None:
    with pytest.raises(
        PlanError, match=r"needs \d+ MB \(weights \d+ MB, .*\) and \d+ MB are free .* \d+ MB too little"
    ):
        fit(model(8_000_000_000), BOARD)
    with pytest.raises(PlanError, match="allowed"):
        fit(model(), BOARD, memory_bytes=100 << 20)
    with pytest.raises(PlanError):
        fit(model(), BOARD, n_ctx=131072, memory_bytes=1 << 30)


@given(
    params=st.integers(1_000_000, 20_000_000_000),
    available=st.integers(0, 64 * GIB),
    features=st.sets(st.sampled_from(["avx2", "asimddp", "i8mm", "avx512f", "amx_int8"])),
)
def test_a_plan_stays_within_what_is_left(params: int, available: int, features: set[str]) -> None:
    hardware = replace(
        BOARD, memory_total_bytes=64 * GIB, memory_available_bytes=available, cpu_features=frozenset(features)
    )
    try:
        plan = fit(model(params), hardware)
    except PlanError:
        return
    assert plan.predicted_bytes * MARGIN <= plan.ceiling_bytes <= available


def test_what_was_measured_is_taken_where_memory_holds_it_and_gives_way_where_not() -> None:
    tuned = Setting(2, 3, 128, 128, LoadMode.NONE, True, True, "q8_0", "q8_0")
    plan = fit(model(), DOTPROD, tuned=tuned)
    assert plan.setting == tuned
    least = fit(model(), DOTPROD, tuned=tuned, n_ctx=512).predicted_bytes
    tight = fit(model(), DOTPROD, tuned=replace(tuned, n_ubatch=512), memory_bytes=int(least * MARGIN) + 1, n_ctx=512)
    assert (tight.n_threads, tight.n_threads_batch) == (2, 3)
    assert tight.n_ubatch < 512
    assert fit(model(), DOTPROD, tuned=tuned, n_threads=1).n_threads_batch == 1


def test_a_fast_path_that_is_off_is_off_for_what_was_measured_with_it() -> None:
    tuned = Setting(2, 3, load_mode=LoadMode.NONE, repack=True, flash_attn=True)
    plan = fit(model(), DOTPROD, tuned=tuned, repack=False)
    assert not plan.repack
    assert (plan.n_threads, plan.n_threads_batch) == (2, 3)
