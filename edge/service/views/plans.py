"""The view *Plans*: rules, timers, reminders, lists, and what else was asked to be kept: shown, switched, ended."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.schedule import Entry, Item
from edge.schedule.model import Kind, Status
from edge.schedule.words import capital, title
from edge.service.answers import service_answers
from edge.service.views.asking import done

if TYPE_CHECKING:
    from edge.service.service import Service

LONGEST_S: Final = 30 * 86_400.0
_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class EntryDo(Body):
    """`POST /page/plans/entry`: `add_s` with `extend`."""

    id: _Id
    do: Literal["cancel", "pause", "resume", "extend"]
    add_s: Annotated[float, Field(ge=-LONGEST_S, le=LONGEST_S)] = 0.0


class EntryAdd(Body):
    """`POST /page/plans/add`: a timer in so many seconds, or an alarm clock or reminder at a moment."""

    kind: Literal["timer", "alarm", "reminder"]
    label: Annotated[str, Field(max_length=200)] = ""
    in_s: Annotated[float, Field(ge=1, le=LONGEST_S)] | None = None
    at: Annotated[float, Field(ge=0, le=4_102_444_800)] | None = None
    """Seconds since 1970."""
    area: Annotated[str, Field(max_length=200)] | None = None


class RuleDo(Body):
    """`POST /page/plans/rule`."""

    id: _Id
    do: Literal["enable", "disable", "delete"]


class ItemDo(Body):
    """`POST /page/plans/item`."""

    id: _Id
    do: Literal["done", "open", "remove"]


class ItemAdd(Body):
    """`POST /page/plans/item-add`."""

    list: _Words
    text: _Words


class ListClear(Body):
    """`POST /page/plans/list-clear`: its items that are done, or all of them."""

    list: _Words
    everything: bool = False


class SceneId(Body):
    """`POST /page/plans/scene-delete`; playing one is acting on a device."""

    id: _Id


class Forget(Body):
    """`POST /page/plans/forget`: a fact or note by its id; a name with `thing` and `name`."""

    id: _Id
    thing: Literal["device", "area", "floor"] | None = None
    name: Annotated[str, Field(max_length=200)] | None = None


class Remember(Body):
    """`POST /page/plans/remember`."""

    text: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    kind: Literal["fact", "note"] = "note"


class People(Body):
    """`POST /page/plans/people`: visitors, or quiet, until a time as one says it."""

    what: Literal["guests", "quiet"]
    on: bool
    until: Annotated[str, Field(max_length=80)] | None = None


class Plans:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._schedule = service.schedule

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/plans", style, "Rules, timers and lists", self._all, gives=gives),
            Route("POST", "/page/plans/entry", style, "Cancel, pause, resume, extend", self._entry, EntryDo),
            Route("POST", "/page/plans/add", style, "A timer, an alarm clock, a reminder", self._add, EntryAdd),
            Route("POST", "/page/plans/rule", style, "Switch or delete a rule", self._rule, RuleDo),
            Route("POST", "/page/plans/item", style, "Tick an item, or take it off", self._item, ItemDo),
            Route("POST", "/page/plans/item-add", style, "Put something on a list", self._item_add, ItemAdd),
            Route("POST", "/page/plans/list-clear", style, "Clear a list", self._clear, ListClear),
            Route("POST", "/page/plans/scene-delete", style, "Delete a scene", self._scene_delete, SceneId),
            Route("POST", "/page/plans/forget", style, "Forget something", self._forget, Forget),
            Route("POST", "/page/plans/remember", style, "Remember something", self._remember, Remember),
            Route("POST", "/page/plans/people", style, "Visitors, and quiet", self._people, People),
        )

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell that something is otherwise."""

        def changed() -> None:
            publish({"changed": True})

        ends = [self._schedule.observe(changed)]
        if self._service.rules is not None:
            ends.append(self._service.rules.observe(changed))

        def end() -> None:
            for one in ends:
                one()

        return end

    async def _all(self, call: Call) -> web.StreamResponse:
        return given(call, await self._told())

    async def _told(self) -> dict[str, Any]:
        schedule, registry = self._schedule, self._service.registry
        now = schedule.now()
        answers = self._answers()

        async def told(what: str, otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
            return await done(answers, what) if what in answers else otherwise

        rules = await told("rules", {"rules": [], "problems": []})
        scenes = await told("scenes", {"scenes": [], "problems": []})
        memory = await told("memory", {"facts": [], "notes": [], "names": []})
        entries = sorted(schedule.agenda.entries.values(), key=lambda one: one.remaining_s(now))
        return {
            "rules": [_rule(one) for one in rules["rules"]],
            "rule_problems": [*rules["problems"], *scenes["problems"]],
            "scenes": [{key: one.get(key) for key in ("id", "device", "name", "text")} for one in scenes["scenes"]],
            "facts": [_entry(one) for one in memory["facts"]],
            "notes": [_entry(one) for one in memory["notes"]],
            "names": [dict(one) | {"of": self._called(one)} for one in memory["names"]],
            "people": dict(await done(answers, "guests")) if "guests" in answers else None,
            "entries": [self._entry_told(one) for one in entries],
            "lists": [
                {"name": name, "items": [_item(item) for item in schedule.lists.of(name)]}
                for name in schedule.lists.names
            ],
            "areas": [{"id": area.id, "name": area.name} for area in registry.areas.values()],
            "clock_trusted": now.trusted,
            "now": now.wall_s,
        }

    def _answers(self) -> Mapping[str, Any]:
        return service_answers(self._service)

    def _called(self, name: Mapping[str, Any]) -> str:
        """What something is called that was given another name."""
        registry = self._service.registry
        things: Mapping[str, Any] = {"device": registry.devices, "area": registry.areas, "floor": registry.floors}
        thing = things.get(name["thing"], {}).get(name["id"])
        return str(thing.name if thing is not None else name["id"])

    def _entry_told(self, entry: Entry) -> dict[str, Any]:
        area = self._service.registry.areas.get(entry.area or "")
        return {
            "id": entry.id,
            "kind": entry.kind.value,
            "title": entry.label if entry.kind is Kind.REMINDER else capital(title(entry)),
            "label": entry.label,
            "area": area.name if area else entry.area,
            "status": entry.status.value,
            "counts": entry.counts,
            "length_s": entry.length_s,
            "remaining_s": round(entry.remaining_s(self._schedule.now()), 1),
            "due": entry.due_wall_s,
            "again": bool(entry.again),
        }

    async def _entry(self, call: Call) -> web.StreamResponse:
        request: EntryDo = call.body
        entry = self._schedule.agenda.entries.get(request.id)
        if entry is None:
            raise HttpError(404, "that is over, or was cancelled meanwhile")
        match request.do:
            case "cancel":
                await self._schedule.cancel(entry)
            case "pause":
                self._must_count(entry)
                await self._schedule.pause(entry)
            case "resume":
                self._must_count(entry)
                await self._schedule.resume(entry)
            case "extend":
                self._must_count(entry)
                await self._schedule.extend(entry, request.add_s)
        return given(call, await self._told())

    @staticmethod
    def _must_count(entry: Entry) -> None:
        if not entry.counts and entry.status is not Status.PAUSED:
            raise HttpError(409, "only what counts down can be paused or made longer: cancel it, and set another one")

    async def _add(self, call: Call) -> web.StreamResponse:
        request: EntryAdd = call.body
        kind, label = Kind(request.kind), " ".join(request.label.split())
        if request.area is not None and request.area not in self._service.registry.areas:
            raise HttpError(400, "area: there is none with that id", param="area")
        if kind is Kind.REMINDER and not label:
            raise HttpError(400, "label: expected what you are to be reminded of", param="label")
        if (request.in_s is None) == (request.at is None):
            raise HttpError(400, "in_s: expected either in how many seconds, or at which moment", param="in_s")
        if request.in_s is not None:
            entry = self._schedule.countdown(kind, request.in_s, label, request.area)
        else:
            now = self._schedule.now()
            if not now.trusted:
                raise HttpError(409, "the time of day is not known here yet: set a timer that counts down")
            at_s = float(request.at or 0.0)
            if at_s <= now.wall_s:
                raise HttpError(400, "at: that moment has passed", param="at")
            entry = self._schedule.at(kind, at_s, label, request.area)
        await self._schedule.add(entry)
        return given(call, await self._told())

    async def _rule(self, call: Call) -> web.StreamResponse:
        request: RuleDo = call.body
        await done(self._answers(), f"rule_{request.do}", id=request.id)
        return given(call, await self._told())

    async def _scene_delete(self, call: Call) -> web.StreamResponse:
        request: SceneId = call.body
        await done(self._answers(), "scene_delete", id=request.id)
        return given(call, await self._told())

    async def _forget(self, call: Call) -> web.StreamResponse:
        request: Forget = call.body
        if request.thing is None:
            await done(self._answers(), "memory_forget", id=request.id)
        else:
            await done(self._answers(), "name_forget", thing=request.thing, id=request.id, name=request.name or "")
        return given(call, await self._told())

    async def _remember(self, call: Call) -> web.StreamResponse:
        request: Remember = call.body
        await done(self._answers(), "memory_add", text=" ".join(request.text.split()), kind=request.kind)
        return given(call, await self._told())

    async def _people(self, call: Call) -> web.StreamResponse:
        request: People = call.body
        until = request.until.strip() if request.until else None
        await done(self._answers(), request.what, set="on" if request.on else "off", until=until or None)
        return given(call, await self._told())

    async def _item(self, call: Call) -> web.StreamResponse:
        request: ItemDo = call.body
        item = self._schedule.lists.items.get(request.id)
        if item is None:
            raise HttpError(404, "that is on no list any more")
        if request.do == "remove":
            await self._schedule.remove_items([item])
        else:
            await self._schedule.put_items([replace(item, done=request.do == "done")])
        return given(call, await self._told())

    async def _item_add(self, call: Call) -> web.StreamResponse:
        request: ItemAdd = call.body
        name = self._schedule.lists.named(request.list)
        await self._schedule.put_items([Item(secrets.token_hex(4), name, " ".join(request.text.split()))])
        return given(call, await self._told())

    async def _clear(self, call: Call) -> web.StreamResponse:
        request: ListClear = call.body
        done_only = None if request.everything else True
        await self._schedule.remove_items(self._schedule.lists.of(request.list, done=done_only))
        return given(call, await self._told())


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    plans = Plans(service)
    hub.offer("plans", plans.begin)
    return plans.routes()


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["id"],
        "text": rule["text"],
        "said": rule.get("said", ""),
        "enabled": rule.get("enabled", True),
        "by": rule.get("by", ""),
    }


def _item(item: Item) -> dict[str, Any]:
    return {"id": item.id, "text": item.text, "done": item.done}


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A fact or note; what is secret is not shown to who looks over a shoulder."""
    text = None if entry["secret"] else entry["text"]
    return {"id": entry["id"], "text": text, "at": entry["at_s"], "by": entry["by"]}
