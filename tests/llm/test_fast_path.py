"""What is known of the library's paths survives a start, and no file can harm."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.llm.fast_path import MOST, Verdicts


def test_a_verdict_outlives_the_process(tmp_path: Path) -> None:
    Verdicts(tmp_path / "llm").remember("one", False, "it crashes")
    known = Verdicts(tmp_path / "llm").of("one")
    assert known is not None
    assert not known.works
    assert known.why == "it crashes"
    assert known.found_at.endswith("+00:00")
    assert Verdicts(tmp_path / "llm").of("other") is None


def test_without_a_directory_it_is_known_for_now(tmp_path: Path) -> None:
    verdicts = Verdicts(None)
    verdicts.remember("one", True)
    known = verdicts.of("one")
    assert known is not None
    assert known.works


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    verdicts = Verdicts(tmp_path)
    for number in range(MOST + 1):
        verdicts.remember(str(number), True)
    assert Verdicts(tmp_path).of("0") is None
    assert Verdicts(tmp_path).of("1") is not None


def test_a_directory_that_takes_nothing_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "llm").write_text("a file")
    verdicts = Verdicts(tmp_path / "llm")
    verdicts.remember("one", True)
    assert verdicts.of("one") is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80)
    | JSON.map(lambda one: json.dumps(one).encode())
    | JSON.map(lambda one: json.dumps({"version": 1, "verdicts": one}).encode())
    | JSON.map(lambda one: json.dumps({"version": 1, "verdicts": {"one": one}}).encode())
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "fast-path.json").write_bytes(data)
    verdicts = Verdicts(tmp_path)
    assert verdicts.of("two") is None
    verdicts.remember("two", True)
    assert Verdicts(tmp_path).of("two") is not None
