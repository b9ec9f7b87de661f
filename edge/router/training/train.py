"""From corpus to checkpoint: fresh sentences every round, a cosine schedule, figures on held-out families."""

import json
import logging
import math
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edge.router.text import WordPiece
from edge.router.training import arrays
from edge.router.training.network import MAX_CALLS, Output, Router, pretrained
from edge.router.training.sampling import checkpoint_folder, function_ids, generate, kept_words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """One run; `minutes` bounds the wall clock, `rounds` × `per_round` the sentences seen."""

    out: Path
    seed: int = 1
    rounds: int = 60
    per_round: int = 40_000
    batch: int = 160
    layers: int = 6
    encoder_rate: float = 1.2e-4
    decoder_rate: float = 6e-4
    minutes: float = 75
    threads: int = 2
    init: Path | None = None


def _rows(job: tuple[int, int, list[str], list[str]]) -> list[arrays.Row]:
    seed, count, source, kept = job
    pieces, ids = WordPiece(kept), function_ids()
    rows = (arrays.encode(example, pieces, ids) for example in generate(seed, count, source, out=False))
    return [row for row in rows if row is not None]


def loss_of(output: Output, batch: arrays.Batch) -> Tensor:
    """Function tokens, tags, and reading in the right place."""
    functions = torch.from_numpy(batch.functions)
    tags = torch.from_numpy(batch.tags)
    segments = torch.from_numpy(batch.segments)
    loss = functional.cross_entropy(
        output.functions.flatten(0, 1).float(), functions.flatten(), ignore_index=arrays.NO_FUNCTION
    )
    loss = loss + functional.cross_entropy(output.tags.flatten(0, 2).float(), tags.flatten(), ignore_index=-100)
    wanted = segments.sum(-1) > 0
    inside = (output.reads * segments).sum(-1)[wanted]
    return loss - 0.1 * torch.log(inside.float() + 1e-4).mean()


def train(settings: Settings) -> Path:
    """Train, write `checkpoint.pt`, `vocab.txt` and `log.jsonl` into `settings.out`; gives the checkpoint's path."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    settings.out.mkdir(parents=True, exist_ok=True)
    folder = checkpoint_folder()
    source = folder.joinpath("vocab.txt").read_text("utf-8").splitlines()
    kept = kept_words(source)
    words = [source[row] for row in kept]
    (settings.out / "vocab.txt").write_text("\n".join(words), "utf-8")
    ids = function_ids()
    count = max(ids.values()) + 1
    router = pretrained(folder, kept, count, len(arrays.TAGS), settings.layers)
    if settings.init:
        router.load_state_dict(torch.load(settings.init))
    router.words.requires_grad_(requires_grad=False)
    encoder = [
        p for n, p in router.named_parameters() if n.startswith(("layers", "norm", "positions")) and p.requires_grad
    ]
    decoder = [p for n, p in router.named_parameters() if not n.startswith(("layers", "norm", "positions", "words"))]
    optimizer = torch.optim.AdamW(
        [{"params": encoder, "lr": settings.encoder_rate}, {"params": decoder, "lr": settings.decoder_rate}],
        weight_decay=0.01,
        fused=True,
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    pad = words.index("[PAD]")
    began = time.monotonic()
    checkpoint = settings.out / "checkpoint.pt"
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        coming = pool.submit(_rows, (settings.seed * 100_003, settings.per_round, source, words))
        for number in range(settings.rounds):
            rows = coming.result()
            progress = max(number / settings.rounds, (time.monotonic() - began) / 60 / settings.minutes)
            if progress >= 1:
                break
            coming = pool.submit(_rows, (settings.seed * 100_003 + number + 1, settings.per_round, source, words))
            mean = _round(router, optimizer, rates, rows, settings, pad, progress, 1 / settings.rounds)
            torch.save(router.state_dict(), checkpoint)
            line = {
                "round": number,
                "progress": round(progress, 3),
                "loss": round(mean, 4),
                "s": round(time.monotonic() - began),
            }
            log.info("training.round", extra=line)
            with (settings.out / "log.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")
    (settings.out / "settings.json").write_text(json.dumps(asdict(settings), default=str))
    return checkpoint


def _round(
    router: Router,
    optimizer: torch.optim.Optimizer,
    rates: list[float],
    rows: list[arrays.Row],
    settings: Settings,
    pad: int,
    progress: float,
    share: float,
) -> float:
    router.train()
    parts = arrays.batches(rows, settings.batch, pad)
    Random(settings.seed + int(progress * 1e6)).shuffle(parts)
    total = 0.0
    for number, part in enumerate(parts):
        at = progress + share * number / len(parts)
        factor = min(1.0, at / 0.03 + 0.02) * (0.5 * (1 + math.cos(math.pi * min(1.0, at))) + 0.01)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        with torch.autocast("cpu", dtype=torch.bfloat16):
            gold = torch.from_numpy(part.functions).clamp(min=0)
            output = router(torch.from_numpy(part.ids), torch.from_numpy(part.mask), gold, torch.from_numpy(part.used))
        loss = loss_of(output, part)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in router.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
    return total / len(parts)


def load(checkpoint: Path, layers: int = 6) -> tuple[Router, list[str]]:
    """A trained router in evaluation mode, and its words."""
    words = checkpoint.with_name("vocab.txt").read_text("utf-8").split("\n")
    router = Router(len(words), max(function_ids().values()) + 1, len(arrays.TAGS), layers)
    router.load_state_dict(torch.load(checkpoint))
    return router.eval(), words


@torch.no_grad()
def predictions(router: Router, rows: Sequence[arrays.Row], pad: int) -> list[tuple[list[int], list[list[int]]]]:
    """For each row the function ids up to the end, and each call's tag ids."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    found: list[tuple[list[int], list[list[int]]]] = [([], []) for _ in rows]
    for at in range(0, len(order), 128):
        chosen = order[at : at + 128]
        part = arrays.batch([rows[i] for i in chosen], pad)
        output = router(torch.from_numpy(part.ids), torch.from_numpy(part.mask))
        functions = output.functions.argmax(-1).numpy()
        tags = output.tags.argmax(-1).numpy()
        for i, sequence, marks in zip(chosen, functions, tags, strict=True):
            end = int(np.argmax(sequence == 0)) if (sequence == 0).any() else MAX_CALLS
            length = len(rows[i].ids)
            found[i] = (sequence[:end].tolist(), [marks[k, 1 : length - 1].tolist() for k in range(end)])
    return found
