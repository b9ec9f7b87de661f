"""A conversation with the running service, or with one that lives in this process as long as the command does."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge import log
from edge.api.wire import ControlClient, NotRunningError
from edge.errors import EdgeError
from edge.settings import control_sockets, load, places
from edge.settings.places import SYSTEM_RUNTIME

if TYPE_CHECKING:
    from edge.devices.registry import Registry

_UNIT: Final = "edge.service"
_UNITS: Final = tuple(
    Path(path) for path in ("/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
)
_SYSTEMD: Final = Path("/run/systemd/system")
"""There where systemd runs the machine."""
_CONNECT_S: Final = 5.0
_QUIET_S: Final = 0.3
_SETTLE_S: Final = 3.0
"""How long a service of our own waits for its broker, for a silence in discovery, and at most for all devices."""


@contextmanager
def session(*, alone: bool = True) -> Iterator[ControlClient]:
    """A client of the running service. Where none runs and `alone` allows it, one is started in this process.

    Raises `NotRunningError`, and what starting raises.
    """
    try:
        with ControlClient(*control_sockets(places())) as client:
            yield client
            return
    except NotRunningError:
        if not alone:
            raise
        if unit := _unit():
            # A second service would keep the first one's state from it while that is being started again.
            raise NotRunningError(f"the service is not running: sudo systemctl start {unit}") from None
    with _Alone() as socket, ControlClient(socket) as client:
        yield client


def _unit() -> str | None:
    """The unit of systemd that runs the service whose places are ours; None where there is none."""
    installed = any((directory / _UNIT).exists() for directory in _UNITS)
    return _UNIT if installed and places().runtime == SYSTEM_RUNTIME and _SYSTEMD.is_dir() else None


class _Alone:
    """The whole service in a thread, with its devices found, until the command is done."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> Path:
        log.configure("error")
        if sys.stderr.isatty():
            print(
                "(no service runs, so one was started for this command: timers ring only under `edge run`)",
                file=sys.stderr,
            )
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            raise _plain(self._error)
        return places().control_socket

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 (told to the thread that waits)
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from edge.service import running, shipped_router

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        loaded = await asyncio.to_thread(load)
        async with running(loaded, shipped_router) as service:
            if service.link is not None:
                await asyncio.wait((asyncio.ensure_future(service.link.connected()),), timeout=_CONNECT_S)
                if service.broker is None:
                    await _settled(service.registry)
            self._ready.set()
            await self._stop.wait()


async def _settled(registry: "Registry") -> None:
    """Wait until discovery has been silent for a moment."""
    heard = asyncio.Event()
    forget = registry.listen(lambda _change: heard.set())
    try:
        async with asyncio.timeout(_SETTLE_S):
            while True:
                heard.clear()
                async with asyncio.timeout(_QUIET_S):
                    await heard.wait()
    except TimeoutError:
        return
    finally:
        forget()


def _plain(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, EdgeError) else EdgeError(f"{type(error).__name__}: {error}")
