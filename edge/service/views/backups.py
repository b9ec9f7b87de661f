"""What the view *Health* does with backups: made, fetched, read, and put in place at the service's next start."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from aiohttp import web
from pydantic import Field

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub
from edge.api.http.routes import JSON, Call, Route, given
from edge.service.views.asking import query
from edge.service.views.jobs import Job, shared_jobs
from edge.service.views.proving import must_have_logged_in
from edge.service.views.sending import shared_inbox, size_of

if TYPE_CHECKING:
    from edge.service.service import Service

MOST_BYTES: Final = 8 << 30
CHECK_S: Final = 600.0
SENT: Final = "sent.backup"
_NAME: Final = re.compile(r"edge-[a-z0-9_-]{1,64}-\d{8}T\d{6}Z\.backup")
_ANSWERED_S: Final = 1.0
"""How long whoever follows the work has to hear that it is done, before the service ends."""
_Passphrase = Annotated[str, Field(max_length=1000)]


class BackUp(Body):
    """`POST /page/health/backup`; without a passphrase nothing secret is in it."""

    passphrase: _Passphrase = ""
    history: bool = True


class Name(Body):
    """A backup that lies here."""

    name: Annotated[str, Field(max_length=200)]


class Chosen(Body):
    """A backup that lies here; without a name what was sent."""

    name: Annotated[str, Field(max_length=200)] = ""
    passphrase: _Passphrase = ""


class Backups:
    """Answers for that part of the view."""

    def __init__(self, service: "Service", hub: Hub) -> None:
        self._service = service
        self._jobs = shared_jobs(service, hub)
        self._inbox = shared_inbox(service, hub)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/health/backups", style, "Backups, and how restoring went", self._all, gives=gives),
            Route("POST", "/page/health/backup", style, "Make a backup", self._back_up, BackUp),
            Route("GET", "/page/health/backup/file", style, "Fetch a backup", self._file),
            Route("POST", "/page/health/backup/remove", style, "Remove a backup", self._remove, Name),
            Route("POST", "/page/health/restore", style, "Send a backup", self._send),
            Route("POST", "/page/health/restore/check", style, "Read it and verify it", self._check, Chosen),
            Route("POST", "/page/health/restore/apply", style, "Put it in place, and start again", self._apply, Chosen),
            Route("POST", "/page/health/restore/discard", style, "Leave out what waits or was sent", self._discard),
        )

    @property
    def _sent(self) -> Path:
        return self._inbox.directory / SENT

    @property
    def _directories(self) -> tuple[Path, ...]:
        where = self._service.loaded
        own = where.places.state / "backups"
        return tuple(dict.fromkeys((own, where.settings.backup.directory or own)))

    async def _all(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(self._look))

    def _look(self) -> dict[str, Any]:
        """Blocks."""
        from edge.upkeep.facts import backup_facts, restore_facts

        places = self._service.loaded.places
        return {
            "last": backup_facts(places.state),
            "backups": self._found(),
            "sent": size_of(self._sent),
            "restore": restore_facts(places),
        }

    def _found(self) -> list[dict[str, Any]]:
        found = {}
        for directory in self._directories:
            with contextlib.suppress(OSError):
                for file in directory.iterdir():
                    if _NAME.fullmatch(file.name):
                        size, encrypted = file.stat().st_size, _is_encrypted(file)
                        found[file.name] = {"name": file.name, "bytes": size, "encrypted": encrypted}
        return sorted(found.values(), key=lambda one: str(one["name"])[-23:], reverse=True)

    def _named(self, name: str) -> Path:
        """Raises `HttpError` (404) for what is none of ours."""
        if _NAME.fullmatch(name):
            for directory in self._directories:
                if (directory / name).is_file():
                    return directory / name
        raise HttpError(404, "there is no such backup here")

    def _chosen(self, name: str) -> Path:
        """Raises `HttpError`: 404 for what is none of ours, 409 where nothing was sent."""
        if name:
            return self._named(name)
        if not self._sent.is_file():
            raise HttpError(409, "no backup was sent yet")
        return self._sent

    async def _back_up(self, call: Call) -> web.StreamResponse:
        request: BackUp = call.body
        directory = self._directories[0]
        await asyncio.to_thread(lambda: directory.mkdir(mode=0o700, exist_ok=True))
        keep = self._service.loaded.settings.backup.keep
        command = ["backup", str(directory), "--keep", str(keep), "--json"]
        command += [] if request.history else ["--without-history"]
        command += ["--passphrase-file", "-"] if request.passphrase else []
        stdin = _line(request.passphrase) if request.passphrase else None
        return given(call, self._jobs.begin("backup", "Making a backup", command, stdin=stdin).facts())

    async def _file(self, call: Call) -> web.StreamResponse:
        file = await asyncio.to_thread(self._named, query(call, Name).name)
        named = f"attachment; filename*=UTF-8''{quote(file.name)}"
        headers = {**call.headers, "Content-Disposition": named, "Content-Type": "application/octet-stream"}
        return web.FileResponse(file, headers=headers)

    async def _remove(self, call: Call) -> web.StreamResponse:
        request: Name = call.body
        file = await asyncio.to_thread(self._named, request.name)
        await asyncio.to_thread(lambda: file.unlink(missing_ok=True))
        return given(call, {"removed": file.name})

    async def _send(self, call: Call) -> web.StreamResponse:
        size = await self._inbox.receive(call, SENT, MOST_BYTES)
        encrypted = await asyncio.to_thread(_is_encrypted, self._sent)
        if encrypted is None:
            await asyncio.to_thread(self._sent.unlink, missing_ok=True)
            raise HttpError(422, "that is no backup of edge")
        return given(call, {"bytes": size, "encrypted": encrypted})

    async def _check(self, call: Call) -> web.StreamResponse:
        request: Chosen = call.body
        file = await asyncio.to_thread(self._chosen, request.name)
        command = ["restore", str(file), "--check", "--passphrase-file", "-", "--json"]
        # Whoever asks for another one than who asked before is not to be told of that.
        kind, stdin = f"restore-check {file.name}", _line(request.passphrase)
        found = await self._jobs.answer(kind, "Reading the backup", command, within_s=CHECK_S, stdin=stdin)
        return given(call, found)

    async def _apply(self, call: Call) -> web.StreamResponse:
        """It can bring what is asked about first, and whom, and the password itself."""
        must_have_logged_in(call, "restoring a backup")
        request: Chosen = call.body
        file = await asyncio.to_thread(self._chosen, request.name)
        command = ["restore", str(file), "--at-start", "--passphrase-file", "-", "--json"]
        after, stdin = self._then(file), _line(request.passphrase)
        job = self._jobs.begin("restore", "Restoring the backup", command, stdin=stdin, after=after)
        return given(call, job.facts())

    def _then(self, file: Path) -> Callable[[Job], None]:
        """What comes after it has been staged: the start that puts it in place."""

        loop = asyncio.get_running_loop()

        def then(job: Job) -> None:
            if job.state != "done":
                loop.run_in_executor(None, self._call_off)
                return
            if file == self._sent:
                file.unlink(missing_ok=True)
            loop.call_later(_ANSWERED_S, self._service.restart)

        return then

    async def _discard(self, call: Call) -> web.StreamResponse:
        def gone() -> None:
            self._sent.unlink(missing_ok=True)
            self._call_off()

        await asyncio.to_thread(gone)
        return given(call, {"discarded": True})

    def _call_off(self) -> None:
        from edge.upkeep.swapping import call_off

        with contextlib.suppress(OSError):
            call_off(self._service.loaded.places)


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    return Backups(service, hub).routes()


def _line(passphrase: str) -> str:
    return passphrase.replace("\n", " ") + "\n"


def _is_encrypted(file: Path) -> bool | None:
    """None for what is no backup. Blocks."""
    from edge.upkeep.errors import BackupError
    from edge.upkeep.reading import is_encrypted

    try:
        return is_encrypted(file)
    except BackupError:
        return None
