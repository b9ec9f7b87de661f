"""Lists in passing."""

from pathlib import Path

from edge.assistant.remembering.remembered import Remembered
from edge.memory.model import Kind
from tests.assistant.following.conftest import Talk


def items(talk: Talk, name: str) -> list[str]:
    return sorted(item.text for item in talk.scene.schedule.lists.of(name, done=False))


async def test_the_list_is_the_one_that_was_spoken_of(talk: Talk) -> None:
    await talk.say("put ring the plumber on my to-do list")
    await talk.say("also mend the gate")
    assert items(talk, "to do") == ["mend the gate", "ring the plumber"]
    await talk.say("what's on it")
    assert "gate" in talk.reply
    await talk.say("clear the list")
    assert items(talk, "to do") == []


async def test_the_last_thing_is_taken_off_again(talk: Talk) -> None:
    await talk.say("put milk on the shopping list")
    await talk.say("and eggs")
    await talk.say("on second thoughts take that off")
    assert items(talk, "shopping") == ["milk"]


async def test_one_more_note_needs_no_verb(talk: Talk, tmp_path: Path) -> None:
    scene = talk.scene
    async with Remembered(tmp_path / "memory.sqlite", scene.registry, scene.clock, lambda: False) as remembered:
        scene.assistant.remember_through(remembered)
        await talk.say("take a note: the boiler was serviced in March")
        await talk.say("another note: the plumber is called Bert")
        await talk.say("and another note, bins go out on Friday")
        await talk.say("also, the cat likes Tuna")
        notes = [one.text for one in (await remembered.memory()).entries(Kind.NOTE)]
    assert notes == [
        "the boiler was serviced in March",
        "the plumber is called Bert",
        "bins go out on Friday",
        "the cat likes Tuna",
    ]


async def test_what_is_on_a_list_is_asked_and_taken_off_by_its_name(talk: Talk) -> None:
    await talk.say("put kettle on the shopping list")
    await talk.say("did I already put milk on there")
    assert talk.reply == "No, there is no milk on the shopping list."
    await talk.say("put it on then")
    assert items(talk, "shopping") == ["kettle", "milk"]
    await talk.say("and take the kettle off")
    assert items(talk, "shopping") == ["milk"]
    await talk.say("how many things is that")
    assert talk.reply == "The shopping list has one thing on it: milk."
    await talk.say("is milk on the shopping list")
    assert talk.reply == "Yes, milk is on the shopping list."


async def test_whether_anything_is_on_a_list_is_no_question_about_a_thing(talk: Talk) -> None:
    await talk.say("put milk on the shopping list")
    for asked in ("is there anything on my shopping list", "is there anything else on it", "is there much on there"):
        await talk.say(asked)
        assert talk.reply == "The shopping list has one thing on it: milk."


async def test_a_list_that_was_read_is_emptied_and_put_back(talk: Talk) -> None:
    await talk.say("put milk on the shopping list")
    await talk.say("read me the shopping list")
    await talk.say("clear it")
    assert items(talk, "shopping") == []
    await talk.say("no, put it back")
    assert items(talk, "shopping") == ["milk"]


async def test_more_of_the_same_takes_its_place(talk: Talk) -> None:
    await talk.say("add eggs to the shopping list")
    await talk.say("make that two dozen eggs")
    assert items(talk, "shopping") == ["two dozen eggs"]
    await talk.say("take them off")
    assert items(talk, "shopping") == []


async def test_them_are_all_that_were_added(talk: Talk) -> None:
    await talk.say("add bread and milk to the shopping list")
    await talk.say("take them off again")
    assert items(talk, "shopping") == []


async def test_things_are_put_on_the_list_that_was_read(talk: Talk) -> None:
    await talk.say("what's on my shopping list")
    await talk.say("put fish fingers on it")
    assert items(talk, "shopping") == ["fish fingers"]
    await talk.say("what's left")
    assert talk.reply == "The shopping list has one thing on it: fish fingers."
