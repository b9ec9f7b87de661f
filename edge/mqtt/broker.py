"""A mosquitto of our own, for houses that have no broker yet: a supervised child on the loopback interface."""

import asyncio
import contextlib
import ctypes
import json
import logging
import os
import pwd
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.child import environment, signalled
from edge.mqtt.backoff import Backoff
from edge.mqtt.errors import BrokerFailedError, BrokerMissingError

log = logging.getLogger(__name__)

_HOST: Final = "127.0.0.1"
_CANDIDATES: Final = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/local/bin/mosquitto")
_START_S: Final = 5.0
_STOP_S: Final = 2.0
_STEADY_S: Final = 60.0
_AS_ROOT: Final = "should not be run as root"
"""It has its own account where that can reach the directory; elsewhere there is nothing to be done about it."""
_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None, use_errno=True)

# Loopback only and without passwords: whoever can reach it is already on this machine. The queue of a client that is
# away or slow is bounded in messages and bytes, so that one can't eat the memory of a small board. The database is
# written at least every five minutes and when mosquitto ends: what a power cut loses is at most that.
_CONFIG: Final = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {state}/
persistence_file broker.db
autosave_interval 300
persistent_client_expiration 1d
max_queued_messages 100000
max_queued_bytes 134217728
max_inflight_messages 200
max_packet_size 8388608
memory_limit 268435456
max_keepalive 3600
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
connection_messages false
"""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens."""

    host: str
    port: int


class SupervisedBroker:
    """Async context manager: entered, mosquitto listens on `address`; it is started again whenever it dies."""

    def __init__(
        self, *, state: Path, spare: Path | None = None, executable: str | None = None, port: int | None = None
    ) -> None:
        """`spare`: where it keeps what it must where the disk of `state` can't be written, for this time."""
        self._state = state / "mosquitto"
        self._spare = spare / "mosquitto" if spare else None
        self._executable = executable
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._account: pwd.struct_passwd | None = None
        self._stderr: list[str] = []
        self._reader: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def address(self) -> BrokerAddress:
        """Stays the same when mosquitto is started again."""
        if self._port is None:
            raise BrokerFailedError("the broker has not been started")
        return BrokerAddress(_HOST, self._port)

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._prepare)
        except OSError as error:
            if self._spare is None:
                raise BrokerFailedError(f"{self._state} can't be written: {error.strerror}: see to the disk") from error
            log.error("broker.not_kept", extra={"directory": str(self._state), "reason": str(error)})  # noqa: TRY400
            self._state = self._spare
            await asyncio.to_thread(self._prepare)
        await self._start()
        self._supervision = asyncio.create_task(self._supervise(), name="mosquitto")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._supervision is not None:
            self._supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervision
        await self._stop()

    def _prepare(self) -> None:
        """The directory and the configuration file; private, and owned by the user mosquitto will run as."""
        self._executable = self._executable or find_mosquitto()
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        account = self._account = _account(self._state)
        remembered = self._state / "port"
        self._port = self._port or _free_port_of_before(remembered) or free_port()
        remembered.write_text(f"{self._port}\n", encoding="utf-8")
        user = f"user {account.pw_name}\n" if account else ""
        text = user + _CONFIG.format(port=self._port, host=_HOST, state=self._state)
        self._config.write_text(text, encoding="utf-8")
        if account is not None:
            for path in (self._state, *self._state.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)

    @property
    def _config(self) -> Path:
        return self._state / "mosquitto.conf"

    async def _start(self) -> None:
        """Start it and wait until it takes connections."""
        if not _is_free(self.address.port):
            raise BrokerFailedError(f"{_HOST}:{self.address.port} is taken by another program: end it")
        account = self._account
        self._stderr = []
        self._process = await asyncio.create_subprocess_exec(
            str(self._executable),
            "-c",
            str(self._config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # None of our secrets, it may be another user's; nor may it tell systemd in our name that we are ready.
            env=environment(),
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        process = self._process
        self._reader = asyncio.create_task(self._read_stderr(process), name="mosquitto-stderr")
        listening = asyncio.create_task(self._until_listening())
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({listening, ended}, timeout=_START_S, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            signalled(process)
            raise
        finally:
            listening.cancel()
            ended.cancel()
        if process.returncode is None and listening.done():
            log.info("broker.started", extra={"host": _HOST, "port": self._port, "pid": process.pid})
            return
        await self._stop()
        await self._reader
        said = "; ".join(self._stderr[-3:]) or "it said nothing"
        raise BrokerFailedError(f"{self._executable} -c {self._config} did not start listening: {said}")

    async def _until_listening(self) -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection(_HOST, self._port)
            except OSError:
                await asyncio.sleep(0.005)
                continue
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return

    async def _read_stderr(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101 (it was asked for)
        while line := await process.stderr.readline():
            text = line.decode(errors="replace").strip()
            self._stderr = [*self._stderr[-19:], text]
            if _AS_ROOT not in text:
                log.warning("broker.said", extra={"line": text[:500]})

    async def _supervise(self) -> None:
        backoff = Backoff(0.1, 15.0)
        loop = asyncio.get_running_loop()
        while True:
            started_s = loop.time()
            status = await self._process.wait() if self._process else None
            if loop.time() - started_s > _STEADY_S:
                backoff.reset()
            wait_s = backoff.next_s()
            log.error("broker.ended", extra={"status": status, "again_in_s": round(wait_s, 2)})
            await asyncio.sleep(wait_s)
            try:
                await self._start()
                self.restarts += 1
            except (BrokerFailedError, OSError) as error:
                self._process = None
                log.error("broker.start_failed", extra={"error": str(error)})  # noqa: TRY400 (the message says it all)

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number, patience_s in ((signal.SIGTERM, _STOP_S), (signal.SIGKILL, None)):
            signalled(process, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await process.wait()
                return


def find_mosquitto() -> str:
    """The path of the executable; Debian keeps it where an ordinary user's PATH does not look."""
    found = shutil.which("mosquitto") or next((path for path in _CANDIDATES if os.access(path, os.X_OK)), None)
    if found is None:
        raise BrokerMissingError
    return found


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def write_address(file: Path, address: BrokerAddress, *, node: str, supervised: bool) -> None:
    """Say where the broker is, for the other processes of this machine; replaced atomically."""
    facts = {"host": address.host, "port": address.port, "node": node, "supervised": supervised}
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    fresh.replace(file)


def read_address(file: Path) -> BrokerAddress | None:
    """The broker of the service that runs now; None when none has said where it is."""
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        return BrokerAddress(str(facts["host"]), int(facts["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _free_port_of_before(remembered: Path) -> int | None:
    """The port of the last time, so that devices find the broker again; None when something else has it now."""
    try:
        port = int(remembered.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return port if _is_free(port) else None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def _account(directory: Path) -> pwd.struct_passwd | None:
    """Whom mosquitto runs as where we are root: its own account if there is one and it can reach its directory."""
    if os.geteuid() != 0:
        return None
    reachable = all(parent.stat().st_mode & 0o001 for parent in directory.parents)
    for name in ("mosquitto", "root") if reachable else ("root",):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def _die_with_parent() -> None:
    """Runs in the child: the kernel ends it when we are gone, however we went."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
