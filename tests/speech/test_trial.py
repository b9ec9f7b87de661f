"""What can't hear or speak is found out by having it do so: real files that are bad in the ways that files are."""

import asyncio
from pathlib import Path

import pytest

from edge.health.finding import told
from edge.models import ModelStore
from edge.speech.stt.engines import SPHINX, WHISPER
from edge.speech.trial import Trial, try_recognisers, try_voices
from edge.speech.tts.voices import ESPEAK
from tests.speech.stt.whisper_maker import make_whisper
from tests.speech.tts.voice_maker import make_voice


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def voices(store: ModelStore, tmp_path: Path, usual: str | None = None) -> dict[str, Trial]:
    return {trial.name: trial for trial in asyncio.run(try_voices(store, usual, tmp_path / "run"))}


def with_voice(store: ModelStore, folder: Path, operator: str = "Tanh") -> Path:
    """The network of a voice that was added and is in use."""
    model = store.add(make_voice(folder / "tiny.onnx", operator=operator))
    store.use(model.name)
    return store.get(model.name).path


def test_a_voice_that_speaks_is_meant_and_espeak_stands_by(store: ModelStore, tmp_path: Path) -> None:
    with_voice(store, tmp_path)
    tried = voices(store, tmp_path)
    assert list(tried) == ["tiny", ESPEAK]
    assert (tried["tiny"].trouble, tried["tiny"].is_meant, tried[ESPEAK].is_meant) == (None, True, False)
    assert tried["tiny"].took_s > 0


def test_a_voice_without_its_json_is_named_with_what_to_do(store: ModelStore, tmp_path: Path) -> None:
    onnx = with_voice(store, tmp_path)
    onnx.with_name(f"{onnx.name}.json").unlink()
    tried = voices(store, tmp_path)
    assert onnx.name in (tried["tiny"].trouble or "")
    assert told(tried["tiny"].trouble or "", "nothing")[1] != "nothing"
    assert tried[ESPEAK].trouble is None


def test_a_damaged_voice_and_one_for_something_else_are_told_apart(store: ModelStore, tmp_path: Path) -> None:
    onnx = with_voice(store, tmp_path)
    onnx.write_bytes(onnx.read_bytes()[:-400])
    damaged = voices(store, tmp_path)["tiny"].trouble or ""
    assert "tiny.onnx" in damaged
    other = ModelStore(tmp_path / "others")
    with_voice(other, tmp_path, operator="NoSuchOperator")
    foreign = voices(other, tmp_path)["tiny"].trouble or ""
    assert "made for another program or processor" in foreign
    assert "edge models pull" in told(foreign, "")[1]


def test_a_voice_that_is_not_there_is_named(store: ModelStore, tmp_path: Path) -> None:
    tried = voices(store, tmp_path, "en_GB-nobody")
    assert tried["en_GB-nobody"].is_meant
    assert "has no voice 'en_GB-nobody'" in (tried["en_GB-nobody"].trouble or "")


def test_a_store_that_can_not_be_read_is_named(store: ModelStore, tmp_path: Path) -> None:
    store.directory.mkdir(parents=True)
    (store.directory / "index.json").write_text("{")
    (trial,) = asyncio.run(try_voices(store, None, tmp_path / "run"))
    assert "index.json" in (trial.trouble or "")
    assert "index.json" in (asyncio.run(try_recognisers(store, "auto"))[0].trouble or "")


def test_a_whisper_model_that_loads_hears(store: ModelStore, tmp_path: Path) -> None:
    store.use(store.add(make_whisper(tmp_path / "tiny")).name)
    first, second = asyncio.run(try_recognisers(store, "auto"))
    assert (first.name, first.trouble, first.is_meant) == (f"{WHISPER} with tiny", None, True)
    assert (second.name, second.trouble, second.is_meant) == (SPHINX, None, False)


def test_a_whisper_model_for_something_else_is_named_and_pocketsphinx_hears(store: ModelStore, tmp_path: Path) -> None:
    folder = make_whisper(tmp_path / "tiny")
    network = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(network.replace(b"encoder/conv1/weight", b"encoder/other/weight"))
    store.use(store.add(folder).name)
    first, second = asyncio.run(try_recognisers(store, "auto"))
    assert "can't be loaded" in (first.trouble or "")
    assert (second.name, second.trouble, second.is_meant) == (SPHINX, None, True)


def test_a_model_that_lost_its_tokenizer_is_named(store: ModelStore, tmp_path: Path) -> None:
    store.use(store.add(make_whisper(tmp_path / "tiny")).name)
    (store.get("tiny").path / "tokenizer.json").unlink()
    trial = asyncio.run(try_recognisers(store, "auto"))[0]
    assert "tokenizer.json" in (trial.trouble or "")


def test_whisper_that_is_asked_for_without_a_model_says_how_to_get_one(store: ModelStore) -> None:
    trial = asyncio.run(try_recognisers(store, "faster-whisper"))[0]
    assert told(trial.trouble or "", "")[1] == "edge models pull Systran/faster-whisper-base.en --use"


def test_what_the_settings_do_not_ask_for_is_not_tried(store: ModelStore) -> None:
    assert [trial.name for trial in asyncio.run(try_recognisers(store, "pocketsphinx"))] == [SPHINX]


@pytest.mark.parametrize(
    ("trouble", "text", "remedy"),
    [
        ("it is gone: add it again", "it is gone", "add it again"),
        (
            "it can't speak (INVALID : x): it is damaged; get one",
            "it can't speak (INVALID : x)",
            "it is damaged; get one",
        ),
        ("C:/x is odd", "C:/x is odd", "otherwise"),
        ("it fails; mend it", "it fails", "mend it"),
    ],
)
def test_an_error_is_told_as_what_and_what_to_do(trouble: str, text: str, remedy: str) -> None:
    assert told(trouble, "otherwise") == (text, remedy)
