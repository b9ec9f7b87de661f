"""The view *Model*: the hardware found, what fits and why, the trials of the last tuning; installing and switching."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.models import Kind, ModelStore
from edge.service.views.jobs import Job, shared_jobs

if TYPE_CHECKING:
    from edge.service.service import Service

RECOMMEND_S: Final = 90.0
FRESH_S: Final = 1800.0
"""How long a recommendation is shown before the machine is measured again."""
LOOK_S: Final = 1.0
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9]")]


class Name(Body):
    """A model of the store."""

    name: _Name


class Pull(Body):
    """`POST /page/models/pull`: what `edge models recommend` names, or OWNER/REPOSITORY of the hub."""

    what: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$")]
    licence_taken: bool
    use: bool = False


class JobId(Body):
    """Work that was begun."""

    id: Annotated[str, Field(min_length=1, max_length=40)]


class Models:
    """Answers for the view."""

    def __init__(self, service: "Service", hub: Hub) -> None:
        self._service = service
        self._store = ModelStore(service.loaded.places.models)
        self._jobs = shared_jobs(service, hub)
        self._recommended: tuple[float, Any] | None = None

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/models", style, "What is installed, runs and was measured", self._all, gives=gives),
            Route("POST", "/page/models/recommend", style, "What fits this machine", self._recommend, Again),
            Route("POST", "/page/models/pull", style, "Fetch a model", self._pull, Pull),
            Route("POST", "/page/models/use", style, "Use a model from now on", self._use, Name),
            Route("POST", "/page/models/remove", style, "Remove a model", self._remove, Name),
            Route("POST", "/page/models/tune", style, "Measure how it runs fastest", self._tune),
            Route("GET", "/page/jobs", style, "Long work", self._all_jobs, gives=gives),
            Route("POST", "/page/jobs/call-off", style, "End it", self._call_off, JobId),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell what the model does, while somebody looks, whenever that changes."""

        async def tell() -> None:
            before: Mapping[str, Any] = {}
            while True:
                now = self._running()
                if now != before:
                    publish(now)
                    before = now
                await asyncio.sleep(LOOK_S)

        task = asyncio.create_task(tell(), name="page.model")

        def end() -> None:
            task.cancel()

        return end

    def _running(self) -> dict[str, Any]:
        model = self._service.model
        limited = bool(model.governed.facts().get("limited"))
        return {**asdict(model.figures), "planned": model.planned, "limited": limited}

    async def _all(self, call: Call) -> web.StreamResponse:
        llm = self._service.loaded.settings.llm
        installed, unfinished, tuning = await asyncio.to_thread(self._look)
        return given(
            call,
            {
                "enabled": llm.enabled,
                "configured": llm.model,
                "running": self._running(),
                "installed": installed,
                "unfinished": unfinished,
                "tuning": tuning,
                "jobs": self._jobs.all(),
                "hub": self._service.loaded.settings.models.hub,
            },
        )

    def _look(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any] | None]:
        """Blocks."""
        from edge.models.pull import unfinished
        from edge.tuning.installed import facts
        from edge.tuning.last import read_last

        left = [asdict(one) for one in unfinished(self._store)]
        models = [facts(self._store, model) for model in self._store.models()]
        return models, left, read_last(self._service.loaded.places.state / "llm")

    async def _recommend(self, call: Call) -> web.StreamResponse:
        request: Again = call.body
        now_s = time.monotonic()
        if request.again or self._recommended is None or now_s - self._recommended[0] > FRESH_S:
            command = ("models", "recommend", "--json")
            answer = await self._jobs.answer("recommend", "Measuring this machine", command, within_s=RECOMMEND_S)
            self._recommended = now_s, answer
        return given(call, self._recommended[1])

    async def _pull(self, call: Call) -> web.StreamResponse:
        request: Pull = call.body
        if not request.licence_taken:
            raise HttpError(400, "licence_taken: the licence has to be taken first", param="licence_taken")
        if request.use:
            self._check_may_switch()
        command = ["models", "pull", request.what, "--yes", "--json", *(["--use"] if request.use else [])]
        return given(call, self._jobs.begin("pull", f"Fetching {request.what}", command).facts())

    async def _use(self, call: Call) -> web.StreamResponse:
        request: Name = call.body
        model = await asyncio.to_thread(self._store.get, request.name)
        if model.kind is Kind.LANGUAGE:
            self._check_may_switch()
        await asyncio.to_thread(self._store.use, request.name)
        return given(call, {"in_use": request.name})

    async def _remove(self, call: Call) -> web.StreamResponse:
        request: Name = call.body
        await asyncio.to_thread(self._forget, request.name)
        return given(call, {"removed": request.name})

    def _forget(self, name: str) -> None:
        """Blocks."""
        from edge.models.pull import drop

        if any(model.name == name for model in self._store.models()) or not drop(self._store, name):
            self._store.remove(name)

    async def _tune(self, call: Call) -> web.StreamResponse:
        job: Job = self._jobs.begin("tune", "Measuring how the model runs fastest", ("tune", "--json"))
        return given(call, job.facts())

    def _check_may_switch(self) -> None:
        configured = self._service.loaded.settings.llm.model
        if configured is not None:
            raise HttpError(409, f"the settings say which model answers (llm.model = {configured!r}): change it there")

    async def _all_jobs(self, call: Call) -> web.StreamResponse:
        return given(call, {"jobs": self._jobs.all()})

    async def _call_off(self, call: Call) -> web.StreamResponse:
        request: JobId = call.body
        self._jobs.call_off(request.id)
        return given(call, {"jobs": self._jobs.all()})


class Again(Body):
    """`again`: measure the machine now, whatever was found before."""

    again: bool = False


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    models = Models(service, hub)
    hub.offer("model", models.begin)
    return models.routes()
