"""The ladder from a plan down: shorter contexts, smaller models, each rung with less than the one above it."""

import itertools
from pathlib import Path

import pytest

from edge.models.gguf import GgufHeader, read_header
from edge.tuning import Hardware, LoadMode, fit, probe
from edge.tuning.ladder import LEAST_FREED, Installed, ladder
from tests.gguf_maker import make
from tests.tuning.machine import machine

MIB = 1 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> GgufHeader:
    return read_header(make(tmp_path_factory.mktemp("models") / "large.gguf", "small", type_="Q8_0"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> GgufHeader:
    return read_header(make(tmp_path_factory.mktemp("models") / "small.gguf", "tiny"))


@pytest.fixture
def hardware(tmp_path: Path) -> Hardware:
    return probe(machine(tmp_path), cpus=range(4), machine="aarch64")


def test_it_goes_from_the_plan_to_shorter_contexts_to_smaller_models(
    large: GgufHeader, small: GgufHeader, hardware: Hardware
) -> None:
    plan = fit(large, hardware, n_ctx=4096, n_threads=3, repack=False)
    rungs = ladder(Installed("large", large), plan, [Installed("small", small)], hardware)
    assert rungs[0].plan is plan
    models = [rung.model for rung in rungs]
    assert models == sorted(models)
    assert models[-1] == "small"
    contexts = [rung.plan.n_ctx for rung in rungs if rung.model == "large"]
    assert contexts[0] == 4096
    assert contexts == sorted(contexts, reverse=True)
    assert min(contexts) >= 1024
    for above, below in itertools.pairwise(rungs):
        assert below.held_bytes <= above.held_bytes * (1 - LEAST_FREED)
        assert below.plan.predicted_bytes < above.plan.predicted_bytes <= above.plan.ceiling_bytes
    assert {rung.plan.n_threads for rung in rungs} == {3}


def test_mapped_weights_are_not_held_but_must_come_in(large: GgufHeader, small: GgufHeader, hardware: Hardware) -> None:
    plan = fit(large, hardware, n_ctx=4096, n_threads=3, repack=False)
    assert plan.load_mode is LoadMode.MMAP
    rungs = ladder(Installed("large", large), plan, [Installed("small", small)], hardware)
    top, next_, last = rungs[0], rungs[1], rungs[-1]
    assert top.held_bytes < plan.predicted_bytes - 0.9 * large.tensor_bytes
    assert top.rise_from(next_) == top.held_bytes - next_.held_bytes
    assert top.rise_from(last) == plan.predicted_bytes - last.held_bytes
    assert top.rise_from(None) == plan.predicted_bytes


def test_a_larger_model_is_no_rung(large: GgufHeader, small: GgufHeader, hardware: Hardware) -> None:
    plan = fit(small, hardware, n_ctx=1024, n_threads=1)
    rungs = ladder(Installed("small", small), plan, [Installed("large", large)], hardware)
    assert [rung.model for rung in rungs] == ["small"]
