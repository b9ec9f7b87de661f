"""Long work for the page: `edge` commands as processes of their own, with progress, which can be called off."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from edge.child import environment, signalled
from edge.errors import EdgeError
from edge.progress import VARIABLE
from edge.settings import Places

if TYPE_CHECKING:
    from edge.api.http.page.hub import Hub
    from edge.service.service import Service

log = logging.getLogger(__name__)

MOST_RUNNING: Final = 3
MOST_KEPT: Final = 12
"""Those that have ended and are still told of."""
MOST_BYTES: Final = 4 << 20
"""Of what one answers."""
_LAST_LINES: Final = 8
_LINE_BYTES: Final = 1 << 20
_TERM_S: Final = 5.0
_KEPT: Final = ("HF_TOKEN", "PULSE_SERVER", "XDG_RUNTIME_DIR", "http_proxy", "https_proxy", "no_proxy")


class JobError(EdgeError):
    """Work can't be begun, or failed; the message says why."""


@dataclass(slots=True)
class Job:
    """One command."""

    id: str
    kind: str
    """One of a kind runs at a time."""
    title: str
    began_s: float
    state: str = "running"
    """`running`, `done`, `failed`, `called off`."""
    what: str = ""
    """What it is at."""
    share: float | None = None
    """0..1."""
    error: str = ""
    printed: str = field(default="", repr=False)
    answer: Any = None
    """The same as JSON; None where it is none."""
    process: Process | None = field(default=None, repr=False)
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def facts(self) -> dict[str, Any]:
        """For the page; without the answer, which whoever began it asks for."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "began": self.began_s,
            "state": self.state,
            "what": self.what,
            "share": self.share,
            "error": self.error,
        }


class Jobs:
    """Belongs to the event loop; `close` ends what runs."""

    def __init__(self, places: Places, tell: Callable[[Mapping[str, Any]], None] = lambda _facts: None) -> None:
        """`tell` hears of each change."""
        self._places = places
        self._tell = tell
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def all(self) -> list[dict[str, Any]]:
        """The oldest first."""
        return [job.facts() for job in self._jobs.values()]

    def find(self, id_: str) -> Job:
        """One of them. Raises `JobError`."""
        job = self._jobs.get(id_)
        if job is None:
            raise JobError("that work is not known any more: begin it again")
        return job

    def begin(
        self,
        kind: str,
        title: str,
        command: Sequence[str],
        *,
        stdin: str | None = None,
        after: Callable[[Job], None] | None = None,
    ) -> Job:
        """Have `edge COMMAND` run. Raises `JobError` where one of that kind does already, or too many do.

        `stdin`: what is written to it; `after` is called once it has ended, however that was.
        """
        running = [job for job in self._jobs.values() if job.state == "running"]
        if any(job.kind == kind for job in running):
            raise JobError(f"{title}: that is being done already")
        if len(running) >= MOST_RUNNING:
            raise JobError(f"{len(running)} things are being done already: wait for one to end, or call one off")
        self._forget()
        job = Job(secrets.token_hex(6), kind, title, time.time())
        self._jobs[job.id] = job
        task = asyncio.create_task(self._run(job, command, stdin, after), name=f"page.{kind}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._tell(job.facts())
        return job

    async def answer(
        self, kind: str, title: str, command: Sequence[str], *, within_s: float, stdin: str | None = None
    ) -> Any:
        """What a command prints as JSON, for one that takes seconds; who asks meanwhile gets the same.

        Raises `JobError`.
        """
        job = await self._ended(kind, title, command, within_s, stdin)
        if job.answer is None:
            raise JobError(job.error or "it said nothing")
        return job.answer

    async def text(self, kind: str, title: str, command: Sequence[str], *, within_s: float) -> str:
        """What a command prints. Raises `JobError`."""
        job = await self._ended(kind, title, command, within_s, None)
        if job.state != "done":
            raise JobError(job.error or "it was called off")
        return job.printed

    async def _ended(self, kind: str, title: str, command: Sequence[str], within_s: float, stdin: str | None) -> Job:
        job = next((one for one in self._jobs.values() if one.kind == kind and one.state == "running"), None)
        job = job or self.begin(kind, title, command, stdin=stdin)
        try:
            async with asyncio.timeout(within_s):
                await job.ended.wait()
        except TimeoutError:
            self.call_off(job.id)
            raise JobError(f"{job.title} did not end within {within_s:g} s, and was called off") from None
        return job

    def call_off(self, id_: str) -> None:
        """End it; what it had begun is left as the command leaves it when it is interrupted."""
        job = self.find(id_)
        if job.state == "running":
            job.state = "called off"
            if job.process is not None:
                signalled(job.process, 2)
                asyncio.get_running_loop().call_later(_TERM_S, signalled, job.process)
            self._tell(job.facts())

    async def close(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(
        self, job: Job, command: Sequence[str], stdin: str | None, after: Callable[[Job], None] | None
    ) -> None:
        try:
            await self._work(job, command, stdin)
        except (OSError, ValueError) as error:
            self._end(job, "failed", f"it could not be run: {error}")
        except asyncio.CancelledError:
            self._end(job, "called off", "the service ended")
            raise
        finally:
            if job.process is not None:
                signalled(job.process)
            job.ended.set()
            if after is not None:
                after(job)

    async def _work(self, job: Job, command: Sequence[str], stdin: str | None) -> None:
        process = job.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "edge", *command),
            stdin=PIPE if stdin is not None else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=self._environment(),
            start_new_session=True,
            limit=_LINE_BYTES,
        )
        assert process.stdout is not None and process.stderr is not None  # noqa: S101 (they are pipes)
        if job.state == "called off":
            signalled(process)
        if stdin is not None and process.stdin is not None:
            process.stdin.write(stdin.encode())
            process.stdin.close()
        answer, last = await asyncio.gather(_all(process.stdout), self._follow(job, process.stderr))
        status = await process.wait()
        if job.state == "called off":
            self._end(job, "called off", "")
            return
        job.printed = answer.decode("utf-8", "replace")
        with contextlib.suppress(ValueError):
            job.answer = json.loads(answer)
        self._end(job, "done" if status == 0 else "failed", "" if status == 0 else last or f"it ended with {status}")

    async def _follow(self, job: Job, stream: asyncio.StreamReader) -> str:
        """Takes progress out of what is said; the rest of it, its last lines."""
        last: deque[str] = deque(maxlen=_LAST_LINES)
        while line := await _line(stream):
            told = _progress(line)
            if told is None:
                last.append(line.decode("utf-8", "replace").strip()[:500])
            elif told != (job.what, job.share):
                job.what, job.share = told
                self._tell(job.facts())
        return "\n".join(one for one in last if one)

    def _end(self, job: Job, state: str, error: str) -> None:
        job.state, job.error = state, error
        facts = {"kind": job.kind, "state": state, "error": error[:300]}
        log.log(logging.INFO if error else logging.DEBUG, "page.job_ended", extra=facts)
        self._tell(job.facts())

    def _forget(self) -> None:
        over = [job.id for job in self._jobs.values() if job.state != "running"]
        for id_ in over[: max(0, len(over) - MOST_KEPT + 1)]:
            del self._jobs[id_]

    def _environment(self) -> dict[str, str]:
        """The command has the service's places and settings, whoever it runs as."""
        places = self._places
        ours = {name: value for name, value in os.environ.items() if name.startswith("EDGE_") or name in _KEPT}
        return (
            environment()
            | ours
            | {
                "EDGE_CONFIG": str(places.config),
                "EDGE_STATE": str(places.state),
                "EDGE_RUNTIME": str(places.runtime),
                "EDGE_INSTALLATION": str(places.installation),
                VARIABLE: "lines",
            }
        )


_SHARED: "WeakKeyDictionary[Hub, Jobs]" = WeakKeyDictionary()


def shared_jobs(service: "Service", hub: "Hub") -> Jobs:
    """Those of a page, which all its views share; told of under the topic `jobs`."""
    if hub not in _SHARED:
        _SHARED[hub] = Jobs(service.loaded.places, lambda facts: hub.tell("jobs", facts))
        hub.offer("jobs", lambda _publish: lambda: None)
    return _SHARED[hub]


async def _all(stream: asyncio.StreamReader) -> bytes:
    data = bytearray()
    while piece := await stream.read(1 << 16):
        if len(data) < MOST_BYTES:
            data += piece
    return bytes(data)


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than anybody needs
        return b"\n"


def _progress(line: bytes) -> tuple[str, float | None] | None:
    if not line.startswith(b'{"progress"'):
        return None
    try:
        told = json.loads(line)["progress"]
        share = told.get("share")
        return str(told.get("what", ""))[:200], None if share is None else min(1.0, max(0.0, float(share)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
