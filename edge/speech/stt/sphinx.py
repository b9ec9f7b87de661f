"""pocketsphinx with the language of a house: decodes while a person speaks; runs in the worker process alone."""

import contextlib
import math
import tempfile
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.speech.sound import RATE_HZ, Samples, SpeechError
from edge.speech.stt import Hypothesis
from edge.speech.stt.frontend import Cleaner, Leveller, echo_of
from edge.speech.stt.language import build
from edge.speech.stt.ngrams import CALL
from edge.speech.stt.parsing import Parser
from edge.speech.stt.patterns import Classes, Words, load_phrases

NAME: Final = "pocketsphinx"
_SETTLE: Final = round(0.9 * RATE_HZ)
"""Samples that are kept back until the level is known."""
_NBEST: Final = 150
_KEPT: Final = 16
_UNKNOWN_SENTENCE: Final = 0.3
"""What a hypothesis counts that no pattern knows."""
_CLEAR: Final = 0.5
"""From this likelihood on a first hearing is enough."""
_LANGUAGE_WEIGHT: Final = 9.0
_SHARPNESS: Final = 50.0
"""From the lattice's scores to log-probabilities: its units are 1024, and frames are no 20 independent witnesses."""


class Sphinx:
    """One decoder; one utterance at a time."""

    def __init__(self, classes: Classes) -> None:
        try:
            import pocketsphinx
        except ImportError as error:
            raise SpeechError("pocketsphinx is not installed: pip install 'edge-assistant[speech]'") from error
        model = Path(pocketsphinx.get_model_path()) / "en-us"
        with tempfile.TemporaryDirectory(prefix="edge-stt-") as folder:  # the decoder takes the files in whole
            language = build(classes, model / "cmudict-en-us.dict", Path(folder))
            config = pocketsphinx.Config(
                hmm=str(model / "en-us"),
                lm=str(language.model),
                dict=str(language.dictionary),
                lw=_LANGUAGE_WEIGHT,
                loglevel="FATAL",
            )
            try:
                self._decoder: Any = pocketsphinx.Decoder(config)
            except RuntimeError as error:
                raise SpeechError(f"pocketsphinx can't load the language of this house ({error})") from error
        self.words = language.words
        self._parser = Parser(load_phrases(), classes)
        self._cmn = self._decoder.get_cmn(False)
        self._leveller = Leveller()
        self._cleaner = Cleaner(0.0)
        self._heard: list[Samples] = []
        self._started = False

    def begin(self) -> None:
        """A new utterance."""
        if self._started:
            self._stop()
        self._heard = []
        self._started = False

    def feed(self, samples: Samples) -> str:
        """Take more of it; the words so far."""
        self._heard.append(samples)
        if self._started:
            self._take(self._cleaner.clean(samples))
        elif sum(map(len, self._heard)) < _SETTLE:
            return ""
        else:
            self._start()
        found = self._decoder.hyp()
        return " ".join(_words(found.hypstr)) if found else ""

    def end(self) -> tuple[Hypothesis, ...]:
        """No more comes: what it may have been.

        What leaves doubts is heard a second time, knowing the whole of it.
        """
        if not sum(map(len, self._heard)):
            return ()
        if not self._started:
            self._start()
        first = self._finished()
        if first and max(first.values()) >= _CLEAR:
            return _ranked(first)
        self._start(again=True)
        second = self._finished()
        both = {words: (first.get(words, 0.0) + second.get(words, 0.0)) / 2 for words in first | second}
        return _ranked(both)

    def _start(self, *, again: bool = False) -> None:
        """Begin decoding with what is there; `again`: and with what the first hearing found the speaker to be like."""
        raw = np.concatenate(self._heard)
        self._cleaner = Cleaner(echo_of(raw))
        self._leveller = Leveller()
        samples = self._cleaner.clean(raw)
        self._leveller.settle(samples)
        sound = self._leveller.level(samples).tobytes()
        self._decoder.set_cmn(self._decoder.get_cmn(True) if again else self._channel_of(sound))
        self._decoder.start_utt()
        self._started = True
        self._decoder.process_raw(sound)

    def _finished(self) -> dict[Words, float]:
        self._take(self._cleaner.rest())
        self._stop()
        self._started = False
        return self._hypotheses()

    def _take(self, samples: Samples) -> None:
        self._decoder.process_raw(self._leveller.level(samples).tobytes())

    def _stop(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._decoder.end_utt()

    def _channel_of(self, sound: bytes) -> str:
        """The mean cepstrum of the first words: speaker, room and microphone, which decoding begins by taking away."""
        self._decoder.set_cmn(self._cmn)
        self._decoder.start_utt()
        self._decoder.process_raw(sound, False, False)
        mean = str(self._decoder.get_cmn(True))
        self._decoder.end_utt()
        return mean

    def _hypotheses(self) -> dict[Words, float]:
        """Sentences and how likely they are by sound and language, less where no pattern knows them."""
        best = self._decoder.hyp()
        if best is None or not best.hypstr:
            return {}
        scores: dict[Words, list[float]] = defaultdict(list)
        for one in islice(self._decoder.nbest() or (), _NBEST):
            if one is not None and one.hypstr:
                scores[_words(one.hypstr)].append(math.log(max(one.score, 1e-300)) * _SHARPNESS)
        if not scores:
            return {_words(best.hypstr): 1.0}
        most = max(max(of) for of in scores.values())
        weights = {words: sum(math.exp(score - most) for score in of) for words, of in scores.items()}
        total = sum(weights.values())
        mass: dict[Words, float] = defaultdict(float)
        for words, weight in weights.items():
            near, share = self._parser.nearest(words)
            mass[near] += weight / total * (share or _UNKNOWN_SENTENCE)
        return mass


def _words(said: str) -> Words:
    """Those of a hypothesis, without what belongs to the wake word."""
    words = tuple(said.split())
    return words[1:] if words[:1] == (CALL,) else words


def _ranked(mass: dict[Words, float]) -> tuple[Hypothesis, ...]:
    words = sorted(mass, key=lambda words: -mass[words])[:_KEPT]
    return tuple(Hypothesis(" ".join(one), mass[one]) for one in words)
