"""Starts worker processes and sees to it that they are gone afterwards."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.child import environment
from edge.llm.ceiling import group_for
from edge.llm.errors import LlmError
from edge.llm.process import WorkerProcess
from edge.llm.wire import MAX_LINE_BYTES


@asynccontextmanager
async def started_worker(ceiling_bytes: int) -> AsyncIterator[WorkerProcess]:
    """A worker process for the length of the block; it is gone when the block is left, whatever happened.

    It is ended when it keeps more than `ceiling_bytes` resident; loading a plan puts that plan's ceiling in the place.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "edge.llm.worker", str(theirs.fileno()), str(os.getpid())),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise LlmError(f"the language model's process can't be started: {error.strerror}") from error
    try:
        group = await asyncio.to_thread(group_for, process.pid, ceiling_bytes)
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE_BYTES)
    except BaseException:
        process.kill()
        ours.close()
        raise
    worker = WorkerProcess(process, reader, writer, ceiling_bytes, group)
    tasks = [
        asyncio.create_task(work) for work in (worker.read_messages(), worker.read_stderr(), worker.watch_memory())
    ]
    try:
        yield worker
    finally:
        worker.kill()
        writer.close()
        await process.wait()
        worker.bury()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if group:
            await asyncio.to_thread(group.remove)
