"""Our lists and Home Assistant's to-do lists, kept the same both ways, also after one of them was away."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file
from edge.homeassistant.errors import RefusedError
from edge.homeassistant.list_merging import Pair, Plan, Theirs, merged
from edge.homeassistant.session import Session
from edge.homeassistant.wire import line, mapping, sequence
from edge.schedule.errors import ScheduleError
from edge.schedule.schedule import Schedule

log = logging.getLogger(__name__)

_CREATE, _DELETE, _UPDATE = 1, 2, 4
"""Bits of `supported_features`: https://developers.home-assistant.io/docs/core/entity/todo"""
_SETTLE_S: Final = 0.3
_LOOK_AGAIN_S: Final = 120.0
"""How often lists are looked for that were made since."""
_MOST_LISTS: Final = 30
_MOST_ITEMS: Final = 1000
_VERSION: Final = 1
_MOST_BYTES: Final = 4 << 20


class SharedLists:
    """`live` is run with every session; what it can't do is logged, and ends no session.

    Which item is which is kept in a file, so that what was changed here or there meanwhile is told apart from what was
    never the same. A list that is not available there, or that tells two things of itself, is left alone.
    """

    def __init__(self, schedule: Schedule, file: Path, *, exposed_only: bool) -> None:
        self._schedule = schedule
        self._file = file
        self._exposed_only = exposed_only
        self._pairs: dict[str, dict[str, Pair]] = {}
        self._read = False
        self._states: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._sent: dict[str, str] = {}
        self._stale = asyncio.Event()

    @property
    def names(self) -> Mapping[str, str]:
        """By the entity there, the list here."""
        lists = self._schedule.lists
        named: dict[str, str] = {}
        for entity, (_, attributes) in self._states.items():
            said = line(attributes.get("friendly_name")) or entity.partition(".")[2].replace("_", " ")
            name = lists.named(said)
            if name not in named.values():
                named[entity] = name
        return named

    async def live(self, session: Session) -> None:
        """Follow one session to its end."""
        if not self._read:
            self._pairs, self._read = await asyncio.to_thread(_load, self._file), True
        forget = self._schedule.observe_lists(self._stale.set)
        followed: set[str] = set()
        self._sent = {}
        try:
            while True:
                followed |= await self._follow(session, followed)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN_S):
                        await self._stale.wait()
                await self._keep_the_same(session)
        except RefusedError as error:
            log.warning("homeassistant.lists_refused", extra={"reason": str(error)})
            await asyncio.Event().wait()  # nothing more of them, the session goes on
        finally:
            self._states.clear()
            forget()

    async def _follow(self, session: Session, followed: set[str]) -> set[str]:
        """Listen to lists that are new; which."""
        wanted = (await self._there(session)) - followed
        if not wanted:
            return set()
        await session.subscribe("subscribe_entities", self._on_states, entity_ids=sorted(wanted))
        for entity in sorted(wanted):
            try:
                await session.subscribe("todo/item/subscribe", lambda _: self._stale.set(), entity_id=entity)
            except RefusedError as error:
                log.info("homeassistant.list_not_told", extra={"list": entity, "reason": str(error)})
        return wanted

    async def _there(self, session: Session) -> set[str]:
        if self._exposed_only:
            told = mapping(await session.call("homeassistant/expose_entity/list")).get("exposed_entities")
            found = [entity for entity, to in mapping(told).items() if mapping(to).get("conversation") is True]
        else:
            found = [str(mapping(one).get("entity_id")) for one in sequence(await session.call("get_states"))]
        return set(sorted(one for one in found if one.startswith("todo."))[:_MOST_LISTS])

    def _on_states(self, content: Any) -> None:
        """What is told in Home Assistant's short form: added, changed, removed."""
        for entity, told in mapping(mapping(content).get("a")).items():
            self._states[entity] = (str(mapping(told).get("s")), mapping(mapping(told).get("a")))
        for entity, told in mapping(mapping(content).get("c")).items():
            plus = mapping(mapping(told).get("+"))
            state, attributes = self._states.get(entity, ("", {}))
            self._states[entity] = (str(plus.get("s", state)), {**attributes, **mapping(plus.get("a"))})
        for entity in sequence(mapping(content).get("r")):
            self._states.pop(str(entity), None)
        self._stale.set()

    # Keeping them the same -----------------------------------------------------------------------------------------

    async def _keep_the_same(self, session: Session) -> None:
        await asyncio.sleep(_SETTLE_S)
        self._stale.clear()
        for entity, name in self.names.items():
            try:
                await self._merge(session, entity, name)
            except (RefusedError, ScheduleError) as error:
                log.warning("homeassistant.list_not_kept", extra={"list": entity, "reason": str(error)})

    async def _merge(self, session: Session, entity: str, name: str) -> None:
        told = mapping(await session.call("todo/item/list", entity_id=entity)).get("items")
        theirs = [one for item in sequence(told)[:_MOST_ITEMS] if (one := _theirs(item)) is not None]
        state, attributes = self._states.get(entity, ("", {}))
        if state != str(sum(not one.done for one in theirs)) or self._schedule.trouble:
            return  # not available, or about to tell something else
        before = self._pairs.get(entity, {})
        plan = merged(name, before, theirs, self._schedule.lists.of(name), lambda: secrets.token_hex(4))
        if plan.gone:
            await self._schedule.remove_items(plan.gone)
        if plan.put:
            await self._schedule.put_items(plan.put)
        await self._tell_them(session, entity, plan, int(attributes.get("supported_features") or 0))
        if plan.pairs != before:
            self._pairs[entity] = plan.pairs
            await asyncio.to_thread(_save, self._file, self._pairs)
        if plan.put or plan.gone or plan.asks_them:
            facts = {"list": entity, "here": len(plan.put) + len(plan.gone)}
            log.info("homeassistant.list_merged", extra={**facts, "there": len(plan.add) + len(plan.change)})

    async def _tell_them(self, session: Session, entity: str, plan: Plan, features: int) -> None:
        """What has to be done there; what the list there can't do is left."""
        for item in plan.add if features & _CREATE else ():
            # Once a session: a list that makes another text of it would get it again and again.
            if item.done or self._sent.get(item.id) == item.text:
                continue
            self._sent[item.id] = item.text
            await _order(session, entity, "add_item", item=item.text)
            self._stale.set()  # who it is there is seen at the next look
        for one in plan.change if features & _UPDATE else ():
            status = "completed" if one.done else "needs_action"
            await _order(session, entity, "update_item", item=one.uid, rename=one.text, status=status)
        if plan.remove and features & _DELETE:
            await _order(session, entity, "remove_item", item=plan.remove)


async def _order(session: Session, entity: str, service: str, **data: Any) -> None:
    target = {"entity_id": entity}
    await session.call("call_service", domain="todo", service=service, service_data=data, target=target)


def _theirs(item: Any) -> Theirs | None:
    uid, text = mapping(item).get("uid"), line(mapping(item).get("summary"), 1000)
    if not isinstance(uid, str) or text is None:
        return None
    return Theirs(uid, text, mapping(item).get("status") == "completed")


def _load(file: Path) -> dict[str, dict[str, Pair]]:
    try:
        with file.open("rb") as stream:
            content = mapping(json.loads(stream.read(_MOST_BYTES)))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        # Then both are taken for lists that never met: nothing is lost, at most something taken off comes back.
        log.warning("homeassistant.lists_unreadable", extra={"file": str(file), "reason": str(error)})
        return {}
    if content.get("version") != _VERSION:
        return {}
    return {entity: _pairs(pairs) for entity, pairs in mapping(content.get("lists")).items()}


def _pairs(content: Any) -> dict[str, Pair]:
    found = {uid: mapping(one) for uid, one in mapping(content).items()}
    return {
        uid: Pair(one["item"], one["text"], one.get("done") is True)
        for uid, one in found.items()
        if isinstance(one.get("item"), str) and isinstance(one.get("text"), str)
    }


def _save(file: Path, pairs: Mapping[str, Mapping[str, Pair]]) -> None:
    lists = {entity: {uid: asdict(pair) for uid, pair in of.items()} for entity, of in pairs.items()}
    try:
        replace_file(file, json.dumps({"version": _VERSION, "lists": lists}).encode())
    except OSError as error:
        log.warning("homeassistant.lists_not_saved", extra={"file": str(file), "reason": str(error)})
