"""Shopping and to-do lists: from calls to the kept lists, and back into sentences."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import counted, joined, sentence
from edge.assistant.told import Told
from edge.router.model import Call
from edge.schedule.model import Item
from edge.schedule.schedule import Schedule

_LONGEST = 200
_READ = 12


class ListKeeper:
    """Carries out the functions `todo.…`."""

    source = ReplySource.SCHEDULE

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("todo.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function.rpartition(".")[2] in ("status", "get_items")

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's)
        """Do it and say so. Raises `ScheduleError` where it can't be saved."""
        said = call.arguments.get("name") or call.arguments.get("list")
        name = self._schedule.lists.named(str(said) if said else None)
        text = " ".join(str(call.arguments.get("item") or "").split())
        if call.function == "todo.get_items":
            return Told(self._has(name, text) if text else self._read(name))
        if call.function == "todo.clear":
            return await self._clear(name)
        if not text:
            return Told("What shall it be?")
        if len(text) > _LONGEST:
            return Told(f"That is too long for a list: {_LONGEST} characters at most.")
        if call.function == "todo.add_item":
            return await self._add(name, text)
        return await self._settle(call.function, name if said else None, text)

    async def _add(self, name: str, text: str) -> Told:
        lists = self._schedule.lists
        same = [item for item in lists.find(text, name, done=None) if item.text.casefold() == text.casefold()]
        if any(not item.done for item in same):
            return Told(f"{_capital(text)} was already on the {name} list.")
        item = replace(same[0], done=False) if same else Item(secrets.token_hex(4), name, text)
        await self._schedule.put_items([item])

        async def undo() -> str:
            await self._schedule.remove_items([item])
            return f"{_capital(text)} is off the {name} list again."

        return Told.of(text, f"on the {name} list", undo)

    async def _settle(self, function: str, name: str | None, text: str) -> Told:
        """Tick something off, or take it off."""
        lists = self._schedule.lists
        found = lists.find(text, name)
        if not found:
            where = f"on the {name} list" if name else "on any list"
            if lists.find(text, name, done=True) and function == "todo.complete_item":
                return Told(f"{_capital(text)} was ticked off already.")
            return Told(f"There is no {text} {where}.")
        if len({item.id for item in found}) > 1 and len({item.list for item in found}) == 1:
            return Told(f"Which one: {joined([item.text for item in found], 'or')}?")
        item = found[0]
        if function == "todo.complete_item":
            await self._schedule.put_items([replace(item, done=True)])
        else:
            await self._schedule.remove_items([item])

        async def undo() -> str:
            await self._schedule.put_items([item])
            return f"{_capital(item.text)} is back on the {item.list} list."

        how = "ticked off on" if function == "todo.complete_item" else "off"
        return Told.of(item.text, f"{how} the {item.list} list", undo)

    async def _clear(self, name: str) -> Told:
        items = self._schedule.lists.of(name)
        if not items:
            return Told(f"The {name} list was empty already.")
        await self._schedule.remove_items(items)

        async def undo() -> str:
            await self._schedule.put_items(items)
            return f"The {name} list is back, with {_things(items)}."

        return Told(f"The {name} list is empty now.", undo)

    def _has(self, name: str, text: str) -> str:
        """Whether one thing is on a list."""
        found = self._schedule.lists.find(text, name, done=None)
        waiting = [item for item in found if not item.done]
        if waiting:
            return sentence(f"yes, {_are(waiting)} on the {name} list")
        if found:
            return sentence(f"no, {_are(found[:1])} ticked off already")
        return f"No, there is no {text} on the {name} list."

    def _read(self, name: str) -> str:
        items = self._schedule.lists.of(name, done=False)
        if not items:
            return f"The {name} list is empty."
        read = [item.text for item in items[:_READ]]
        more = len(items) - len(read)
        said = joined([*read, f"{more} more"] if more else read)
        if len(items) == 1:
            return sentence(f"the {name} list has one thing on it: {said}")
        return sentence(f"the {name} list has {_things(items)} on it: {said}")


def _things(items: Sequence[Item]) -> str:
    return counted(len(items), "thing", "things")


def _are(items: Sequence[Item]) -> str:
    many = len(items) > 1 or (items[0].text.endswith("s") and not items[0].text.endswith("ss"))
    return f"{joined([item.text for item in items])} {'are' if many else 'is'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
