"""What the control socket answers: questions, devices, the schedule."""

from collections.abc import Mapping
from typing import Any

from edge.api.control import Answer, Request
from edge.api.schedule_answers import schedule_answers
from edge.assistant.assistant import Assistant
from edge.assistant.model import Source, Utterance, new_id
from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.schedule import Entry, Schedule


def answers(assistant: Assistant, registry: Registry, schedule: Schedule) -> dict[str, Answer]:
    """By the request's `do`.

    `ask` {text, area?, id?, source?}: pieces {"text"}, then the reply as on the MQTT topic, with `listen`.
    `devices` {domain?, area?}: {"devices": [...], "areas": [...], "floors": [...]}.
    `timers`: {"entries": [...]}. `lists` {list?}: {"lists": {name: [{"id", "text", "done"}]}}.
    """

    async def ask(request: Request) -> Mapping[str, Any]:
        given = request.text_or_none("area")
        utterance = Utterance(
            request.text("text"),
            Source(request.text("source", "cli")) if request.text("source", "cli") in {"cli", "demo"} else Source.CLI,
            area=_area(registry, given),
            id=request.text_or_none("id") or new_id(),
            origin=f"uid {request.uid}",
            authenticated=True,
        )

        async def on_text(piece: str) -> None:
            await request.send({"text": piece})

        reply = await assistant.ask(utterance, on_text)
        return reply.to_json() | {"listen": reply.listen}

    async def devices(request: Request) -> Mapping[str, Any]:
        domain, area = request.text_or_none("domain"), _area(registry, request.text_or_none("area"))
        wanted = (
            device
            for device in registry.devices.values()
            if (domain is None or device.domain == domain) and (area is None or device.area == area)
        )
        return {
            "devices": [device_facts(device, registry.state(device.id)) for device in wanted],
            "areas": [{"id": one.id, "name": one.name, "floor": one.floor} for one in registry.areas.values()],
            "floors": [{"id": one.id, "name": one.name} for one in registry.floors.values()],
        }

    async def timers(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return {"entries": [entry_facts(entry, schedule) for entry in schedule.agenda.entries.values()]}

    async def lists(request: Request) -> Mapping[str, Any]:
        said = request.text_or_none("list")
        only = schedule.lists.named(said) if said else None
        names = [name for name in schedule.lists.names if only is None or name == only]
        items = {name: schedule.lists.of(name) for name in names}
        return {
            "lists": {
                name: [{"id": item.id, "text": item.text, "done": item.done} for item in of_list]
                for name, of_list in items.items()
            }
        }

    reading: dict[str, Answer] = {"ask": ask, "devices": devices, "timers": timers, "lists": lists}
    return reading | schedule_answers(schedule)


def device_facts(device: Device, state: DeviceState) -> dict[str, Any]:
    """One device as JSON."""
    return {
        "id": device.id,
        "name": device.name,
        "area": device.area,
        "aliases": list(device.aliases),
        "device_class": device.device_class,
        "unit": device.unit,
        "category": device.category,
        "group": device.group,
        "services": sorted(device.features),
        "state": state.state,
        "available": state.available,
        "attributes": dict(state.attributes),
    }


def entry_facts(entry: Entry, schedule: Schedule) -> dict[str, Any]:
    """One timer, alarm, reminder or delayed call as JSON; `due` in seconds since the epoch where that is known."""
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "name": entry.label or None,
        "area": entry.area,
        "status": entry.status.value,
        "length_s": entry.length_s,
        "remaining_s": round(entry.remaining_s(schedule.now()), 1),
        "due": entry.due_wall_s,
    }


def _area(registry: Registry, given: str | None) -> str | None:
    if given is None or given in registry.areas:
        return given
    return next(iter(registry.area_names.exact(tokens(given))), None)
