"""A real mosquitto for tests: its own port, its own directory, stopped and started at will."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.mqtt.broker import find_mosquitto, free_port

MOSQUITTO = find_mosquitto()


class Mosquitto:
    """Async context manager; `settings` are lines of its configuration."""

    def __init__(self, directory: Path, *settings: str, anonymous: bool = True) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._directory = directory
        self._settings = settings
        self._anonymous = anonymous
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it listens."""
        lines = [
            f"listener {self.port} {self.host}",
            f"allow_anonymous {'true' if self._anonymous else 'false'}",
            "persistence true",
            f"persistence_location {self._directory}/",
            *(["user root"] if os.geteuid() == 0 else []),
            *self._settings,
        ]
        config = self._directory / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        self._process = await asyncio.create_subprocess_exec(
            MOSQUITTO,
            "-c",
            str(config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(10):
            while not await self._listens():  # noqa: ASYNC110 (a process of its own has no event)
                await asyncio.sleep(0.005)

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End it as a restart would (SIGTERM) or as a power cut would (SIGKILL)."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()

    async def restart(self, number: int = signal.SIGTERM) -> None:
        """Down and up again, on the same port."""
        await self.stop(number)
        await self.start()

    async def _listens(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(self.host, self.port)
            writer.close()
            await writer.wait_closed()
            return True
        return False
