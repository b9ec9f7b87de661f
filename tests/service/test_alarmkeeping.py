"""Warnings in words in the whole service: from a sentence to the alarm, kept over a kill."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.mosquitto import Mosquitto
from tests.service.test_alarms import House, alarms, house
from tests.service.test_life import Running, service, to


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text("[history]\nwindow_s = 1\n")
    return file


async def ask(running: Running, text: str) -> str:
    return str((await running.call("ask", text=text))["text"])


async def seen_by(running: Running, house_: House) -> None:
    """Until the service knows the freezer."""
    await house_.link.publish("freezer", "-20", retain=True)
    while (await running.call("status"))["watch"]["sensors"] < 1:  # noqa: ASYNC110 (it is in another process)
        await asyncio.sleep(0.01)


async def test_a_sentence_becomes_an_alarm_and_outlives_a_kill(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    async with house(broker) as seen:
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            await seen_by(running, seen)
            asked = await ask(running, "warn me when the freezer goes above minus ten")
            assert asked == "I'll warn you when the freezer is above minus 10 degrees. Shall I?"
            assert await ask(running, "yes") == "All right: I'll warn you when the freezer is above minus 10 degrees."
            running.process.send_signal(signal.SIGKILL)
            await running.process.wait()
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            await seen_by(running, seen)
            said = "I warn you when the freezer is above minus 10 degrees."
            assert await ask(running, "what do you warn me about") == said
            await seen.link.publish("freezer", "-9", retain=True)
            told = await seen.until("sensor_freezer", state="active")
            assert told["value"] == -9.0
            assert (await alarms(running))[0]["kind"] == "rule"
            assert await ask(running, "any alarms?") == told["text"]
            while "Noted" not in await ask(running, "got it"):  # noqa: ASYNC110 (it is said aloud in another process)
                await asyncio.sleep(0.01)
            await ask(running, "stop warning me about the freezer")
            assert "You have not asked me" in await ask(running, "what do you warn me about")
            await seen.until("sensor_freezer", state="cleared")
            assert await running.end() == 0


async def test_a_limit_in_words_holds_at_once_and_after_a_start(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with house(broker) as seen:
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            await seen_by(running, seen)
            asked = await ask(running, "the freezer may be up to minus five")
            assert asked.startswith("From now on I warn you when the freezer is above minus 5 degrees")
            assert (await ask(running, "yes")).startswith("All right")
            assert await running.end() == 0
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            await seen_by(running, seen)
            assert (await ask(running, "the freezer may be up to minus five")).startswith("That is so already")
            assert await running.end() == 0
