"""`edge models pull` as a person uses it: asked for the licence, interrupted, killed, resumed."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.cli.progress import ProgressLine, number, size
from tests.gguf_maker import make
from tests.models.hub_server import REPOSITORY, HubServer, Mishap, digest, serving
from tests.models.makers import make_voice

FILE = "tiny-Q8_0.gguf"
COMMAND = [sys.executable, "-m", "edge", "models"]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with a model, which the configuration of this state directory names."""
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving() as server:
        (tmp_path / "config.toml").write_text(f'[models]\nhub = "{server.url}"\n', encoding="utf-8")
        server.files = {FILE: make(tmp_path / FILE, "small", type_="Q4_0").read_bytes()}
        yield server


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started can be interrupted, also where a shell runs the tests in its background: that is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Terminal(io.StringIO):
    """A person at a keyboard who has typed this."""

    def isatty(self) -> bool:
        return True


def test_the_licence_is_shown_and_asked(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert main(["models", "pull", REPOSITORY]) == 1
    said = capsys.readouterr()
    assert "licence: apache-2.0" in said.err
    assert f"{hub.url}/{REPOSITORY}" in said.err
    assert hub.sent == 0
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert main(["models", "pull", REPOSITORY]) == 0
    assert "tiny-Q8_0: pulled and verified" in capsys.readouterr().out


def test_where_nobody_can_be_asked_yes_has_to_be_said(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["models", "pull", REPOSITORY]) == 1
    assert "--yes" in capsys.readouterr().err
    assert main(["models", "--json", "pull", REPOSITORY, "--yes", "--name", "mine"]) == 0
    said = capsys.readouterr()
    fact = json.loads(said.out)
    assert (fact["name"], fact["license"], fact["in_use"]) == ("mine", "apache-2.0", True)
    assert fact["sha256"] == digest(hub.files[FILE])
    assert "%" not in said.err


def test_gated_models_are_explained(hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    hub.gated, hub.locked = "manual", True
    assert main(["models", "pull", REPOSITORY, "--yes"]) == 1
    said = capsys.readouterr().err
    assert "wants the terms accepted" in said
    assert "edge models add FILE" in said


def test_a_name_of_the_catalogue_means_its_file(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", "qwen3-0.6b:Q4_0", "--yes"]) == 1
    assert hub.seen[0].path.startswith("/api/models/unsloth/Qwen3-0.6B-GGUF/")
    assert main(["models", "pull", "nonsense", "--yes"]) == 1
    assert "neither in the catalogue (smollm2-135m" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[models\n", '[models]\nhub = "ftp://nowhere"\n', "[models]\nhubs = 1\n"])
def test_another_hub_than_the_one_that_was_meant_is_never_asked(
    hub: HubServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "config.toml").write_text(text)
    assert main(["models", "pull", REPOSITORY, "--yes"]) == 1
    assert "config.toml" in capsys.readouterr().err
    assert not hub.seen


def test_the_file_may_be_named_behind_a_colon(hub: HubServer, tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "alan.onnx")
    hub.files["en/alan.onnx"] = voice.read_bytes()
    hub.files["en/alan.onnx.json"] = voice.with_name("alan.onnx.json").read_bytes()
    assert main(["models", "pull", f"{REPOSITORY}:alan.onnx", "--yes"]) == 0
    assert (tmp_path / "state/models/alan/alan.onnx.json").exists()


@pytest.mark.usefixtures("interruptible")
def test_a_pull_that_was_stopped_is_listed_and_can_be_dropped(
    hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    processes: list[subprocess.Popen[str]] = []
    hub.mishaps.append(Mishap(cut_after=2_000_000, stall=lambda: processes[0].send_signal(signal.SIGINT)))
    hub.mishaps.extend(Mishap(status=503, headers={"Retry-After": "60"}) for _ in range(5))
    processes.append(subprocess.Popen([*COMMAND, "pull", REPOSITORY, "--yes"], stderr=subprocess.PIPE, text=True))
    said = processes[0].communicate(timeout=60)[1]
    assert processes[0].returncode == 130
    assert "the same command goes on from there" in said
    assert main(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert f"of {size(len(hub.files[FILE]))} have come from {REPOSITORY}" in listed
    assert main(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["models", "rm", "tiny-Q8_0"]) == 0
    assert main(["models", "list"]) == 0
    assert "have come from" not in capsys.readouterr().out


@pytest.mark.parametrize("kills", [1, 4])
def test_killed_at_any_byte_and_run_again_it_ends_verified(hub: HubServer, tmp_path: Path, kills: int) -> None:
    total = len(hub.files[FILE])
    command = [*COMMAND, "--json", "pull", REPOSITORY, "--yes"]
    models = tmp_path / "state" / "models"
    processes: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        processes[-1].send_signal(signal.SIGKILL)

    hub.mishaps.extend(Mishap(cut_after=total * (2 * n + 1) // (3 * kills + 3), stall=kill) for n in range(kills))
    for _ in range(kills):
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        assert processes[-1].wait(60) == -signal.SIGKILL
        assert not list(models.glob("*.gguf"))
        assert not (models / "index.json").exists()
    done = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(done.stdout)["sha256"] == digest(hub.files[FILE])
    assert main(["models", "verify"]) == 0
    assert not list((models / ".pull").iterdir())


def test_a_terminal_sees_progress_and_a_pipe_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ProgressLine("pulling x") as progress:
        progress(5, 10)
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ProgressLine("pulling x", pace=True) as progress:
        progress(0, 2_000_000)
        progress(2_000_000, 2_000_000)
        progress.wait(0.0)
    assert "pulling x: 100 % of 2.0 MB" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")


def test_sizes_and_numbers_as_people_say_them() -> None:
    assert [size(count) for count in (999, 150_000, 12_345_678)] == ["1.0 kB", "150.0 kB", "12.3 MB"]
    assert size(2_500_000_000) == "2.50 GB"
    assert [number(count) for count in (494_000_000, 1_540_000_000)] == ["494.0M", "1.54B"]


def test_the_network_is_for_pull_alone(hub: HubServer, tmp_path: Path) -> None:
    local = make(tmp_path / "local.gguf")
    for words in (
        ["add", str(local)],
        ["list"],
        ["verify"],
        ["use", "local"],
        ["recommend", "--bandwidth", "10e9"],
        ["add"],
        ["rm", "local"],
    ):
        main(["models", *words])
    assert hub.seen == []
    assert os.environ["EDGE_STATE"] == str(tmp_path / "state")
