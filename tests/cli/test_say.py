"""`edge say`: to a file without a loudspeaker, through the service where one runs, and what is said of what fails."""

import asyncio
import io
import json
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.api.control import ControlServer
from edge.api.voice_answers import voice_answers
from edge.cli.main import main
from edge.errors import EdgeError


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nothing'}")
    return tmp_path


def test_a_text_becomes_a_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "It is 21.5 °C.", "--wav", str(place / "a.wav"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    with wave.open(str(place / "a.wav")) as recording:
        seconds = recording.getnframes() / recording.getframerate()
    assert facts["by"] == "espeak-ng"
    assert facts["ending"] == "said"
    assert facts["wav"] == str(place / "a.wav")
    assert facts["seconds"] == pytest.approx(seconds, abs=0.01)
    assert seconds > 1


def test_a_long_text_may_go_to_a_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Many words follow here. " * 800))
    assert main(["say", "--wav", str(place / "a.wav")]) == 0
    with wave.open(str(place / "a.wav")) as recording:
        assert recording.getnframes() / recording.getframerate() > 600


def test_a_voice_that_there_is_not_leaves_no_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Hello.", "--voice", "nope", "--wav", str(place / "a.wav")]) == 1
    assert "espeak-ng has no voice 'nope'" in capsys.readouterr().err
    assert not list(place.glob("a.wav*"))


def test_a_file_that_can_not_be_written_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Hello.", "--wav", str(place / "no" / "a.wav")]) == 1
    assert "a.wav can't be written: No such file" in capsys.readouterr().err


def test_nothing_to_say_is_a_wrong_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" \n"))
    assert main(["say"]) == 2
    assert "nothing to say" in capsys.readouterr().err


class FakeSpeaker:
    def __init__(self, ending: str = "said") -> None:
        self.ending = ending
        self.said: list[tuple[str, str | None]] = []
        self.areas: list[str | None] = []

    async def say(self, text: str, voice: str | None = None, area: str | None = None, *, severe: bool = False) -> str:
        if self.ending == "broken":
            raise EdgeError("there is no loudspeaker: plug one in")
        self.said.append((text, voice))
        self.severe = severe
        self.areas.append(area)
        return self.ending


@contextmanager
def service(place: Path, speaker: FakeSpeaker) -> Iterator[None]:
    started = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    socket = place / "state" / "run" / "control.sock"
    socket.parent.mkdir(parents=True)

    async def run() -> None:
        stop = asyncio.Event()
        running.append((asyncio.get_running_loop(), stop))
        async with ControlServer(socket) as server:
            await server.start(voice_answers(speaker))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    started.wait()
    try:
        yield
    finally:
        loop, stop = running[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def test_the_running_service_says_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    speaker = FakeSpeaker()
    with service(place, speaker):
        assert main(["say", "Dinner", "is", "ready.", "--voice", "en-us", "--area", "Attic", "--json"]) == 0
    assert (speaker.said, speaker.areas) == ([("Dinner is ready.", "en-us")], ["Attic"])
    assert json.loads(capsys.readouterr().out)["by"] == "service"


def test_an_alarm_is_said_as_one(place: Path) -> None:
    speaker = FakeSpeaker()
    with service(place, speaker):
        assert main(["say", "Water in the cellar.", "--alarm"]) == 0
        assert speaker.severe
        assert main(["say", "Dinner is ready."]) == 0
        assert not speaker.severe


@pytest.mark.parametrize(
    ("speaker", "why"),
    [
        (FakeSpeaker("muted"), "the assistant is muted"),
        (FakeSpeaker("stopped"), "somebody stopped it"),
        (FakeSpeaker("broken"), "there is no loudspeaker: plug one in"),
    ],
)
def test_what_was_not_said_is_a_failure_with_its_reason(
    place: Path, capsys: pytest.CaptureFixture[str], speaker: FakeSpeaker, why: str
) -> None:
    with service(place, speaker):
        assert main(["say", "Dinner is ready."]) == 1
    assert why in capsys.readouterr().err


def test_another_room_needs_the_service(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Dinner is ready.", "--area", "Attic"]) == 1
    assert "edge run" in capsys.readouterr().err
