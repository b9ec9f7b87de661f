"""The voice in the whole service: spoken to through a sound server, seen on a broker, and heard."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soxr

from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from edge.speech.saying import spoken
from edge.speech.sound import RATE_HZ, Samples
from edge.speech.tts.espeak import DEFAULT_VOICE, Espeak
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_life import Running
from tests.sound_server import SoundServer
from tests.speech.spoken import hush, say

CONFIG = """\
node = "test"
[mqtt]
broker = "{host}"
port = {port}
[[areas]]
id = "kitchen"
name = "Kitchen"
[[devices]]
id = "light.kitchen_light"
name = "Kitchen Light"
area = "kitchen"
command_topic = "lamp/set"
state_topic = "lamp/state"
[speech]
area = "kitchen"
"""
REPLIES = (
    "The kitchen light is off.",
    "The kitchen light is on.",
    "The garage door is closed.",
    "It is a quarter past four.",
    "I have no loudspeaker of my own here.",
)


@asynccontextmanager
async def service(directory: Path, broker: Mosquitto, *words: str, config: str = CONFIG) -> AsyncIterator[Running]:
    """`edge run` as it is shipped, with a lamp in the kitchen."""
    (directory / "config.toml").write_text(config.format(host=broker.host, port=broker.port))
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "run", "--log-format", "json", *words),
        env=env | {"EDGE_STATE": str(directory / "s"), "EDGE_CONFIG": str(directory / "config.toml")},
        cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(directory / "s", process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def lamp(broker: Mosquitto) -> AsyncIterator[tuple[Link, Inbox]]:
    """The lamp, which is on, and an inbox of its commands and of all that the service says."""
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="lamp") as link:

        def on_command(message: Received) -> None:
            inbox(message)
            link.post("lamp/state", message.payload, retain=True)

        link.subscribe(["lamp/set"], on_command, qos=1)
        link.subscribe(["edge/test/listening", "edge/test/event"], inbox, qos=1)
        await link.connected()
        await link.publish("lamp/state", "ON", retain=True)
        yield link, inbox


def said(inbox: Inbox, topic: str) -> list[str]:
    return [message.payload.decode() for message in inbox.messages if message.topic == topic]


async def test_a_spoken_sentence_moves_a_lamp_and_the_reply_is_heard(
    sound: SoundServer, broker: Mosquitto, tmp_path: Path
) -> None:
    async with lamp(broker) as (_, inbox), service(tmp_path, broker) as running:
        await running.until("voice.ready")
        await running.until("speech.ready")
        async with sound.recording() as heard:
            await say_until(sound, inbox, "switch off the kitchen light", lambda: said(inbox, "lamp/set") == ["OFF"])
            await inbox.until(lambda _: said(inbox, "edge/test/listening")[-2:] == ["speaking", "idle"])
        assert said(inbox, "edge/test/listening")[-5:] == ["idle", "listening", "thinking", "speaking", "idle"]
        assert await likeliest(heard.samples) == REPLIES[0]
        assert await running.end() == 0


async def test_what_is_said_as_the_service_starts_waits_for_the_voice(
    sound: SoundServer, broker: Mosquitto, tmp_path: Path
) -> None:
    async with service(tmp_path, broker) as running:
        await running.until("control.listening")
        assert await running.call("say", text="The kitchen light is on.") == {"ending": "said"}
        assert await running.end() == 0


async def say_until(sound: SoundServer, inbox: Inbox, text: str, heard: Callable[[], bool]) -> None:
    """As people do: say it again where nothing comes of it. On a busy machine a sound server drops samples."""
    for _ in range(3):
        await sound.play(sentence(text))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(12):
                await inbox.until(lambda _: heard())
                return
    raise AssertionError([message.payload for message in inbox.messages])


def sentence(text: str) -> Samples:
    """The wake word, and the sentence right behind it."""
    return np.concatenate([hush(0.5), say("okay nabu"), hush(0.2), say(text, "en-us+f3"), hush(1.5)])


async def likeliest(heard: Samples) -> str:
    """Which of the replies that is, among them as this assistant says them."""
    likeness = {text: _likeness(heard, await _spoken(text)) for text in REPLIES}
    assert max(likeness.values()) > 0.5, likeness
    return max(REPLIES, key=likeness.__getitem__)


async def _spoken(text: str) -> Samples:
    made = [sound async for sound in Espeak(DEFAULT_VOICE).speak(spoken(text))]
    whole: Samples = soxr.resample(np.concatenate([sound.samples for sound in made]), made[0].rate_hz, RATE_HZ)
    return whole


def _likeness(heard: Samples, voice: Samples) -> float:
    """How far a recording holds this sound, 0..1: the highest normalised correlation."""
    long, short = heard.astype(np.float64), voice.astype(np.float64)
    size = 1 << (len(long) + len(short)).bit_length()
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)[: len(long)]
    power = np.convolve(long**2, np.ones(len(short)), "full")[len(short) - 1 :][: len(product)]
    return float(np.max(np.abs(product[: len(power)]) / np.sqrt(np.maximum(power, 1.0) * np.sum(short**2))))


async def test_muted_it_hears_nothing_and_still_says_what_it_is_told(
    sound: SoundServer, broker: Mosquitto, tmp_path: Path
) -> None:
    async with lamp(broker) as (link, inbox), service(tmp_path, broker) as running:
        await running.until("voice.ready")
        await running.until("microphone.open")
        assert await sound.listeners() == 1
        await link.publish("edge/test/listen", "mute")
        await inbox.until(lambda _: said(inbox, "edge/test/listening")[-1:] == ["muted"])
        while await sound.listeners():  # noqa: ASYNC110 (it comes about in another process)
            await asyncio.sleep(0.01)
        async with sound.recording() as heard:
            await link.publish("edge/test/say", "The garage door is closed.")
            await inbox.until(lambda _: any('"say"' in event for event in said(inbox, "edge/test/event")))
            assert await likeliest(heard.samples) == "The garage door is closed."
        assert said(inbox, "edge/test/listening")[-1] == "muted"
        await link.publish("edge/test/listen", "unmute")
        await inbox.until(lambda _: said(inbox, "edge/test/listening")[-1:] == ["idle"])
        await running.until("microphone.open")
        assert await running.end() == 0
