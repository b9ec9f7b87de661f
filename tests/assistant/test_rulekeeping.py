"""Rules by voice: read back, kept on a yes, carried out, and never more than whoever made them could do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Source
from edge.devices.model import DeviceState
from edge.router.model import Call, Decision
from edge.schedule.rules.running import Rules
from tests.assistant.conftest import Scene

OPENS = "when the kitchen window opens turn on the hall light for five minutes"
LAMP = Call("light.turn_on", {"name": "Hall Light", "duration": 300}, ("light.hall",))


class Ruled:
    """A scene whose assistant keeps rules."""

    def __init__(self, scene: Scene, rules: Rules) -> None:
        self.scene, self.rules = scene, rules
        told = {**LAMP.arguments, "condition": "when the kitchen window opens"}
        scene.router.on(OPENS, Call("light.turn_on", told, LAMP.targets))
        scene.router.on("turn on the hall light for five minutes", LAMP)
        scene.registry.set_state("light.hall", DeviceState("off"))

    async def say(self, text: str, source: Source = Source.CLI) -> str:
        return (await self.scene.say(text, source=source)).text

    def window(self, state: str) -> None:
        self.scene.registry.set_state("binary_sensor.win_a", DeviceState(state))


@pytest.fixture
async def ruled(scene: Scene, tmp_path: Path) -> AsyncIterator[Ruled]:
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        rules.start()
        yield Ruled(scene, rules)


async def test_a_rule_is_read_back_and_kept_on_a_yes_alone(ruled: Ruled) -> None:
    asked = await ruled.say(OPENS)
    assert asked == "When the kitchen window is open, I turn on the hall light for 5 minutes. Shall I?"
    assert await ruled.say("no") == "All right, I left it."
    assert not ruled.rules.rules
    await ruled.say(OPENS)
    assert (await ruled.say("yes")).startswith("All right: when the kitchen window is open")
    assert list(ruled.rules.rules) == ["turn_on_hall"]
    assert await ruled.say(OPENS) == (
        "I do that already: when the kitchen window is open, I turn on the hall light for 5 minutes."
    )


async def test_it_is_carried_out_and_undone_in_time(ruled: Ruled) -> None:
    await ruled.say(OPENS)
    await ruled.say("yes")
    assert ruled.scene.actuator.sent == []
    ruled.window("on")
    assert (await ruled.scene.announcement()).event["event"] == "rule"
    assert ruled.scene.actuator.sent == [("light.hall", "turn_on", {})]
    ruled.scene.clock.advance(300)
    assert (await ruled.scene.announcement()).event["event"] == "call_due"
    assert ruled.scene.actuator.sent[-1] == ("light.hall", "turn_off", {})


async def test_the_record_says_that_a_rule_did_it(scene: Scene, tmp_path: Path) -> None:
    kept = scene.recorded()

    async def announced(_: object) -> None:
        return await scene.announced.put(_)  # type: ignore[arg-type]

    scene.assistant.announce_to(announced)
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        rules.start()
        ruled = Ruled(scene, rules)
        await ruled.say(OPENS)
        await ruled.say("yes")
        ruled.window("on")
        await scene.announcement()
    record = kept[-1]
    assert (record.source, record.origin, record.decision) == ("rule", "turn_on_hall", "rule")
    assert [one.call.device for one in record.deeds] == ["light.hall"]


async def test_rules_are_listed_switched_off_and_deleted_by_what_they_say(ruled: Ruled) -> None:
    on = ruled.scene.router.on
    on("which rules", Call("rules.list"), decision=Decision.QUERY)
    on("off", Call("rules.disable", {"about": "the hall light"}))
    on("delete", Call("rules.delete", {"about": "window"}))
    on("undo", Call("assistant.undo"))
    assert await ruled.say("which rules") == "There are no rules."
    await ruled.say(OPENS)
    await ruled.say("yes")
    assert await ruled.say("which rules") == "When the kitchen window is open, I turn on the hall light for 5 minutes."
    assert (await ruled.say("off")).startswith("I switched off the rule")
    assert "Switched off: when the kitchen window" in await ruled.say("which rules")
    ruled.window("on")
    assert (await ruled.say("delete")).startswith("I forget the rule")
    assert not ruled.rules.rules
    assert await ruled.say("undo") == "The rule is back."
    assert list(ruled.rules.rules) == ["turn_on_hall"]
    assert ruled.scene.actuator.sent == []


async def test_one_that_would_set_itself_off_is_left(ruled: Ruled) -> None:
    text = "when the hall light turns off turn on the hall light for five minutes"
    ruled.scene.router.on(text, Call("light.turn_on", {"condition": "when the hall light turns off"}, ("light.hall",)))
    assert await ruled.say(text) == "That would set itself off again and again, so I left it."


async def test_what_asks_before_it_is_done_asks_when_the_rule_is_made(ruled: Ruled) -> None:
    text = "when the kitchen window opens unlock the front door"
    unlock = Call("lock.unlock", {}, ("lock.front",), confirm=True)
    ruled.scene.router.on(text, Call("lock.unlock", {"condition": "when the kitchen window opens"}, ("lock.front",)))
    ruled.scene.router.on("unlock the front door", unlock)
    assert await ruled.say(text) == "Shall I unlock the front door when the kitchen window is open?"
    assert (await ruled.say("yes")).startswith("All right: when the kitchen window is open")
    ruled.window("on")
    assert (await ruled.scene.announcement()).text == "I did not unlock the front door: say so if I should."
    assert ruled.scene.actuator.sent == []


async def test_who_may_not_unlock_makes_no_rule_that_does(scene: Scene, tmp_path: Path) -> None:
    scene.configured(Confirmation(pin="2468"))
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        rules.start()
        ruled = Ruled(scene, rules)
        text = "when the kitchen window opens unlock the front door"
        condition = {"condition": "when the kitchen window opens"}
        scene.router.on(text, Call("lock.unlock", condition, ("lock.front",)))
        scene.router.on("unlock the front door", Call("lock.unlock", {}, ("lock.front",), confirm=True))
        assert "PIN" in await ruled.say(text, Source.MQTT)
        assert "PIN" in await ruled.say("yes", Source.MQTT)
        assert not rules.rules


async def test_a_rule_that_nobody_confirmed_unlocks_nothing(ruled: Ruled) -> None:
    await ruled.say(OPENS)
    await ruled.say("yes")
    ruled.rules.file.write_text(
        ruled.rules.file.read_text().replace("light.turn_on", "lock.unlock").replace("light.hall", "lock.front")
    )
    async with Rules(
        ruled.rules.file, ruled.scene.registry, ruled.scene.clock, ruled.scene.schedule.calendar
    ) as edited:
        ruled.scene.assistant.keep_rules(edited, "°C")
        edited.start()
        await ruled.rules.remove("turn_on_hall")
        ruled.window("on")
        said = (await ruled.scene.announcement()).text
    assert said == "I did not unlock the front door: say so if I should."
    assert ruled.scene.actuator.sent == []


async def test_a_condition_that_nothing_tells_is_declined(ruled: Ruled) -> None:
    text = "when the doorbell rings turn on the hall light for five minutes"
    ruled.scene.router.on(text, Call("light.turn_on", {"condition": "when the doorbell rings"}, ("light.hall",)))
    assert "“when the doorbell rings”" in await ruled.say(text)
    assert ruled.scene.actuator.sent == []


async def test_a_warning_that_lacks_something_is_asked_about_by_the_alarms(ruled: Ruled) -> None:
    text = "warn me if it gets too warm"
    warning = Call("alarms.add_rule", {"relation": "above", "too": True, "measure": "temperature"})
    ruled.scene.router.on(text, warning)

    assert "Say it once more" not in await ruled.say(text)


async def test_a_rule_is_narrowed_in_passing_where_it_was_made_and_while_it_is_spoken_of(ruled: Ruled) -> None:
    ruled.scene.router.on("undo", Call("assistant.undo"))
    for text in ("only after ten at night", "but not on sundays", "only joking"):
        ruled.scene.router.on(text, decision=Decision.CHAT)
    await ruled.say(OPENS)
    asked = await ruled.say("only after ten at night")
    assert asked == (
        "When the kitchen window is open, between 22:00 and 6:00, I turn on the hall light for 5 minutes. Shall I?"
    )
    await ruled.say("yes")
    assert "on Monday, Tuesday" in await ruled.say("but not on sundays")
    await ruled.say("yes")
    (rule,) = ruled.rules.rules.values()
    assert [len(one.days) for one in rule.conditions] == [0, 6]
    assert await ruled.say("undo") == "The rule is as it was."
    assert await ruled.say("only joking") == "Hello there."
    assert await ruled.say("but not on sundays", Source.DEMO) == "Hello there."
    ruled.scene.clock.advance(600)
    assert await ruled.say("but not on sundays") == "Hello there."
    (rule,) = ruled.rules.rules.values()
    assert len(rule.conditions) == 1


async def test_a_rule_for_the_next_time_is_over_after_it(ruled: Ruled) -> None:
    await ruled.say(OPENS)
    await ruled.say("yes")
    (rule,) = ruled.rules.rules.values()
    await ruled.rules.add(replace(rule, once=True))
    ruled.window("on")
    assert (await ruled.scene.announcement()).event["event"] == "rule"
    assert not ruled.rules.rules
