"""Contractions and words run together, written out: "don't" and "dont" are "do not"."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge.devices.words import listed

_WHOLE: Final = {
    "alright": "all right",
    "okay": "ok",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "lemme": "let me",
    "gimme": "give me",
    "till": "until",
    "til": "until",
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "let's": "let us",
    "anymore": "any more",
    "yeah": "yes",
    "yep": "yes",
}
_NEGATED: Final = listed("do, does, did, is, are, was, were, have, has, had, should, could, would, need, must")
_IS: Final = listed(
    "what, that, it, there, who, where, how, here, everything, anything, something, nothing, he, she, when, why, time"
)
_PRONOUNS: Final = listed("i, you, we, they, it, he, she, that, there, who")
_ENDINGS: Final = {"'m": "am", "'ve": "have", "'ll": "will", "'d": "would", "'re": "are"}
_OWN_WORDS: Final = frozenset({"were", "well", "wed", "hell", "shell", "shed", "ill", "id", "hed", "its", "times"})
"""What is a word of its own without the apostrophe."""


def _contractions() -> Mapping[str, tuple[str, ...]]:
    table = {said: tuple(meant.split()) for said, meant in _WHOLE.items()}
    table |= {f"{word}n't": (word, "not") for word in _NEGATED}
    table |= {f"{word}'s": (word, "is") for word in _IS}
    for word in _PRONOUNS:
        table |= {f"{word}{ending}": (word, meant) for ending, meant in _ENDINGS.items()}
    # Recognisers leave the apostrophe out.
    bare = {said.replace("'", ""): meant for said, meant in table.items() if "'" in said}
    return {said: meant for said, meant in bare.items() if said not in _OWN_WORDS} | table


WRITTEN_OUT: Final = MappingProxyType(_contractions())
"""The words that a word stands for, those alone that stand for others."""
