"""`edge route` and `edge functions` as other programs use them."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import pytest

from edge.cli.main import main
from edge.router.vocabulary import load_vocabulary
from tests.router.homes import HOSTILE, ORDINARY, UTTERANCES

_COMMAND = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main())", "route", "--json"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home.json"
    path.write_text(json.dumps(ORDINARY), "utf-8")
    return path


def route(
    home: Path, lines: Iterable[str | bytes], *arguments: str, status: int = 0
) -> tuple[list[dict[str, Any]], str]:
    """Decisions, one for each line, and what was said on standard error."""
    said = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    finished = subprocess.run(
        [*_COMMAND, "--home", str(home), *arguments], input=said, capture_output=True, check=False
    )
    assert finished.returncode == status, finished.stderr.decode()
    return [json.loads(line) for line in finished.stdout.decode().splitlines()], finished.stderr.decode()


def test_each_line_has_its_decision_in_order(home: Path) -> None:
    decisions, errors = route(
        home,
        [
            "turn on the kitchen light",
            json.dumps({"text": "lock the front door", "area": "hall"}),
            "",
            "unlock the front door",
            "  tell me a joke  ",
        ],
    )
    assert errors == ""
    assert [one["text"] for one in decisions] == [
        "turn on the kitchen light",
        "lock the front door",
        "",
        "unlock the front door",
        "  tell me a joke  ",
    ]
    first = decisions[0]
    assert set(first) == {"text", "decision", "calls", "confidence", "ms"}
    assert first["calls"] == [
        {
            "function": "light.turn_on",
            "ha_intent": "HassTurnOn",
            "arguments": {"name": "Kitchen Light"},
            "targets": ["light.kitchen"],
        }
    ]
    assert decisions[1]["calls"][0]["targets"] == ["lock.front_door"]
    assert decisions[2]["decision"] == "ignore"
    assert decisions[3]["calls"][0]["confirm"] is True
    assert decisions[4] | {"ms": 0, "confidence": 1} == {
        "text": "  tell me a joke  ",
        "decision": "chat",
        "calls": [],
        "confidence": 1,
        "ms": 0,
    }


def test_odd_lines_stop_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home.json"
    home.write_text(json.dumps(HOSTILE), "utf-8")
    odd: list[str | bytes] = [
        "{bad json",
        '{"text": 5}',
        "{}",
        '{"text": "turn on the kitchen light", "area": 7}',
        '{"text": "turn on the kitchen light", "area": "nowhere"}',
        '{"text": "half a character \\ud800 turn on"}',
        '{"text": "two\\nlines"}',
        '{"text": ' + "[" * 50_000,
        "[1, 2]",
        "null",
        b"turn on \xff\xfe the kitchen light",
        "turn on\rthe kitchen light",
        *(json.dumps({"text": text}) for text in UTTERANCES),
        *(text.replace("\n", " ") for text in UTTERANCES),
    ]
    decisions, errors = route(home, odd)
    assert len(decisions) == len(odd)
    assert [one["text"] for one in decisions[12 : 12 + len(UTTERANCES)]] == list(UTTERANCES)
    assert decisions[5]["text"] == "half a character ? turn on"
    assert decisions[10]["text"] == "turn on \ufffd\ufffd the kitchen light"
    assert "line 2: expected" in errors
    assert errors.count("edge route: line ") == 3  # the last is JSON of another kind, among the utterances
    for one in decisions:
        assert one["decision"] in {"act", "query", "clarify", "chat", "ignore"}
        for call in one["calls"]:
            assert call["function"] != "lock.unlock" or call.get("confirm") or not call["targets"]


def test_each_decision_is_written_before_the_next_line_is_read(home: Path) -> None:
    with subprocess.Popen([*_COMMAND, "--home", str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as talking:
        said, heard = _pipes(talking)
        for text in ("turn on the kitchen light", "tell me a joke"):
            said.write(text.encode() + b"\n")
            said.flush()
            assert json.loads(heard.readline())["text"] == text
        said.close()
        assert talking.wait() == 0


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def test_a_reader_that_leaves_ends_it_quietly(home: Path) -> None:
    with subprocess.Popen(
        [*_COMMAND, "--home", str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as talking:
        said, heard = _pipes(talking)
        heard.close()
        said.write(b"tell me a joke\n" * 10)
        said.close()
        assert talking.stderr is not None
        assert b"Traceback" not in talking.stderr.read()
        assert talking.wait() == 1


def test_the_area_of_a_line_goes_before_that_of_the_command(home: Path) -> None:
    lines = ["turn on the light", json.dumps({"text": "turn on the light", "area": "bedroom"})]
    decisions, _ = route(home, lines, "--area", "kitchen")
    targets = [call["targets"] for one in decisions for call in one["calls"]]
    assert targets == [["light.kitchen"], ["light.bedroom_lamp"]]


def test_explaining_shows_tokens_spans_and_names(home: Path) -> None:
    decisions, _ = route(home, ["turn on the kitchen light"], "--explain")
    explained = decisions[0]["explain"]
    assert explained["tokens"][0]["function"] == "light.turn_on"
    assert explained["tokens"][0]["spans"][0] | {"probability": 1} == {
        "slot": "target",
        "text": "kitchen light",
        "start": 12,
        "end": 25,
        "probability": 1,
    }
    assert explained["names"][0]["devices"] == ["light.kitchen"]
    assert set(explained["likeliest"][0]) == {"token", "probability"}


def test_people_get_lines_to_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "--home", str(home), "--explain", "unlock", "the", "front", "door"]) == 0
    shown = capsys.readouterr().out
    assert "<lock.unlock> name=Front Door <end>" in shown
    assert "asks first" in shown
    assert "first token:" in shown


def test_a_home_file_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "--home", str(tmp_path / "none.json"), "hello"]) == 1
    assert "none.json" in capsys.readouterr().err


def test_without_a_service_and_a_home_file_the_home_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"turn on the kitchen light\n")))
    assert main(["route", "--json"]) == 0
    shown = capsys.readouterr()
    assert "--home" in shown.err
    assert not any(call["targets"] for call in json.loads(shown.out)["calls"])


def test_a_locale_of_other_letters_changes_nothing(home: Path) -> None:
    finished = subprocess.run(
        [*_COMMAND, "--home", str(home)],
        input="schalte das Küchenlicht ein 💡\n".encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    )
    assert json.loads(finished.stdout)["text"] == "schalte das Küchenlicht ein 💡"


def test_functions_are_listed_with_their_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    vocabulary = load_vocabulary()
    assert [one["function"] for one in listed[: len(vocabulary.functions)]] == list(vocabulary.functions)
    for one in listed:
        assert {"function", "token_id", "ha_intents", "arguments", "critical", "examples"} <= set(one)
        assert isinstance(one["token_id"], int | None)
        assert isinstance(one["critical"], bool)
        assert all(intent.startswith("Hass") for intent in one["ha_intents"])
        assert one["examples"]
    tokens = [one["token_id"] for one in listed if one["token_id"] is not None]
    assert len(set(tokens)) == len(tokens) == len(vocabulary.functions)
    assert {"alarms.status", "alarms.add_rule"} <= {one["function"] for one in listed if one["token_id"] is None}


def test_functions_are_listed_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["functions"]) == 0
    shown = capsys.readouterr().out
    assert next(line for line in shown.splitlines() if line.startswith("lock.unlock")).endswith("(asks first)")
