"""Satellites in the whole service: spoken to over TCP, seen on a broker, and heard where they are."""

import asyncio
import json
from pathlib import Path

import numpy as np
import soxr

from edge.speech.sound import RATE_HZ, Samples
from tests.mosquitto import Mosquitto
from tests.service.test_voice import CONFIG, lamp, likeliest, said, sentence, service
from tests.speech.satellites.simulated import Simulated, simulated
from tests.speech.spoken import hush, say

SATELLITE = """
[[satellites]]
name = "{name}"
host = "127.0.0.1"
port = {port}
area = "Kitchen"
"""


def config(**satellites: Simulated) -> str:
    """No microphone of its own, and these."""
    return f"{CONFIG}enabled = false\n" + "".join(
        SATELLITE.format(name=name, port=one.port) for name, one in satellites.items()
    )


def at_16_khz(satellite: Simulated) -> Samples:
    """What it played last."""
    played: Samples = soxr.resample(satellite.heard[-1], satellite.rate_hz, RATE_HZ)
    return played


async def test_a_sentence_streamed_by_a_satellite_moves_a_lamp_and_is_answered_there(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with (
        simulated() as satellite,
        lamp(broker) as (_, inbox),
        service(tmp_path, broker, config=config(kitchen=satellite)) as running,
    ):
        await running.until("satellite.ready")
        await running.until("speech.ready")
        await satellite.hear(sentence("switch off the kitchen light"), paced=True)
        await inbox.until(lambda _: said(inbox, "lamp/set") == ["OFF"])
        await satellite.sent("detection", "transcribe", "voice-started", "voice-stopped", "transcript", "audio-stop")
        assert await likeliest(at_16_khz(satellite)) == "The kitchen light is off."
        await inbox.until(lambda _: ("kitchen", "idle") in states(said(inbox, "edge/test/event")))
        assert "edge/test/listening" not in [message.topic for message in inbox.messages if message.payload]
        assert await running.end() == 0


def states(events: list[str]) -> list[tuple[str, str]]:
    """Which room did what."""
    told = [json.loads(event) for event in events]
    return [(event["room"], event["state"]) for event in told if event["event"] == "room"]


async def test_a_satellite_that_finds_its_wake_word_itself_is_answered_too(broker: Mosquitto, tmp_path: Path) -> None:
    async with (
        simulated(wakes=True) as satellite,
        lamp(broker) as (_, inbox),
        service(tmp_path, broker, config=config(kitchen=satellite)) as running,
    ):
        await running.until("satellite.ready")
        await running.until("speech.ready")
        await satellite.wake()
        spoken = np.concatenate([hush(0.3), say("switch off the kitchen light", "en-us+f3"), hush(1.5)])
        await satellite.hear(spoken, paced=True)
        await inbox.until(lambda _: said(inbox, "lamp/set") == ["OFF"])
        await satellite.sent("transcribe", "voice-stopped", "transcript")
        assert "detection" not in satellite.types
        async with asyncio.timeout(10):
            await satellite.sent("audio-stop")
        assert await likeliest(at_16_khz(satellite)) == "The kitchen light is off."


async def test_a_sentence_that_two_satellites_hear_is_carried_out_once_and_answered_by_the_nearer(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with (
        simulated() as far,
        simulated() as near,
        lamp(broker) as (_, inbox),
        service(tmp_path, broker, config=config(far=far, near=near)) as running,
    ):
        for _ in range(2):
            await running.until("satellite.ready")
        await running.until("speech.ready")
        order = sentence("switch off the kitchen light")
        late = np.concatenate([hush(0.3, level=30.0), order // 2])
        await asyncio.gather(far.hear(order // 8 + hush(len(order) / RATE_HZ), paced=True), near.hear(late, paced=True))
        await inbox.until(lambda _: ("near", "idle") in states(said(inbox, "edge/test/event")))
        await near.sent("detection", "transcript", "audio-stop")
        assert said(inbox, "lamp/set") == ["OFF"]
        assert "audio-start" not in far.types
        assert "transcript" not in far.types
        assert await running.end() == 0
