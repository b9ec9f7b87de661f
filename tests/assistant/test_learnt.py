"""Carrying out what was taught."""

from collections.abc import Mapping

from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, Source, Utterance
from edge.errors import EdgeError
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene


class FakeMessenger:
    """Remembers what was sent; breaks when it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.told: list[tuple[str, dict[str, object]]] = []
        self.broken = ""

    async def publish(self, topic: str, payload: str) -> None:
        if self.broken:
            raise EdgeError(self.broken)
        self.sent.append((topic, payload))

    async def tell(self, event: str, facts: Mapping[str, object]) -> None:
        if self.broken:
            raise EdgeError(self.broken)
        self.told.append((event, dict(facts)))


FILM = Call("taught.film_night", {"topic": "house/film", "payload": "start"})
HELLO = Call("taught.wave", {})


async def say(scene: Scene, messenger: FakeMessenger | None, text: str, *calls: Call) -> Reply:
    scene.router.on(text, *calls)
    assistant = Assistant(
        route=scene.router,
        registry=scene.registry,
        actuator=scene.actuator,
        chat=scene.model,
        schedule=scene.schedule,
        clock=scene.clock,
        messenger=messenger,
    )
    return await assistant.ask(Utterance(text, Source.CLI, "hall"))


async def test_a_message_is_sent_and_said_to_be(scene: Scene) -> None:
    messenger = FakeMessenger()
    reply = await say(scene, messenger, "film night", FILM)
    assert (reply.text, reply.decision) == ("Done.", Decision.ACT)
    assert messenger.sent == [("house/film", "start")]


async def test_a_function_without_an_action_is_told_to_those_who_listen(scene: Scene) -> None:
    messenger = FakeMessenger()
    reply = await say(scene, messenger, "wave to them", HELLO)
    assert reply.text == "I have passed on wave."
    assert messenger.told == [("taught", {"name": "wave", "text": "wave to them", "area": "hall", "source": "cli"})]


async def test_what_could_not_be_sent_is_not_said_to_be_done(scene: Scene) -> None:
    messenger = FakeMessenger()
    messenger.broken = "the broker is not there"
    for call in (FILM, HELLO):
        assert "did not go out: the broker is not there" in (await say(scene, messenger, "now", call)).text
    assert "no connection" in (await say(scene, None, "now", FILM)).text


async def test_devices_move_beside_it(scene: Scene) -> None:
    messenger = FakeMessenger()
    light = Call("light.turn_on", {"name": "Counter Light"}, ("light.counter",))
    reply = await say(scene, messenger, "film night and the light", FILM, light)
    assert messenger.sent
    assert scene.actuator.sent == [("light.counter", "turn_on", {})]
    assert reply.text.endswith("Done.")


async def test_undoing_it_says_that_it_can_not_be_undone(scene: Scene) -> None:
    scene.router.on("film night", FILM)
    scene.router.on("undo", Call("assistant.undo", {}))
    assistant = Assistant(
        route=scene.router,
        registry=scene.registry,
        actuator=scene.actuator,
        chat=scene.model,
        schedule=scene.schedule,
        clock=scene.clock,
        messenger=FakeMessenger(),
    )
    await assistant.ask(Utterance("film night", Source.CLI))
    assert "can't take film night back" in (await assistant.ask(Utterance("undo", Source.CLI))).text
