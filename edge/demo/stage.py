"""Puts the demo up and takes it down: a broker, the house and the service, each a process that ends with this one."""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from edge.api.wire import decode, encode
from edge.child import signalled
from edge.demo.errors import DemoError
from edge.demo.house import House
from edge.demo.household import configuration
from edge.demo.watch import Watch
from edge.mqtt.broker import BrokerAddress, SupervisedBroker

_START_S: Final = 30.0
_LOOK_S: Final = 0.05
_STOP_S: Final = 5.0
_MODEL_S: Final = 300.0
_SPEED: Final = 60.0
"""An hour of the house's weather passes in a minute."""
_TAIL_LINES: Final = 12
_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None, use_errno=True)
_REPORTING: Final = frozenset(
    {"light", "switch", "cover", "lock", "climate", "fan", "sensor", "media_player", "vacuum"}
)


class Stage:
    """Async context manager: entered, the house answers through the service, and `watch` sees it."""

    watch: Watch

    def __init__(self, *, model: Path | None = None, seed: int = 1, broker: BrokerAddress | None = None) -> None:
        """`broker`: one to use instead of one of our own; the service takes every device there for the demo's."""
        self._model = model
        self._seed = seed
        self._broker = broker
        self.house = House(seed=seed)
        """The house's twin in this process: it says which devices and topics there are."""
        self._stack = AsyncExitStack()
        self._children: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await asyncio.shield(self._stack.aclose())
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        made = await asyncio.to_thread(tempfile.mkdtemp, prefix="edge-demo-")
        self._stack.push_async_callback(asyncio.to_thread, partial(shutil.rmtree, made, ignore_errors=True))
        self._directory = Path(made)
        address = self._broker
        if address is None:
            address = (await self._stack.enter_async_context(SupervisedBroker(state=self._directory))).address
        config = configuration(address, self.house.things, self._model)
        await asyncio.to_thread((self._directory / "config.toml").write_text, config, encoding="utf-8")
        place = ("--host", address.host, "--port", str(address.port))
        manner = ("--seed", str(self._seed), "--speed", f"{_SPEED:g}", *(["--tidy"] if self._broker else []))
        await self._spawn("house", "edge.demo.house", *place, *manner)
        await self._spawn("service", "edge", "run", "--log-format", "human")
        self.watch = await self._stack.enter_async_context(Watch(address))
        await self._until_ready()

    async def _spawn(self, name: str, *command: str) -> None:
        log = os.open(self._log(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        finally:
            os.close(log)
        self._children[name] = child
        self._stack.push_async_callback(_end, child)

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _environment(self) -> dict[str, str]:
        """Ours, without settings that are meant for another service."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("EDGE_", "NOTIFY_"))}
        directory = self._directory
        return ours | {
            "EDGE_CONFIG": str(directory / "config.toml"),
            "EDGE_STATE": str(directory / "state"),
            "EDGE_RUNTIME": str(directory / "run"),
            "PYTHONPATH": os.pathsep.join(path for path in (_package_root(), ours.get("PYTHONPATH")) if path),
        }

    async def _until_ready(self) -> None:
        """Until the service knows every device of the house and how it is."""
        wanted = self.house.entities + sum(1 for thing in self.house.things if not list(thing.announcements()))
        known: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(_START_S):
                while True:
                    await self.check()
                    known = (await self.status("devices")).get("devices", [])
                    waiting = [one for one in known if one["state"] is None and _domain(one) in _REPORTING]
                    if len(known) >= wanted and not waiting:
                        return
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            said = await self._tail("service")
            raise DemoError(
                f"the service knew {len(known)} of {wanted} devices after {_START_S:g} s; it said:\n{said}"
            ) from None

    async def until_model(self) -> None:
        """Wait until the language model can answer; raises `DemoError` where it can't."""
        try:
            async with asyncio.timeout(_MODEL_S):
                while True:
                    await self.check()
                    model = (await self.status("status")).get("model", {})
                    if model.get("state") == "ready":
                        return
                    if model.get("state") in ("failed", "absent"):
                        raise DemoError(f"the language model can't answer: {model.get('reason') or 'there is none'}")
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise DemoError(f"the language model was not loaded after {_MODEL_S:g} s") from None

    async def status(self, do: str) -> dict[str, Any]:
        """What the service answers on its control socket; nothing before it listens."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._directory / "run" / "control.sock", limit=1 << 24)
        except OSError:
            return {}
        try:
            writer.write(encode({"do": do}))
            answer = decode(await reader.readline())
        except OSError:
            return {}
        finally:
            writer.close()
        done = answer.get("done")
        return done if isinstance(done, dict) else {}

    async def check(self) -> None:
        """Raises `DemoError` when a process has ended by itself."""
        for name, child in self._children.items():
            if child.returncode is not None:
                raise DemoError(f"the {name} ended with status {child.returncode}; it said:\n{await self._tail(name)}")

    async def _tail(self, name: str) -> str:
        text = await asyncio.to_thread(self._log(name).read_text, encoding="utf-8", errors="replace")
        lines = text.splitlines()
        return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:]) or "  nothing"


def _domain(device: dict[str, Any]) -> str:
    return str(device["id"]).partition(".")[0]


def _package_root() -> str:
    """Where `edge` itself was imported from: children find it wherever they are started."""
    return str(Path(__file__).parents[2])


async def _end(child: asyncio.subprocess.Process) -> None:
    for number, patience_s in ((signal.SIGTERM, _STOP_S), (signal.SIGKILL, None)):
        if child.returncode is not None:
            return
        signalled(child, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await child.wait()


def _die_with_parent() -> None:
    """Runs in the child: the kernel ends it when we are gone, however we went."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
