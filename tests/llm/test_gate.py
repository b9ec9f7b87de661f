"""The queue in front of the model."""

import asyncio

import pytest

from edge.llm.errors import LlmError
from edge.llm.gate import Gate, Priority


async def enter(gate: Gate, priority: Priority, name: str, order: list[str]) -> None:
    async with gate.turn(priority):
        order.append(name)
        await asyncio.sleep(0)


async def test_voice_goes_first_and_the_rest_in_order() -> None:
    gate, order = Gate(8), list[str]()
    async with gate.turn(Priority.NORMAL):
        waiting = []
        for priority, name in [
            (Priority.BACKGROUND, "summary"),
            (Priority.NORMAL, "first"),
            (Priority.NORMAL, "second"),
            (Priority.VOICE, "voice"),
        ]:
            waiting.append(asyncio.create_task(enter(gate, priority, name, order)))
            await asyncio.sleep(0)
        assert gate.waiting == 4
        assert order == []
    await asyncio.gather(*waiting)
    assert order == ["voice", "first", "second", "summary"]
    assert gate.waiting == 0


async def test_one_at_a_time() -> None:
    gate, inside, most = Gate(50), 0, 0

    async def visit() -> None:
        nonlocal inside, most
        async with gate.turn(Priority.NORMAL):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(20)))
    assert most == 1


async def test_a_full_queue_says_so() -> None:
    gate = Gate(1)
    async with gate.turn(Priority.NORMAL):
        waiting = asyncio.create_task(enter(gate, Priority.NORMAL, "first", []))
        await asyncio.sleep(0)
        with pytest.raises(LlmError, match="busy"):
            async with gate.turn(Priority.VOICE):
                pass
    await waiting


async def test_whoever_gives_up_does_not_hold_up_the_rest() -> None:
    gate, order = Gate(8), list[str]()
    async with gate.turn(Priority.NORMAL):
        tasks = [asyncio.create_task(enter(gate, Priority.NORMAL, str(index), order)) for index in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
        assert gate.waiting == 2
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["2"]
    async with gate.turn(Priority.NORMAL):
        order.append("free")
    assert order == ["2", "free"]
