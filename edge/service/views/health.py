"""The view *Health*: doctor's findings, temperatures, memory and writes; updates."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from edge import __version__
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub
from edge.api.http.routes import JSON, Call, Route, given
from edge.health.vitals import vitals
from edge.service.views.jobs import shared_jobs
from edge.service.views.sending import shared_inbox, size_of

if TYPE_CHECKING:
    from edge.service.doctor import Examination
    from edge.service.service import Service

MOST_BUNDLE_BYTES: Final = 2 << 30
SENT: Final = "sent.bundle"
WAITING: Final = "waiting.bundle"
"""What `edge-update.path` waits for."""
_UNITS: Final = ("/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system")


class Examine(Body):
    """`deep` measures again what takes minutes."""

    deep: bool = False


class Mend(Body):
    """`POST /page/health/fix`: what a finding offers to have done."""

    name: Annotated[str, Field(max_length=100)]
    target: Annotated[str, Field(max_length=1000)]


class Health:
    """Answers for the view."""

    def __init__(self, service: "Service", hub: Hub) -> None:
        self._service = service
        self._jobs = shared_jobs(service, hub)
        self._inbox = shared_inbox(service, hub)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/health", style, "How this machine does", self._all, gives=gives),
            Route("POST", "/page/health/doctor", style, "Look what is wrong", self._examine, Examine),
            Route("POST", "/page/health/fix", style, "Do what a finding offers", self._fix, Mend),
            Route("POST", "/page/health/restart", style, "Start the service again", self._restart),
            Route("POST", "/page/health/update", style, "Send an update, which is verified", self._update_send),
            Route("POST", "/page/health/update/apply", style, "Apply what was sent", self._update_apply),
            Route("POST", "/page/health/update/discard", style, "Remove what was sent", self._discard),
        )

    @property
    def _sent(self) -> Path:
        return self._inbox.directory

    async def _all(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(self._look))

    def _look(self) -> dict[str, Any]:
        """Blocks for milliseconds."""
        from edge.health.card import written
        from edge.tuning.thermal import read_heat
        from edge.upkeep.facts import update_facts

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
            "jobs": self._jobs.all(),
        }

    def _update_facts(self) -> dict[str, Any]:
        return {
            "sent": size_of(self._sent / SENT),
            "waiting": size_of(self._sent / WAITING),
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

    # Updates ---------------------------------------------------------------------------------------------------------

    async def _update_send(self, call: Call) -> web.StreamResponse:
        size = await self._inbox.receive(call, SENT, MOST_BUNDLE_BYTES)
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
        await asyncio.to_thread((self._sent / SENT).unlink, missing_ok=True)
        return given(call, {"discarded": True})


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


def _is_taken_up() -> bool:
    """Whether systemd applies what is put into its place: it was told to wait for that. Blocks."""
    return Path("/run/systemd/system").is_dir() and any(
        (Path(place) / "multi-user.target.wants/edge-update.path").is_symlink() for place in _UNITS
    )
