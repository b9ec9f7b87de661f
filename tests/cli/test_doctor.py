"""`edge doctor` on machines with and without a microphone."""

import asyncio
import json
import os
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.models import ModelStore
from tests.mosquitto import Mosquitto
from tests.sound_server import SoundServer
from tests.speech.spoken import hush, say
from tests.speech.tts.voice_maker import make_voice

TALK = np.concatenate([say("turn on the light in the kitchen"), hush(0.5), say("what a lovely day it is"), hush(0.5)])


async def doctor(*arguments: str, environment: dict[str, str], state: Path) -> tuple[int, str]:
    """Its exit status and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "doctor", *arguments),
        env={"EDGE_HTTP__ENABLED": "false", "EDGE_WYOMING__ENABLED": "false", **environment, "EDGE_STATE": str(state)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def by_check(said: str) -> dict[str, dict[str, Any]]:
    """The last finding of each check."""
    return {finding["check"]: finding for finding in json.loads(said)["findings"]}


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """No sound server, and none is started."""
    (tmp_path / "nowhere").mkdir()
    return {
        **os.environ,
        "HOME": str(tmp_path / "nowhere"),
        "XDG_RUNTIME_DIR": str(tmp_path / "nowhere"),
        "PULSE_SERVER": f"unix:{tmp_path / 'nowhere' / 'native'}",
    }


async def test_a_recording_is_measured_kept_and_drawn(sound: SoundServer, tmp_path: Path) -> None:
    loop = np.concatenate([TALK] * 4)
    playing = asyncio.create_task(sound.play(loop))
    arguments = ("--audio", "--seconds", "3", "--json", "--picture", str(tmp_path / "p.svg"), "--wav")
    status, said = await doctor(*arguments, str(tmp_path / "r.wav"), environment=sound.environment, state=tmp_path)
    found = by_check(said)
    assert status == 0, said
    assert found["microphone"]["text"] == "microphone at 16 kHz"
    assert found["loudspeaker"]["severity"] == "ok"
    assert found["level"]["text"].startswith("speech at -")
    assert found["echo"]["severity"] == "note"
    assert "okay_nabu" in found["wake"]["text"]
    assert "<svg" in (tmp_path / "p.svg").read_text(encoding="utf-8")
    with wave.open(str(tmp_path / "r.wav")) as file:
        assert file.getnframes() == pytest.approx(3 * 16_000, abs=512)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


async def test_a_muted_microphone_is_found(sound: SoundServer, tmp_path: Path) -> None:
    await sound.control("set-source-mute", "microphone", "1")
    status, said = await doctor("--audio", "--seconds", "1", "--json", environment=sound.environment, state=tmp_path)
    assert status == 1
    assert "pactl set-source-mute microphone 0" in by_check(said)["microphone"]["remedy"]
    assert "digital silence" in by_check(said)["level"]["text"]


async def test_without_any_device_both_are_named_and_the_rest_is_looked_at(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    status, said = await doctor("--audio", "--seconds", "1", "--json", environment=nowhere, state=tmp_path)
    found = by_check(said)
    assert status == 1
    assert found["microphone"]["severity"] == found["loudspeaker"]["severity"] == "problem"
    assert found["wake"]["severity"] == "ok"
    assert "level" not in found


async def test_without_a_microphone_the_loudspeaker_is_fine(sound: SoundServer, tmp_path: Path) -> None:
    await sound.pull_out()
    status, said = await doctor("--json", environment=sound.environment, state=tmp_path)
    assert status == 1
    assert by_check(said)["microphone"]["severity"] == "problem"
    assert by_check(said)["loudspeaker"]["severity"] == "ok"


async def test_for_people_it_draws_and_names_remedies(sound: SoundServer, tmp_path: Path) -> None:
    (tmp_path / "models" / "wake").mkdir(parents=True)
    (tmp_path / "models" / "wake" / "computer.ppn").write_bytes(b"x")
    status, said = await doctor("--audio", "--seconds", "1", environment=sound.environment, state=tmp_path)
    assert status == 1
    assert "✗ wake" in said
    assert "→ train the word for microWakeWord" in said
    assert "✓ microphone" in said


async def test_a_picture_of_another_kind_is_refused(nowhere: dict[str, str], tmp_path: Path) -> None:
    status, _ = await doctor("--audio", "--picture", "p.jpg", environment=nowhere, state=tmp_path)
    assert status == 2


def test_bad_files_are_named_each_with_what_to_do_about_it(nowhere: dict[str, str], tmp_path: Path) -> None:
    store, state = ModelStore(tmp_path / "models"), tmp_path
    store.use(store.add(make_voice(tmp_path / "tiny.onnx")).name)
    onnx = store.get("tiny").path
    onnx.with_name(f"{onnx.name}.json").unlink()
    (tmp_path / "models" / "wake").mkdir()
    (tmp_path / "models" / "wake" / "sesame.tflite").write_bytes(b"no network")
    config = tmp_path / "config.toml"
    config.write_text('[speech]\nrecogniser = "faster-whisper"\nwake_words = ["sesame", "alexa"]\n')
    environment = nowhere | {"EDGE_CONFIG": str(config)}
    status, said = asyncio.run(doctor("--json", environment=environment, state=state))
    assert status == 1
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(said)["findings"]:
        found.setdefault(finding["check"], []).append(finding)
        assert finding["remedy"] or finding["severity"] == "ok", finding
    assert "tiny.onnx.json" in found["voice"][0]["text"] + found["voice"][0]["remedy"]
    assert "espeak-ng speaks" in found["voice"][1]["text"]
    assert found["recogniser"][0]["remedy"].startswith("edge models pull")
    assert "pocketsphinx hears" in found["recogniser"][1]["text"]
    assert "sesame" in found["wake"][0]["text"]
    assert found["wake"][-1]["text"] == "listens for alexa"


async def test_a_broker_that_can_not_be_reached_is_named_with_its_remedy(
    nowhere: dict[str, str], tmp_path: Path
) -> None:
    settings = {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": "1"}
    status, said = await doctor("--json", environment=nowhere | settings, state=tmp_path / "s")
    found = by_check(said)["broker"]
    assert (status, found["severity"]) == (1, "problem")
    assert found["text"] == "The broker at 127.0.0.1:1 can't be reached (nothing listens there)"
    assert "[mqtt] port" in found["remedy"]


async def test_a_broker_that_takes_us_is_fine(nowhere: dict[str, str], tmp_path: Path, broker: Mosquitto) -> None:
    settings = {"EDGE_MQTT__BROKER": broker.host, "EDGE_MQTT__PORT": str(broker.port)}
    _, said = await doctor("--json", environment=nowhere | settings, state=tmp_path / "s")
    assert by_check(said)["broker"]["severity"] == "ok"
