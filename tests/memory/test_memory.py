"""What is remembered: kept at once, found by its words, gone from the file when it is forgotten."""

import asyncio
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.memory.errors import RecollectionError
from edge.memory.matching import content, negated, one_line, query
from edge.memory.memory import LONGEST, Memory
from edge.memory.model import Alias, Entry, Kind, Thing
from edge.memory.store import Store

KEY = "the spare key is in the blue drawer"


def memory(path: Path) -> Memory:
    return Memory(path / "memory.sqlite", lambda: 1_750_000_000.0)


def contents(folder: Path) -> list[bytes]:
    return [file.read_bytes().lower() for file in folder.iterdir()]


async def test_nothing_is_opened_where_nothing_was_ever_remembered(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        assert kept.empty
        assert await kept.find("where is the spare key") == []
    assert not kept.file.exists()


async def test_what_was_remembered_is_there_after_a_restart(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        entry = await kept.add(Kind.FACT, f"  {KEY} \n", by="voice", area="hall")
        await kept.name(Alias(Thing.DEVICE, "switch.heater", "Vesuvius", 1.0, "voice"))
    async with memory(tmp_path) as kept:
        assert kept.entries() == (entry,)
        assert entry.text == KEY
        assert [one.name for one in kept.aliases] == ["Vesuvius"]


async def test_questions_find_facts_by_their_words_whatever_their_ending(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        await kept.add(Kind.FACT, KEY)
        await kept.add(Kind.FACT, "I parked the car on level three")
        await kept.add(Kind.NOTE, "the key of the shed hangs by the door")
        assert (await kept.find("where is the spare key?"))[0].entry.text == KEY
        (found,) = await kept.find("where did I park my cars")
        assert found.share == 1.0
        assert len(await kept.find("keys")) == 2
        assert [one.entry.kind for one in await kept.find("keys", Kind.NOTE)] == [Kind.NOTE]
        assert await kept.find("where is it") == []


async def test_the_same_is_not_kept_twice(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        first = await kept.add(Kind.FACT, KEY)
        assert await kept.add(Kind.FACT, KEY.upper()) is first
        assert await kept.add(Kind.NOTE, KEY) is not first
        assert len(kept.entries()) == 2


async def test_what_is_forgotten_is_nowhere_in_the_files(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        entry = await kept.add(Kind.FACT, "the word of the day is xylophonist")
        await kept.add(Kind.FACT, KEY)
        (gone,) = await kept.forget(entry.id, "never there")
        assert gone == entry
        assert await kept.find("xylophonist") == []
    assert all(b"xyloph" not in one for one in await asyncio.to_thread(contents, tmp_path))


async def test_what_was_forgotten_can_be_put_back(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        entry = await kept.add(Kind.FACT, KEY)
        await kept.put(await kept.forget(entry.id))
        assert [one.entry for one in await kept.find("spare key")] == [entry]


async def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        old = await kept.add(Kind.FACT, KEY)
        new = await kept.add(Kind.FACT, "the spare key is in the red box")
        await kept.forget(old.id)
        assert kept.entries() == (new,)


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST + 1)])
async def test_nothing_and_too_much_is_refused(tmp_path: Path, text: str) -> None:
    async with memory(tmp_path) as kept:
        with pytest.raises(RecollectionError):
            await kept.add(Kind.FACT, text)


async def test_a_damaged_file_is_set_aside_and_remembering_goes_on(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite").write_bytes(b"certainly no database " * 300)
    async with memory(tmp_path) as kept:
        assert kept.empty
        await kept.add(Kind.FACT, KEY)
        assert kept.set_aside is not None
        assert kept.set_aside.exists()
    async with memory(tmp_path) as kept:
        assert len(kept.entries()) == 1


async def test_a_file_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        await kept.add(Kind.FACT, KEY)

    def age() -> None:
        store = Store(tmp_path / "memory.sqlite")
        store._database.connected().execute("PRAGMA user_version=9")
        store.close()

    await asyncio.to_thread(age)
    async with memory(tmp_path) as kept:
        assert "newer" in kept.trouble
        with pytest.raises(RecollectionError):
            await kept.add(Kind.FACT, KEY)


async def test_observers_hear_of_every_change(tmp_path: Path) -> None:
    async with memory(tmp_path) as kept:
        heard: list[int] = []
        end = kept.observe(lambda: heard.append(len(kept.entries())))
        entry = await kept.add(Kind.FACT, KEY)
        await kept.forget(entry.id)
        end()
        await kept.add(Kind.FACT, KEY)
        assert heard == [1, 0]


@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_can_be_kept_and_looked_for(
    tmp_path_factory: pytest.TempPathFactory, text: str, asked: list[str]
) -> None:
    store = Store(tmp_path_factory.mktemp("memory") / "memory.sqlite")
    said = one_line(text) or "x"
    store.change(put=[Entry("one", Kind.FACT, said)])
    for one in asked:
        words = content(one)
        assert all(match.share <= 1 for match in store.find(words))
    words = content(said)
    if words and all(set(word) <= set(string.ascii_lowercase) for word in words):
        assert store.find(words)[0].share == 1.0
    store.close()


def test_words_of_questions_say_nothing() -> None:
    assert content("Do you remember where Sam's spare key is?") == ("sam", "spare", "key")
    assert content("what do you know about the boiler") == ("boiler",)
    assert query(("near", "or"), every=True) == '"near" AND "or"'
    assert negated("the key isn't here")
    assert not negated("the key is here")
