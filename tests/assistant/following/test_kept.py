"""Lists in passing."""

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
