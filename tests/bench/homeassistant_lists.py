"""Lists shared with a real Home Assistant: `python -m tests.bench.homeassistant_lists --url URL --token FILE`; prints.

It must run and have the shopping list integration, whose entity is `todo.shopping_list`. What is done here is seen
there and the reverse, while both hear one another and after they did not. Exit status 1 where something did not come
true.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.homeassistant import Access, Link
from edge.homeassistant.lists import SharedLists
from edge.homeassistant.place import Located
from edge.homeassistant.session import Session
from edge.schedule import Item, Schedule
from tests.schedule.fakes import FakeClock

ENTITY = "todo.shopping_list"
PATIENCE_S = 10.0


class Bench:
    """Our lists and theirs."""

    def __init__(self, schedule: Schedule, access: Access, state: Path) -> None:
        self.schedule, self.access = schedule, access
        self.shared = SharedLists(schedule, state / "lists.json", exposed_only=True)
        self.located = Located(schedule.calendar, state / "place.json")
        self.wrong = 0

    def link(self, *, shares: bool) -> Link:
        async def live(session: Session) -> None:
            if shares:
                await self.located.live(session)
                await self.shared.live(session)
            await asyncio.Event().wait()

        return Link(self.access, live)

    def ours(self) -> set[tuple[str, bool]]:
        return {(item.text, item.done) for item in self.schedule.lists.of("shopping")}

    def item(self, text: str) -> Item:
        return next(item for item in self.schedule.lists.of("shopping") if item.text == text)

    async def theirs(self, session: Session) -> set[tuple[str, bool]]:
        told: dict[str, Any] = await session.call("todo/item/list", entity_id=ENTITY)
        return {(one["summary"], one["status"] == "completed") for one in told["items"]}

    async def there(self, session: Session, service: str, **data: Any) -> None:
        target = {"entity_id": ENTITY}
        await session.call("call_service", domain="todo", service=service, service_data=data, target=target)

    async def same(self, session: Session, what: str, want: set[tuple[str, bool]]) -> None:
        began = time.monotonic()
        ours, theirs = self.ours(), await self.theirs(session)
        while (ours, theirs) != (want, want) and time.monotonic() - began < PATIENCE_S:
            await asyncio.sleep(0.05)
            ours, theirs = self.ours(), await self.theirs(session)
        good = (ours, theirs) == (want, want)
        self.wrong += not good
        print(f"{'ok   ' if good else 'WRONG'} {what}: {time.monotonic() - began:.2f} s")
        if not good:
            print(f"      here  {sorted(ours)}\n      there {sorted(theirs)}\n      not   {sorted(want)}")


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.01)


async def held(url: str, token: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        async with Schedule(state / "schedule.sqlite", FakeClock(), boot_id="bench") as schedule:
            bench = Bench(schedule, Access(url, token), state)
            watching = bench.link(shares=False)
            async with watching:
                await _until(lambda: watching.session)
                session = watching.session
                assert session is not None
                for text, _ in await bench.theirs(session):
                    await bench.there(session, "remove_item", item=text)
                await schedule.put_items([Item("1", "shopping", "milk"), Item("2", "shopping", "bread")])
                await bench.there(session, "add_item", item="Milk")
                await bench.there(session, "add_item", item="tea")
                async with bench.link(shares=True):
                    want = {("Milk", False), ("bread", False), ("tea", False)}
                    await bench.same(session, "two lists that never met", want)
                    await schedule.put_items([Item("3", "shopping", "eggs")])
                    await bench.same(session, "added here", want | {("eggs", False)})
                    await bench.there(session, "add_item", item="jam")
                    await bench.same(session, "added there", want | {("eggs", False), ("jam", False)})
                    await schedule.put_items([Item(bench.item("tea").id, "shopping", "tea", done=True)])
                    await bench.there(session, "update_item", item="bread", status="completed")
                    now = {("Milk", False), ("bread", True), ("tea", True), ("eggs", False), ("jam", False)}
                    await bench.same(session, "ticked off here and there", now)
                    await schedule.remove_items([bench.item("eggs")])
                    await bench.there(session, "remove_item", item="jam")
                    now -= {("eggs", False), ("jam", False)}
                    await bench.same(session, "taken off here and there", now)
                await schedule.put_items(
                    [Item("4", "shopping", "rice"), Item(bench.item("Milk").id, "shopping", "oat milk")]
                )
                await schedule.remove_items([bench.item("tea")])
                await bench.there(session, "add_item", item="soap")
                await bench.there(session, "update_item", item="Milk", status="completed")
                await bench.there(session, "remove_item", item="bread")
                async with bench.link(shares=True):
                    want = {("oat milk", True), ("rice", False), ("soap", False)}
                    await bench.same(session, "changed on both sides while apart", want)
            print(f"place: {schedule.calendar.place}")
            return 1 if bench.wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", type=Path, required=True)
    args = parser.parse_args()
    return asyncio.run(held(args.url, args.token))


if __name__ == "__main__":
    sys.exit(main())
