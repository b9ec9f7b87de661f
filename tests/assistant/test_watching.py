"""Others are told of every request and its reply."""

import pytest

from edge.assistant.model import Reply, Source, Utterance
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene

LAMP = Call("light.set", {"name": "Bedroom Lamp", "brightness": 20}, ("light.bedroom_lamp",), "HassLightSet")


async def test_a_watcher_sees_every_request_whatever_its_source_until_it_leaves(scene: Scene) -> None:
    scene.router.on("dim it", LAMP)
    seen: list[tuple[Utterance, Reply]] = []
    leave = scene.assistant.watch(lambda utterance, reply: seen.append((utterance, reply)))
    for source in (Source.CLI, Source.WYOMING):
        await scene.say("dim it", source=source)
    leave()
    await scene.say("dim it")
    assert [(utterance.source, reply.decision) for utterance, reply in seen] == [
        (Source.CLI, Decision.ACT),
        (Source.WYOMING, Decision.ACT),
    ]
    assert [one.call.device for _, reply in seen for one in reply.outcomes] == ["light.bedroom_lamp"] * 2


async def test_a_watcher_that_fails_costs_nobody_the_reply(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    def fail(utterance: Utterance, reply: Reply) -> None:
        raise ValueError(utterance.text + reply.text)

    scene.assistant.watch(fail)
    scene.router.on("dim it", LAMP)
    assert (await scene.say("dim it")).text
    assert "assistant.watcher" in [record.message for record in caplog.records]
