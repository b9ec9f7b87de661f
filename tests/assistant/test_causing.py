"""Why a device is as it is: people, rules, plans, and nobody here."""

from pathlib import Path

from edge.assistant.record import Record
from edge.devices.model import Device, DeviceState
from edge.router.model import Call, Decision
from edge.schedule.rules.running import Rules
from tests.assistant.conftest import Scene
from tests.assistant.test_rulekeeping import OPENS, Ruled

WHY = Call("causes.tell", {}, ("light.hall",))


async def ask(scene: Scene, text: str) -> str:
    scene.router.on(text, WHY, decision=Decision.QUERY)
    return (await scene.say(text)).text


async def test_a_person_a_rule_its_end_and_somebody_else_are_told_apart(scene: Scene, tmp_path: Path) -> None:
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        rules.start()
        assert await ask(scene, "why is the hall light on") == (
            "I don't know: I have not seen the hall light change since I started."
        )
        ruled = Ruled(scene, rules)
        await ruled.say(OPENS)
        await ruled.say("yes")
        ruled.window("on")
        await scene.announcement()
        assert await ask(scene, "why did the hall light come on") == (
            "Because of a rule: when the kitchen window is open, I turn on the hall light for 5 minutes, at 18:30."
        )
        scene.clock.advance(300)
        await scene.announcement()
        assert await ask(scene, "why did the hall light go off") == (
            "Because the time of “turn on the hall light” was up, at 18:35."
        )
        scene.clock.advance(60)
        scene.registry.set_state("light.hall", DeviceState("on"))
        assert await ask(scene, "who turned on the hall light") == (
            "That was not me: the hall light changed at 18:36, at its own switch or through something else."
        )
        scene.clock.advance(60)
        scene.router.on("off", Call("light.turn_off", {}, ("light.hall",)))
        await scene.say("off", area="kitchen")
        assert "“off”" in await ask(scene, "who put the hall light out")
        await rules.remove(*rules.rules)
        assert "a rule that is gone" not in await ask(scene, "who put the hall light out")


async def test_before_the_last_start_it_is_what_was_kept_of_it(scene: Scene, tmp_path: Path) -> None:
    asked: list[str] = []

    def earlier(device: str) -> list[tuple[Record, str]]:
        asked.append(device)
        at_s = scene.clock.now().timestamp() - 86_400
        return [(Record(1, at_s, True, "a", "voice", "", "hall", text="lights on please"), "turn_on")]

    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C", earlier)
        scene.registry.set_state("light.hall", DeviceState("on"))
        said = "Because somebody said so in the hall: “lights on please”, yesterday at 18:30."
        assert await ask(scene, "why is the hall light on") == said
        assert (await ask(scene, "why is the hall light off")).startswith("I don't know")
        scene.registry.set_state("light.hall", DeviceState("off"))
        assert (await ask(scene, "why is the hall light off")).startswith("That was not me")
        assert asked == ["light.hall"] * 2


async def test_how_it_was_found_is_no_change(scene: Scene, tmp_path: Path) -> None:
    async with Rules(tmp_path / "rules.toml", scene.registry, scene.clock, scene.schedule.calendar) as rules:
        scene.assistant.keep_rules(rules, "°C")
        scene.registry.put_device(Device("light.shed", "Shed Light", "hall"))
        scene.registry.set_state("light.shed", DeviceState("on"))
        scene.router.on("why", Call("causes.tell", {}, ("light.shed",)), decision=Decision.QUERY)
        assert (await scene.say("why")).text == "I don't know: I have not seen the shed light change since I started."
