"""A real Home Assistant uses the service over Wyoming: a sentence, spoken and typed, moves a simulated MQTT device and
an entity that only Home Assistant has, and a reply comes back as speech.

    python -m tests.bench.wyoming_ha --ha HA.py --wav "turn Bed Light on.wav"

`HA.py` starts Home Assistant and drives it (`start`, `connect`, `run_pipeline`, …).
"""

import argparse
import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt

from edge.mqtt.broker import free_port
from edge.speech.levels import speech_dbfs
from edge.speech.recordings import read_recording
from edge.speech.sound import Samples
from tests.sound_server import SoundServer
from tests.speech.spoken import hush, say

_LAMP = {
    "name": "Bed Light",
    "unique_id": "bed_light",
    "default_entity_id": "light.bed_light",
    "schema": "json",
    "command_topic": "bench/bed_light/set",
    "state_topic": "bench/bed_light",
    "brightness": True,
    "brightness_scale": 100,
}
_LOCK = {
    "name": "Front Door",
    "unique_id": "front_door",
    "default_entity_id": "lock.front_door",
    "command_topic": "bench/front_door/set",
    "state_topic": "bench/front_door",
}
_ONLY_THEIRS = """
input_boolean:
  party_lantern:
    name: Party Lantern
light:
  - platform: template
    lights:
      garden_lamp:
        friendly_name: Garden Lamp
        value_template: "{{ is_state('input_boolean.party_lantern', 'on') }}"
        turn_on: {service: input_boolean.turn_on, target: {entity_id: input_boolean.party_lantern}}
        turn_off: {service: input_boolean.turn_off, target: {entity_id: input_boolean.party_lantern}}
"""


class Devices:
    """A lamp and a lock on the broker that do what they are told."""

    def __init__(self, port: int) -> None:
        self.told: list[tuple[str, Any]] = []
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("bench/+/set")
        self._client.loop_start()
        for kind, facts in (("light", _LAMP), ("lock", _LOCK)):
            self._publish(f"homeassistant/{kind}/{facts['unique_id']}/config", json.dumps(facts))
        self._publish("bench/front_door", "LOCKED")
        self.rest()

    def rest(self) -> None:
        """The lamp is off, and nothing was told."""
        self._publish("bench/bed_light", json.dumps({"state": "OFF"}))
        self.told.clear()

    def _publish(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, retain=True).wait_for_publish(5)

    def _on_message(self, client: mqtt.Client, _: object, message: mqtt.MQTTMessage) -> None:
        text = message.payload.decode()
        self.told.append((message.topic, text))
        topic = message.topic.removesuffix("/set")
        answer = {"LOCK": "LOCKED", "UNLOCK": "UNLOCKED"}.get(text, text)
        client.publish(topic, answer, retain=True)

    def end(self) -> None:
        self._client.loop_stop()
        self._client.disconnect()


@contextmanager
def service(directory: Path, broker: int, port: int, **settings: str) -> Iterator[None]:
    """Our service beside that broker; ended at the end."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    env |= {
        "EDGE_STATE": str(directory / "state"),
        "EDGE_CONFIG": str(directory / "config.toml"),
        "EDGE_NODE": "bench",
        "EDGE_MQTT__BROKER": "127.0.0.1",
        "EDGE_MQTT__PORT": str(broker),
        "EDGE_WYOMING__PORT": str(port),
        "EDGE_SPEECH__ENABLED": "false",
        "EDGE_LLM__ENABLED": "false",
        "EDGE_HTTP__ENABLED": "false",
        **settings,
    }
    (directory / "config.toml").touch()
    written = directory / "service.log"
    with written.open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "edge", "run"], env=env, stderr=log, stdout=log)
    try:
        until(lambda: "wyoming.listening" in written.read_text(), 30)
        time.sleep(1.0)  # the house says what there is
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        print(*(f"  {line}" for line in written.read_text().splitlines() if '"level": "info"' not in line), sep="\n")


def until(is_so: Any, within_s: float = 10.0) -> float:
    """Seconds until it is so; raises TimeoutError."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError
        time.sleep(0.02)
    return time.monotonic() - began


class Report:
    """What was tried and what came of it."""

    def __init__(self) -> None:
        self.failed = 0

    def tell(self, what: str, went_well: bool, facts: object = "") -> None:
        self.failed += not went_well
        print(f"{'ok    ' if went_well else 'FAILED'}  {what}  {facts}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ha", type=Path, required=True, help="the file that starts Home Assistant")
    parser.add_argument("--wav", type=Path, required=True, help='a recording of "turn bed light on"')
    parser.add_argument("--satellite", action="store_true", help="also the appliance's own room as a satellite")
    args = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ |= {"HA_RUN": str(directory / "ha"), "HA_PORT": str(free_port())}
        ha = _library(args.ha)
        broker = free_port()
        process = ha.start_broker(broker)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        devices = Devices(broker)
        stack.callback(devices.end)
        print(f"Home Assistant started in {ha.start(extra_yaml=_ONLY_THEIRS)} s")
        stack.callback(ha.stop)
        ha.add_mqtt("127.0.0.1", broker)
        report = Report()
        port = free_port()
        with service(directory, broker, port):
            _handle(ha, devices, port, args.wav, report)
        with service(directory, broker, port, EDGE_WYOMING__CONVERSATION="intent"):
            _intent(ha, devices, port, args.wav, report)
        if args.satellite:
            asyncio.run(_satellite(ha, devices, directory, broker, args.wav, report))
        warnings = [line for line in _log(ha) if "wyoming" in line and ("WARNING" in line or "ERROR" in line)]
        report.tell("nothing to complain about in Home Assistant's log", not warnings, warnings[:3])
    return int(bool(report.failed))


def _handle(ha: Any, devices: Devices, port: int, wav: Path, report: Report) -> None:
    entry = ha.add_wyoming("127.0.0.1", port)
    report.tell("handle: Home Assistant takes the server", entry["state"] == "loaded", entry["title"])
    agents = _entities(ha)
    report.tell("entities", all(agents.values()), agents)
    pipeline = ha.set_pipeline(agents["stt"], agents["tts"], agents["conversation"], agents["wake_word"], name="handle")
    _typed(ha, pipeline, devices, report, "handle, typed: turn on the bed light", "turn on the bed light", "ON")
    _typed(ha, pipeline, devices, report, "handle, typed: turn off the bed light", "turn off the bed light", "OFF")
    devices.rest()
    ran = ha.run_pipeline(wav, pipeline=pipeline)
    moved = any("ON" in text for _, text in devices.told)
    facts = {"heard": ran["transcript"], "reply": ran["response"], "ms": _took(ran), "error": ran["error"]}
    report.tell("handle, spoken: the lamp is told to go on", moved, facts)
    report.tell("handle, spoken: the reply is speech", bool(ran["tts"]), ran["tts"])
    devices.rest()
    ran = ha.run_pipeline(_woken(wav), start="wake_word", pipeline=pipeline, realtime=True)
    woken = next((data for _, kind, data in ran["events"] if kind == "wake_word-end"), None)
    report.tell("handle: a wake word, and the sentence after it", bool(woken), [woken, ran["transcript"]])
    devices.told.clear()
    asked = ha.run_pipeline(text="unlock the front door", end="intent", pipeline=pipeline, conversation_id="bench")
    again = ha.run_pipeline(text="yes", end="intent", pipeline=pipeline, conversation_id="bench")
    report.tell("handle: nobody unlocks by saying yes", not devices.told, [asked["response"], again["response"]])
    _, sound = ha.tts(agents["tts"], "The light is on. It is half past nine.", "en")
    report.tell("text to speech", len(sound) > 10_000, f"{len(sound)} bytes")
    _, sound = ha.tts(agents["tts"], "The light is on.", "en", voice="en-gb-scotland")
    report.tell("text to speech, another voice", len(sound) > 5_000, f"{len(sound)} bytes")
    ha.remove_entry(entry["entry_id"])


def _intent(ha: Any, devices: Devices, port: int, wav: Path, report: Report) -> None:
    entry = ha.add_wyoming("127.0.0.1", port)
    report.tell("intent: Home Assistant takes the server", entry["state"] == "loaded", entry["title"])
    agents = _entities(ha)
    pipeline = ha.set_pipeline(agents["stt"], agents["tts"], agents["conversation"], agents["wake_word"], name="intent")
    _typed(ha, pipeline, devices, report, "intent, typed: turn off the bed light", "turn off the bed light", "OFF")
    devices.rest()
    ran = ha.run_pipeline(wav, pipeline=pipeline)
    moved = _within(lambda: any("ON" in text for _, text in devices.told))
    report.tell("intent, spoken: the lamp is told to go on", moved, {"heard": ran["transcript"], "ms": _took(ran)})
    for text, wanted in (("turn on the garden lamp", "on"), ("switch off the party lantern", "off")):
        ran = ha.run_pipeline(text=text, end="intent", pipeline=pipeline)
        moved = _within(lambda wanted=wanted: ha.state("input_boolean.party_lantern")["state"] == wanted)  # type: ignore[misc]
        report.tell(f"intent, typed: {text} (only Home Assistant has it)", moved, [ran["response"], ran["error"]])
    devices.rest()
    ran = ha.run_pipeline(text="turn on the bed light and lock the front door", end="intent", pipeline=pipeline)
    moved = _within(lambda: len(devices.told) == 2)
    report.tell("intent: two things in one sentence", moved, [devices.told, ran["response"]])
    devices.told.clear()
    asked = ha.run_pipeline(text="unlock the front door", end="intent", pipeline=pipeline)
    time.sleep(0.3)
    report.tell("intent: nothing critical is handed over", not devices.told, asked["response"])
    ran = ha.run_pipeline(text="what time is it", end="intent", pipeline=pipeline)
    report.tell("intent: a question is answered", ran["response_type"] == "action_done", ran["response"])
    ran = ha.run_pipeline(text="tell me a story about the sea", end="intent", pipeline=pipeline)
    report.tell("intent: what is no order is not recognised", ran["response_type"] == "error", ran["response"])
    ha.remove_entry(entry["entry_id"])


async def _satellite(ha: Any, devices: Devices, directory: Path, broker: int, wav: Path, report: Report) -> None:
    """Our room, with a microphone and a loudspeaker of PulseAudio's, as a satellite: Home Assistant answers there."""
    port, satellite = free_port(), free_port()
    sentence = np.concatenate([hush(1.0), say("okay nabu"), hush(0.4), _as_loud(read_recording(wav)), hush(2.0)])
    (directory / "sound").mkdir()
    settings = {"EDGE_WYOMING__SATELLITE_PORT": str(satellite), "EDGE_SPEECH__ENABLED": "true"}
    async with SoundServer(directory / "sound") as sound:
        places = {key: sound.environment[key] for key in ("XDG_RUNTIME_DIR", "HOME", "PULSE_SERVER")}
        with service(directory, broker, port, **settings, **places):
            server = await asyncio.to_thread(ha.add_wyoming, "127.0.0.1", port)
            agents = await asyncio.to_thread(_entities, ha)
            pipeline = (agents["stt"], agents["tts"], agents["conversation"], agents["wake_word"])
            await asyncio.to_thread(lambda: ha.set_pipeline(*pipeline, name="satellite"))
            entry = await asyncio.to_thread(ha.add_wyoming, "127.0.0.1", satellite)
            await asyncio.to_thread(until, lambda: ha.states("assist_satellite."))
            name = next(iter(ha.states("assist_satellite.")))
            report.tell("satellite: Home Assistant takes the room", entry["state"] == "loaded", name)
            await asyncio.sleep(3.0)  # it connects, and the room gets ready
            devices.rest()
            async with sound.recording() as heard:
                await sound.play(sentence)
                moved = await asyncio.to_thread(_within, lambda: any("ON" in text for _, text in devices.told), 15)
                await asyncio.sleep(4.0)
                loud = int(np.abs(heard.samples).max())
            report.tell("satellite: Home Assistant answers", moved, devices.told)
            report.tell("satellite: the answer is heard", loud > 1000, f"peak {loud}")
            async with sound.recording() as heard:
                call = {"entity_id": name, "message": "Dinner is ready."}
                began = time.monotonic()
                await asyncio.to_thread(ha.call_service, "assist_satellite.announce", call)
                took_s = time.monotonic() - began
                loud = int(np.abs(heard.samples).max())
            report.tell("satellite: an announcement is heard", loud > 1000, f"peak {loud}, {took_s:.1f} s")
            await asyncio.to_thread(ha.remove_entry, entry["entry_id"])
            written = directory / "service.log"
            await asyncio.to_thread(until, lambda: "satellite_of.gone" in written.read_text())
            devices.rest()
            await sound.play(sentence)
            itself = await asyncio.to_thread(_within, lambda: any("ON" in text for _, text in devices.told), 15)
            rooms = [line for line in written.read_text().splitlines() if '"room.' in line][-4:]
            report.tell(
                "satellite: the room answers itself once Home Assistant has gone", itself, "" if itself else rooms
            )
            await asyncio.to_thread(ha.remove_entry, server["entry_id"])


def _as_loud(samples: Samples) -> Samples:
    """Speech as loud as the wake word, as from one mouth: what is far quieter than that is taken for a television."""
    louder_db = (speech_dbfs(say("okay nabu")) or 0.0) - (speech_dbfs(samples) or 0.0)
    louder: Samples = np.clip(samples * 10 ** (louder_db / 20), -32768, 32767).astype(np.int16)
    return louder


def _woken(wav: Path) -> Path:
    """A recording beside that one's, with the wake word before it."""
    made = Path(os.environ["HA_RUN"]).with_name("woken.wav")
    sentence = np.concatenate([hush(1.0), say("okay nabu"), hush(0.3), read_recording(wav), hush(2.0)])
    with wave.open(str(made), "wb") as file:
        file.setparams((1, 2, 16_000, len(sentence), "NONE", ""))
        file.writeframes(sentence.astype("<i2").tobytes())
    return made


def _typed(ha: Any, pipeline: str, devices: Devices, report: Report, what: str, text: str, wanted: str) -> None:
    devices.told.clear()
    ran = ha.run_pipeline(text=text, end="intent", pipeline=pipeline)
    moved = _within(lambda: any(f'"{wanted}"' in told for _, told in devices.told))
    report.tell(what, moved, {"reply": ran["response"], "ms": _took(ran), "error": ran["error"]})


def _within(is_so: Any, within_s: float = 3.0) -> bool:
    try:
        until(is_so, within_s)
    except TimeoutError:
        return False
    return True


def _entities(ha: Any) -> dict[str, str | None]:
    kinds = ("stt", "tts", "wake_word", "conversation")
    until(lambda: all(ha.states(f"{kind}.") for kind in kinds))
    theirs = "conversation.home_assistant"
    return {kind: next((name for name in ha.states(f"{kind}.") if name != theirs), None) for kind in kinds}


def _took(ran: dict[str, Any]) -> dict[str, int]:
    return {kind: ms for ms, kind, _ in ran["events"] if kind in ("stt-end", "intent-end", "tts-end", "run-end")}


def _log(ha: Any) -> list[str]:
    found = ha.log(2000)
    return found if isinstance(found, list) else str(found).splitlines()


def _library(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("ha", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
