"""Tells systemd how the service is doing: ready, alive, stopping. Does nothing where systemd is not there."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


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

    async def keep_alive(self, hung: Callable[[], str | None] = lambda: None) -> None:
        """Say so twice a watchdog period, until cancelled; a loop that hangs stops saying it and is restarted.

        So it is while `hung` says what does: nothing is sent then, and within a period systemd ends everything.
        """
        said = None
        while self._watchdog_s > 0:
            why = hung()
            if why is None:
                self._send("WATCHDOG=1")
            elif why != said:
                log.error("watchdog.hung", extra={"why": why, "restart_within_s": self._watchdog_s})
            said = why
            await asyncio.sleep(self._watchdog_s / 2)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), self._address)
