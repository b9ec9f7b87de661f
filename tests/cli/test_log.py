"""`edge log`: who asked for what, and what the service wrote, wherever that is."""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import log
from edge.cli.moments import moment
from edge.health.audit import AuditLog
from tests.health.audit.test_log import record
from tests.service.test_life import service

ROOT = Path(__file__).parents[2]


def environment(state: Path) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    return env | {"EDGE_STATE": str(state), "TZ": "UTC"}


async def started(state: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "log", *arguments),
        env=environment(state),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def shown(state: Path, *arguments: str, status: int = 0) -> str:
    """What it prints, on stderr where it fails."""
    process = await started(state, *arguments)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == status, err.decode()
    return (err if status else out).decode()


async def test_requests_are_shown_for_people_and_for_machines(tmp_path: Path) -> None:
    assert "Nothing was kept yet" in await shown(tmp_path, "requests")
    async with AuditLog(tmp_path / "requests.sqlite") as kept:
        kept.record(record(confirmed="pin", clock_trusted=False))
        kept.record(record(id="b2", source="mqtt", text="\x1b[31mred", time_s=time.time()))
    text = await shown(tmp_path, "requests")
    assert "voice kitchen satellite in kitchen: unlock the front door" in text
    assert "clock not set" in text
    assert "confirmed with a pin" in text
    assert "lock.front unlock done" in text
    assert "\x1b" not in text
    lines = (await shown(tmp_path, "requests", "--json", "--since", "1h", "--source", "mqtt")).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["b2"]
    assert "No such request" in await shown(tmp_path, "requests", "--device", "light.none")


async def test_requests_are_followed(tmp_path: Path) -> None:
    async with AuditLog(tmp_path / "requests.sqlite") as kept:
        kept.record(record(id="before"))
        process = await started(tmp_path, "requests", "-f", "--json")
        assert process.stdout is not None
        async with asyncio.timeout(30):
            while not kept.written:  # noqa: ASYNC110 (a thread of the log's own)
                await asyncio.sleep(0.01)
            kept.record(record(id="after"))
            ids = [json.loads(await process.stdout.readline())["id"] for _ in range(2)]
        process.kill()
        await process.wait()
    assert ids == ["before", "after"]


async def test_a_request_to_the_service_is_in_its_log(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    async with service(tmp_path) as running:
        await running.until("service.ready")
        reply = await running.call("ask", text="hello")
        await running.end()
    (line,) = (await shown(tmp_path / "s", "requests", "--json")).splitlines()
    entry = json.loads(line)
    assert (entry["id"], entry["source"], entry["text"], entry["decision"]) == (reply["id"], "cli", "hello", "chat")


async def test_nothing_is_kept_where_that_is_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    async with service(tmp_path, EDGE_REQUESTS__KEEP="false") as running:
        await running.until("service.ready")
        await running.call("ask", text="hello")
        assert (await running.call("status"))["requests"] == {"kept": False}
        said = await shown(tmp_path / "s", "service", status=1)
        assert "requests.keep is false" in await shown(tmp_path / "s", "requests")
        await running.end()
    assert "to a pipe" in said
    assert not (tmp_path / "s" / "requests.sqlite").exists()


async def test_what_the_service_wrote_to_a_file_is_read_from_there(tmp_path: Path) -> None:
    state, config, file = tmp_path / "s", tmp_path / "config.toml", tmp_path / "edge.log"
    await asyncio.to_thread(config.touch)
    with file.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.service.run_words"),
            env=environment(state) | {"EDGE_CONFIG": str(config), "EDGE_NODE": "test"},
            cwd=ROOT,
            stderr=stream,
        )
    try:
        async with asyncio.timeout(30):
            while b"service.ready" not in await asyncio.to_thread(file.read_bytes):  # noqa: ASYNC110 (a process)
                await asyncio.sleep(0.02)
        assert "service.ready" in await shown(state, "service")
        assert len((await shown(state, "service", "--limit", "3")).splitlines()) == 3
        lines = (await shown(state, "service", "--json", "--since", "1h")).splitlines()
        assert "mqtt.connected" in [json.loads(line)["event"] for line in lines]
    finally:
        process.terminate()
        await process.wait()


async def test_without_a_service_and_a_journal_it_says_so(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "log", "service"),
        env=environment(tmp_path) | {"PATH": str(tmp_path)},
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert b"no service runs" in said


@pytest.mark.parametrize(("text", "ago_s"), [("30m", 1800), ("2h", 7200), ("3d", 259_200), ("0s", 0)])
def test_times_ago(text: str, ago_s: float) -> None:
    assert abs(time.time() - ago_s - moment(text)) < 5


def test_dates_and_times_of_day() -> None:
    assert moment("2026-05-01 10:30") - moment("2026-05-01") == 37_800
    assert moment("10:31") - moment("10:30") == 60


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_moment_or_refused(text: str) -> None:
    try:
        assert moment(text) < 1e12
    except argparse.ArgumentTypeError as error:
        assert "expected" in str(error)


@given(st.text(max_size=200) | st.builds(json.dumps, st.dictionaries(st.text(max_size=8), st.text(max_size=30))))
def test_whatever_is_in_a_log_is_shown_without_moving_the_cursor(line: str) -> None:
    assert all(each.isprintable() for each in log.legible(line).split("\n"))


def test_a_line_is_shown_as_people_read_it() -> None:
    line = {"time": 0.0, "level": "warning", "logger": "edge", "event": "mqtt.disconnected", "reason": "it is gone"}
    assert log.legible(json.dumps(line)).endswith('WARNING mqtt.disconnected reason="it is gone"')
