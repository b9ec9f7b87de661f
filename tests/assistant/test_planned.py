"""What is planned, asked for by day, and called off by what it was to do."""

import pytest

from edge.router.model import Call, Decision
from edge.schedule.model import Kind
from tests.assistant.conftest import Scene

OFF = ("light.hall",)


async def plan(scene: Scene) -> None:
    scene.router.on("turn off the hall light", Call("light.turn_off", {}, OFF))
    scene.router.on("tonight", Call("light.turn_off", {"at": "2025-03-14T22:00:00"}, OFF))
    scene.router.on("tomorrow", Call("light.turn_on", {"at": "2025-03-15T08:00:00"}, OFF))
    scene.router.on("gran", Call("reminder.set", {"message": "ring gran", "at": "2025-03-15T12:00:00"}))
    for text in ("tonight", "tomorrow", "gran"):
        await scene.say(text)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("what's planned for tonight", "I'll turn off the hall light at 22:00."),
        (
            "what have I got planned for tomorrow?",
            "I'll turn on the hall light tomorrow at 8:00 and the reminder “ring gran” is set for tomorrow at 12:00.",
        ),
        ("anything scheduled for sunday", "Nothing is planned for that."),
        ("what is coming up tomorrow afternoon", "The reminder “ring gran” is set for tomorrow at 12:00."),
    ],
)
async def test_what_is_planned_is_told_for_a_day_or_a_part_of_one(scene: Scene, asked: str, told: str) -> None:
    await plan(scene)
    scene.router.on(asked, decision=Decision.CHAT)
    assert (await scene.say(asked)).text == told


async def test_it_is_called_off_by_what_it_was_to_do(scene: Scene) -> None:
    await plan(scene)
    scene.router.on("don't turn off the hall light after all", decision=Decision.CHAT)
    scene.router.on("cancel the hall light tomorrow", Call("light.turn_off", {}, OFF))
    assert (await scene.say("don't turn off the hall light after all")).text == "I won't turn off the hall light."
    assert (await scene.say("cancel the hall light tomorrow")).text == "I won't turn on the hall light."
    assert scene.schedule.agenda.of_kind(Kind.CALL) == []
    assert scene.actuator.sent == []


async def test_what_need_not_be_done_is_not_done(scene: Scene) -> None:
    scene.router.on("no need to turn off the hall light", Call("light.turn_off", {}, OFF))
    scene.router.on("turn off the hall light", Call("light.turn_off", {}, OFF))
    assert (await scene.say("no need to turn off the hall light")).text == "Nothing is planned for that."
    assert scene.actuator.sent == []
