"""`edge hear` hears files as the room would, carries nothing out, and names what it can't read."""

import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from edge.speech.sound import RATE_HZ, Samples
from tests.speech.spoken import hush, say, together
from tests.speech.stt.house import HOME

COMMAND = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main())", "hear"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home") / "home.json"
    path.write_text(json.dumps(HOME), "utf-8")
    return path


def write(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def heard(home: Path, *arguments: object, status: int = 0) -> tuple[list[dict[str, Any]], str]:
    finished = subprocess.run([*COMMAND, "--json", "--home", str(home), *map(str, arguments)], capture_output=True)
    assert finished.returncode == status, finished.stderr.decode()
    return [json.loads(line) for line in finished.stdout.splitlines()], finished.stderr.decode()


def test_files_are_answered_in_order_and_broken_ones_named(home: Path, tmp_path: Path) -> None:
    order = write(
        tmp_path / "order.wav", together(hush(0.6, level=40.0), say("open the office blinds", words_a_minute=140))
    )
    silence = write(tmp_path / "silence.wav", hush(1.0))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    answers, errors = heard(home, "--no-wake", order, broken, silence, status=1)
    assert [Path(one["file"]).name for one in answers] == ["order.wav", "silence.wav"]
    first, second = answers
    assert (first["text"], first["wake"], first["stt"]) == ("open the office blinds", None, "pocketsphinx")
    assert first["calls"][0]["targets"] == ["cover.blinds"]
    assert set(first["ms"]) == {"vad", "stt", "route", "total"}
    assert first["audio_s"] > 1
    assert (second["text"], second["decision"], second["calls"]) == ("", "ignore", [])
    assert "broken.wav is no WAV file" in errors


def test_without_a_wake_word_nothing_is_understood(home: Path, tmp_path: Path) -> None:
    order = write(
        tmp_path / "order.wav", together(hush(0.6, level=40.0), say("open the office blinds", words_a_minute=140))
    )
    (answer,), _ = heard(home, order)
    assert (answer["wake"], answer["text"], answer["decision"]) == (None, "", "ignore")


def test_a_sentence_after_the_wake_word_is_heard(home: Path, tmp_path: Path) -> None:
    spoken = together(
        hush(1.0), say("alexa", "en-us"), hush(0.3), say("open the office blinds", words_a_minute=140), hush(0.4)
    )
    (answer,), _ = heard(home, write(tmp_path / "both.wav", spoken))
    assert answer["wake"]["word"] == "alexa"
    assert 1.0 < answer["wake"]["at_s"] < 2.5
    assert "blinds" in answer["text"]


@pytest.mark.parametrize("pause_s", [0.0, 0.2, 1.5, 3.0])
def test_the_sentence_may_follow_at_once_or_after_a_while(home: Path, tmp_path: Path, pause_s: float) -> None:
    order = say("turn off the tv")
    spoken = together(hush(1.2, level=30.0), say("okay nabu"), hush(pause_s, level=30.0), order, hush(0.4, level=30.0))
    (answer,), _ = heard(home, write(tmp_path / "both.wav", spoken))
    assert (answer["wake"]["word"], answer["text"]) == ("okay_nabu", "turn off the tv")


def test_in_one_breath_the_end_of_the_wake_word_is_no_word_of_the_sentence(home: Path, tmp_path: Path) -> None:
    spoken = together(hush(1.2, level=30.0), say("okay nabu turn on the kitchen ceiling"), hush(0.4, level=30.0))
    (answer,), _ = heard(home, write(tmp_path / "both.wav", spoken))
    assert answer["calls"][0]["targets"] == ["light.kitchen_ceiling"]


def test_the_reply_is_what_would_be_said_without_doing_anything(home: Path, tmp_path: Path) -> None:
    question = write(tmp_path / "question.wav", together(hush(0.6, level=40.0), say("is the front door locked")))
    order = write(tmp_path / "order.wav", together(hush(0.6, level=40.0), say("open the office blinds")))
    answers, _ = heard(home, "--no-wake", question, order)
    assert [one["decision"] for one in answers] == ["query", "act"]
    assert [one["reply"] for one in answers] == ["Yes, the front door is locked.", ""]


def test_the_settings_say_which_words_wake_and_what_confirms(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = together(
        hush(1.0), say("alexa", "en-us"), hush(0.3), say("open the office blinds", words_a_minute=140), hush(0.4)
    )
    file = write(tmp_path / "both.wav", spoken)
    dropped = tmp_path / "state" / "models" / "wake"
    dropped.mkdir(parents=True)
    (dropped / "sesame.tflite").write_bytes(b"no network")
    config = tmp_path / "config.toml"
    config.write_text('[confirm]\nalso = ["cover.open"]\npin = "4711"\n')
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(config))
    (answer,), errors = heard(home, file)
    assert (answer["wake"]["word"], answer["reply"]) == ("alexa", "To open the office blinds, tell me the PIN.")
    assert "sesame" in errors
    config.write_text('[speech]\nwake_words = ["okay_nabu"]\n')
    (answer,), _ = heard(home, file)
    assert answer["wake"] is None
