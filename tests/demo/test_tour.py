"""`edge demo` for real: broker, house and service as processes, the tour over MQTT, the prompt on a terminal."""

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.demo.script import steps

EDGE = (sys.executable, "-m", "edge")


def run(*arguments: str, text: str = "", tmp: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **({"TMPDIR": str(tmp)} if tmp else {})}
    return subprocess.run(
        (*EDGE, *arguments), input=text, capture_output=True, text=True, timeout=110, check=False, env=environment
    )


def test_every_step_of_the_tour_has_its_effect_on_the_house(tmp_path: Path) -> None:
    done = run("demo", "--script", "--json", tmp=tmp_path)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["text"] for result in results if not result["passed"]] == [], done.stderr
    assert done.returncode == 0
    assert done.stderr == ""
    assert [result["text"] for result in results] == [step.say for step in steps(model=False)]
    assert list(tmp_path.glob("edge-demo-*")) == []


def test_the_prompt_takes_sentences_and_hands_from_a_pipe(tmp_path: Path) -> None:
    lines = "turn on the kitchen light\n/press hall light\n/go kitchen\n/go nowhere\n/press nothing\n/what\n/devices\n"
    done = run("demo", "--no-tour", text=lines, tmp=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "zigbee2mqtt/Kitchen Light state  OFF → ON" in done.stdout
    assert "there is no room 'nowhere'" in done.stdout
    assert "no hand can press 'nothing'" in done.stdout
    assert "Coffee Machine" in done.stdout
    assert list(tmp_path.glob("edge-demo-*")) == []


@contextmanager
def terminal(tmp: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The demo on a terminal of its own; what it can't end by itself is killed."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TMPDIR": str(tmp), "TERM": "xterm"}
    with subprocess.Popen(
        (*EDGE, "demo", *arguments),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: _take_terminal(follower),
    ) as process:
        os.close(follower)
        try:
            yield process, leader
        finally:
            process.kill()
            os.close(leader)


def _take_terminal(follower: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(follower, termios.TIOCSCTTY, 0)


def until(leader: int, text: str, seen: bytearray) -> None:
    """Read from the terminal until the text came."""
    while text.encode() not in seen:
        part = b""
        if select.select([leader], [], [], 20)[0]:
            with suppress(OSError):  # the other end was closed
                part = os.read(leader, 4096)
        assert part, f"{text!r} did not come: {seen.decode(errors='replace')}"
        seen += part


def to_end(leader: int, seen: bytearray) -> str:
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            return seen.decode(errors="replace")
        if not part:
            return seen.decode(errors="replace")
        seen += part


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["ctrl-d", "ctrl-c"])
def test_the_prompt_on_a_terminal_ends_by_a_key(tmp_path: Path, key: str) -> None:
    seen = bytearray()
    with terminal(tmp_path, "--no-tour") as (process, leader):
        until(leader, "Ctrl-D ends.", seen)
        os.write(leader, b"turn on the kitchen light\n")
        until(leader, "OFF → ON", seen)
        until(leader, "is on.”", seen)
        del seen[: seen.index("is on.”".encode())]
        until(leader, "› ", seen)
        os.write(leader, key.encode())
        text = to_end(leader, seen)
        assert process.wait(timeout=20) == 0, text
    assert "Traceback" not in text
    assert list(tmp_path.glob("edge-demo-*")) == []


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_demo_ends_its_processes(tmp_path: Path, number: signal.Signals) -> None:
    with terminal(tmp_path, "--no-tour") as (process, leader):
        until(leader, "Ctrl-D ends.", bytearray())
        started = children(process.pid)
        assert len(started) == 3
        process.send_signal(number)
        to_end(leader, bytearray())
        process.wait(timeout=20)
        deadline = time.monotonic() + 10
        while any(alive(pid) for pid in started) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [pid for pid in started if alive(pid)] == []
    if number is signal.SIGTERM:
        assert list(tmp_path.glob("edge-demo-*")) == []


def test_a_missing_mosquitto_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("edge.mqtt.broker._CANDIDATES", ())
    assert main(["demo", "--script"]) == 1
    assert "apt install mosquitto" in capsys.readouterr().err


def test_a_missing_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--script", "--model", "/nowhere/model.gguf"]) == 1
    assert "/nowhere/model.gguf" in capsys.readouterr().err


def test_a_service_that_does_not_start_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("edge.demo.stage.configuration", lambda *_: "node = \n")
    monkeypatch.setattr("edge.demo.stage._START_S", 5.0)
    assert main(["demo", "--script"]) == 1
    assert "devices after" in capsys.readouterr().err
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


@pytest.mark.llm
def test_a_model_adds_conversation(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    from tests.gguf_maker import make

    model = make(tmp_path / "tiny.gguf")
    done = run("demo", "--script", "--json", "--model", str(model))
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["passed"], done.stderr
    assert last["source"] == "llm"
    assert last["reply"]
