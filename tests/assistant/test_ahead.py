"""The model reads of the house once that has settled, and again when it has changed."""

import asyncio

from edge.assistant.ahead import Ahead
from edge.devices import DeviceState
from edge.router.model import Decision
from tests.assistant.conftest import Scene, assemble
from tests.assistant.fakes import device


async def test_the_model_reads_of_the_house_once_it_has_settled_and_when_it_changes(scene: Scene) -> None:
    async with Ahead(scene.registry, scene.assistant.prepare, settled_s=0.01), asyncio.timeout(20):
        first = await scene.model.prepared.get()
        scene.registry.set_state("light.hall", DeviceState("off"))
        scene.registry.put_device(device("light.new", "New Light", "hall"))
        second = await scene.model.prepared.get()
    assert first is not None and second is not None
    assert "New Light" in set(second.names) - set(first.names)
    assert scene.model.prepared.empty()


async def test_without_tools_the_model_talks_and_does_nothing(scene: Scene) -> None:
    scene.assistant = assemble(scene, tools=False)
    scene.router.on("hello", decision=Decision.CHAT)
    assert (await scene.say("hello")).text == "Hello there."
    await scene.assistant.prepare()
    assert scene.model.offered == [(None, True)]
    assert await scene.model.prepared.get() is None
