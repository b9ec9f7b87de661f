"""Tells systemd how the service is doing: ready, alive, stopping. Does nothing where systemd is not there."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping


class Notifier:
    """Speaks sd_notify(3): datagrams of `KEY=value` lines to the socket named in NOTIFY_SOCKET."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        address = env.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        own = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        try:
            self._watchdog_s = int(env.get("WATCHDOG_USEC", "0")) / 1e6 if own else 0.0
        except ValueError:
            self._watchdog_s = 0.0

    def ready(self, status: str) -> None:
        """Start-up is over."""
        self._send(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        """Shutdown has begun."""
        self._send("STOPPING=1\nSTATUS=stopping")

    async def keep_alive(self) -> None:
        """Say so twice a watchdog period, until cancelled; a loop that hangs stops saying it and is restarted."""
        while self._watchdog_s > 0:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self._watchdog_s / 2)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), self._address)
