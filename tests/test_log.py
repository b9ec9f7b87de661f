"""What is written to the log."""

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import log as edge_log
from edge.log import RateLimited, configure


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is logged; the root logger is as before afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()
    yield out
    root.handlers, root.level = handlers, level


def test_json_lines_carry_the_event_and_its_facts(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    logging.getLogger("edge.x").info("mqtt.connected", extra={"host": "h", "port": 1})
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("mqtt.connected", "info", "edge.x")
    assert (line["host"], line["port"]) == ("h", 1)


def test_a_traceback_stays_on_its_line(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    try:
        int("why")
    except ValueError:
        logging.getLogger("edge.x").exception("it.failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["traceback"]


def test_what_comes_from_outside_can_not_begin_a_new_line_or_move_the_cursor(stream: io.StringIO) -> None:
    configure("info", "human", stream)
    logging.getLogger("edge.x").warning("bad", extra={"topic": "a\nERROR forged \x1b[2J"})
    (line,) = stream.getvalue().splitlines()
    assert "\x1b" not in line
    assert "forged" in line


def test_long_facts_are_cut_for_people(stream: io.StringIO) -> None:
    configure("info", "human", stream)
    logging.getLogger("edge.x").warning("bad", extra={"payload": "x" * 10_000})
    assert len(stream.getvalue()) < 600


def test_configuring_again_replaces_the_handler(stream: io.StringIO) -> None:
    configure("info", "json", stream)
    configure("info", "json", stream)
    logging.getLogger("edge.x").info("once")
    assert len(stream.getvalue().splitlines()) == 1


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_one_warning_a_source_and_minute_says_how_many_were_held_back(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    limited = RateLimited(logging.getLogger("edge.x"), clock=clock)
    for _ in range(5):
        limited.warning("bad.payload", "topic/a")
    limited.warning("bad.payload", "topic/b")
    clock.now_s = 61.0
    limited.warning("bad.payload", "topic/a", {"reason": "r"})
    facts = [edge_log.facts(record) for record in caplog.records]
    assert facts == [{"source": "topic/a"}, {"source": "topic/b"}, {"source": "topic/a", "reason": "r", "held_back": 4}]


def test_a_flood_of_sources_does_not_fill_the_memory(caplog: pytest.LogCaptureFixture) -> None:
    limited = RateLimited(logging.getLogger("edge.x"), clock=Clock(), most_keys=100)
    for number in range(1000):
        limited.warning("bad", str(number))
    assert len(limited._held) <= 100


def test_lines_arrive_while_a_library_has_turned_standard_error_away(
    stream: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `sounddevice` does while it looks for devices."""
    assert not stream.getvalue()
    written = tmp_path / "log"
    with written.open("w") as standard_error, Path(os.devnull).open("w") as nowhere:
        monkeypatch.setattr(sys, "stderr", standard_error)
        configure("info", "json")
        os.dup2(nowhere.fileno(), standard_error.fileno())
        logging.getLogger("edge.x").info("voice.ready")
        configure("info", "json", stream)
    assert json.loads(written.read_text())["event"] == "voice.ready"
