"""The network's readings of what was taught, kept beside it so that a start need not make them again."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from edge.files import replace_file
from edge.router.network import FloatArray

log = logging.getLogger(__name__)

FILE: Final = "taught.readings"
_DIGEST: Final = 16


def load(file: Path, weights: bytes) -> dict[str, FloatArray]:
    """A state by its sentence; none where the file is damaged or for other weights than those named. Blocks."""
    try:
        data = file.read_bytes()
    except OSError:
        return {}
    body = data[_DIGEST:]
    key, _, rest = body.partition(b"\n")
    texts, _, numbers = rest.partition(b"\n")
    if data[:_DIGEST] != _digest(body) or key != weights.hex().encode() or not numbers:
        return {}
    sentences = json.loads(texts)
    states = np.frombuffer(numbers, "<f4").reshape(len(sentences), -1)
    return dict(zip(sentences, states, strict=True))


def save(file: Path, weights: bytes, states: Mapping[str, FloatArray]) -> None:
    """Keep them; failing is no harm. Blocks."""
    texts = json.dumps(list(states)).encode()
    numbers = b"".join(np.asarray(state, "<f4").tobytes() for state in states.values())
    body = b"\n".join((weights.hex().encode(), texts, numbers))
    try:
        replace_file(file, _digest(body) + body)
    except OSError as error:
        log.warning("teaching.readings_not_kept", extra={"file": str(file), "reason": str(error)})


def _digest(body: bytes) -> bytes:
    import hashlib  # 4 MB that only a house that was taught something needs

    return hashlib.blake2b(body, digest_size=_DIGEST).digest()
