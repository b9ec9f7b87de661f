"""Scenes that were made here, in Home Assistant: announced, played, taken back."""

from pathlib import Path
from typing import Any

from tests.mosquitto import Mosquitto
from tests.mqtt.appliance.fakes import BASE, Scene, staged


async def announced(scene: Scene, *entities: str) -> dict[str, Any]:
    """The payload, once exactly these scenes are in it."""

    def told() -> set[str]:
        there: set[str] = {key for key in scene.config().get("components", {}) if key.startswith("scene_")}
        return there

    await scene.inbox.until(lambda _: told() == set(entities))
    return scene.config()


async def test_a_scene_is_announced_as_one(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        scene.change(scenes=(("movie_time", "Movie time"),))
        config = await announced(scene, "scene_movie_time")
        made = config["components"]["scene_movie_time"]
    assert (made["platform"], made["name"], made["payload_on"]) == ("scene", "Movie time", "ON")
    assert made["command_topic"] == f"{BASE}/set/scene_movie_time"
    assert "state_topic" not in made


async def test_it_is_played_by_its_topic_and_nothing_else_is(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        scene.change(scenes=(("movie_time", "Movie time"),))
        await announced(scene, "scene_movie_time")
        await scene.set("scene_movie_time", "ON")
        assert await scene.next_told() == {"event": "set", "entity": "scene_movie_time", "done": True}
        await scene.set("scene_movie_time", "OFF")
        refused = await scene.next_told()
        await scene.set("scene_gone", "ON")
        await scene.set("volume", "10")
        assert (await scene.next_told())["entity"] == "volume"
    assert refused["done"] is False
    assert scene.hands.set == [("scene", "movie_time"), ("volume", 0.1)]


async def test_a_scene_that_goes_is_taken_back(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        scene.change(scenes=(("movie_time", "Movie time"), ("late", "Late")))
        await announced(scene, "scene_movie_time", "scene_late")
        scene.change(scenes=(("late", "Late"),))
        await announced(scene, "scene_late")
