"""The model store: what comes in, what is refused later, and what survives."""

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.models import GgufError, ModelError, ModelStore
from edge.models import store as store_module
from tests.gguf_maker import make

KEYS = ["version", "models", "in_use", "name", "path", "sha256", "size_bytes", "mtime_ns", "files", "kind", "llm"]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """An empty store in a directory that is not there yet."""
    return ModelStore(tmp_path / "state" / "models")


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second model."""
    return make(tmp_path_factory.mktemp("models") / "other.gguf", seed=1)


def test_an_empty_store_has_nothing_and_says_how_to_get_something(store: ModelStore) -> None:
    assert store.models() == ()
    assert store.in_use() is None
    with pytest.raises(ModelError, match="edge models add"):
        store.get("phi")
    assert not store.directory.exists()


def test_a_model_is_copied_and_used_at_once_when_it_is_the_first(store: ModelStore, tiny: Path, other: Path) -> None:
    told: list[tuple[int, int]] = []
    model = store.add(tiny, progress=lambda done, total: told.append((done, total)))
    store.add(other)
    assert model.path == store.directory / "tiny.gguf"
    assert model.path.read_bytes() == tiny.read_bytes()
    assert told[-1] == (tiny.stat().st_size, tiny.stat().st_size)
    assert store.in_use() == model
    assert [one.name for one in store.models()] == ["other", "tiny"]
    assert {path.name for path in store.directory.iterdir()} == {".lock", "index.json", "other.gguf", "tiny.gguf"}


def test_a_linked_model_stays_where_it_is(store: ModelStore, tmp_path: Path, tiny: Path) -> None:
    stick = tmp_path / "stick.gguf"
    shutil.copy(tiny, stick)
    model = store.add(stick, link=True)
    assert model.path == stick
    store.remove("stick")
    assert stick.exists()
    assert store.models() == ()


def test_a_file_that_lies_in_the_store_is_adopted(store: ModelStore, tiny: Path) -> None:
    store.directory.mkdir(parents=True)
    shutil.copy(tiny, store.directory / "here.gguf")
    model = store.add(store.directory / "here.gguf")
    assert model.path == store.directory / "here.gguf"
    store.remove("here")
    assert not model.path.exists()


def test_the_same_content_is_kept_once(store: ModelStore, tmp_path: Path, tiny: Path) -> None:
    first = store.add(tiny)
    again = tmp_path / "copy.gguf"
    shutil.copy(tiny, again)
    assert store.add(again) == first
    assert [model.name for model in store.models()] == ["tiny"]
    assert not (store.directory / "copy.gguf").exists()
    assert store.add(tiny) == first
    assert first.path.exists()


def test_another_model_of_the_same_name_is_refused(store: ModelStore, tmp_path: Path, tiny: Path, other: Path) -> None:
    first = store.add(tiny)
    shutil.copy(other, tmp_path / "tiny.gguf")
    with pytest.raises(ModelError, match="--name"):
        store.add(tmp_path / "tiny.gguf")
    assert first.path.read_bytes() == tiny.read_bytes()
    assert store.add(tmp_path / "tiny.gguf", name="second one").name == "second-one"


def test_names_can_be_shortened_where_that_is_clear_but_not_to_remove(
    store: ModelStore, tiny: Path, other: Path
) -> None:
    store.add(tiny, name="qwen-small")
    store.add(other, name="qwen-big")
    assert store.get("big").name == "qwen-big"
    with pytest.raises(ModelError, match="several models"):
        store.get("qwen")
    with pytest.raises(ModelError, match="no model called"):
        store.remove("big")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/", "..", "a b/c", "né"])
def test_a_name_stays_inside_the_directory(store: ModelStore, tiny: Path, name: str) -> None:
    model = store.add(tiny, name=name)
    assert model.path.parent == store.directory
    assert model.path.exists()


def test_removing_the_model_in_use_uses_the_next(store: ModelStore, tiny: Path, other: Path) -> None:
    store.add(tiny)
    store.add(other)
    store.use("other")
    store.remove("other")
    used = store.in_use()
    assert used is not None
    assert used.name == "tiny"


def test_what_is_no_model_does_not_come_in(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(GgufError):
        store.add(tmp_path / "text.gguf")
    assert not store.directory.exists()


def test_a_disk_without_room_is_noticed_before_copying(
    store: ModelStore, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ModelError, match="make room"):
        store.add(tiny)
    assert store.models() == ()
    assert not list(store.directory.glob("*.gguf"))
    assert store.add(tiny, link=True).path == tiny


def test_a_copy_that_fails_leaves_nothing_behind(store: ModelStore, tiny: Path) -> None:
    def unplug(done: int, total: int) -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(ModelError, match="Input/output error"):
        store.add(tiny, progress=unplug)
    assert [path.name for path in store.directory.iterdir()] == [".lock"]


def test_an_altered_file_is_refused_with_the_reason(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    content = bytearray(tiny.read_bytes())
    content[-1] ^= 1
    model.path.write_bytes(content)
    os.utime(model.path, ns=(1, 1))
    with pytest.raises(ModelError, match=r"altered since it was added .*SHA-256"):
        store.check(model)
    with pytest.raises(ModelError, match="altered"):
        store.use("tiny")
    model.path.write_bytes(content[:-10])
    with pytest.raises(ModelError, match="bytes then"):
        store.check(model)


def test_a_change_that_keeps_size_and_time_is_found_by_verify(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    content = bytearray(tiny.read_bytes())
    content[-1] ^= 1
    model.path.write_bytes(content)
    os.utime(model.path, ns=(model.mtime_ns, model.mtime_ns))
    assert store.check(model) == model
    with pytest.raises(ModelError, match="SHA-256"):
        store.verify(model)


def test_a_file_that_was_only_touched_is_hashed_once_more_and_accepted(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    os.utime(model.path, ns=(5, 5))
    told: list[int] = []
    checked = store.check(model, lambda done, _: told.append(done))
    assert checked.mtime_ns == 5
    assert told
    told.clear()
    again = store.get("tiny")
    assert store.check(again, lambda done, _: told.append(done)) == again
    assert not told


def test_a_file_that_is_gone_is_named(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    model.path.unlink()
    with pytest.raises(ModelError, match="is gone"):
        store.check(model)
    store.remove("tiny")
    assert store.models() == ()


def test_a_setting_may_name_a_model_or_a_file(store: ModelStore, tiny: Path, other: Path) -> None:
    store.add(tiny)
    store.add(other)
    by_name, by_path = store.chosen("other"), store.chosen(str(other))
    assert by_name is not None
    assert by_name.name == "other"
    assert by_path is not None
    assert by_path.path == other
    assert store.check(by_path) == by_path
    assert store.chosen(None) == store.in_use()
    with pytest.raises(ModelError, match=r"llm\.model"):
        store.chosen("/nowhere/x.gguf")


@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "version",
                        "models",
                        "in_use",
                        "name",
                        "path",
                        "sha256",
                        "size_bytes",
                        "mtime_ns",
                        "files",
                        "kind",
                        "llm",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_index_is_read_or_refused_and_nothing_else(store: ModelStore, document: object) -> None:
    store.directory.mkdir(parents=True, exist_ok=True)
    (store.directory / "index.json").write_text(json.dumps(document))
    try:
        store.models()
        store.in_use()
    except ModelError as error:
        assert "index.json" in str(error)


def test_rubbish_in_place_of_the_index_is_refused_with_what_to_do(store: ModelStore) -> None:
    store.directory.mkdir(parents=True)
    for rubbish in (b"", b"\xff\xfe", b"[" * 100_000, b'{"version": 2}'):
        (store.directory / "index.json").write_bytes(rubbish)
        with pytest.raises(ModelError, match=r"index\.json"):
            store.models()
