"""Which model is best here: by memory, pace, disk and what a quantisation costs."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.models.catalogue import Entry, catalogue
from edge.tuning.hardware import Hardware
from edge.tuning.plan import PlanError, fit
from edge.tuning.profiles import installed
from edge.tuning.recommend import COMFORTABLE_CTX, best_of_each, bytes_per_token, predicted_pace, recommend

BOARD = Hardware(
    machine="aarch64",
    cpu_model="a board",
    cpu_features=frozenset({"asimd", "asimddp"}),
    logical_cpus=4,
    physical_cores=4,
    cpu_quota=None,
    memory_total_bytes=4 << 30,
    memory_available_bytes=3 << 30,
    swap_bytes=0,
)
PI_5 = 13.2e9


def entry(name: str) -> Entry:
    """One of the catalogue."""
    return next(one for one in catalogue() if one.name == name)


@given(
    memory=st.integers(1 << 24, 1 << 35),
    bandwidth=st.none() | st.floats(1e8, 2e11),
    pace=st.floats(0.1, 100),
    disk=st.none() | st.integers(0, 1 << 35),
)
@settings(max_examples=15)
def test_the_first_is_the_best_that_fits_and_is_fast_enough(
    memory: int, bandwidth: float | None, pace: float, disk: int | None
) -> None:
    ranked = recommend(
        catalogue(), BOARD, memory_bytes=memory, bandwidth_bytes_per_s=bandwidth, pace=pace, storage_bytes=disk
    )
    assert len(ranked) == sum(len(one.quantisations) for one in catalogue())
    usable = [choice for choice in ranked if choice.usable]
    assert list(ranked[: len(usable)]) == usable
    for choice in usable:
        assert choice.needed_bytes <= memory
        assert choice.tokens_per_s is None or choice.tokens_per_s >= pace
        assert disk is None or choice.file_bytes <= disk
    roomy = [choice for choice in usable if choice.plan and choice.plan.n_ctx >= COMFORTABLE_CTX]
    if usable:
        assert usable[0].quality == max(choice.quality for choice in roomy or usable)
    for choice in ranked:
        assert choice.fits == (choice.needed_bytes <= memory)


def test_more_memory_never_makes_the_choice_worse() -> None:
    best = 0.0
    for memory in range(200 << 20, 6 << 30, 200 << 20):
        first = recommend(catalogue(), BOARD, memory_bytes=memory, bandwidth_bytes_per_s=200e9)[0]
        if first.usable and first.plan and first.plan.n_ctx >= COMFORTABLE_CTX:
            assert first.quality >= best
            best = first.quality
    assert best > 80


def test_a_pi_5_speaks_as_fast_as_was_measured_on_one() -> None:
    # Qwen2.5 0.5B: 25.8 to 26.4 tokens/s in Q4_K_M and 18.8 to 20.5 in Q8_0 (llama.cpp#26484).
    assert predicted_pace(entry("qwen2.5-0.5b").header("Q4_K_M"), PI_5, 512) == pytest.approx(26.1, rel=0.06)
    assert predicted_pace(entry("qwen2.5-0.5b").header("Q8_0"), PI_5, 512) == pytest.approx(19.6, rel=0.06)


def test_embeddings_that_are_only_looked_up_cost_no_pace() -> None:
    untied, tied = entry("phi-3.5-mini").header("Q4_0"), entry("phi-4-mini").header("Q4_0")
    embeddings = next(tensor.bytes for tensor in untied.tensors if tensor.name == "token_embd.weight")
    assert bytes_per_token(untied, 0) == untied.tensor_bytes - embeddings
    assert bytes_per_token(tied, 0) == tied.tensor_bytes
    assert bytes_per_token(tied, 1000) > tied.tensor_bytes


def test_a_slow_machine_gets_a_smaller_model_and_a_patient_person_a_larger_one() -> None:
    def first(bandwidth: float, pace: float) -> int:
        ranked = recommend(catalogue(), BOARD, memory_bytes=3 << 30, bandwidth_bytes_per_s=bandwidth, pace=pace)
        return ranked[0].entry.parameters

    assert first(4e9, 6) < first(13e9, 6) <= first(13e9, 2)


def test_of_one_model_the_lesser_loss_wins_where_there_is_room() -> None:
    one = [entry("qwen2.5-0.5b")]
    assert recommend(one, BOARD, memory_bytes=4 << 30)[0].quantisation == "Q8_0"
    tight = recommend(one, BOARD, memory_bytes=620_000_000)
    assert tight[0].usable
    assert tight[0].quantisation != "Q8_0"
    assert tight[0].quality < tight[-1].quality


def test_a_model_without_a_published_score_comes_after_all_that_have_one() -> None:
    ranked = best_of_each(recommend(catalogue(), BOARD, memory_bytes=16 << 30))
    assert ranked[-1].entry.quality is None
    assert [choice.entry.name for choice in ranked] == list(dict.fromkeys(choice.entry.name for choice in ranked))


def test_a_context_that_was_asked_for_is_kept() -> None:
    for choice in recommend(catalogue(), BOARD, memory_bytes=1 << 30, n_ctx=3072):
        assert choice.plan is None or choice.plan.n_ctx == 3072


def test_without_a_limit_the_memory_that_is_left_decides() -> None:
    poor = dataclasses.replace(BOARD, memory_available_bytes=200 << 20)
    assert not any(choice.fits for choice in recommend(catalogue(), poor))
    assert recommend(catalogue(), BOARD)[0].usable


def test_a_profile_bounds_size_and_context() -> None:
    zero = next(profile for profile in installed() if profile.name == "raspberry-pi-zero-2-w")
    bounds = zero.for_memory(BOARD.memory_total_bytes)
    ranked = recommend(catalogue(), BOARD, memory_bytes=2 << 30, bandwidth_bytes_per_s=200e9, defaults=bounds)
    assert ranked[0].entry.name == "smollm2-135m"
    assert ranked[0].plan is not None
    assert ranked[0].plan.n_ctx == bounds.most_ctx == ranked[0].comfortable_ctx
    for choice in ranked:
        assert choice.sensible == (choice.entry.parameters <= 200_000_000 and choice.file_bytes <= 150 << 20)
        assert choice.usable <= choice.sensible


def test_a_short_context_on_the_fast_path_gives_way_to_one_to_talk_in() -> None:
    for choice in recommend(catalogue(), BOARD, memory_bytes=1_100_000_000):
        if choice.plan is not None and choice.plan.n_ctx < COMFORTABLE_CTX:
            with pytest.raises(PlanError):
                fit(choice.entry.header(choice.quantisation), BOARD, memory_bytes=1_100_000_000, n_ctx=COMFORTABLE_CTX)
