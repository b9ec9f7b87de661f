import asyncio
import signal
import time

from edge.child import signalled


async def test_a_second_kill_does_not_take_the_status_away() -> None:
    """It is reaped by a thread of the loop: whoever looks at the same moment must not take the status from it."""
    for _ in range(20):
        process = await asyncio.create_subprocess_exec("sleep", "60")
        until_s = time.monotonic() + 0.02
        while time.monotonic() < until_s:
            signalled(process)
        assert await process.wait() == -signal.SIGKILL


async def test_what_is_gone_is_left_alone() -> None:
    process = await asyncio.create_subprocess_exec("true")
    assert await process.wait() == 0
    signalled(process)
    assert process.returncode == 0
