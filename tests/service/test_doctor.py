"""Who asks doctor gets what was looked at when they asked, and nobody has it look twice at once."""

import asyncio

import pytest

from edge.health.finding import Finding
from edge.service import doctor
from edge.service.doctor import Examiner


class Looks:
    """Stands for the process that looks; each look ends when it is let."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Event] = []

    async def __call__(self, *, deep: bool) -> tuple[tuple[Finding, ...], str]:
        ended = asyncio.Event()
        self.begun.append(ended)
        await ended.wait()
        return (), f"{'deep ' if deep else ''}look {len(self.begun)}"

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.begun) < count:  # noqa: ASYNC110 (it takes turns of the loop)
                await asyncio.sleep(0)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    made = Looks()
    monkeypatch.setattr(doctor, "_asked", made)
    return made


async def test_who_asks_at_once_shares_a_look(looks: Looks) -> None:
    examiner = Examiner()
    asked = [asyncio.create_task(examiner.examine()) for _ in range(3)]
    await looks.until(1)
    looks.begun[0].set()
    assert {one.trouble for one in await asyncio.gather(*asked)} == {"look 1"}
    assert (await examiner.examine()).trouble == "look 1"
    assert len(looks.begun) == 1


async def test_who_asks_during_a_look_that_began_before_waits_for_the_next(
    looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_FRESH_S", 0.0)
    examiner = Examiner()
    first = asyncio.create_task(examiner.examine())
    await looks.until(1)
    later = [asyncio.create_task(examiner.examine()) for _ in range(2)]
    await asyncio.sleep(0)
    looks.begun[0].set()
    assert (await first).trouble == "look 1"
    await looks.until(2)
    looks.begun[1].set()
    assert {one.trouble for one in await asyncio.gather(*later)} == {"look 2"}
    assert len(looks.begun) == 2


async def test_a_deep_look_is_another_one(looks: Looks) -> None:
    examiner = Examiner()
    asked = [asyncio.create_task(examiner.examine(deep=deep)) for deep in (False, True)]
    await looks.until(2)
    for one in looks.begun:
        one.set()
    assert [one.trouble for one in await asyncio.gather(*asked)] == ["look 2", "deep look 2"]
    await examiner.close()
