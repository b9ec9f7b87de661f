"""Voices, Whisper models and wake words: told apart, kept whole, refused with the remedy."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.models import GgufError, Kind, ModelError, ModelStore, ctranslate2_header, onnx_header, tflite_header
from edge.models.kinds import candidates, examine
from tests.models.makers import ctranslate2, make_micro, make_voice, make_whisper, onnx, tflite

ROUTER = Path(__file__).parents[2] / "edge/router/weights/router.onnx"


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """An empty store."""
    return ModelStore(tmp_path / "models")


def test_an_onnx_file_that_another_library_wrote_is_read_as_that_library_reads_it() -> None:
    import onnxruntime

    theirs = onnxruntime.InferenceSession(str(ROUTER)).get_inputs()
    ours = onnx_header.read_inputs(ROUTER)
    assert [one.name for one in ours] == [one.name for one in theirs]
    assert [one.shape for one in ours] == [
        tuple(size if isinstance(size, int) else None for size in one.shape) for one in theirs
    ]


def test_each_kind_is_kept_in_its_place_and_used_on_its_own(
    store: ModelStore, tiny: Path, voice: Path, whisper: Path, tmp_path: Path
) -> None:
    wake = make_micro(tmp_path / "okay_nabu.tflite")
    models = [store.add(path) for path in (tiny, voice, whisper, wake)]
    assert [model.kind for model in models] == [Kind.LANGUAGE, Kind.VOICE, Kind.TRANSCRIPTION, Kind.WAKE_WORD]
    assert [store.in_use(model.kind) for model in models] == models
    assert models[1].path == store.directory / "voice" / "voice.onnx"
    assert models[2].path == store.directory / "faster-whisper-tiny"
    assert models[3].path.with_suffix(".json").exists()
    assert [store.verify(model) for model in models] == models
    assert ModelStore(store.directory).models() == tuple(sorted(models, key=lambda model: model.name))
    for model in models:
        store.remove(model.name)
    assert sorted(path.name for path in store.directory.iterdir()) == [".lock", "index.json"]


def test_the_second_of_a_kind_waits_to_be_chosen(store: ModelStore, tmp_path: Path, voice: Path, tiny: Path) -> None:
    store.add(tiny)
    first, second = store.add(voice), store.add(make_voice(tmp_path / "second.onnx", filling=b"other"))
    assert store.in_use(Kind.VOICE) == first
    store.use("second")
    assert store.in_use(Kind.VOICE) == second
    used = store.in_use()
    assert used is not None
    assert used.kind is Kind.LANGUAGE
    store.remove("second")
    assert store.in_use(Kind.VOICE) == first


def test_the_language_model_of_the_settings_is_no_voice(store: ModelStore, voice: Path) -> None:
    store.add(voice)
    assert store.in_use() is None
    with pytest.raises(ModelError, match="is a voice"):
        store.chosen("voice")


def test_what_is_linked_stays_where_it_is(store: ModelStore, whisper: Path) -> None:
    model = store.add(whisper, link=True)
    assert model.path == whisper
    store.remove(model.name)
    assert (whisper / "model.bin").exists()


def test_what_lies_in_the_store_is_adopted(store: ModelStore) -> None:
    place = make_whisper(store.directory / "tiny-whisper")
    assert store.add(place).path == place
    store.remove("tiny-whisper")
    assert not place.exists()


def test_a_directory_with_one_model_names_it(store: ModelStore, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with pytest.raises(ModelError, match="holds no model"):
        store.add(stick)
    make_voice(stick / "alan.onnx")
    assert store.add(stick).name == "alan"
    make_micro(stick / "nabu.tflite")
    with pytest.raises(ModelError, match=r"holds 2 models.*alan\.onnx, nabu\.tflite"):
        store.add(stick)


def test_any_altered_file_refuses_the_model(store: ModelStore, whisper: Path) -> None:
    model = store.add(whisper)
    tokenizer = model.path / "tokenizer.json"
    tokenizer.write_text('{"model": {"vocab": []}}', encoding="utf-8")
    with pytest.raises(ModelError, match=r"Whisper model .* refused: .*tokenizer\.json was altered"):
        store.check(model)
    tokenizer.unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json can't be read"):
        store.check(model)


def test_another_file_in_the_place_of_the_first_is_noticed_by_its_inode(store: ModelStore, voice: Path) -> None:
    model = store.add(voice)
    status = model.path.stat()
    other = model.path.with_name("other")
    other.write_bytes(bytes(status.st_size))
    os.utime(other, ns=(status.st_mtime_ns, status.st_mtime_ns))
    other.replace(model.path)
    with pytest.raises(ModelError, match="altered"):
        store.check(model)


def test_the_store_of_an_earlier_release_is_read(store: ModelStore, tiny: Path) -> None:
    model = store.add(tiny)
    old = (
        '{"version": 1, "in_use": "tiny", "models": [{"name": "tiny", "path": "tiny.gguf", '
        f'"sha256": "{model.sha256}", "size_bytes": {model.size_bytes}, "mtime_ns": {model.mtime_ns}}}]}}'
    )
    (store.directory / "index.json").write_text(old, encoding="utf-8")
    read = store.get("tiny")
    assert (read.path, read.kind, read.sha256) == (model.path, Kind.LANGUAGE, model.sha256)
    assert store.in_use() == read
    assert store.check(read) == read
    store.use("tiny")
    assert store.in_use() is not None


class TestRefused:
    """What is not whole, or not what it seems."""

    def test_a_voice_without_its_json(self, store: ModelStore, voice: Path) -> None:
        voice.with_name("voice.onnx.json").unlink()
        with pytest.raises(ModelError, match=r"without its JSON: put voice\.onnx\.json"):
            store.add(voice)
        assert not store.directory.exists()

    @pytest.mark.parametrize("facts", ["", "[]", "{}", '{"audio": {"sample_rate": 1}}', "[" * 9999])
    def test_a_voice_whose_json_is_none(self, store: ModelStore, voice: Path, facts: str) -> None:
        voice.with_name("voice.onnx.json").write_text(facts, encoding="utf-8")
        with pytest.raises(ModelError, match="JSON"):
            store.add(voice)

    @pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "vocabulary.txt"])
    def test_a_whisper_model_that_is_not_whole(self, store: ModelStore, whisper: Path, name: str) -> None:
        (whisper / name).unlink()
        with pytest.raises(ModelError, match=f"lacks .*{name}"):
            store.add(whisper)

    def test_another_model_of_the_same_library(self, store: ModelStore, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="is a TransformerSpec, not a Whisper model"):
            store.add(make_whisper(tmp_path / "translator", specification="TransformerSpec"))

    def test_a_wake_word_without_its_json(self, store: ModelStore, tmp_path: Path) -> None:
        wake = make_micro(tmp_path / "nabu.tflite")
        wake.with_suffix(".json").unlink()
        with pytest.raises(ModelError, match=r"put nabu\.json"):
            store.add(wake)
        wake.with_suffix(".json").write_text('{"type": "voice"}', encoding="utf-8")
        with pytest.raises(ModelError, match="no microWakeWord JSON"):
            store.add(wake)

    def test_an_onnx_network_for_something_else(self, store: ModelStore) -> None:
        with pytest.raises(ModelError, match="neither a Piper voice nor an openWakeWord model"):
            store.add(ROUTER)

    def test_one_part_of_a_split_model(self, store: ModelStore, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="one part of a split model"):
            store.add(tmp_path / "big-00001-of-00003.gguf")

    def test_a_file_under_an_ending_that_no_model_has(self, store: ModelStore) -> None:
        with pytest.raises(GgufError):
            store.add(Path(__file__))


def test_open_wake_words_need_no_json(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "hey.onnx").write_bytes(onnx([("x", (1, 16, 96))]))
    (tmp_path / "alexa.tflite").write_bytes(tflite((1, 16, 96), 0))
    assert store.add(tmp_path / "hey.onnx").kind is Kind.WAKE_WORD
    assert store.add(tmp_path / "alexa.tflite").kind is Kind.WAKE_WORD


def test_the_networks_inputs_are_read(tmp_path: Path) -> None:
    file = tmp_path / "x.tflite"
    file.write_bytes(tflite((1, 3, 40), 9))
    assert tflite_header.read_inputs(file) == (tflite_header.TfliteInput("int8", (1, 3, 40)),)


@pytest.mark.parametrize(
    ("name", "data", "read"),
    [
        ("x.tflite", tflite((1, 3, 40), 9), tflite_header.read_inputs),
        ("x.onnx", onnx([("input", (None, 3))], b"w" * 50), onnx_header.read_inputs),
        ("model.bin", ctranslate2("WhisperSpec"), ctranslate2_header.read_specification),
    ],
)
@given(cuts=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4), end=st.integers(0, 400))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    tmp_path: Path, name: str, data: bytes, read: object, cuts: list[tuple[int, int]], end: int
) -> None:
    spoilt = bytearray(data)
    for at, value in cuts:
        spoilt[at % len(spoilt)] = value
    file = tmp_path / name
    file.write_bytes(spoilt[: max(end, 1)])
    try:
        assert callable(read)
        read(file)
    except ModelError as error:
        assert str(file) in str(error)


@pytest.mark.parametrize("length", range(0, len(ctranslate2("WhisperSpec")), 11))
def test_a_whisper_model_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(ctranslate2("WhisperSpec")[:length])
    with pytest.raises(ModelError, match="only a part of one"):
        ctranslate2_header.read_specification(file)


def test_candidates_are_found_in_the_depths_and_rubbish_is_passed_over(tmp_path: Path, tiny: Path) -> None:
    make_whisper(tmp_path / "a/b/whisper")
    make_voice(tmp_path / "a/voice.onnx")
    (tmp_path / ".Trash").mkdir()
    make_voice(tmp_path / ".Trash/old.onnx")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a/notes.txt").write_text("hello")
    (tmp_path / "deep/1/2/3/4/5").mkdir(parents=True)
    make_voice(tmp_path / "deep/1/2/3/4/5/far.onnx")
    found = sorted(candidates(tmp_path))
    assert found == [tmp_path / "a/b/whisper", tmp_path / "a/voice.onnx"]
    assert [examine(path).kind for path in found] == [Kind.TRANSCRIPTION, Kind.VOICE]
