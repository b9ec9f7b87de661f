"""Reading GGUF headers: the facts of good files, and the reasons given for bad ones."""

import struct
import time
import tracemalloc
from pathlib import Path

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.models.gguf import GgufError, read_header
from tests.gguf_maker import CHATML, SHAPES, make

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def preamble(tensors: int = 0, keys: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def refusal(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(GgufError) as caught:
        read_header(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_reads_the_shape_of_a_model(tiny: Path) -> None:
    header = read_header(tiny)
    shape = SHAPES["tiny"]
    assert (header.architecture, header.n_layer, header.n_embd) == ("qwen2", shape.n_layer, shape.n_embd)
    assert (header.n_head, header.n_head_kv) == (4, (2, 2))
    assert (header.key_length, header.value_length) == (16, 16)
    assert header.kv_values_per_token == 2 * 2 * 32
    assert header.n_ctx_train == 2048
    assert 0 < header.n_merges < header.n_vocab == header.tensors[0].shape[1]
    assert header.name == "Random tiny"
    assert header.quantisation == "Q8_0"
    assert header.chat_template == CHATML
    assert header.file_bytes == tiny.stat().st_size


@pytest.mark.parametrize("type_", ["F32", "F16", "Q8_0", "Q4_0", "Q4_K_M"])
def test_tensor_sizes_agree_with_the_reference_reader(tmp_path: Path, type_: str) -> None:
    path = make(tmp_path / "model.gguf", "small", type_=type_)
    header = read_header(path)
    reference = {tensor.name: (tensor.tensor_type.name, tensor.n_bytes) for tensor in gguf.GGUFReader(path).tensors}
    assert {tensor.name: (tensor.type, tensor.bytes) for tensor in header.tensors} == reference
    assert header.quantisation == type_
    assert header.n_vocab == header.tensors[0].shape[1]


def test_a_file_without_a_file_type_is_called_by_its_commonest_tensor_type(tmp_path: Path, tiny: Path) -> None:
    path = tmp_path / "untyped.gguf"
    path.write_bytes(tiny.read_bytes().replace(b"general.file_type", b"general.file_typo"))
    assert read_header(path).quantisation == "Q8_0"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no GGUF"),
        (b"PK\x03\x04" + bytes(100), "no GGUF"),
        (preamble(version=1), "too old"),
        (preamble(version=4), "too new"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (preamble(tensors=1 << 40), "damaged"),
        (preamble(keys=1 << 40), "damaged"),
        (preamble(keys=1), "truncated"),
        (preamble(keys=1) + struct.pack("<Q", 1 << 62) + b"x", "metadata key has"),
        (preamble(keys=1) + text("k") + struct.pack("<I", 99), "unknown type"),
        (preamble(keys=1) + text("k") + struct.pack("<IIQ", 9, 8, 1 << 50), "claims"),
        (preamble(keys=1) + text("k") + struct.pack("<IIQ", 9, 8, 1 << 20), "truncated"),
        (preamble(keys=1) + text("k") + struct.pack("<IIQ", 9, 9, 1), "unusable type"),
        (preamble(keys=1) + text("k") + struct.pack("<IQ", 8, 1 << 60), "truncated"),
        (preamble(keys=2) + (text("k") + struct.pack("<IB", 0, 1)) * 2, "twice"),
        (preamble(), "architecture"),
        (preamble(tensors=1) + text("t") + struct.pack("<I", 9), "dimensions"),
        (preamble(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 32, 77, 0), "unknown type"),
        (preamble(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 33, 2, 0), "can't have the shape"),
        (preamble(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 1 << 62, 0, 0), "can't have the shape"),
        (preamble(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 32, 0, 0), "truncated"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refusal(tmp_path / "bad.gguf", data)


def test_a_vocabulary_alone_and_a_part_of_a_model_are_refused(tmp_path: Path) -> None:
    name = preamble(keys=1) + text("general.architecture") + struct.pack("<I", 8) + text("llama")
    assert "no weights" in refusal(tmp_path / "vocab.gguf", name)
    adapter = preamble(keys=2) + name[24:] + text("general.type") + struct.pack("<I", 8) + text("adapter")
    assert "adapter" in refusal(tmp_path / "lora.gguf", adapter)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(GgufError, match="can't be read"):
            read_header(path)


@given(data=st.data())
@UNHURRIED
def test_a_truncated_file_is_refused(tiny: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = tiny.read_bytes()
    refusal(tmp_path / "cut.gguf", whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(changes=st.lists(st.tuples(st.integers(0, 9000), st.binary(min_size=1, max_size=9)), min_size=1, max_size=6))
@UNHURRIED
def test_a_changed_header_is_read_or_refused_and_nothing_else(
    tiny: Path, tmp_path: Path, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(tiny.read_bytes())
    for at, new in changes:
        content[at : at + len(new)] = new
    path = tmp_path / "changed.gguf"
    path.write_bytes(content)
    try:
        read_header(path)
    except GgufError as error:
        assert len(str(error)) < 2000


@given(rest=st.binary(max_size=2000))
@UNHURRIED
def test_any_bytes_after_the_magic_are_read_or_refused(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + rest)
    with pytest.raises(GgufError):
        read_header(path)


def test_a_header_of_lies_costs_neither_memory_nor_time(tmp_path: Path) -> None:
    path = tmp_path / "lies.gguf"
    lies = [(9, struct.pack("<IQ", 8, 3 << 20)), (8, struct.pack("<Q", 100 << 20)), (9, struct.pack("<IQ", 0, 4 << 20))]
    for kind, claim in lies:
        with path.open("wb") as file:
            file.write(preamble(keys=1) + text("k") + struct.pack("<I", kind) + claim)
            file.truncate(200 << 20)
        tracemalloc.start()
        began = time.process_time()
        with pytest.raises(GgufError):
            read_header(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 << 20
        assert time.process_time() - began < 30
