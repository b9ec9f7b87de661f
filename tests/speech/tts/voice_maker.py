"""A tiny Piper voice: the inputs, outputs and shapes of a real one, with random weights; written field by field."""

import json
from pathlib import Path

import numpy as np

from tests.models.makers import field, varint

HOP = 256
"""Samples that each phoneme becomes."""
_PHONEMES = (
    "_^$ !',-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœǀɐɑɒ"
    "ɓɔɕɖɗɘəɚɛɜɞɟɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟˈˌːˑ˞βθχᵻⱱ̩̃"
)
_FLOAT, _INT64 = 1, 7


def make_voice(path: Path, *, speakers: int = 1, rate_hz: int = 22_050, operator: str = "Tanh") -> Path:
    """`path` and `path`.json. `operator`: what the samples go through last; one that ONNX has not breaks the voice."""
    random = np.random.default_rng(7)
    symbols = len(_PHONEMES)
    graph = b"".join(
        (
            _node("Gather", ["phonemes", "input"], "looked_up"),
            _node("Reshape", ["looked_up", "flat"], "row"),
            _node("Gather", ["scales", "second"], "length_scale"),
            _node("Mul", ["row", "length_scale"], "scaled"),
            _node("Gather", ["voices", "sid"], "voice") if speakers > 1 else b"",
            _node("ReduceSum", ["voice"], "offset") if speakers > 1 else b"",
            _node("Add", ["scaled", "offset"], "spoken") if speakers > 1 else _node("Identity", ["scaled"], "spoken"),
            _node(operator, ["spoken"], "output"),
            field(2, b"voice"),
            _tensor("phonemes", random.normal(0, 0.4, (symbols, HOP)).astype(np.float32)),
            _tensor("voices", random.normal(0, 0.4, (speakers, 4)).astype(np.float32)),
            _tensor("flat", np.array([1, 1, -1], dtype=np.int64)),
            _tensor("second", np.array(1, dtype=np.int64)),
            _value(11, "input", _INT64, ("batch_size", "phonemes")),
            _value(11, "input_lengths", _INT64, ("batch_size",)),
            _value(11, "scales", _FLOAT, (3,)),
            _value(11, "sid", _INT64, ("batch_size",)) if speakers > 1 else b"",
            _value(12, "output", _FLOAT, ("batch_size", 1, "time")),
        )
    )
    path.write_bytes(varint(1 << 3) + varint(8) + field(7, graph) + field(8, varint(2 << 3) + varint(11)))
    facts = {
        "audio": {"sample_rate": rate_hz, "quality": "low"},
        "espeak": {"voice": "en-gb-x-rp"},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(_PHONEMES)},
        "num_symbols": symbols,
        "num_speakers": speakers,
        "speaker_id_map": {},
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(facts), encoding="utf-8")
    return path


def _node(operator: str, inputs: list[str], output: str) -> bytes:
    return field(
        1,
        b"".join(field(1, name.encode()) for name in inputs) + field(2, output.encode()) + field(4, operator.encode()),
    )


def _tensor(name: str, values: np.ndarray) -> bytes:
    kind = _FLOAT if values.dtype == np.float32 else _INT64
    dims = b"".join(varint(1 << 3) + varint(size) for size in values.shape)
    return field(5, dims + varint(2 << 3) + varint(kind) + field(8, name.encode()) + field(9, values.tobytes()))


def _value(number: int, name: str, kind: int, shape: tuple[str | int, ...]) -> bytes:
    dims = b"".join(
        field(1, varint(1 << 3) + varint(size) if isinstance(size, int) else field(2, size.encode())) for size in shape
    )
    tensor = varint(1 << 3) + varint(kind) + field(2, dims)
    return field(number, field(1, name.encode()) + field(2, field(1, tensor)))
