"""Starts worker processes: each runs a module of ours, talks over a socket, and is gone when its block is left."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from edge.child import environment, signalled

_LINE_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Spawned:
    """A process that runs, its standard error a pipe, and our end of the socket to it."""

    process: Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@asynccontextmanager
async def spawned(module: str, *, line_bytes: int = _LINE_BYTES) -> AsyncIterator[Spawned]:
    """`python -m MODULE FD PARENT` for the length of the block: FD is its end of the socket, PARENT our process id.

    Raises OSError where it can't be started.
    """
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as unless_connected:
        unless_connected.callback(ours.close)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", module, str(theirs.fileno()), str(os.getpid())),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                pass_fds=[theirs.fileno()],
                env=environment(),
                start_new_session=True,
            )
        unless_connected.callback(signalled, process)
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours, limit=line_bytes)
        unless_connected.pop_all()
    try:
        yield Spawned(process, reader, writer)
    finally:
        signalled(process)
        writer.close()
        await process.wait()
