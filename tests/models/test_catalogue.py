"""The catalogue says what the published files are."""

import ctypes
import dataclasses
import re
from pathlib import Path

import pytest

from edge.models import ModelError, read_header
from edge.models.catalogue import Entry, Shape, catalogue, find
from tests.gguf_maker import Shape as Made
from tests.gguf_maker import make

PUBLISHED = {
    ("smollm2-360m", "Q4_K_M"): 270_590_880,
    ("qwen2.5-0.5b", "Q4_0"): 352_969_408,
    ("qwen2.5-0.5b", "Q4_K_M"): 397_808_192,
    ("qwen2.5-0.5b", "Q8_0"): 531_068_096,
    ("qwen2.5-1.5b", "Q4_K_M"): 986_048_768,
    ("qwen2.5-3b", "Q4_K_M"): 1_929_903_264,
    ("qwen3-0.6b", "Q4_K_M"): 396_705_472,
    ("qwen3-4b-2507", "Q4_K_M"): 2_497_280_736,
    ("llama-3.2-1b", "Q4_K_M"): 807_694_464,
    ("llama-3.2-3b", "Q4_K_M"): 2_019_377_696,
    ("gemma-2-2b", "Q4_K_M"): 1_708_582_752,
    ("gemma-3-1b", "Q4_K_M"): 806_058_240,
    ("gemma-3-4b", "Q4_K_M"): 2_489_757_856,
    ("phi-3.5-mini", "Q4_0"): 2_182_468_896,
    ("qwen3-1.7b", "Q4_0"): 1_056_782_912,
    ("phi-3.5-mini", "Q4_K_M"): 2_393_232_672,
    ("phi-4-mini", "Q4_K_M"): 2_491_874_272,
}
"""Sizes of files on huggingface.co."""


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_the_shape_has_as_many_weights_as_the_publisher_counts(entry: Entry) -> None:
    assert entry.header("Q8_0").n_params == entry.parameters


@pytest.mark.parametrize(("name", "quantisation"), PUBLISHED)
def test_the_size_follows_from_the_shape(name: str, quantisation: str) -> None:
    found = find(f"{name}:{quantisation}")
    assert found is not None
    header = found[0].header(quantisation)
    # What a file has beyond its tensors: the vocabulary's texts, merges and scores, and padding.
    beyond = 1_500_000 + 40 * header.n_vocab + 12 * header.n_merges
    assert 0 <= PUBLISHED[name, quantisation] - header.tensor_bytes <= beyond


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_every_entry_is_complete(entry: Entry) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repository)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.base)
    assert entry.file_of("Q4_0").endswith("Q4_0.gguf")
    assert "Q4_K_M" in entry.quantisations
    assert entry.license_link.startswith("https://")
    assert "en" in entry.languages
    assert entry.quality is None or (0 < entry.quality.score <= 100 and entry.quality.source.startswith("https://"))


def test_names_are_unique_and_more_bits_take_more_bytes() -> None:
    names = [entry.name for entry in catalogue()]
    assert len(names) == len(set(names))
    for entry in catalogue():
        sizes = [entry.header(quantisation).tensor_bytes for quantisation in entry.quantisations]
        assert sizes == sorted(sizes)


def test_a_name_is_found_with_and_without_its_quantisation() -> None:
    entry = next(entry for entry in catalogue() if entry.name == "qwen3-0.6b")
    assert find("qwen3-0.6b") == (entry, None)
    assert find("Qwen3-0.6B:q4_k_m") == (entry, "Q4_K_M")
    assert find("nothing") is None
    with pytest.raises(ModelError, match="offered as Q4_0"):
        find("qwen3-0.6b:q2_k")


@pytest.mark.llm
@pytest.mark.parametrize(
    "shape",
    [
        Shape("llama", 16, 256, 256, 4, 2, 64, 0, 0, 2048, 0, tied=True),
        Shape("qwen2", 8, 192, 320, 3, 1, 64, 0, 0, 2048, 0, tied=False),
        Shape("qwen3", 8, 256, 256, 4, 2, 64, 0, 0, 2048, 0, tied=True),
        Shape("gemma2", 8, 256, 256, 2, 1, 128, 0, 0, 2048, 512, tied=True),
        Shape("gemma3", 8, 320, 256, 2, 1, 128, 0, 0, 2048, 512, tied=True),
    ],
    ids=lambda shape: f"{shape.architecture}-{shape.width}",
)
def test_tensors_are_named_and_typed_as_the_librarys_own_quantiser_does(shape: Shape, tmp_path: Path) -> None:
    # Phi's joint projections get other types by now; its published files, whose sizes are above, are older than that.
    llama_cpp = pytest.importorskip("llama_cpp")
    made = Made(
        shape.architecture,
        shape.layers,
        shape.width,
        shape.feed_forward,
        shape.heads,
        shape.kv_heads,
        0,
        shape.context,
        shape.head_size,
        shape.tied,
        shape.window,
    )
    half = make(tmp_path / "half.gguf", made, type_="F16")
    ours = dataclasses.replace(shape, vocabulary=read_header(half).n_vocab)
    template = dataclasses.replace(catalogue()[0], shape=ours)
    for quantisation, file_type in {"Q4_0": 2, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "Q8_0": 7}.items():
        options = llama_cpp.llama_model_quantize_default_params()
        options.ftype, options.nthread = file_type, 1
        out = tmp_path / f"{quantisation}.gguf"
        arguments = str(half).encode(), str(out).encode(), ctypes.byref(options)
        assert llama_cpp.llama_model_quantize(*arguments) == 0
        theirs = {tensor.name: tensor for tensor in read_header(out).tensors}
        # The published Q4_0 files were made with an importance matrix, which gives early projections a finer type.
        found = {
            tensor.name: theirs[tensor.name] if tensor.type == "Q4_1" else tensor
            for tensor in template.header(quantisation).tensors
        }
        assert found == theirs
