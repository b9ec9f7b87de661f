"""A small Home Assistant: its WebSocket interface, with messages in the shapes that the real one (2026.2) sends."""

import asyncio
import ssl
from typing import Any, Self

from aiohttp import WSMsgType, web

TOKEN = "let-me-in"  # noqa: S105 (of a fake)
ON_OFF = {"turn_on": "on", "turn_off": "off"}


class FakeHomeAssistant:
    """Async context manager; `url` is where it listens. Everything public may be changed while it runs."""

    def __init__(self, *, version: str = "2026.2.3", tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.version = version
        self.tls = tls
        self.port = port
        self.lacks: set[str] = set()
        """Commands that it does not know."""
        self.forbids: set[str] = set()
        """Commands that the token's user may not give."""
        self.state = "RUNNING"
        self.floors: list[dict[str, Any]] = []
        self.areas: list[dict[str, Any]] = []
        self.labels: list[dict[str, Any]] = []
        self.devices: list[dict[str, Any]] = []
        self.entries: dict[str, dict[str, Any]] = {}
        self.exposed: dict[str, dict[str, bool]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any], list[str]]] = []
        """Service, data, entities."""
        self.lists: dict[str, list[dict[str, str]]] = {}
        """Items of to-do lists, by entity."""
        self.config: dict[str, Any] = {}
        """What its configuration tells besides."""
        self.refuse: tuple[str, str] | None = None
        """Code and message that service calls are refused with."""
        self.obeys = True
        """Whether called services change states."""
        self.tokens: list[str] = []
        """Tokens that were shown."""
        self.commands: list[str] = []
        self.clients: list[_Client] = []
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/api/websocket", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        """As it is stopped: every connection is closed."""
        for client in list(self.clients):
            await client.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # What is in it --------------------------------------------------------------------------------------------------

    def add_area(self, area: str, name: str, *, floor: str | None = None, aliases: tuple[str, ...] = ()) -> None:
        self.areas.append(
            {"aliases": list(aliases), "area_id": area, "floor_id": floor, "icon": None, "labels": [], "name": name}
        )
        self.fire("area_registry_updated", {"action": "create", "area_id": area})

    def add_floor(self, floor: str, name: str) -> None:
        self.floors.append({"aliases": [], "floor_id": floor, "icon": None, "level": 0, "name": name})
        self.fire("floor_registry_updated", {"action": "create", "floor_id": floor})

    def add_device(self, device: str, name: str, **more: Any) -> None:
        self.devices.append(
            {"id": device, "name": name, "name_by_user": None, "area_id": None, "labels": [], "identifiers": []}
            | {"connections": [], "manufacturer": None, "model": None, "disabled_by": None}
            | more
        )
        self.fire("device_registry_updated", {"action": "create", "device_id": device})

    def add(
        self,
        entity: str,
        state: str = "off",
        attributes: dict[str, Any] | None = None,
        *,
        exposed: bool = True,
        entry: dict[str, Any] | None = None,
    ) -> None:
        """An entity; with an entry in the registry where `entry` says anything of one."""
        if entry is not None:
            self.entries[entity] = entry_of(entity, **entry)
            self.fire("entity_registry_updated", {"action": "create", "entity_id": entity})
        if exposed:
            self.exposed[entity] = {"conversation": True}
        self.set_state(entity, state, attributes)

    def change(self, entity: str, **changes: Any) -> None:
        """An entry of the registry is changed."""
        before = {name: self.entries[entity].get(name) for name in changes}
        self.entries[entity] |= changes
        data = {"action": "update", "entity_id": entity, "changes": before}
        self.fire("entity_registry_updated", data)

    def expose(self, entity: str, *, yes: bool) -> None:
        self.exposed.pop(entity, None)
        if yes:
            self.exposed[entity] = {"conversation": True}
        data = {"action": "update", "entity_id": entity, "changes": {"options": {}}}
        self.fire("entity_registry_updated", data)

    def add_list(self, entity: str, name: str, *items: str) -> None:
        self.lists[entity] = [{"uid": f"u-{one}", "summary": one, "status": "needs_action"} for one in items]
        self.add(entity, str(len(items)), {"friendly_name": name, "supported_features": 15})

    def todo(self, entity: str, service: str, data: dict[str, Any]) -> None:
        """As a person there, or a service, changes a list."""
        items, named = self.lists[entity], data["item"]
        if service == "add_item":
            items.append({"uid": f"u-{named}-{len(self.commands)}", "summary": named, "status": "needs_action"})
        elif service == "update_item":
            one = next(item for item in items if named in (item["uid"], item["summary"]))
            one |= {"summary": data.get("rename", one["summary"]), "status": data.get("status", one["status"])}
        else:
            gone = [named] if isinstance(named, str) else named
            self.lists[entity] = [item for item in items if not {item["uid"], item["summary"]} & set(gone)]
        self.set_state(entity, str(sum(item["status"] == "needs_action" for item in self.lists[entity])))
        for client in self.clients:
            client.tell_list(entity)

    def remove(self, entity: str) -> None:
        self.exposed.pop(entity, None)
        self.entries.pop(entity, None)
        self.fire("entity_registry_updated", {"action": "remove", "entity_id": entity})
        self.set_state(entity, None)

    def set_state(self, entity: str, state: str | None, attributes: dict[str, Any] | None = None) -> None:
        before = self.states.pop(entity, None)
        after = None
        if state is not None:
            kept = before["attributes"] if before and attributes is None else attributes or {}
            after = self.states[entity] = {
                "entity_id": entity,
                "state": state,
                "attributes": kept,
                "last_changed": "2026-02-01T10:00:00.000000+00:00",
                "last_updated": "2026-02-01T10:00:00.000000+00:00",
                "context": {"id": "01J", "parent_id": None, "user_id": None},
            }
        for client in self.clients:
            client.tell_state(entity, before, after)

    def fire(self, kind: str, data: dict[str, Any]) -> None:
        for client in self.clients:
            client.tell_event(kind, data)

    # Its interface --------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": self.version})
        shown = await socket.receive_json()
        self.tokens.append(shown.get("access_token"))
        if shown != {"type": "auth", "access_token": TOKEN}:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
            await socket.close()
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": self.version})
        client = _Client(self, socket)
        self.clients.append(client)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await client.answer(message.json())
        finally:
            self.clients.remove(client)
            client.end()
        return socket


class _Client:
    def __init__(self, home: FakeHomeAssistant, socket: web.WebSocketResponse) -> None:
        self.home = home
        self.socket = socket
        self.events: dict[int, str] = {}
        self.entities: dict[int, set[str]] = {}
        self.lists: dict[int, str] = {}
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while True:
            await self.socket.send_json(await self._out.get())

    def end(self) -> None:
        self._writer.cancel()

    def send(self, message: dict[str, Any]) -> None:
        self._out.put_nowait(message)

    def tell_event(self, kind: str, data: dict[str, Any]) -> None:
        for number, wanted in self.events.items():
            if wanted == kind:
                event = {"event_type": kind, "data": data, "origin": "LOCAL", "time_fired": "2026-02-01T10:00:00+00:00"}
                self.send({"id": number, "type": "event", "event": event})

    def tell_state(self, entity: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        self.tell_event("state_changed", {"entity_id": entity, "old_state": before, "new_state": after})
        for number, wanted in self.entities.items():
            if entity in wanted:
                self.send({"id": number, "type": "event", "event": _difference(entity, before, after)})

    def tell_list(self, entity: str) -> None:
        for number, wanted in self.lists.items():
            if wanted == entity:
                self.send({"id": number, "type": "event", "event": {"items": self.home.lists[entity]}})

    async def answer(self, message: dict[str, Any]) -> None:
        number, command = message.pop("id"), message.pop("type")
        self.home.commands.append(command)
        if command == "ping":
            self.send({"id": number, "type": "pong"})
        elif command in self.home.lacks:
            self._refuse(number, "unknown_command", "Unknown command.")
        elif command in self.home.forbids:
            self._refuse(number, "unauthorized", "Unauthorized")
        else:
            getattr(self, f"_{command.replace('/', '_')}")(number, message)

    def _result(self, number: int, value: Any = None) -> None:
        self.send({"id": number, "type": "result", "success": True, "result": value})

    def _refuse(self, number: int, code: str, text: str) -> None:
        error = {"code": code, "message": text}
        self.send({"id": number, "type": "result", "success": False, "error": error})

    def _get_config(self, number: int, _message: dict[str, Any]) -> None:
        units = {"temperature": "°C", "length": "km"}
        told = {"version": self.home.version, "state": self.home.state, "unit_system": units}
        self._result(number, told | self.home.config)

    def _todo_item_list(self, number: int, message: dict[str, Any]) -> None:
        self._result(number, {"items": self.home.lists[message["entity_id"]]})

    def _todo_item_subscribe(self, number: int, message: dict[str, Any]) -> None:
        self.lists[number] = message["entity_id"]
        self._result(number)
        self.tell_list(message["entity_id"])

    def _config_floor_registry_list(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, self.home.floors)

    def _config_area_registry_list(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, self.home.areas)

    def _config_label_registry_list(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, self.home.labels)

    def _config_device_registry_list(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, self.home.devices)

    def _config_entity_registry_list(self, number: int, _message: dict[str, Any]) -> None:
        partial = [
            {key: value for key, value in entry.items() if key not in ("aliases", "capabilities", "device_class")}
            for entry in self.home.entries.values()
        ]
        self._result(number, partial)

    def _config_entity_registry_get_entries(self, number: int, message: dict[str, Any]) -> None:
        self._result(number, {entity: self.home.entries.get(entity) for entity in message["entity_ids"]})

    def _homeassistant_expose_entity_list(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, {"exposed_entities": self.home.exposed})

    def _get_states(self, number: int, _message: dict[str, Any]) -> None:
        self._result(number, list(self.home.states.values()))

    def _subscribe_events(self, number: int, message: dict[str, Any]) -> None:
        self.events[number] = message["event_type"]
        self._result(number)

    def _unsubscribe_events(self, number: int, message: dict[str, Any]) -> None:
        self.events.pop(message["subscription"], None)
        self.entities.pop(message["subscription"], None)
        self._result(number)

    def _subscribe_entities(self, number: int, message: dict[str, Any]) -> None:
        wanted = self.entities[number] = set(message["entity_ids"])
        self._result(number)
        added = {entity: _compressed(self.home.states[entity]) for entity in self.home.states if entity in wanted}
        self.send({"id": number, "type": "event", "event": {"a": added}})

    def _call_service(self, number: int, message: dict[str, Any]) -> None:
        named = message["target"]["entity_id"]
        entities = [named] if isinstance(named, str) else named
        home, service = self.home, message["service"]
        home.calls.append((f"{message['domain']}.{service}", message["service_data"], entities))
        if home.refuse is not None:
            self._refuse(number, *home.refuse)
            return
        if message["domain"] == "todo":
            for entity in entities:
                home.todo(entity, service, message["service_data"])
        elif home.obeys:
            for entity in entities:
                _obey(home, entity, service, message["service_data"])
        self._result(number, {"context": {"id": "01K", "parent_id": None, "user_id": "u"}})


def entry_of(entity: str, **more: Any) -> dict[str, Any]:
    """An entry as `config/entity_registry/get_entries` tells it."""
    return {
        "aliases": [],
        "area_id": None,
        "capabilities": None,
        "categories": {},
        "config_entry_id": "01J",
        "device_class": None,
        "device_id": None,
        "disabled_by": None,
        "entity_category": None,
        "entity_id": entity,
        "has_entity_name": False,
        "hidden_by": None,
        "icon": None,
        "id": f"id-of-{entity}",
        "labels": [],
        "name": None,
        "options": {"conversation": {"should_expose": True}},
        "original_device_class": None,
        "original_name": None,
        "platform": "template",
        "translation_key": None,
        "unique_id": f"unique-{entity}",
    } | more


def _compressed(state: dict[str, Any]) -> dict[str, Any]:
    return {"s": state["state"], "a": state["attributes"], "c": "01J", "lc": 1769940000.0}


def _difference(entity: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    if after is None:
        return {"r": [entity]}
    if before is None:
        return {"a": {entity: _compressed(after)}}
    added: dict[str, Any] = {"lc": 1769940001.0, "c": "01K"}
    if before["state"] != after["state"]:
        added["s"] = after["state"]
    old, new = before["attributes"], after["attributes"]
    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    if changed:
        added["a"] = changed
    removed = [name for name in old if name not in new]
    return {"c": {entity: {"+": added} | ({"-": {"a": removed}} if removed else {})}}


def _obey(home: FakeHomeAssistant, entity: str, service: str, data: dict[str, Any]) -> None:
    known = home.states.get(entity)
    if known is None or known["state"] == "unavailable":
        return
    attributes = dict(known["attributes"])
    if "brightness_pct" in data:
        attributes["brightness"] = round(data["brightness_pct"] * 2.55)
    if "temperature" in data:
        attributes["temperature"] = data["temperature"]
    state = {"open_cover": "opening", "close_cover": "closing", "lock": "locked", "unlock": "unlocked"}.get(service)
    home.set_state(entity, ON_OFF.get(service) or state or data.get("option") or known["state"], attributes)
