"""The model card: what a run trained on, what its weights measure, what they can't do."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.router.confidence import Manifest
from edge.router.network import Network
from edge.router.training import measure
from edge.router.training.examples import Recipe, held_out
from edge.router.training.sampling import all_families, checkpoint_folder, generate
from edge.router.vocabulary import load_vocabulary

_SEED: Final = 91_007
_SENTENCES: Final = 6_000


def write(weights: Path, run: Path) -> str:
    """The card's text; also written to `run/MODEL_CARD.md`."""
    vocabulary, manifest = load_vocabulary(), Manifest.load(weights / "router.json")
    network = Network.load(weights)
    source = checkpoint_folder().joinpath("vocab.txt").read_text("utf-8").splitlines()
    clean = Recipe(several_share=0.0, misheard_share=0.0, mistyped_share=0.0)
    judged = measure.judge(generate(_SEED, _SENTENCES, source, out=True, recipe=clean), network, vocabulary)
    several = Recipe(chat_share=0, ignore_share=0, several_share=1.0, misheard_share=0, mistyped_share=0)
    joined = measure.judge(generate(_SEED + 1, 1500, source, out=True, recipe=several), network, vocabulary)
    noise = Recipe(chat_share=0, ignore_share=0, several_share=0, misheard_share=1.0, mistyped_share=0)
    noisy = measure.judge(generate(_SEED + 2, 3000, source, out=True, recipe=noise), network, vocabulary)
    halves = [*generate(_SEED + 3, 3000, source, out=True), *generate(_SEED + 4, 3000, source, out=False)]
    mixed = measure.judge(halves, network, vocabulary)
    error = measure.expected_calibration_error(
        [manifest.calibration.of(one.decoded) for one in mixed], [one.sound for one in mixed]
    )
    acting = [one for one in judged if not one.special]
    idle = [one for one in judged if one.special]
    families = all_families()
    counts = Counter(family.function for family in families)
    lines = [
        "# Model card: the function-token router",
        "",
        f"Written by the training run of {datetime.now(UTC).date().isoformat()}. Rebuild: `python -m edge.router.training --install` (extra `train`).",
        "",
        "## What it is",
        (
            "A six-layer, 384-wide encoder that starts from all-MiniLM-L6-v2 (Apache-2.0; its checkpoint's SHA-256 is "
            f"`{_digest(checkpoint_folder() / 'model.safetensors')}`) and a recurrent decoder that writes one functional token a call and marks "
            f"the words each call copies. {len(vocabulary.functions)} functions, English. int8 ONNX, "
            f"{sum(path.stat().st_size for path in weights.iterdir()) / 1e6:.1f} MB; SHA-256 of `router.onnx`: `{_digest(weights / 'router.onnx')}`."
        ),
        "",
        "## What it was trained on",
        f"Sentences sampled without end from {len(families)} families ({sum(len(f.lines) for f in families)} patterns) written for this project and from the "
        "English templates of home-assistant-intents (Apache-2.0); "
        f"{sum(held_out(family) for family in families)} whole families are held out. {counts['chat']} families are not for a device and {counts['ignore']} are noise. "
        + _run(run),
        "",
        "## Figures on held-out families (never seen in training)",
        "| what | sentences | share |",
        "|---|---|---|",
        f"| function right | {len(acting)} | {measure.share([one.function_right for one in acting]):.3f} |",
        f"| function right, the same words copied (determiners aside) | {len(acting)} | {measure.share([one.sound for one in acting]):.3f} |",
        f"| function and every span right to the letter | {len(acting)} | {measure.share([one.right for one in acting]):.3f} |",
        f"| not for a device, and nothing done | {len(idle)} | {measure.share([not one.acted for one in idle]):.4f} |",
        f"| two or three calls in a sentence, all functions right | {len(joined)} | {measure.share([one.function_right for one in joined]):.3f} |",
        f"| the same, every span right too | {len(joined)} | {measure.share([one.right for one in joined]):.3f} |",
        f"| with misheard words, function right | {len(noisy)} | {measure.share([one.function_right for one in noisy]):.3f} |",
        f"| expected calibration error, half of the sentences of known families | {len(mixed)} | {error:.3f} |",
        "",
        "### By function",
        "| function | families | held-out sentences | function right | all right |",
        "|---|---|---|---|---|",
    ]
    for name, (number, right, whole) in measure.per_function(judged).items():
        lines.append(f"| {name} | {counts[name]} | {number} | {right:.2f} | {whole:.2f} |")
    lines += [
        "",
        "## Limits",
        (
            "English only. At most three calls a sentence. The corpus was written by few people: manners of speaking it "
            "has not foreseen are answered with a question or left to the language model. Homes are not in its input, so "
            "that names are only found afterwards, by resolution."
        ),
        "",
    ]
    text = "\n".join(lines)
    (run / "MODEL_CARD.md").write_text(text, "utf-8")
    return text


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(run: Path) -> str:
    log = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    return f"{len(log)} rounds, {log[-1]['s'] / 60:.0f} minutes on two cores, last loss {log[-1]['loss']}."
