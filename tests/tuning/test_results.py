"""What was measured is kept, and taken for what it is when it comes back damaged, foreign or out of date."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.models import Kind, StoredModel
from edge.models.index import StoredFile
from edge.tuning import Hardware, LoadMode, Setting
from edge.tuning.processor import Core
from edge.tuning.results import MOST, Results, ResultsError, Tuned, fingerprint

BOARD = Hardware("aarch64", "a board", frozenset({"asimd"}), 4, 4, None, 4 << 30, 3 << 30, 0, (Core((0,)), Core((1,))))
SETTING = Setting(3, 4, 128, 64, LoadMode.NONE, True, True, "q8_0", "q8_0")
TUNED = Tuned(SETTING, 12.5, 80.25, 4096, 500_000_000, 510_000_000, "2026-01-01T00:00:00+00:00")


def model(sha256: str = "ab" * 32, mtime_ns: int = 1) -> StoredModel:
    return StoredModel("a", Kind.LANGUAGE, (StoredFile(Path("/models/a.gguf"), sha256, 1000, mtime_ns, 0),))


def test_a_result_is_there_for_the_next_process(tmp_path: Path) -> None:
    Results(tmp_path / "llm").keep("key", TUNED)
    assert Results(tmp_path / "llm").of("key") == TUNED
    assert Results(tmp_path / "llm").of("other") is None
    assert [file.name for file in (tmp_path / "llm").iterdir()] == ["tuning.json"]


def test_a_second_result_takes_the_place_of_the_first_and_old_ones_make_room(tmp_path: Path) -> None:
    results = Results(tmp_path)
    for number in range(MOST + 3):
        results.keep(str(number), TUNED)
    results.keep("5", replace(TUNED, tokens_per_s=99.0))
    again = Results(tmp_path)
    assert again.of("0") is None
    assert again.of("5") == replace(TUNED, tokens_per_s=99.0)
    assert again.of(str(MOST + 2)) == TUNED


def test_without_a_directory_it_lasts_as_long_as_the_process() -> None:
    results = Results(None)
    results.keep("key", TUNED)
    assert results.of("key") == TUNED


def test_a_place_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "llm").write_text("in the way")
    results = Results(tmp_path / "llm")
    with pytest.raises(ResultsError, match=r"tuning\.json"):
        results.keep("key", TUNED)


@pytest.mark.parametrize(
    "other",
    [
        fingerprint(replace(BOARD, cpu_model="another board"), model()),
        fingerprint(replace(BOARD, cpu_features=frozenset()), model()),
        fingerprint(replace(BOARD, cpu_quota=2.0), model()),
        fingerprint(replace(BOARD, logical_cpus=3), model()),
        fingerprint(replace(BOARD, cores=(Core((0,)),)), model()),
        fingerprint(BOARD, model("cd" * 32)),
        fingerprint(BOARD, model("")),
        fingerprint(BOARD, model(), 1 << 30),
    ],
)
def test_another_machine_model_or_bound_is_another_matter(other: str) -> None:
    assert other != fingerprint(BOARD, model())


def test_another_build_of_the_library_is_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(BOARD, model())
    monkeypatch.setattr("edge.tuning.results.library_digest", lambda: "another")
    assert fingerprint(BOARD, model()) != before


def test_the_memory_that_is_free_now_and_when_a_known_file_was_written_do_not_count() -> None:
    assert fingerprint(replace(BOARD, memory_available_bytes=1), model()) == fingerprint(BOARD, model())
    assert fingerprint(BOARD, model(mtime_ns=2)) == fingerprint(BOARD, model())
    assert fingerprint(BOARD, model("", mtime_ns=2)) != fingerprint(BOARD, model("", mtime_ns=1))


def test_a_file_with_any_byte_changed_or_cut_anywhere_is_measured_again(tmp_path: Path) -> None:
    results, dice = Results(tmp_path), random.Random(4)  # noqa: S311
    results.keep("key", TUNED)
    assert results.file is not None
    whole = results.file.read_bytes()
    for _ in range(300):
        damaged = bytearray(whole)
        at = dice.randrange(len(damaged))
        match dice.randrange(4):
            case 0:
                damaged[at] ^= 1 << dice.randrange(8)
            case 1:
                del damaged[at:]
            case 2:
                damaged[at:at] = dice.randbytes(dice.randrange(1, 40))
            case _:
                del damaged[at : at + dice.randrange(1, 40)]
        results.file.write_bytes(damaged)
        # What changes nothing but blanks may stand; what is read is what was written, or nothing.
        assert Results(tmp_path).of("key") in (None, TUNED)
    results.keep("key", TUNED)
    assert Results(tmp_path).of("key") == TUNED


@pytest.mark.parametrize(
    "change",
    [
        {"n_threads": 0},
        {"n_threads": 10**6},
        {"n_threads": True},
        {"n_threads": "2"},
        {"n_ubatch": 256},
        {"n_batch": -1},
        {"load_mode": "disk"},
        {"repack": "yes"},
        {"flash_attn": 1.5},
        {"type_k": "q1_0"},
        {"flash_attn": False},
    ],
)
def test_a_setting_that_can_not_be_is_not_believed_though_its_digest_is_right(
    tmp_path: Path, change: dict[str, object]
) -> None:
    from edge.tuning.results import _digest

    results = Results(tmp_path)
    results.keep("key", TUNED)
    assert results.file is not None
    document = json.loads(results.file.read_text())
    document["results"]["key"]["setting"] |= change
    document["digest"] = _digest(document["results"])
    results.file.write_text(json.dumps(document))
    assert Results(tmp_path).of("key") is None


def test_a_file_of_another_version_or_of_something_else_is_left_aside(tmp_path: Path) -> None:
    results = Results(tmp_path)
    assert results.file is not None
    for content in ('{"version": 2}', "[]", "null", '"text"', "{}", "[" * 100_000, "\0" * 100, "1e400", ""):
        results.file.write_text(content)
        assert results.of("key") is None
    results.file.unlink()
    results.file.mkdir()
    assert results.of("key") is None


rates = st.floats(0.01, 1e6)
settings = st.builds(
    Setting,
    st.integers(1, 1024),
    st.integers(1, 1024),
    st.just(512),
    st.integers(1, 512),
    st.sampled_from(LoadMode),
    st.booleans(),
    st.just(True),
    st.sampled_from(["f16", "q8_0"]),
    st.sampled_from(["f16", "q8_0"]),
)


@given(settings, rates, rates, st.integers(1, 1 << 20), st.integers(1, 1 << 40))
def test_what_is_kept_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, setting: Setting, one: float, two: float, n_ctx: int, size: int
) -> None:
    directory = tmp_path_factory.mktemp("results")
    tuned = Tuned(setting, one, two, n_ctx, size, size, "now")
    Results(directory).keep("key", tuned)
    assert Results(directory).of("key") == tuned
