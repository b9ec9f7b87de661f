"""Examples as arrays for the network: token ids, function ids, a tag a token and call, each call's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.router.model import Slot
from edge.router.text import WordPiece
from edge.router.training.network import MAX_CALLS
from edge.router.training.noise import Example

TAGS: Final = ("", *(f"{mark}-{slot}" for slot in Slot for mark in "BI"))
TAG_IDS: Final = {tag: index for index, tag in enumerate(TAGS)}
NO_FUNCTION: Final = -100
MAX_TOKENS: Final = 48


@dataclass(frozen=True, slots=True)
class Batch:
    """B sentences of T tokens with K = MAX_CALLS + 1 steps; `tags` is -100 where nothing is learned."""

    ids: NDArray[np.int64]  # (B, T)
    mask: NDArray[np.float32]  # (B, T)
    functions: NDArray[np.int64]  # (B, K), -100 after the end
    tags: NDArray[np.int64]  # (B, K, T)
    used: NDArray[np.float32]  # (B, K, T)
    segments: NDArray[np.float32]  # (B, K, T)


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded example."""

    ids: tuple[int, ...]
    functions: tuple[int, ...]
    tags: tuple[tuple[int, ...], ...]
    segments: tuple[tuple[int, int], ...]


def encode(example: Example, pieces: WordPiece, function_ids: dict[str, int]) -> Row | None:
    """None where the example is longer than the network reads."""
    ids, first = pieces.encode(example.words)
    if len(ids) > MAX_TOKENS or len(first) < len(example.words) or len(example.calls) > MAX_CALLS:
        return None
    ends = [*first[1:], len(ids) - 1]
    tags = []
    for call in example.calls:
        row = [0] * len(ids)
        for tag, start, end in zip(call.tags, first, ends, strict=True):
            if tag:
                row[start] = TAG_IDS[tag]
                row[start + 1 : end] = [TAG_IDS[f"I{tag[1:]}"]] * (end - start - 1)
        tags.append(tuple(row))
    last = len(first) - 1
    segments = tuple(
        (first[min(a, last)], ends[max(min(a, last), min(b, last + 1) - 1)])
        for a, b in (call.segment for call in example.calls)
    )
    return Row(tuple(ids), tuple(function_ids[call.function] for call in example.calls), tuple(tags), segments)


def batch(rows: Sequence[Row], pad: int) -> Batch:
    """Rows padded to the longest."""
    size, steps = len(rows), MAX_CALLS + 1
    length = -(-max(len(row.ids) for row in rows) // 4) * 4  # few shapes: each is compiled once
    ids = np.full((size, length), pad, np.int64)
    mask = np.zeros((size, length), np.float32)
    functions = np.full((size, steps), NO_FUNCTION, np.int64)
    tags = np.full((size, steps, length), -100, np.int64)
    used = np.zeros((size, steps, length), np.float32)
    segments = np.zeros((size, steps, length), np.float32)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = row.ids
        mask[i, : len(row.ids)] = 1
        functions[i, : len(row.functions)] = row.functions
        functions[i, len(row.functions)] = 0
        for k, (marks, (start, end)) in enumerate(zip(row.tags, row.segments, strict=True)):
            tags[i, k, : len(row.ids)] = marks
            tags[i, k, 0] = tags[i, k, len(row.ids) - 1] = -100
            used[i, k, : len(row.ids)] = np.asarray(marks) > 0
            segments[i, k, start:end] = 1
    return Batch(ids, mask, functions, tags, used, segments)


def batches(rows: Sequence[Row], size: int, pad: int) -> list[Batch]:
    """Full batches of rows of like length; the order of the batches is the caller's to shuffle."""
    ordered = sorted(rows, key=lambda row: len(row.ids))
    return [batch(ordered[at : at + size], pad) for at in range(0, len(ordered) - size + 1, size)]
