"""What systemd is told."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.health.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The other end, where there would be systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(tmp_path / "notify"))
        other.settimeout(10)
        yield other


def environ(systemd: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": systemd.getsockname(), **more}


def test_it_says_ready_and_stopping(systemd: socket.socket) -> None:
    notifier = Notifier(environ(systemd))
    notifier.ready("3 devices")
    notifier.stopping()
    assert systemd.recv(1000) == b"READY=1\nSTATUS=3 devices"
    assert systemd.recv(1000).startswith(b"STOPPING=1")


async def test_it_says_that_it_is_alive_twice_a_period(systemd: socket.socket) -> None:
    systemd.setblocking(False)
    task = asyncio.create_task(Notifier(environ(systemd, WATCHDOG_USEC="20000")).keep_alive())
    loop = asyncio.get_running_loop()
    assert [await loop.sock_recv(systemd, 1000) for _ in range(2)] == [b"WATCHDOG=1"] * 2
    task.cancel()


@pytest.mark.parametrize(
    "more", [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": str(os.getpid() + 1)}]
)
async def test_without_a_watchdog_of_ours_there_is_nothing_to_keep_alive(
    systemd: socket.socket, more: dict[str, str]
) -> None:
    await Notifier(environ(systemd, **more)).keep_alive()


def test_without_systemd_it_does_nothing() -> None:
    Notifier({}).ready("")
    Notifier({"NOTIFY_SOCKET": "/no/such/socket"}).ready("")


async def test_what_hangs_keeps_it_from_being_said(systemd: socket.socket) -> None:
    systemd.setblocking(False)
    asked = asyncio.Event()
    hangs: list[str | None] = [None, "the worker can't be ended"]

    def hung() -> str | None:
        if len(hangs) > 1:
            return hangs.pop(0)
        asked.set()
        return hangs[0]

    task = asyncio.create_task(Notifier(environ(systemd, WATCHDOG_USEC="20000")).keep_alive(hung))
    assert await asyncio.get_running_loop().sock_recv(systemd, 1000) == b"WATCHDOG=1"
    await asked.wait()
    with pytest.raises(BlockingIOError):
        systemd.recv(1000)
    task.cancel()
