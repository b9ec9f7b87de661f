"""Rules and warnings in passing: told of, changed by a figure, switched off, and what "it" is after them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.devices.model import Device, DeviceState
from edge.schedule.rules.running import Rules
from tests.assistant.following.conftest import Talk

MADE = "when the kitchen window opens turn on the hall light for five minutes"


@pytest.fixture
async def ruling(talk: Talk, tmp_path: Path) -> AsyncIterator[Rules]:
    scene = talk.scene
    scene.registry.put_device(Device("person.ada", "Ada"))
    scene.registry.set_state("person.ada", DeviceState("not_home"))
    scene.registry.set_state("light.hall", DeviceState("off"))
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        rules.start()
        yield rules


async def make(talk: Talk, text: str = MADE) -> None:
    await talk.say(text)
    await talk.say("yes")
    assert talk.reply.startswith("All right")


@pytest.mark.parametrize("text", ["make that ten minutes", "ten minutes I meant", "no, make it ten minutes"])
async def test_the_rule_that_was_just_made_takes_another_length(talk: Talk, ruling: Rules, text: str) -> None:
    await make(talk)
    await talk.say(text)
    assert [rule.actions[0].for_s for rule in ruling.rules.values()] == [600.0]
    assert talk.waiting == []


@pytest.mark.parametrize(
    "text",
    ["what does that rule do", "explain the rule about the hall light", "what does the hall rule do", "explain that"],
)
async def test_a_rule_is_explained(talk: Talk, ruling: Rules, text: str) -> None:
    await make(talk)
    await talk.say(text)
    assert talk.reply == "When the kitchen window is open, I turn on the hall light for 5 minutes."
    await talk.say("what does the rule about the cellar do")
    assert talk.reply == "There is no such rule: ask me which rules there are."


async def test_a_rule_that_was_told_of_is_changed_and_switched_off(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await make(talk, "every day at ten turn off the sink light if the office fan is on")
    talk.scene.clock.advance(2000)
    await talk.say("explain the rule about the hall light")
    await talk.say("make it twenty minutes")
    assert talk.reply == "When the kitchen window is open, I turn on the hall light for 20 minutes. Shall I?"
    await talk.say("yes")
    assert {rule.actions[0].for_s for rule in ruling.rules.values()} == {1200.0, 0.0}
    await talk.say("switch it off")
    assert {key: rule.enabled for key, rule in ruling.rules.items()} == {"turn_on_hall": False, "turn_off_sink": True}
    await talk.say("explain the sink light rule")
    await talk.say("make it eleven instead")
    await talk.say("yes")
    assert ruling.rules["turn_off_sink"].trigger.at == "11:00"


async def test_a_level_that_a_rule_sets_is_changed(talk: Talk, ruling: Rules) -> None:
    await make(talk, "when the kitchen window opens set the hall light to thirty percent")
    await talk.say("what does it do")
    await talk.say("make it fifty percent")
    await talk.say("yes")
    assert [rule.actions[0].call["arguments"]["brightness"] for rule in ruling.rules.values()] == [50]


async def test_after_a_lamp_was_moved_it_is_the_lamp(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await talk.say("what does it do")
    await talk.say("turn on the table light")
    assert await talk.say("make it fifty percent") == [("light.table", "turn_on", {"brightness_pct": 50})]


async def test_somebody_is_reminded_once_when_somebody_comes(talk: Talk, ruling: Rules) -> None:
    await make(talk, "when Ada gets home remind me to call mum")
    registry, said = talk.scene.registry, []
    for state in ("home", "not_home", "home"):
        registry.set_state("person.ada", DeviceState(state))
        if state == "home" and not said:
            said.append((await talk.scene.announcement()).text)
    assert said == ["call mum"]
    assert not ruling.rules
    await talk.say("whenever Ada leaves, remind me to lock up")
    assert talk.reply == "When Ada is away, I say “lock up”. Shall I?"
    await talk.say("no")
    await talk.say("when Bob gets home remind me to call mum")
    assert talk.reply.startswith("I know nothing here that tells me")


@pytest.mark.parametrize(
    "text",
    [
        "keep the office fan off while the kitchen window is open",
        "while the kitchen window's open, keep the office fan off",
        "don't run the office fan as long as the kitchen window is open",
    ],
)
async def test_what_is_so_for_a_while_is_two_rules(talk: Talk, ruling: Rules, text: str) -> None:
    await talk.say(text)
    assert talk.reply == (
        "When the kitchen window is open, I turn off the office fan and when the kitchen window is closed, I turn on "
        "the office fan. Shall I?"
    )


async def test_a_rule_is_kept_for_as_long_as_the_speaker_is_home(talk: Talk, ruling: Rules) -> None:
    await talk.say("keep the office fan on while I'm home")
    assert talk.reply == (
        "When Ada is at home, I turn on the office fan and when Ada is away, I turn off the office fan. Shall I?"
    )


async def test_it_in_a_condition_is_what_was_spoken_of(talk: Talk, ruling: Rules) -> None:
    await talk.say("is the kitchen window open")
    await talk.say("turn on the table light if it opens")
    assert talk.reply == "When the kitchen window is open, I turn on the table light. Shall I?"
    await talk.say("no")
    await talk.say("turn on the table light")
    await talk.say("turn it off when I leave")
    assert talk.reply == "When Ada is away, I turn off the table light. Shall I?"


async def test_it_gets_warm_is_of_the_room(talk: Talk, ruling: Rules) -> None:
    await talk.say("if it gets above 28 close the bedroom blinds", "bedroom")
    assert talk.reply == "When the bedroom temperature is above 28 degrees, I close the bedroom blinds. Shall I?"
    await talk.say("yes", "bedroom")
    await talk.say("make it thirty", "bedroom")
    await talk.say("what does that rule do", "bedroom")
    assert talk.reply == "When the bedroom temperature is above 30 degrees, I close the bedroom blinds."


async def test_rules_are_told_apart_by_their_place_in_the_list(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await make(talk, "every day at ten turn off the sink light if the office fan is on")
    await talk.say("what rules do I have")
    await talk.say("switch the first one off")
    assert {key: rule.enabled for key, rule in ruling.rules.items()} == {"turn_on_hall": False, "turn_off_sink": True}
    await talk.say("delete the second one")
    assert list(ruling.rules) == ["turn_on_hall"]


@pytest.mark.parametrize("when", ["when I get in", "when I get back", "when I come home from work"])
async def test_coming_home_has_many_words(talk: Talk, ruling: Rules, when: str) -> None:
    await talk.say(f"and remind me to defrost the chicken {when}")
    assert talk.reply == "The next time Ada is at home, I say “defrost the chicken”. Shall I?"


async def test_why_it_is_so_is_asked_of_what_was_spoken_of(talk: Talk, ruling: Rules) -> None:
    await talk.say("turn on the table light")
    await talk.say("why is it on")
    assert talk.reply.startswith("Because somebody said so in the kitchen: “turn on the table light”")
    await talk.say("who turned it on")
    assert talk.reply.startswith("Because somebody said so in the kitchen: “turn on the table light”")


async def test_he_is_whoever_was_spoken_of(talk: Talk, ruling: Rules) -> None:
    await talk.say("is Ada home")
    await talk.say("turn on the table light when she's back")
    assert talk.reply == "When Ada is at home, I turn on the table light. Shall I?"


async def test_all_rules_that_were_told_go(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await make(talk, "every day at ten turn off the sink light if the office fan is on")
    await talk.say("what rules do I have")
    await talk.say("delete them all")
    assert talk.asked
    await talk.say("yes")
    assert not ruling.rules


async def test_what_a_rule_was_narrowed_by_stays_when_a_figure_changes(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await talk.say("only if the office fan is on")
    await talk.say("yes")
    await talk.say("make it ten minutes")
    if talk.asked:
        await talk.say("yes")
    assert [(rule.actions[0].for_s, len(rule.conditions)) for rule in ruling.rules.values()] == [(600.0, 1)]


async def test_one_more_rule_is_of_the_same_things(talk: Talk, ruling: Rules) -> None:
    await make(talk, "when the kitchen window opens turn the office fan off")
    await talk.say("and turn it back on when it closes")
    assert talk.reply == "When the kitchen window is closed, I turn on the office fan. Shall I?"
    await talk.say("yes")
    assert len(ruling.rules) == 2


async def test_what_was_refused_takes_no_place(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await talk.say("only if the office fan is on")
    await talk.say("no")
    await make(talk, "when the bedroom window opens turn on the hall light")
    assert len(ruling.rules) == 2


async def test_a_draft_that_is_narrowed_takes_no_others_place(talk: Talk, ruling: Rules) -> None:
    await make(talk)
    await talk.say("when the bedroom window opens turn on the hall light")
    await talk.say("only if the office fan is on")
    await talk.say("yes")
    assert sorted(rule.trigger.device for rule in ruling.rules.values()) == [
        "binary_sensor.win_a",
        "binary_sensor.win_c",
    ]
