"""Quiet for a while, by voice."""

import asyncio
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from edge.assistant.model import Source
from edge.assistant.people.keeper import QuietKeeper
from edge.assistant.people.quiet import Quiet
from edge.router.model import Call, Decision
from edge.router.values.ends import MORNING, end_of
from tests.assistant.conftest import Scene
from tests.schedule.fakes import START


def at(hour: int, minute: int = 0, day: int = 14) -> datetime:
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


def night(moment: datetime) -> bool:
    return moment.time() >= time(22) or moment.time() < time(7)


@pytest.fixture
def quiet(scene: Scene) -> Quiet:
    made = Quiet(night)
    scene.assistant.keepers.add(QuietKeeper(made, scene.clock))
    scene.router.on("until eight", Call("quiet.on", {"until": "eight"}))
    scene.router.on("quiet", Call("quiet.on"))
    scene.router.on("hush for an hour", Call("assistant.mute", {"duration": 3600}))
    scene.router.on("hush", Call("assistant.mute"))
    scene.router.on("talk", Call("quiet.off"))
    scene.router.on("undo", Call("assistant.undo"))
    scene.router.on("quiet?", Call("quiet.status"), decision=Decision.QUERY)
    return made


async def test_it_is_quiet_until_the_time_that_was_said(scene: Scene, quiet: Quiet) -> None:
    reply = await scene.say("until eight", source=Source.VOICE)
    assert reply.text == "All right, I'll be quiet until 20:00. Alarms still get through."
    assert quiet.covers(at(19, 59))
    assert not quiet.covers(at(20))
    assert (await scene.say("quiet?")).text == "Yes, until 20:00."


async def test_without_a_time_it_is_until_the_morning(scene: Scene, quiet: Quiet) -> None:
    await scene.say("quiet")
    assert quiet.ends(START) == at(7, day=15)


async def test_silence_with_an_end_is_no_silence_for_good(scene: Scene, quiet: Quiet) -> None:
    await scene.say("hush for an hour")
    assert quiet.ends(START) == at(19, 30)
    quiet.until_s = None
    await scene.say("hush")
    assert quiet.ends(START) is None


async def test_it_talks_again_when_told_and_is_quiet_the_next_night(scene: Scene, quiet: Quiet) -> None:
    scene.clock.set_wall(4 * 3600)  # 22:30
    assert quiet.covers(scene.clock.now())
    assert (await scene.say("talk")).text == "I'm talking again."
    assert not quiet.covers(at(23))
    assert not quiet.covers(at(6, day=15))
    assert quiet.covers(at(22, day=15))


async def test_the_hours_of_every_day_are_told(scene: Scene, quiet: Quiet) -> None:
    scene.router.on("hours", Call("quiet.hours"), decision=Decision.QUERY)
    assert (await scene.say("hours")).text.startswith("There are no quiet hours")
    quiet.daily = (time(22), time(7))
    assert (await scene.say("hours")).text == "The quiet hours are from 22:00 to 7:00."
    await scene.say("until eight")
    assert (await scene.say("hours")).text.endswith("I'm quiet until 20:00.")


async def test_it_is_undone(scene: Scene, quiet: Quiet) -> None:
    await scene.say("until eight")
    await scene.say("undo")
    assert not quiet.covers(at(19))


def test_quiet_into_the_quiet_hours_ends_with_them() -> None:
    made = Quiet(night, until_s=at(23).timestamp())
    assert made.ends(at(20)) == at(7, day=15)
    assert made.ends(at(21)) == at(7, day=15)


async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    await Quiet(file=tmp_path / "quiet.json").ask(at(21))
    after = Quiet(file=tmp_path / "quiet.json")
    await asyncio.to_thread(after.load)
    assert after.covers(at(20))
    (tmp_path / "quiet.json").write_bytes(b"[]")
    await asyncio.to_thread(after.load)


@pytest.mark.parametrize(
    ("text", "until", "until_in_the_morning"),
    [
        ("eight", at(20), at(20)),
        ("8", at(20), at(20)),
        ("half past nine", at(21, 30), at(21, 30)),
        ("this evening", at(0, day=15), at(0, day=15)),
        ("tonight", at(7, day=15), at(7, day=15)),
        ("tomorrow", at(0, day=16), at(7, day=15)),
        ("Sunday", at(0, day=17), at(7, day=16)),
        ("the weekend", at(0, day=17), at(0, day=17)),
        ("an hour", at(19, 30), at(19, 30)),
        ("the next two hours", at(20, 30), at(20, 30)),
        ("seven in the morning", at(7, day=15), at(7, day=15)),
        ("further notice", None, None),
        ("the baby wakes up", None, None),
        ("", None, None),
    ],
)
def test_until_when(text: str, until: datetime | None, until_in_the_morning: datetime | None) -> None:
    """It is Friday, half past six in the evening."""
    assert end_of(text, START) == until
    assert end_of(text, START, MORNING) == until_in_the_morning


async def test_talking_again_ends_what_was_asked_for(scene: Scene, quiet: Quiet) -> None:
    scene.router.on("you can talk again", Call("assistant.unmute"))
    await scene.say("until eight", source=Source.VOICE)
    assert (await scene.say("you can talk again")).text == "I'm talking again."
    assert not quiet.covers(START)
    assert (await scene.say("you can talk again")).text != "I'm talking again."
