"""What the control socket tells of what was remembered, and changes of it."""

from collections.abc import Mapping
from typing import Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.assistant.remembering.remembered import Remembered


def memory_answers(remembered: Remembered) -> dict[str, Answer]:
    """By the request's `do`; an entry is {"id", "kind": "fact"|"note", "text", "at_s", "by", "area", "secret"}.

    `memory`: {"file", "trouble", "facts": [entry], "notes": [entry], "names": [{"thing": "device"|"area"|"floor", "id",
    "name", "at_s", "by"}]}. `memory_find` {text}: {"found": [entry with "share", 0..1 of the words]}. `memory_add`
    {text, kind?} and `memory_forget` {id}: the entry. `name_forget` {thing, id, name}: the name.
    """

    async def every(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        from edge.memory.model import Kind

        if not remembered.loaded:
            return {"file": str(remembered.file), "trouble": "", "facts": [], "notes": [], "names": []}
        memory = await remembered.memory()
        return {
            "file": str(memory.file),
            "trouble": memory.trouble,
            "facts": [_entry(one) for one in memory.entries(Kind.FACT)],
            "notes": [_entry(one) for one in memory.entries(Kind.NOTE)],
            "names": [_name(one) for one in memory.aliases],
        }

    async def find(request: Request) -> Mapping[str, Any]:
        found = await (await remembered.memory()).find(request.text("text")) if remembered.loaded else []
        return {"found": [_entry(one.entry) | {"share": round(one.share, 3)} for one in found]}

    async def add(request: Request) -> Mapping[str, Any]:
        from edge.memory.model import Kind

        kind = request.text("kind", Kind.FACT.value)
        if kind not in list(Kind):
            raise ControlError(f"kind: expected fact or note, found {kind}")
        memory = await remembered.memory()
        return _entry(await memory.add(Kind(kind), request.text("text"), by=f"cli uid {request.uid}"))

    async def forget(request: Request) -> Mapping[str, Any]:
        memory = await remembered.memory()
        gone = await memory.forget(request.text("id"))
        if not gone:
            raise ControlError(f"nothing has the id {request.text('id')}: `edge memory` shows what there is")
        return _entry(gone[0])

    async def unname(request: Request) -> Mapping[str, Any]:
        memory = await remembered.memory()
        wanted = tuple(request.text(key) for key in ("thing", "id", "name"))
        found = [one for one in memory.aliases if (one.thing.value, one.id, one.name) == wanted]
        if not found:
            raise ControlError(f"{wanted[1]} was not given the name {wanted[2]}: `edge memory` shows the names")
        await memory.unname(*found)
        return _name(found[0])

    return {
        "memory": every, "memory_find": find, "memory_add": add, "memory_forget": forget, "name_forget": unname
    }  # fmt: skip


def _entry(one: Any) -> dict[str, Any]:
    from edge.memory.secrecy import is_secret

    return {
        "id": one.id,
        "kind": one.kind.value,
        "text": one.text,
        "at_s": one.at_s,
        "by": one.by,
        "area": one.area,
        "secret": is_secret(one.text),
    }


def _name(one: Any) -> dict[str, Any]:
    return {"thing": one.thing.value, "id": one.id, "name": one.name, "at_s": one.at_s, "by": one.by}
