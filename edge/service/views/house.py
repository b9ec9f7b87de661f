"""The view *House*: floors, areas and devices with their states, ways to act, and what is written down of them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from edge.api.answers import device_facts
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.assistant.model import Reply, Source, Utterance
from edge.assistant.wording import instruction
from edge.devices.commands import CommandError, moves_devices, services
from edge.devices.critical import is_critical
from edge.devices.model import Device, ServiceCall
from edge.devices.registry import Change, ChangeKind
from edge.router.model import Call as Order
from edge.router.model import Decision, Routing, Value
from edge.service.views.proving import must_have_logged_in
from edge.service.views.written import Written
from edge.settings.base import Name

if TYPE_CHECKING:
    from edge.service.service import Service

TOGETHER_S: Final = 0.25
"""How long changes are gathered before they are told: a large house says hundreds a second at times."""
_OBJECT: Final = {JSON: {"type": "object"}}
_STRICTNESS: Final = ("never", "usual", "always")
_CRITICAL: Final = ("unlock", "open", "open_valve", "open_cover", "alarm_disarm")

_Id = Annotated[str, Field(min_length=3, max_length=220)]
_Names = Annotated[tuple[Name, ...], Field(max_length=30)]


class Act(Body):
    """`POST /page/house/act`."""

    device: _Id
    function: Annotated[str, Field(max_length=100)]
    """One of the device's own domain."""
    arguments: Annotated[dict[str, Value], Field(max_length=8)] = Field(default_factory=dict)


class Confirm(Body):
    """`POST /page/house/answer`: to what was asked before something critical is done."""

    text: Annotated[str, Field(min_length=1, max_length=40)]
    """yes, no, or the PIN."""


class DeviceWish(Body):
    """`POST /page/house/device`: empty where it is to be as the device says."""

    id: _Id
    name: Annotated[str, Field(max_length=200)] = ""
    area: Annotated[str, Field(max_length=200)] = ""
    """An area's id."""
    aliases: _Names = ()
    confirm: Literal["usual", "always", "never"] = "usual"
    exposed: bool = True


class AreaWish(Body):
    """`POST /page/house/area`."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    name: Name
    floor: Annotated[str, Field(max_length=64)] = ""
    aliases: _Names = ()


class House:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._registry = service.registry
        self._written = Written(service)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style = Style.EDGE
        return (
            Route("GET", "/page/house", style, "Floors, areas and devices", self._house, gives=_OBJECT),
            Route("POST", "/page/house/act", style, "Move a device", self._act, Act, gives=_OBJECT),
            Route("POST", "/page/house/answer", style, "Confirm it, or not", self._answer, Confirm, gives=_OBJECT),
            Route(
                "POST", "/page/house/device", style, "Write down of a device", self._device, DeviceWish, gives=_OBJECT
            ),
            Route("POST", "/page/house/area", style, "Write down of an area", self._area, AreaWish, gives=_OBJECT),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell of changes while somebody watches, a quarter of a second's together."""
        loop = asyncio.get_running_loop()
        changed: dict[str, Device | None] = {}
        timer: asyncio.TimerHandle | None = None

        def tell() -> None:
            nonlocal timer
            timer = None
            devices = [self._facts(device) for device in changed.values() if device is not None]
            removed = [id_ for id_, device in changed.items() if device is None]
            changed.clear()
            publish({"devices": devices, "removed": removed})

        def note(change: Change) -> None:
            nonlocal timer
            if change.kind is ChangeKind.STATE and _says_the_same(change):
                return
            changed[change.device.id] = None if change.kind is ChangeKind.REMOVED else change.device
            if timer is None:
                timer = loop.call_later(TOGETHER_S, tell)

        end_listening = self._registry.listen(note)

        def end() -> None:
            end_listening()
            if timer is not None:
                timer.cancel()

        return end

    # Looking -------------------------------------------------------------------------------------------------------

    async def _house(self, call: Call) -> web.StreamResponse:
        registry = self._registry
        document = {
            "floors": [{"id": one.id, "name": one.name} for one in registry.floors.values()],
            "areas": [
                {"id": one.id, "name": one.name, "floor": one.floor, "aliases": list(one.aliases)}
                for one in registry.areas.values()
            ],
            "devices": [self._facts(device) for device in registry.devices.values()],
        }
        return given(call, document)

    def _facts(self, device: Device) -> dict[str, Any]:
        """One device, with the limits of what it can be set to and with what is written down of it."""
        return {
            **device_facts(device, self._registry.state(device.id)),
            "options": {key: value for key, value in device.options.items() if _is_plain(value)},
            "critical": any(is_critical(device, ServiceCall(device.id, service)) for service in _CRITICAL),
            "exposed": device.exposed,
            "written": self._written.of(device.id),
        }

    # Acting --------------------------------------------------------------------------------------------------------

    async def _act(self, call: Call) -> web.StreamResponse:
        request: Act = call.body
        device = self._registry.devices.get(request.device)
        if device is None:
            raise HttpError(404, "there is no such device any more")
        if request.function.partition(".")[0] != device.domain or not moves_devices(request.function):
            raise HttpError(
                400, f"function: {request.function[:80]!r} is nothing for a {device.domain}", param="function"
            )
        order = Order(request.function, {"name": device.name, **request.arguments}, (device.id,))
        try:
            services(order.function, order.arguments, order.targets, self._registry)
        except CommandError as error:
            raise HttpError(400, str(error), param="arguments") from error
        text = instruction(order, self._registry)
        reading = Routing(text, Decision.ACT, (order,), confidence=1.0)
        return given(call, _told(await self._ask(text, call, reading)))

    async def _answer(self, call: Call) -> web.StreamResponse:
        request: Confirm = call.body
        return given(call, _told(await self._ask(request.text, call)))

    async def _ask(self, text: str, call: Call, reading: Routing | None = None) -> Reply:
        """On the one path that everything goes: limits, questions, undoing and the log of requests hold here too."""
        caller = call.caller
        utterance = Utterance(
            text, Source.HTTP, origin=caller.name, authenticated=caller.authenticated, reading=reading
        )
        return await self._service.assistant.ask(utterance)

    # Writing down --------------------------------------------------------------------------------------------------

    async def _device(self, call: Call) -> web.StreamResponse:
        wish: DeviceWish = call.body
        if wish.id not in self._registry.devices:
            raise HttpError(404, "there is no such device any more")
        if wish.area and wish.area not in self._registry.areas:
            raise HttpError(400, "area: there is none with that id", param="area")
        if _STRICTNESS.index(wish.confirm) < _STRICTNESS.index(self._written.of(wish.id)["confirm"]):
            must_have_logged_in(call, "confirm")
        doubts = self._doubts(wish.id, (wish.name, *wish.aliases))
        confirm = {"usual": None, "always": True, "never": False}[wish.confirm]
        await self._written.device(
            wish.id,
            name=wish.name.strip() or None,
            area=wish.area or None,
            aliases=wish.aliases,
            confirm=confirm,
            exposed=wish.exposed,
        )
        return given(call, {"device": self._facts(self._registry.devices[wish.id]), "doubts": doubts})

    async def _area(self, call: Call) -> web.StreamResponse:
        wish: AreaWish = call.body
        if wish.id not in self._registry.areas:
            raise HttpError(404, "there is no such area any more")
        if wish.floor and wish.floor not in self._registry.floors:
            raise HttpError(400, "floor: there is none with that id", param="floor")
        area = await self._written.area(wish.id, wish.name, wish.floor or None, wish.aliases)
        return given(call, {"area": {"id": area.id, "name": area.name, "aliases": list(area.aliases)}})

    def _doubts(self, id_: str, names: tuple[str, ...]) -> list[str]:
        """Sentences about names that something else has too."""
        return [
            f"“{name}” is what {self._registry.devices[other].name} is called too: it will be asked which is meant."
            for name in names
            if name.strip()
            for other in self._written.others_called(name, id_)
        ]


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    house = House(service)
    hub.offer("house", house.begin)
    return house.routes()


def _says_the_same(change: Change) -> bool:
    now, before = change.state, change.before
    return (now.state, now.available, now.attributes) == (before.state, before.available, before.attributes)


def _told(reply: Reply) -> Mapping[str, Any]:
    """What the page does about it: shows the text, or asks what is asked."""
    outcomes = [one.outcome.value for one in reply.outcomes]
    return {
        "text": reply.text,
        "listen": reply.listen,
        "pin": reply.listen and "PIN" in reply.text,
        "outcomes": outcomes,
    }


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool) or (
        isinstance(value, list | tuple) and all(isinstance(one, str | int | float) for one in value)
    )
