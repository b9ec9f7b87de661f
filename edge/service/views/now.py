"""The view *Now*: what is asked, wherever, what the assistant makes of it and what comes of that; and a way to ask."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from edge.api.http.desk import Desk
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, NDJSON, Call, Route, dumps, given, streamed
from edge.api.teaching_answers import teaching_answers
from edge.assistant.model import Performed, Reply, Utterance
from edge.router.teaching.lessons import sayable
from edge.router.vocabulary import load_vocabulary
from edge.service.views.asking import done

if TYPE_CHECKING:
    from edge.health.traces import Trace
    from edge.service.service import Service

SHOWN: Final = 20
"""Requests that a page shows when it is opened."""
LOOK_S: Final = 1.0
"""How often it is looked whether the rooms do something else."""
MOST_DEEDS: Final = 40
MOST_CHOICES: Final = 6
_OBJECT: Final = {JSON: {"type": "object"}}
_SHOWN_ATTRIBUTES: Final = ("brightness", "current_position", "temperature", "percentage", "volume_level")


class Ask(Body):
    """`POST /page/now/ask`."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    area: Annotated[str, Field(max_length=200)] | None = None
    """An area's id."""


class Listen(Body):
    """`POST /page/now/listen`."""

    action: Literal["start", "stop", "mute", "unmute"]


class Correct(Body):
    """`POST /page/now/correct`."""

    sentence: Annotated[str, Field(min_length=1, max_length=500)]
    function: Annotated[str, Field(min_length=1, max_length=100)]
    """One of the vocabulary, `taught.NAME`, `chat` or `ignore`."""
    arguments: Annotated[dict[str, str], Field(max_length=12)] = Field(default_factory=dict)


class Now:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._desk = Desk(service.model, service.assistant, service.loaded.settings.http.most_waiting)
        self._teaching = teaching_answers(service.teacher, service.registry)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style = Style.EDGE
        return (
            Route("GET", "/page/now", style, "The rooms, and what was asked lately", self._state, gives=_OBJECT),
            Route("POST", "/page/now/ask", style, "Ask the assistant", self._ask, Ask),
            Route("POST", "/page/now/listen", style, "Push to talk, or mute", self._listen, Listen, gives=_OBJECT),
            Route(
                "GET", "/page/now/functions", style, "What can be meant, and of what", self._functions, gives=_OBJECT
            ),
            Route("POST", "/page/now/correct", style, "Teach what one means", self._correct, Correct, gives=_OBJECT),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell of requests and of the rooms while somebody watches."""
        service = self._service

        loop = asyncio.get_running_loop()
        shown: Mapping[str, Any] = {}
        timer: asyncio.TimerHandle | None = None

        def asked(utterance: Utterance, reply: Reply) -> None:
            publish({"request": self._told(utterance, reply)})

        def observe() -> None:
            nonlocal shown
            if (facts := service.voice.facts()) != shown:
                shown = facts
                publish({"room": facts})

        def look() -> None:
            """Satellites don't tell of themselves."""
            nonlocal timer
            observe()
            timer = loop.call_later(LOOK_S, look)

        ends = (service.assistant.watch(asked), service.voice.observe(observe))
        look()

        def end() -> None:
            if timer is not None:
                timer.cancel()
            for one in ends:
                one()

        return end

    async def _state(self, call: Call) -> web.StreamResponse:
        service = self._service
        traces = islice(service.traces or (), SHOWN)
        document = {
            "room": service.voice.facts(),
            "areas": [{"id": area.id, "name": area.name} for area in service.registry.areas.values()],
            "requests": [self._traced(trace) for trace in traces],
            "teaches": service.teacher is not None,
        }
        return given(call, document)

    async def _ask(self, call: Call) -> web.StreamResponse:
        request: Ask = call.body
        if request.area is not None and request.area not in self._service.registry.areas:
            raise HttpError(400, "area: there is none with that id", param="area")
        return await streamed(call, self._answer(request, call), NDJSON, _failed)

    async def _answer(self, request: Ask, call: Call) -> AsyncGenerator[bytes, None]:
        async for piece in self._desk.ask(request.text, call.caller, request.area):
            if isinstance(piece, Reply):
                choices = self._choices(piece) if piece.listen else []
                yield _line({"reply": piece.to_json() | {"listen": piece.listen, "choices": choices}})
            else:
                yield _line({"text": piece})

    def _choices(self, reply: Reply) -> list[str]:
        """Names of what the assistant asks about, where it asks which one is meant."""
        registry, traces = self._service.registry, self._service.traces
        trace = traces.get(reply.id) if traces is not None else None
        router = (trace.to_json()["router"] if trace is not None else None) or {}
        found = [registry.devices.get(one) or registry.areas.get(one) for one in router.get("candidates", ())]
        return list(dict.fromkeys(one.name for one in found if one is not None))[:MOST_CHOICES]

    async def _listen(self, call: Call) -> web.StreamResponse:
        request: Listen = call.body
        if not self._service.voice.listen(request.action):
            raise HttpError(503, "nothing is set up to hear here", retry_s=60)
        return given(call, {"done": request.action})

    async def _functions(self, call: Call) -> web.StreamResponse:
        vocabulary = load_vocabulary()
        functions = [
            {
                "function": one.name,
                "does": one.does,
                "example": one.examples[0] if one.examples else "",
                "arguments": {
                    name: vocabulary.arguments[name].as_json() if name in vocabulary.arguments else {"type": "string"}
                    for name in sayable(one)
                },
            }
            for one in vocabulary.functions.values()
        ]
        taught = await done(self._teaching, "taught") if self._service.teacher is not None else {"functions": []}
        functions += [
            {"function": one["function"], "does": "Taught here.", "example": one["examples"][0], "arguments": {}}
            for one in taught["functions"]
        ]
        devices = [
            {"name": device.name, "domain": device.domain}
            for device in self._service.registry.devices.values()
            if device.category is None and device.exposed
        ]
        return given(call, {"functions": functions, "devices": devices})

    async def _correct(self, call: Call) -> web.StreamResponse:
        request: Correct = call.body
        arguments = {name: value for name, value in request.arguments.items() if value.strip()}
        told = await done(
            self._teaching, "correct", sentence=request.sentence, call=request.function, arguments=arguments
        )
        return given(call, told)

    # What is shown of a request --------------------------------------------------------------------------------------

    def _told(self, utterance: Utterance, reply: Reply) -> dict[str, Any]:
        """One that was answered just now; with its words, which whoever watches may see though nobody keeps them."""
        trace = self._service.traces.get(reply.id) if self._service.traces is not None else None
        told = self._traced(trace) if trace is not None else _untraced(utterance, reply)
        deeds = [self._deed(one) for one in reply.outcomes[:MOST_DEEDS]]
        words = {"text": reply.request, "reply": reply.text if reply.shown is None else reply.shown}
        return told | words | {"deeds": deeds or told["deeds"], "listen": reply.listen}

    def _traced(self, trace: "Trace") -> dict[str, Any]:
        """One as it is kept: of what devices answered, how it ended."""
        told = trace.to_json()
        commands = [one["facts"] for one in told["stages"] if one["stage"] == "command"]
        deeds = [
            {"device": one["device"], "service": one["service"], "outcome": one["outcome"], "name": self._name(one)}
            for one in commands[:MOST_DEEDS]
            if "device" in one
        ]
        return told | {"deeds": deeds, "names": self._names(told), "listen": False}

    def _deed(self, performed: Performed) -> dict[str, Any]:
        facts = {"device": performed.call.device}
        return {
            **facts,
            "name": self._name(facts),
            "service": performed.call.service,
            "outcome": performed.outcome.value,
            "before": _plainly(performed.before.state, performed.before.attributes),
            "after": _plainly(performed.after.state, performed.after.attributes),
        }

    def _name(self, facts: Mapping[str, Any]) -> str:
        device = self._service.registry.devices.get(str(facts["device"]))
        return device.name if device is not None else str(facts["device"])

    def _names(self, told: Mapping[str, Any]) -> dict[str, str]:
        """Names of the devices and areas that are named by id."""
        registry = self._service.registry
        router = told["router"] or {}
        ids: list[str] = [*router.get("candidates", ())]
        ids += [one for call in told["calls"] for one in call["targets"]]
        ids += [one for found in router.get("names", ()) for one in found["devices"]]
        return {one: named.name for one in ids if (named := registry.devices.get(one) or registry.areas.get(one))}


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    now = Now(service)
    hub.offer("now", now.begin)
    return now.routes()


def _untraced(utterance: Utterance, reply: Reply) -> dict[str, Any]:
    """The same shape for one that nobody traced."""
    return {
        **reply.to_json(),
        "at": None,
        "source": utterance.source.value,
        "origin": utterance.origin,
        "area": utterance.area,
        "answered_by": reply.source.value,
        "total_ms": reply.ms,
        "stages": [],
        "router": None,
        "deeds": [],
        "names": {},
    }


def _plainly(state: str | None, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A state with the few attributes that commands change."""
    return {"state": state} | _picked(attributes, _SHOWN_ATTRIBUTES)


def _picked(attributes: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: attributes[name] for name in names if attributes.get(name) is not None}


def _line(document: Mapping[str, Any]) -> bytes:
    return dumps(document).encode() + b"\n"


def _failed(error: HttpError) -> bytes:
    return _line({"error": str(error)})
