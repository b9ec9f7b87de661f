"""What the control socket changes of the schedule: entries that are cancelled, items of lists."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.schedule import Item, Schedule


def schedule_answers(schedule: Schedule) -> dict[str, Answer]:
    """By the request's `do`.

    `cancel` {id}: {"cancelled": id}. `item_add` {text, list?}, `item_done` and `item_remove` {text, list?},
    `list_clear` {list}: {"list": name, "items": [texts]}, the items being those that were changed.
    """

    async def cancel(request: Request) -> Mapping[str, Any]:
        entry = schedule.agenda.entries.get(request.text("id"))
        if entry is None:
            raise ControlError(f"nothing is planned under {request.text('id')}: `edge timers` shows what is")
        await schedule.cancel(entry)
        return {"cancelled": entry.id}

    async def item_add(request: Request) -> Mapping[str, Any]:
        name = schedule.lists.named(request.text_or_none("list"))
        text = " ".join(request.text("text").split())
        if not text:
            raise ControlError("`text`: expected what to put on the list")
        await schedule.put_items([Item(secrets.token_hex(4), name, text)])
        return {"list": name, "items": [text]}

    async def item_done(request: Request) -> Mapping[str, Any]:
        item = found(request)
        await schedule.put_items([replace(item, done=True)])
        return {"list": item.list, "items": [item.text]}

    async def item_remove(request: Request) -> Mapping[str, Any]:
        item = found(request)
        await schedule.remove_items([item])
        return {"list": item.list, "items": [item.text]}

    async def list_clear(request: Request) -> Mapping[str, Any]:
        name = schedule.lists.named(request.text("list"))
        items = schedule.lists.of(name)
        await schedule.remove_items(items)
        return {"list": name, "items": [item.text for item in items]}

    def found(request: Request) -> Item:
        said = request.text_or_none("list")
        items = schedule.lists.find(request.text("text"), schedule.lists.named(said) if said else None)
        if not items:
            raise ControlError(f"{request.text('text')} is on no list: `edge lists` shows what is")
        if len(items) > 1:
            raise ControlError(f"several fit: {', '.join(f'{item.text} ({item.list})' for item in items)}")
        return items[0]

    return {
        "cancel": cancel,
        "item_add": item_add,
        "item_done": item_done,
        "item_remove": item_remove,
        "list_clear": list_clear,
    }
