"""Which model is meant, and how clients change over to another one."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from edge.api.http.errors import HttpError
from edge.api.http.names import Names
from edge.llm import Figures, State
from edge.models import ModelStore
from tests.api.http.serving import FIGURES
from tests.gguf_maker import make


@dataclass
class Loader:
    """Loads what the store says is in use, or a smaller one in its place, after a while."""

    store: ModelStore
    stands_in: str | None = None
    planned: str | None = None
    state: State = State.READY
    unavailable = None
    loaded: int = 0

    @property
    def figures(self) -> Figures:
        return replace(FIGURES, model=self.stands_in or self.planned)

    async def run(self) -> None:
        while True:
            chosen = await asyncio.to_thread(self.store.chosen, None)
            if chosen is not None and chosen.name != self.planned:
                self.planned, self.state = chosen.name, State.LOADING
                await asyncio.sleep(0)
                self.state, self.loaded = State.READY, self.loaded + 1
            await asyncio.sleep(0)


def stored(directory: Path, *names: str) -> ModelStore:
    store = ModelStore(directory / "models")
    for seed, name in enumerate(names):
        store.add(make(directory / f"{name}.gguf", seed=seed))
    store.use(names[0])
    return store


@pytest.mark.parametrize("stands_in", [None, "small"])
async def test_clients_who_want_the_same_model_change_over_to_it_once(tmp_path: Path, stands_in: str | None) -> None:
    store = await asyncio.to_thread(stored, tmp_path, "small", "large", "other")
    loader: Any = Loader(store, stands_in)
    names = Names(loader, store, None, {}, may_switch=True)
    loading = asyncio.create_task(loader.run())
    async with asyncio.timeout(20):
        found = await asyncio.gather(*(names.running("large") for _ in range(5)))
        assert {one.name for one in found} == {"large"}
        assert loader.planned == "large"
        await asyncio.gather(*(names.running(one) for one in ("other", "large", "other")))
    assert loader.loaded <= 5
    loading.cancel()


async def test_without_leave_to_change_over_it_says_how(tmp_path: Path) -> None:
    store = await asyncio.to_thread(stored, tmp_path, "small", "large")
    loader: Any = Loader(store, planned="small")
    names = Names(loader, store, None, {}, may_switch=False)
    assert (await names.running("Small:latest")).name == "small"
    with pytest.raises(HttpError, match="edge models use large"):
        await names.running("large")
