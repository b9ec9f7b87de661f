"""Tuning with the real library on small models: it ends, it keeps within its bounds, and what fails is left out."""

import asyncio
import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from edge.llm import LlmError
from edge.llm.fast_path import Verdicts, verdict_key
from edge.llm.races import Contest, Races, Wanted
from edge.llm.rig import Rig
from edge.llm.tuned import prepare, speed, tune_and_keep
from edge.llm.tuner import LEAST_SECONDS, Task, TuneError, tune
from edge.models import ModelStore, StoredModel
from edge.tuning import LoadMode, PlanError, Setting
from edge.tuning.outcome import Rates
from edge.tuning.results import kept
from edge.tuning.search import Halving
from tests.llm.sabotage import Library

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]
GB = 1 << 30
PLAIN = Setting(1, 1, load_mode=LoadMode.MMAP, repack=False, flash_attn=True)


async def task(file: Path, state: Path, **changes: object) -> Task:
    return await asyncio.to_thread(_task, file, state, changes)


def _task(file: Path, state: Path, changes: dict[str, object]) -> Task:
    store = ModelStore(file.parent)
    model = store.chosen(str(file))
    assert model is not None
    made = prepare(store, model, state, seconds=LEAST_SECONDS, memory_bytes=2 * GB, n_ctx=512)
    return replace(made, **{"beside": 0.0, "fast_path": False, **changes})  # type: ignore[arg-type]


async def stored(file: Path) -> StoredModel:
    model = await asyncio.to_thread(ModelStore(file.parent).chosen, str(file))
    assert model is not None
    return model


async def test_a_model_is_tuned_and_the_result_is_there_for_the_service(tiny: Path, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    given = await task(tiny, tmp_path, beside=0.1, seconds=10.0)
    outcome = await tune_and_keep(given, tmp_path, lambda what, share: told.append((what, share)))
    tuned = outcome.tuned
    assert tuned.setting == outcome.chosen.setting
    assert outcome.chosen.n_ctx == 512
    assert tuned.tokens_per_s > 0
    assert tuned.prompt_tokens_per_s > 0
    assert 0.5 < tuned.predicted_bytes / tuned.measured_bytes < 2
    stages = {trial.stage for trial in outcome.trials}
    assert {"first", "threads", "threads_batch", "last"} <= stages
    assert told[0] == ("loading", 0.0)
    assert all(0 <= share <= 1 for _, share in told)
    other = replace(given.hardware, cpu_model="another")
    keys = [(given.hardware, 2 * GB), (given.hardware, None), (other, 2 * GB)]
    found = [await asyncio.to_thread(kept, tmp_path, hardware, given.model, memory) for hardware, memory in keys]
    assert found == [tuned.setting, None, None]
    fast = await speed(given, tmp_path)
    assert fast.tuned
    assert fast.plan.setting == tuned.setting
    assert fast.rates.tokens_per_s > 0


async def test_threads_that_a_person_has_set_are_left_alone(tiny: Path, tmp_path: Path) -> None:
    outcome = await tune(await task(tiny, tmp_path, n_threads=1))
    assert (outcome.chosen.n_threads, outcome.chosen.n_threads_batch) == (1, 1)
    assert all(trial.setting.n_threads == trial.setting.n_threads_batch == 1 for trial in outcome.trials)


async def test_too_little_time_is_said_and_not_used_up(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(TuneError, match="at least 5 s"):
        await tune(replace(await task(tiny, tmp_path), seconds=1.0))


async def test_a_model_that_does_not_fit_is_refused_with_its_numbers(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="too little"):
        await tune(replace(await task(tiny, tmp_path), memory_bytes=1 << 20))


async def test_a_fast_path_that_crashes_is_left_and_remembered(tiny: Path, tmp_path: Path, library: Library) -> None:
    library.does(fast="crash", plain="well")
    given = await task(tiny, tmp_path, fast_path=True, seconds=12.0)
    assert not given.fast_path_known
    outcome = await tune_and_keep(given, tmp_path)
    assert "SIGSEGV" in outcome.notices[0]
    assert all(not trial.setting.repack for trial in outcome.trials)
    key = await asyncio.to_thread(verdict_key, given.header, given.hardware, fast=True)
    verdict = await asyncio.to_thread(Verdicts(tmp_path).of, key)
    assert verdict is not None
    assert not verdict.works


async def test_a_candidate_that_the_library_refuses_loses_and_the_others_go_on(tiny: Path, tmp_path: Path) -> None:
    def setting_of(kv: str) -> Setting:
        return replace(PLAIN, type_k=kv, type_v=kv)

    async with Rig(await stored(tiny), 2 * GB) as rig:
        races = Races(rig, 256, lambda _what, _at: None)
        await rig.load(PLAIN, 256)
        await races.first(PLAIN, 5.0)
        races.last_call = races.elapsed + 60
        race = Halving(["f16", "no_such_type"])
        best = await races.run(Contest("attention", race, setting_of, Wanted.TURNS), races.elapsed + 60)
        assert best == "f16"
        assert race.alive == ("f16",)
        assert "no_such_type" in next(trial.trouble for trial in races.trials if trial.trouble)


async def test_a_worker_that_dies_is_replaced(tiny: Path) -> None:
    async with Rig(await stored(tiny), 2 * GB) as rig:
        await rig.load(PLAIN, 256)
        assert rig._worker is not None
        rig._worker.kill()
        with pytest.raises(LlmError):
            await rig.measure(16, 2, number=1, limit_s=5.0)
        await rig.load(PLAIN, 256)
        assert (await rig.measure(16, 2, number=1, limit_s=5.0)).tokens_per_s > 0


async def test_a_worker_above_its_ceiling_is_ended_and_the_tuning_says_so(tiny: Path) -> None:
    async with Rig(await stored(tiny), 4 << 20) as rig:
        with pytest.raises(LlmError, match="ceiling"):
            while True:
                await rig.load(PLAIN, 256)
                await rig.measure(200, 40, number=1, limit_s=5.0)


async def test_threads_change_live_and_weights_stay_where_they_are(small: Path) -> None:
    async with Rig(await stored(small), 2 * GB) as rig:
        await rig.load(PLAIN, 256)
        assert rig._worker is not None
        pid, loaded = rig._worker.pid, rig.load_s
        await rig.load(replace(PLAIN, n_threads=2), 256)
        assert (await rig.look()).n_threads == 2
        await rig.load(replace(PLAIN, type_k="q8_0", type_v="q8_0"), 512)
        assert rig._worker.pid == pid
        assert rig.load_s == loaded
        assert (await rig.look()).n_ctx == 512
        await rig.renew()
        await rig.load(PLAIN, 256)
        assert rig._worker.pid != pid


async def test_a_prompt_is_read_once_for_trials_of_one_number_and_a_trial_ends_at_its_limit(small: Path) -> None:
    async with Rig(await stored(small), 2 * GB) as rig:
        await rig.load(PLAIN, 512)
        first = await rig.measure(64, 2, number=7, limit_s=20.0)
        again = await rig.measure(64, 2, number=7, limit_s=20.0)
        assert first.prompt_tokens_per_s > 0
        assert again.prompt_tokens_per_s == 0
        assert again.tokens_per_s > 0
        assert await rig.measure(400, 2, number=8, limit_s=0.0) == Rates()
        assert (await rig.measure(64, 2, number=9, limit_s=20.0)).tokens_per_s > 0


def test_rates_are_weighed_by_what_a_race_is_about() -> None:
    rates = Rates(prompt_tokens_per_s=100.0, tokens_per_s=10.0)
    assert Wanted.READING.score(rates) == 100.0
    assert Wanted.WRITING.score(rates) == 10.0
    assert Wanted.TURNS.score(rates) == pytest.approx(1 / 5.28)
    assert Wanted.TURNS.score(Rates(100.0, 0.0)) == 0.0


async def test_without_the_library_tuning_says_how_to_get_it(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(LlmError, match="pip install"):
        await task(tiny, tmp_path)
