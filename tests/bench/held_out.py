"""New sentences, of template families that no training run sees and of the others: single, several, misheard."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from edge.router.confidence import Manifest
from edge.router.network import Network
from edge.router.training import measure
from edge.router.training.examples import SPECIALS, Recipe
from edge.router.training.measure import Judged
from edge.router.training.noise import Example, misheard
from edge.router.training.sampling import generate
from edge.router.vocabulary import Vocabulary
from tests.bench.figures import Figure, share
from tests.bench.hassil_rival import Rival

_SEED: Final = 402_011
_RATE: Final = 0.1
"""Of words picked to be misheard; how many come out wrong is counted."""
_MANNERS: Final = {False: "known manners", True: "held-out families"}
_CLEAN: Final = Recipe(several_share=0, misheard_share=0, mistyped_share=0)
_ORDERS: Final = Recipe(chat_share=0, ignore_share=0, several_share=0, misheard_share=0, mistyped_share=0)
_SEVERAL: Final = Recipe(chat_share=0, ignore_share=0, several_share=1, misheard_share=0, mistyped_share=0)


@dataclass
class HeldOut:
    """Measures; every set of sentences is sampled with a seed of its own that no training run uses."""

    network: Network
    vocabulary: Vocabulary
    manifest: Manifest
    words: Sequence[str]
    """The shipped vocabulary: unusual names are drawn from it."""
    rival: Rival
    count: int = 3000

    @cached_property
    def _mixed(self) -> list[Judged]:
        return self._judged(generate(_SEED, self.count, self.words, out=True, recipe=_CLEAN))

    def single(self) -> list[Figure]:
        """One call a sentence, and sentences that are not for a device."""
        orders = [one for one in self._mixed if not one.special]
        idle = [one for one in self._mixed if one.special]
        theirs = [self.rival.in_its_home(one.example, self.vocabulary) for one in idle]
        return [
            *self._functions("function right", orders),
            Figure(
                f"function and the words of every argument right ({len(orders)})",
                _share(orders, "sound"),
                asked=">= 97 %",
            ),
            Figure("  and each span to the word, determiners too", _share(orders, "right")),
            Figure(
                f"not for a device: acted or asked ({len(idle)})",
                share(sum(self._bothers(one) for one in idle), len(idle), 2),
                share(sum(one is not None and one.acts for one in theirs), len(idle), 2),
            ),
        ]

    def _bothers(self, judged: Judged) -> bool:
        """Whether the router would do more than leave it to the language model."""
        decoded, thresholds = judged.decoded, self.manifest.thresholds
        sure = self.manifest.calibration.of(decoded) >= thresholds.ask
        return judged.acted and sure and 1 - decoded.device_probability <= thresholds.chat

    def several(self) -> list[Figure]:
        """Two and three calls in one sentence."""
        figures = []
        for out, manners in _MANNERS.items():
            examples = generate(_SEED + 1, self.count // 3, self.words, out=out, recipe=_SEVERAL)
            judged = self._judged([example for example in examples if len(example.calls) > 1])
            figures += [
                Figure(
                    f"{manners}: all calls right, arguments too ({len(judged)})",
                    _share(judged, "sound"),
                    asked=">= 95 %",
                ),
                *self._functions(f"{manners}: all functions right", judged),
            ]
        return figures

    def noisy(self) -> list[Figure]:
        """Words misheard, lost and added, as a small recogniser does it."""
        random, figures = Random(_SEED), []  # noqa: S311
        wrong = said = 0
        for out, manners in _MANNERS.items():
            clean = generate(_SEED + 2, self.count // 2, self.words, out=out, recipe=_ORDERS)
            worn = [misheard(example, random, _RATE) for example in clean]
            pairs = zip(clean, worn, strict=True)
            wrong += sum(word_errors(before.words, after.words) for before, after in pairs)
            said += sum(len(example.words) for example in clean)
            figures += self._functions(f"{manners}: function right", self._judged(worn), ">= 90 %")
        return [Figure("words misheard", share(wrong, said), asked="10 %"), *figures]

    def calibrated(self) -> list[Figure]:
        """Over the mixture of training, noise and several calls included; half in unknown manners of speaking."""
        half = self.count // 2
        mixed = [generate(_SEED + 3 + out, half, self.words, out=out) for out in (False, True)]
        judged = self._judged([example for examples in mixed for example in examples])
        confidences = [self.manifest.calibration.of(one.decoded) for one in judged]
        error = measure.expected_calibration_error(confidences, [one.sound for one in judged])
        return [Figure(f"expected calibration error ({len(judged)})", f"{error:.3f}", asked="<= 0.02")]

    def _judged(self, examples: Sequence[Example]) -> list[Judged]:
        return measure.judge(examples, self.network, self.vocabulary)

    def _functions(self, what: str, judged: Sequence[Judged], asked: str = "") -> list[Figure]:
        """All of them; and those of functions that Home Assistant has an intent for, beside its matcher."""
        shared = [one for one in judged if all(self._intents(call.function) for call in one.example.calls)]
        theirs = [self._matched(one.example) for one in shared]
        return [
            Figure(f"{what} ({len(judged)})", _share(judged, "function_right"), asked=asked),
            Figure(
                f"  where Home Assistant has an intent ({len(shared)})",
                _share(shared, "function_right"),
                share(sum(theirs), len(shared)),
            ),
        ]

    def _intents(self, function: str) -> tuple[str, ...]:
        return () if function in SPECIALS else self.vocabulary.functions[function].ha_intents

    def _matched(self, example: Example) -> bool:
        """Whether the matcher finds the one call's intent; it never finds two."""
        found = self.rival.in_its_home(example, self.vocabulary)
        return (
            len(example.calls) == 1 and found is not None and found.intent in self._intents(example.calls[0].function)
        )


def _share(judged: Sequence[Judged], what: str) -> str:
    return share(sum(getattr(one, what) for one in judged), len(judged))


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of words to replace, lose or add (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        before, row[0] = row[0], at
        for other, rival in enumerate(heard, 1):
            before, row[other] = row[other], min(before + (word != rival), row[other] + 1, row[other - 1] + 1)
    return row[-1]
