"""What the language model's benches share: turns, asking, and models of true shape."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.llm import LanguageModel
from tests.gguf_maker import make


@dataclass(frozen=True, slots=True)
class Said:
    """A turn."""

    role: str
    text: str


async def ask(model: LanguageModel, turns: Sequence[Said]) -> tuple[float, str]:
    """Seconds to the first piece, and the whole answer."""
    began, first, text = time.perf_counter(), 0.0, ""
    async for piece in model.answer(turns):
        first = first or time.perf_counter() - began
        text += piece
    return first, text


def model_file(directory: Path, shape: str, type_: str, vocab: Path | None) -> Path:
    """The model of that shape and type, made if it is not there."""
    file = directory / f"{shape}-{type_}.gguf"
    return file if file.exists() else make(file, shape, type_=type_, vocab=vocab)
