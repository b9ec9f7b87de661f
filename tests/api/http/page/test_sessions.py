"""Sessions are few and end, and wrong passwords cost waiting."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.http.errors import HttpError
from edge.api.http.page.hub import MOST_FOLLOWERS, Hub
from edge.api.http.page.sessions import (
    IDLE_S,
    LONGEST_S,
    LONGEST_WAIT_S,
    MOST,
    MOST_ADDRESSES,
    Sessions,
    Tries,
)
from tests.api.http.page.opening import Clock


def test_a_session_ends_when_nobody_uses_it() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    secret = sessions.open("digest")
    clock.now_s += IDLE_S - 1
    assert sessions.find(secret, "digest") is not None
    clock.now_s += IDLE_S - 1
    assert sessions.find(secret, "digest") is not None
    clock.now_s += IDLE_S + 1
    assert sessions.find(secret, "digest") is None


def test_a_session_that_is_used_ends_too() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    secret, began_s = sessions.open("digest"), clock.now_s
    while clock.now_s - began_s <= LONGEST_S:
        assert sessions.find(secret, "digest") is not None
        clock.now_s += IDLE_S / 2
    assert sessions.find(secret, "digest") is None


def test_there_are_only_so_many_and_the_longest_unused_gives_way() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    secrets = []
    for _ in range(MOST + 3):
        clock.now_s += 1
        secrets.append(sessions.open("digest"))
    assert len(sessions) == MOST
    assert [sessions.find(secret, "digest") is not None for secret in secrets] == [False] * 3 + [True] * MOST


@given(st.text(max_size=100))
def test_no_text_is_a_session_that_was_not_opened(text: str) -> None:
    sessions = Sessions(Clock())
    sessions.open("digest")
    assert sessions.find(text, "digest") is None


@given(st.lists(st.integers(0, 1000), max_size=400))
def test_tries_are_bounded_and_waiting_too(addresses: list[int]) -> None:
    clock = Clock()
    tries = Tries(clock)
    for address in addresses:
        tries.wrong(str(address))
        assert 0 <= tries.wait_s(str(address)) <= LONGEST_WAIT_S
    assert len(tries._wrong) <= MOST_ADDRESSES


async def test_only_so_many_pages_follow() -> None:
    hub = Hub()
    hub.offer("notes", lambda _publish: lambda: None)

    async def still() -> None:
        return None

    streams = [hub.follow(["notes"], still) for _ in range(MOST_FOLLOWERS + 1)]
    for stream in streams[:-1]:
        await anext(stream)
    with pytest.raises(HttpError, match="open already"):
        await anext(streams[-1])
    for stream in streams:
        await stream.aclose()
    assert len(hub) == 0


def test_a_restart_of_the_service_logs_nobody_out(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "sessions.json"
    sessions = Sessions(clock, file)
    stays, leaves = sessions.open("digest"), sessions.open("digest")
    sessions.end(leaves)
    again = Sessions(clock, file)
    assert again.find(stays, "digest") is not None
    assert again.find(leaves, "digest") is None
    assert stays not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@given(st.one_of(st.binary(max_size=60), st.sampled_from([b"[]", b"{}", b'{"a": 1}', b'{"a": {"name": "x"}}'])))
def test_a_damaged_file_of_sessions_opens_nothing(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "sessions.json"
        file.write_bytes(data)
        assert len(Sessions(Clock(), file)) == 0


def test_sessions_of_another_boot_open_nothing(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "sessions.json"
    secret = Sessions(clock, file).open("digest")
    clock.now_s = 5.0
    assert Sessions(clock, file).find(secret, "digest") is None
