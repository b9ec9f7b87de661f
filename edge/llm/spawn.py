"""Starts worker processes and sees to it that they are gone afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from edge.llm.ceiling import group_for
from edge.llm.errors import LlmError
from edge.llm.process import WorkerProcess
from edge.llm.wire import MAX_LINE_BYTES
from edge.spawn import spawned


@asynccontextmanager
async def started_worker(ceiling_bytes: int) -> AsyncIterator[WorkerProcess]:
    """A worker process for the length of the block; it is gone when the block is left, whatever happened.

    It is ended when it keeps more than `ceiling_bytes` resident; loading a plan puts that plan's ceiling in the place.
    """
    async with AsyncExitStack() as stack:
        try:
            child = await stack.enter_async_context(spawned("edge.llm.worker", line_bytes=MAX_LINE_BYTES))
        except OSError as error:
            raise LlmError(f"the language model's process can't be started: {error.strerror}") from error
        group = await asyncio.to_thread(group_for, child.process.pid, ceiling_bytes)
        worker = WorkerProcess(child.process, child.reader, child.writer, ceiling_bytes, group)
        tasks = [
            asyncio.create_task(work)
            for work in (worker.read_messages(), worker.read_stderr(), worker.watch_memory(), worker.keep_in_touch())
        ]
        try:
            yield worker
        finally:
            worker.kill()
            await stack.aclose()
            worker.bury()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if group:
                await asyncio.to_thread(group.remove)
