"""Prefix states on disk: what was written comes back whole, or not at all."""

import mmap
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.llm.prefix import LEAST_TOKENS, MOST_FILES, Prefixes
from edge.llm.wire import Load

LOAD = Load(
    "/m.gguf", 1, 1, 1024, 64, 64, "none", True, cache="", cache_bytes=1 << 20, identity="model library machine"
)
TOKENS = list(range(100, 140))
CONTENT = bytes(range(256)) * 40


class Told:
    """What was said, and a bell that rings for each."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.bell = threading.Semaphore(0)

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        self.events.append((event, facts))
        self.bell.release()

    def last(self) -> str:
        """Wait for the next event."""
        assert self.bell.acquire(timeout=10)
        return self.events[-1][0]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def kept(tmp_path: Path, told: Told) -> Prefixes:
    """States in a directory of their own, one of them written."""
    prefixes = of(tmp_path, told)
    prefixes.save(TOKENS, state())
    assert told.last() == "llm.prefix_saved"
    return prefixes


def of(directory: Path, told: Told, load: Load = LOAD) -> Prefixes:
    made = Prefixes.of(replace(load, cache=str(directory)), told)
    assert made is not None
    return made


def state(content: bytes = CONTENT) -> mmap.mmap:
    made = mmap.mmap(-1, len(content))
    made.write(content)
    return made


def content(prefixes: Prefixes, tokens: list[int] = TOKENS) -> bytes | None:
    found = prefixes.load(tokens)
    if found is None:
        return None
    with found.data:
        return found.data[found.offset :]


def file_in(directory: Path) -> Path:
    (file,) = directory.glob("*.kv")
    return file


def test_a_state_comes_back_as_it_was_written(kept: Prefixes, tmp_path: Path) -> None:
    assert content(kept) == CONTENT
    assert not kept.wants(TOKENS)
    assert not list(tmp_path.glob("*.part"))


def test_other_tokens_have_no_state(kept: Prefixes) -> None:
    assert content(kept, TOKENS[:-1]) is None
    assert kept.wants(TOKENS[:-1])


def test_a_short_beginning_is_not_worth_a_file(kept: Prefixes) -> None:
    assert not kept.wants(TOKENS[: LEAST_TOKENS - 1])
    assert kept.load(TOKENS[: LEAST_TOKENS - 1]) is None


@pytest.mark.parametrize(
    "other",
    [
        {"identity": "another library"},
        {"n_ctx": 2048},
        {"type_k": "q8_0"},
        {"type_v": "q8_0"},
        {"flash_attn": True},
        {"repack": False},
    ],
)
def test_another_model_or_setting_has_states_of_its_own(
    kept: Prefixes, tmp_path: Path, told: Told, other: dict[str, Any]
) -> None:
    assert content(of(tmp_path, told, replace(LOAD, **other))) is None
    assert content(kept) == CONTENT


def test_a_foreign_file_under_our_name_is_rejected_and_removed(tmp_path: Path, told: Told) -> None:
    other = of(tmp_path, told, replace(LOAD, identity="another library"))
    other.save(TOKENS, state())
    assert told.last() == "llm.prefix_saved"
    theirs = file_in(tmp_path)
    ours = of(tmp_path, told)
    name = ours._file(ours._key(TOKENS))
    theirs.rename(name)
    assert content(ours) is None
    assert not name.exists()
    assert "another model" in told.events[-1][1]["why"]


def mutations() -> st.SearchStrategy[Any]:
    """Ways to spoil a file of bytes."""
    at = st.integers(0, 10**9)
    flip = st.tuples(at, st.integers(0, 7)).map(
        lambda how: lambda data: _with(data, how[0] % len(data), data[how[0] % len(data)] ^ (1 << how[1]))
    )
    cut = at.map(lambda size: lambda data: data[: size % len(data)])
    longer = st.binary(min_size=1, max_size=64).map(lambda more: lambda data: data + more)
    garbage = st.binary(max_size=2000).map(lambda rubbish: lambda _: rubbish)
    return flip | cut | longer | garbage


def _with(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoil=mutations())
def test_a_spoilt_file_is_not_used_and_removed(kept: Prefixes, tmp_path: Path, told: Told, spoil: Any) -> None:
    whole = kept._file(kept._key(TOKENS))
    if not whole.exists():
        kept.save(TOKENS, state())
        while told.last() != "llm.prefix_saved":
            pass
    whole.write_bytes(spoil(whole.read_bytes()))
    assert content(kept) is None
    assert not whole.exists()


def test_a_directory_in_a_files_place_is_no_crash(kept: Prefixes) -> None:
    file = kept._file(kept._key(TOKENS))
    file.unlink()
    file.mkdir()
    assert content(kept) is None


def test_the_longest_unused_go_first(tmp_path: Path, told: Told) -> None:
    prefixes = of(tmp_path, told)
    for number in range(MOST_FILES + 2):
        tokens = [number, *TOKENS]
        prefixes.save(tokens, state())
        assert told.last() == "llm.prefix_saved"
        os.utime(prefixes._file(prefixes._key(tokens)), (number, number))
        if number == 1:
            used = prefixes._file(prefixes._key([0, *TOKENS]))
            os.utime(used, (1000, 1000))
    assert content(prefixes, [0, *TOKENS]) == CONTENT
    assert content(prefixes, [1, *TOKENS]) is None
    assert len(list(tmp_path.glob("*.kv"))) == MOST_FILES


def test_what_is_larger_than_allowed_is_not_written_and_not_tried_again(tmp_path: Path, told: Told) -> None:
    prefixes = of(tmp_path, told, replace(LOAD, cache_bytes=4096))
    assert prefixes.wants(TOKENS)
    prefixes.save(TOKENS, state())
    assert told.last() == "llm.prefix_not_saved"
    assert not prefixes.wants(TOKENS)
    assert not list(tmp_path.iterdir())


def test_a_state_that_there_is_no_memory_for_is_kept_for_later(kept: Prefixes, tmp_path: Path, told: Told) -> None:
    tight = of(tmp_path, told, replace(LOAD, state_bytes=len(CONTENT) - 1))
    assert content(tight) is None
    assert content(kept) == CONTENT
    assert tight.most_state_bytes == len(CONTENT) - 1


def test_what_was_refused_is_not_wanted_again(tmp_path: Path, told: Told) -> None:
    prefixes = of(tmp_path, told)
    assert prefixes.wants(TOKENS)
    prefixes.refuse(TOKENS)
    assert not prefixes.wants(TOKENS)


def test_what_was_never_finished_is_swept_away(tmp_path: Path, told: Told) -> None:
    left = tmp_path / "0000.part"
    left.write_bytes(b"half")
    of(tmp_path, told).save(TOKENS, state())
    assert told.last() == "llm.prefix_saved"
    assert not left.exists()


def test_no_directory_keeps_nothing(told: Told) -> None:
    assert Prefixes.of(replace(LOAD, cache=None), told) is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for half a state."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("spare", [64 << 20, -(1 << 20)], ids=["seen before", "found out while writing"])
def test_a_full_disk_is_told_and_nothing_is_left(
    small_disk: Path, told: Told, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    monkeypatch.setattr("edge.llm.prefix.SPARE_BYTES", spare)
    prefixes = of(small_disk, told)
    prefixes.save(TOKENS, state())
    assert told.last() == "llm.prefix_not_saved"
    assert not list(small_disk.iterdir())
    assert not prefixes.wants(TOKENS)
    assert content(prefixes) is None
