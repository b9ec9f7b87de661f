"""Our lists and Home Assistant's: the same on both sides, whatever was done on which, and when they could not hear."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.homeassistant import Access, Link
from edge.homeassistant.list_merging import Pair, Theirs, merged
from edge.homeassistant.lists import SharedLists
from edge.homeassistant.place import Located, place_from
from edge.schedule import Item, Schedule
from edge.schedule.recurrence import Place
from tests.homeassistant.fake import TOKEN, FakeHomeAssistant
from tests.homeassistant.home import until
from tests.schedule.fakes import FakeClock

LIST = "todo.shopping_list"


@dataclass
class There:
    """A list as Home Assistant would keep it."""

    items: dict[str, Theirs] = field(default_factory=dict)
    made: "itertools.count[int]" = field(default_factory=itertools.count)

    def add(self, text: str) -> None:
        uid = f"u{next(self.made)}"
        self.items[uid] = Theirs(uid, text)


@dataclass
class Two:
    """Both sides, and what they agreed on."""

    here: dict[str, Item] = field(default_factory=dict)
    there: There = field(default_factory=There)
    base: dict[str, Pair] = field(default_factory=dict)
    made: "itertools.count[int]" = field(default_factory=itertools.count)

    def meet(self) -> None:
        for _ in range(3):
            plan = merged(
                "shopping", self.base, list(self.there.items.values()), list(self.here.values()),
                lambda: f"i{next(self.made)}",
            )  # fmt: skip
            self.here |= {item.id: item for item in plan.put}
            for item in plan.gone:
                del self.here[item.id]
            for item in plan.add:
                if not item.done:
                    self.there.add(item.text)
            self.there.items |= {one.uid: one for one in plan.change}
            for uid in plan.remove:
                del self.there.items[uid]
            self.base = plan.pairs

    def shown(self) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
        ours = sorted((item.text.casefold(), item.done) for item in self.here.values())
        return ours, sorted((one.text.casefold(), one.done) for one in self.there.items.values())


_DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add here", "add there", "done here", "done there", "off here", "off there", "say there", "meet"]
        ),
        st.integers(0, 5),
    ),
    max_size=25,
)  # fmt: skip


@given(deeds=_DEEDS)
@example(deeds=[("add here", 0), ("meet", 0), ("done here", 0), ("meet", 0), ("done here", 0), ("say there", 0)])
def test_whatever_is_done_on_either_side_both_agree_after_they_met(deeds: list[tuple[str, int]]) -> None:
    two = Two()
    for deed, which in deeds:
        here, there = list(two.here.values()), list(two.there.items.values())
        match deed:
            case "add here":
                item = Item(f"p{next(two.made)}", "shopping", f"thing {which} {next(two.made)}")
                two.here[item.id] = item
            case "add there":
                two.there.add(f"Thing {which} {next(two.made)}")
            case "done here" if here:
                one = here[which % len(here)]
                two.here[one.id] = Item(one.id, one.list, one.text, not one.done)
            case "done there" if there:
                other = there[which % len(there)]
                two.there.items[other.uid] = Theirs(other.uid, other.text, not other.done)
            case "say there" if there:
                other = there[which % len(there)]
                two.there.items[other.uid] = Theirs(other.uid, f"{other.text} again", other.done)
            case "off here" if here:
                del two.here[here[which % len(here)].id]
            case "off there" if there:
                del two.there.items[there[which % len(there)].uid]
            case "meet":
                two.meet()
    open_before = {_thing(text) for side in two.shown() for text, done in side if not done}
    two.meet()
    ours, theirs = two.shown()
    assert [one for one in ours if not one[1]] == [one for one in theirs if not one[1]]
    settled = two.shown()
    two.meet()
    assert two.shown() == settled
    assert {_thing(text) for text, done in ours if not done} <= open_before


def _thing(text: str) -> str:
    """Which it is, whatever was added to its name: what is open now may have been renamed while it was done."""
    return text.replace(" again", "")


def test_what_was_added_anywhere_while_apart_is_lost_nowhere() -> None:
    two = Two()
    two.here = {"1": Item("1", "shopping", "milk")}
    two.there.add("Bread")
    two.meet()
    two.here["2"] = Item("2", "shopping", "eggs")
    two.there.add("Jam")
    two.meet()
    assert two.shown()[0] == two.shown()[1] == [(one, False) for one in ("bread", "eggs", "jam", "milk")]


def test_what_was_taken_off_here_and_changed_there_stays() -> None:
    two = Two()
    two.there.add("milk")
    two.meet()
    (uid,), two.here = two.there.items, {}
    two.there.items[uid] = Theirs(uid, "oat milk")
    two.meet()
    assert two.shown() == ([("oat milk", False)], [("oat milk", False)])


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        yield running


@asynccontextmanager
async def shared(fake: FakeHomeAssistant, schedule: Schedule, folder: Path) -> AsyncIterator[Link]:
    lists = SharedLists(schedule, folder / "lists.json", exposed_only=True)
    async with Link(Access(fake.url, written_token=TOKEN), lists.live) as link:
        yield link


def texts(schedule: Schedule) -> set[str]:
    return {f"{item.text}{'*' if item.done else ''}" for item in schedule.lists.of("shopping")}


def theirs(fake: FakeHomeAssistant) -> set[str]:
    return {f"{one['summary']}{'*' if one['status'] == 'completed' else ''}" for one in fake.lists[LIST]}


async def test_items_go_both_ways_at_once_and_after_being_apart(fake: FakeHomeAssistant, tmp_path: Path) -> None:
    fake.add_list(LIST, "Shopping List", "Milk")
    async with Schedule(tmp_path / "s.db", FakeClock(), boot_id="a") as schedule:
        await schedule.put_items([Item("1", "shopping", "milk"), Item("2", "shopping", "bread")])
        async with shared(fake, schedule, tmp_path):
            await until(lambda: texts(schedule) == theirs(fake) == {"Milk", "bread"})
            fake.todo(LIST, "add_item", {"item": "Tea"})
            await until(lambda: texts(schedule) == {"Milk", "bread", "Tea"})
            await schedule.put_items([Item("2", "shopping", "bread", done=True)])
            await until(lambda: theirs(fake) == {"Milk", "bread*", "Tea"})
        fake.todo(LIST, "remove_item", {"item": "Tea"})
        await schedule.put_items([Item("3", "shopping", "rice")])
        async with shared(fake, schedule, tmp_path):
            await until(lambda: texts(schedule) == theirs(fake) == {"Milk", "bread*", "rice"})


async def test_a_list_that_is_not_available_takes_nothing_away(fake: FakeHomeAssistant, tmp_path: Path) -> None:
    fake.add_list(LIST, "Shopping List", "Milk")
    async with Schedule(tmp_path / "s.db", FakeClock(), boot_id="a") as schedule, shared(fake, schedule, tmp_path):
        await until(lambda: texts(schedule) == {"Milk"})
        kept, fake.lists[LIST] = fake.lists[LIST], []
        fake.set_state(LIST, "unavailable")
        looks = fake.commands.count("todo/item/list")
        await until(lambda: fake.commands.count("todo/item/list") > looks)
        assert texts(schedule) == {"Milk"}
        fake.lists[LIST] = kept
        fake.set_state(LIST, "1")
        await schedule.put_items([Item("9", "shopping", "salt")])
        await until(lambda: theirs(fake) == {"Milk", "salt"})


async def test_lists_that_it_refuses_to_show_end_no_session(fake: FakeHomeAssistant, tmp_path: Path) -> None:
    fake.forbids.add("homeassistant/expose_entity/list")
    async with (
        Schedule(tmp_path / "s.db", FakeClock(), boot_id="a") as schedule,
        shared(fake, schedule, tmp_path) as link,
    ):
        await until(lambda: "homeassistant/expose_entity/list" in fake.commands)
        await until(lambda: link.session is not None)
        assert link.counts.connects == 1


async def test_the_place_is_taken_where_nobody_has_said_one(fake: FakeHomeAssistant, tmp_path: Path) -> None:
    fake.config = {"latitude": 51.5, "longitude": -2.6, "elevation": 11}
    async with Schedule(None, FakeClock(), boot_id="a") as schedule:
        located = Located(schedule.calendar, tmp_path / "place.json")
        async with Link(Access(fake.url, written_token=TOKEN), located.live):
            await until(lambda: schedule.calendar.place == Place(51.5, -2.6, 11.0))
    async with Schedule(None, FakeClock(), boot_id="a") as again:
        await until((tmp_path / "place.json").exists)
        await asyncio.to_thread(Located(again.calendar, tmp_path / "place.json").recall)
        assert again.calendar.place == Place(51.5, -2.6, 11.0)
    async with Schedule(None, FakeClock(), boot_id="a", place=Place(1.0, 2.0)) as ours:
        await asyncio.to_thread(Located(ours.calendar, tmp_path / "place.json").recall)
        assert ours.calendar.place == Place(1.0, 2.0)


@given(told=st.recursive(st.none() | st.floats() | st.text() | st.booleans(), lambda one: st.dictionaries(
    st.sampled_from(["latitude", "longitude", "elevation", "x"]), one)))  # fmt: skip
def test_a_place_is_on_earth_or_none(told: object) -> None:
    place = place_from(told)
    assert place is None or (abs(place.latitude) <= 90 and abs(place.longitude) <= 180)
