"""The view *Health*: doctor's findings, temperatures, memory and writes; updates, backups and restoring."""

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from aiohttp import web
from pydantic import Field

from edge import __version__
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub
from edge.api.http.routes import JSON, Call, Route, given
from edge.health.vitals import vitals
from edge.service.views.asking import query
from edge.service.views.jobs import shared_jobs

if TYPE_CHECKING:
    from edge.service.doctor import Examination
    from edge.service.service import Service

MOST_BUNDLE_BYTES: Final = 2 << 30
MOST_BACKUP_BYTES: Final = 8 << 30
LEFT_FREE_BYTES: Final = 256 << 20
"""On the disk, after something was sent."""
SEND_S: Final = 60.0
"""How long whoever sends may say nothing."""
CHECK_S: Final = 600.0
UPDATES: Final = "updates"
SENT: Final = "sent.bundle"
WAITING: Final = "waiting.bundle"
"""What `edge-update.path` waits for."""
_UNITS: Final = ("/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system")
SENT_BACKUP: Final = "sent.backup"
_BACKUP: Final = re.compile(r"edge-[a-z0-9_-]{1,64}-\d{8}T\d{6}Z\.backup")
_Passphrase = Annotated[str, Field(max_length=1000)]


class Examine(Body):
    """`deep` measures again what takes minutes."""

    deep: bool = False


class Mend(Body):
    """`POST /page/health/fix`: what a finding offers to have done."""

    name: Annotated[str, Field(max_length=100)]
    target: Annotated[str, Field(max_length=1000)]


class BackUp(Body):
    """`POST /page/health/backup`; without a passphrase nothing secret is in it."""

    passphrase: _Passphrase = ""
    history: bool = True


class BackupName(Body):
    """A backup that lies here."""

    name: Annotated[str, Field(max_length=200)]


class Passphrase(Body):
    """Of what was sent."""

    passphrase: _Passphrase = ""


class Health:
    """Answers for the view."""

    def __init__(self, service: "Service", hub: Hub) -> None:
        self._service = service
        self._jobs = shared_jobs(service, hub)
        self._sending = asyncio.Lock()

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/health", style, "How this machine does", self._all, gives=gives),
            Route("POST", "/page/health/doctor", style, "Look what is wrong", self._examine, Examine),
            Route("POST", "/page/health/fix", style, "Do what a finding offers", self._fix, Mend),
            Route("POST", "/page/health/restart", style, "Start the service again", self._restart),
            Route("POST", "/page/health/backup", style, "Make a backup", self._back_up, BackUp),
            Route("GET", "/page/health/backup/file", style, "Fetch a backup", self._backup_file),
            Route("POST", "/page/health/backup/remove", style, "Remove a backup", self._backup_remove, BackupName),
            Route("POST", "/page/health/restore", style, "Send a backup", self._restore_send),
            Route(
                "POST", "/page/health/restore/check", style, "Read it and verify it", self._restore_check, Passphrase
            ),
            Route("POST", "/page/health/update", style, "Send an update, which is verified", self._update_send),
            Route("POST", "/page/health/update/apply", style, "Apply what was sent", self._update_apply),
            Route("POST", "/page/health/discard", style, "Remove what was sent", self._discard),
        )

    @property
    def _sent(self) -> Path:
        return self._service.loaded.places.state / UPDATES

    @property
    def _backups(self) -> Path:
        where = self._service.loaded
        return where.settings.backup.directory or where.places.state / "backups"

    async def _all(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(self._look))

    def _look(self) -> dict[str, Any]:
        """Blocks for milliseconds."""
        from edge.health.card import written
        from edge.tuning.thermal import read_heat
        from edge.upkeep.facts import backup_facts, update_facts

        service, places = self._service, self._service.loaded.places
        disk, heat = shutil.disk_usage(places.state), read_heat()
        doctor = service.doctor.last if service.doctor is not None else None
        return {
            "version": __version__,
            "node": service.loaded.settings.node,
            "now": time.time(),
            "vitals": vitals(),
            "disk": {"free": disk.free, "total": disk.total, "path": str(places.state)},
            "writes": written(places.state),
            "slowed": [flag.name.lower().replace("_", " ") for flag in heat.now if flag.name],
            "model_bytes": service.model.figures.resident_bytes,
            "clock_trusted": service.clock.trusted,
            "problems": service.problems,
            "doctor": _offering(doctor) if doctor is not None else None,
            "update": update_facts(places.installation) | self._update_facts(),
            "backup": backup_facts(places.state),
            "backups": self._found_backups(),
            "restore": {"sent": _size(self._sent / SENT_BACKUP)},
            "jobs": self._jobs.all(),
        }

    def _update_facts(self) -> dict[str, Any]:
        return {
            "sent": _size(self._sent / SENT),
            "waiting": _size(self._sent / WAITING),
            "by_itself": _is_taken_up(),
        }

    async def _examine(self, call: Call) -> web.StreamResponse:
        request: Examine = call.body
        if self._service.doctor is None:
            raise HttpError(503, "doctor can't look now: run `edge doctor`")
        found = await self._service.doctor.examine(deep=request.deep)
        return given(call, await asyncio.to_thread(_offering, found))

    async def _fix(self, call: Call) -> web.StreamResponse:
        from edge.health.fixes import FixError, apply

        request: Mend = call.body
        last = self._service.doctor.last if self._service.doctor is not None else None
        offered = {one.fix for one in last.findings} if last is not None else set()
        fix = next((one for one in offered if one and (one.name, one.target) == (request.name, request.target)), None)
        if fix is None:
            raise HttpError(409, "that is not offered any more: have doctor look again")
        try:
            text = await asyncio.to_thread(apply, fix)
        except FixError as error:
            raise HttpError(409, str(error)) from error
        if self._service.doctor is not None:
            self._service.doctor.last = None  # who looks now wants to see what has become of it
        return given(call, {"text": text})

    async def _restart(self, call: Call) -> web.StreamResponse:
        # Once the answer is on its way.
        asyncio.get_running_loop().call_later(0.3, self._service.restart)
        return given(call, {"restarting": True})

    # Backups ---------------------------------------------------------------------------------------------------------

    async def _back_up(self, call: Call) -> web.StreamResponse:
        request: BackUp = call.body
        directory = self._service.loaded.places.state / "backups"
        await asyncio.to_thread(lambda: directory.mkdir(mode=0o700, exist_ok=True))
        keep = self._service.loaded.settings.backup.keep
        command = ["backup", str(directory), "--keep", str(keep), "--json"]
        command += [] if request.history else ["--without-history"]
        command += ["--passphrase-file", "-"] if request.passphrase else []
        stdin = request.passphrase.replace("\n", " ") + "\n" if request.passphrase else None
        return given(call, self._jobs.begin("backup", "Making a backup", command, stdin=stdin).facts())

    def _found_backups(self) -> list[dict[str, Any]]:
        found = {}
        for directory in (self._service.loaded.places.state / "backups", self._backups):
            with contextlib.suppress(OSError):
                for file in directory.iterdir():
                    if _BACKUP.fullmatch(file.name):
                        found[file.name] = {"name": file.name, "bytes": file.stat().st_size}
        return sorted(found.values(), key=lambda one: str(one["name"])[-23:], reverse=True)

    def _backup(self, name: str) -> Path:
        """Raises `HttpError` (404) for what is none of ours."""
        if _BACKUP.fullmatch(name):
            for directory in (self._service.loaded.places.state / "backups", self._backups):
                if (directory / name).is_file():
                    return directory / name
        raise HttpError(404, "there is no such backup here")

    async def _backup_file(self, call: Call) -> web.StreamResponse:
        file = await asyncio.to_thread(self._backup, query(call, BackupName).name)
        named = f"attachment; filename*=UTF-8''{quote(file.name)}"
        headers = {**call.headers, "Content-Disposition": named, "Content-Type": "application/octet-stream"}
        return web.FileResponse(file, headers=headers)

    async def _backup_remove(self, call: Call) -> web.StreamResponse:
        request: BackupName = call.body
        file = await asyncio.to_thread(self._backup, request.name)
        await asyncio.to_thread(lambda: file.unlink(missing_ok=True))
        return given(call, {"removed": file.name})

    async def _restore_send(self, call: Call) -> web.StreamResponse:
        size = await self._receive(call, SENT_BACKUP, MOST_BACKUP_BYTES)
        encrypted = await asyncio.to_thread(_encrypted, self._sent / SENT_BACKUP)
        return given(call, {"bytes": size, "encrypted": encrypted})

    async def _restore_check(self, call: Call) -> web.StreamResponse:
        request: Passphrase = call.body
        file = self._sent / SENT_BACKUP
        if not await asyncio.to_thread(file.is_file):
            raise HttpError(409, "no backup was sent yet")
        command = ["restore", str(file), "--check", "--passphrase-file", "-", "--json"]
        stdin = request.passphrase.replace("\n", " ") + "\n"
        found = await self._jobs.answer("restore", "Reading the backup", command, within_s=CHECK_S, stdin=stdin)
        return given(call, {**found, "command": f"sudo edge restore {file} --stop"})

    # Updates ---------------------------------------------------------------------------------------------------------

    async def _update_send(self, call: Call) -> web.StreamResponse:
        size = await self._receive(call, SENT, MOST_BUNDLE_BYTES)
        try:
            offered = await self._check_update()
        except BaseException:
            await asyncio.to_thread((self._sent / SENT).unlink, missing_ok=True)
            raise
        if offered.get("why_not"):
            await asyncio.to_thread((self._sent / SENT).unlink, missing_ok=True)
        return given(call, {"bytes": size, **offered})

    async def _check_update(self) -> Mapping[str, Any]:
        """What the bundle offers. Raises `HttpError` (422) for what is none that is believed."""
        command = ("update", "--check", str(self._sent / SENT), "--json")
        job = self._jobs.begin("update-check", "Verifying the update", command)
        await job.ended.wait()
        offered: list[Mapping[str, Any]] = (job.answer or {}).get("offered") or []
        if not offered:
            raise HttpError(422, job.error or "that is no update")
        one = offered[0]
        if not one["version"]:
            raise HttpError(422, str(one["why_not"]))
        return {key: one.get(key) for key in ("version", "signed_by", "bytes", "notes", "why_not", "already")}

    async def _update_apply(self, call: Call) -> web.StreamResponse:
        file = self._sent / SENT
        if not await asyncio.to_thread(file.is_file):
            raise HttpError(409, "no update was sent yet, or it was taken up already")
        if await asyncio.to_thread(_is_taken_up):
            await asyncio.to_thread(file.replace, self._sent / WAITING)
            return given(call, {"state": "waiting"})
        # What replaces the service can't be the service's own child: it would end with it.
        raise HttpError(409, f"root has to do that on this machine: sudo edge update --apply {file}")

    async def _discard(self, call: Call) -> web.StreamResponse:
        def gone() -> None:
            for name in (SENT, SENT_BACKUP):
                (self._sent / name).unlink(missing_ok=True)

        await asyncio.to_thread(gone)
        return given(call, {"discarded": True})

    # What is sent ----------------------------------------------------------------------------------------------------

    async def _receive(self, call: Call, name: str, most_bytes: int) -> int:
        """Write a body to a file, in the place of the one sent before. Raises `HttpError`."""
        if self._sending.locked():
            raise HttpError(409, "something is being sent already: wait for it")
        if (call.request.content_length or 0) > most_bytes:
            raise HttpError(413, f"that is too large: at most {most_bytes >> 20} MiB are taken")
        async with self._sending:
            part = self._sent / f"{name}.{secrets.token_hex(4)}.part"
            try:
                size = await self._written(call, part, most_bytes)
                await asyncio.to_thread(part.replace, self._sent / name)
            except OSError as error:
                raise HttpError(507, f"it can't be written: {error.strerror or error}") from error
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def _written(self, call: Call, part: Path, most_bytes: int) -> int:
        def begin() -> Any:
            part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in part.parent.glob("*.part"):
                left.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            return os.fdopen(handle, "wb")

        def room() -> int:
            return shutil.disk_usage(part.parent).free - LEFT_FREE_BYTES

        stream = await asyncio.to_thread(begin)
        size = 0
        try:
            if await asyncio.to_thread(room) < (call.request.content_length or 0):
                raise HttpError(507, "there is no room for it on the disk: `edge models rm NAME` makes some")
            content = call.request.content
            while True:
                async with asyncio.timeout(SEND_S):
                    piece = await content.read(1 << 18)
                if not piece:
                    break
                size += len(piece)
                if size > most_bytes or (size >> 24 != (size - len(piece)) >> 24 and await asyncio.to_thread(room) < 0):
                    raise HttpError(413, "that is too large for this machine")
                await asyncio.to_thread(stream.write, piece)
        except TimeoutError:
            raise HttpError(408, f"nothing came for {SEND_S:g} s") from None
        finally:
            await asyncio.to_thread(stream.close)
        if not size:
            raise HttpError(400, "the file is empty")
        return size


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    return Health(service, hub).routes()


def _offering(examination: "Examination") -> dict[str, Any]:
    """What doctor found, each finding with what may be done about it in words. Blocks."""
    from edge.health.fixes import FixError
    from edge.health.fixes import told as said

    told = examination.to_json()
    for one, finding in zip(told["findings"], examination.findings, strict=True):
        with contextlib.suppress(FixError):
            one["offer"] = said(finding.fix) if finding.fix is not None else ""
    return told


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None


def _encrypted(file: Path) -> bool:
    from edge.upkeep.reading import is_encrypted

    return is_encrypted(file)


def _is_taken_up() -> bool:
    """Whether systemd applies what is put into its place: it was told to wait for that. Blocks."""
    return Path("/run/systemd/system").is_dir() and any(
        (Path(place) / "multi-user.target.wants/edge-update.path").is_symlink() for place in _UNITS
    )
