"""A Whisper model under CTranslate2, told the names of this house beforehand; runs in the worker process alone."""

import math
import os
import re
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import RATE_HZ, Samples, SpeechError
from edge.speech.stt import Hypothesis
from edge.speech.stt.frontend import Leveller
from edge.speech.stt.patterns import Classes, Words

NAME: Final = "faster-whisper"
_LONGEST: Final = 29 * RATE_HZ
"""Samples: what fits into the model's window."""
_BEAM: Final = 5
_HYPOTHESES: Final = 3
_WORDS: Final = 48
"""Tokens of an answer; a command has no more."""
_PROMPT_NAMES: Final = 60
_NO_SPEECH: Final = 0.6
"""From this probability of silence on, what came is no sentence."""
_MOST_THREADS: Final = 4
_ALIKE: Final = 0.8
_NOISES: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]|♪")
"""What the model writes for sounds that are no speech."""


class Whisper:
    """One model; hears nothing before the utterance is over."""

    def __init__(self, classes: Classes, model: Path, threads: int = 0) -> None:
        """Load the model from a directory of the store, as 8-bit integers; raises `SpeechError`."""
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
        except ImportError as error:
            raise SpeechError("faster-whisper is not installed: pip install 'edge-assistant[whisper]'") from error
        n_threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        try:
            self._model: Any = WhisperModel(
                str(model), device="cpu", compute_type="int8", cpu_threads=n_threads, local_files_only=True
            )
            multilingual = bool(self._model.model.is_multilingual)
            language = "en" if multilingual else None
            self._tokenizer: Any = Tokenizer(
                self._model.hf_tokenizer, multilingual, task="transcribe" if multilingual else None, language=language
            )
            self._prompt: list[int] = self._model.get_prompt(
                self._tokenizer, self._tokenizer.encode(f" {prompt_of(classes)}"), without_timestamps=True
            )
        except Exception as error:  # the library's own errors are of many kinds
            raise SpeechError(f"the Whisper model {model} can't be loaded: {error}") from error
        self._heard: list[Samples] = []
        self._calls = tuple(words for words in classes.get("call", {}) if words)

    def begin(self) -> None:
        """A new utterance."""
        self._heard = []

    def feed(self, samples: Samples) -> str:
        """Take more of it; nothing is known before the end."""
        self._heard.append(samples)
        return ""

    def end(self) -> tuple[Hypothesis, ...]:
        """What it may have been; raises `SpeechError` where the model fails."""
        if not self._heard:
            return ()
        sound = np.concatenate(self._heard)[:_LONGEST]
        self._heard = []
        leveller = Leveller()
        leveller.settle(sound)
        try:
            result = self._generate(leveller.level(sound).astype(np.float32) / np.float32(32768))
        except (RuntimeError, ValueError) as error:
            raise SpeechError(f"the Whisper model failed: {error}") from error
        if result.no_speech_prob > _NO_SPEECH:
            return ()
        return self._hypotheses(result)

    def _generate(self, sound: NDArray[np.float32]) -> Any:
        import ctranslate2

        features = self._model.feature_extractor(sound)
        window = self._model.feature_extractor.nb_max_frames
        padded = np.zeros((features.shape[0], window), dtype=np.float32)
        padded[:, : min(window, features.shape[1])] = features[:, :window]
        encoded = self._model.model.encode(ctranslate2.StorageView.from_array(padded[None]))
        return self._model.model.generate(
            encoded,
            [self._prompt],
            beam_size=_BEAM,
            num_hypotheses=_HYPOTHESES,
            max_length=min(448, len(self._prompt) + _WORDS),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]

    def _hypotheses(self, result: Any) -> tuple[Hypothesis, ...]:
        """Texts by the mean log-probability of their tokens, the same words put together."""
        sure: dict[str, float] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            text = uncalled(plain(self._tokenizer.decode(tokens)), self._calls)
            if text:
                sure[text] = max(math.exp(min(0.0, score)), sure.get(text, 0.0))
        ranked = sorted(sure, key=lambda text: -sure[text])
        return tuple(Hypothesis(text, sure[text]) for text in ranked)


def plain(text: str) -> str:
    """A transcript as a person would type it: without notes on sounds, and without its full stop."""
    return " ".join(_NOISES.sub(" ", text).split()).rstrip(".!,").strip()


def uncalled(text: str, calls: tuple[Words, ...]) -> str:
    """The text without what it begins with of a wake word ("Nabu, turn on the light"), as far as that is alike."""
    said = text.split()
    for call in calls:
        for length in range(len(call), 0, -1):
            heard = "".join(said[:length]).casefold().strip(".,!?")
            wanted = "".join(call[-length:])
            if len(said) > length and SequenceMatcher(None, heard, wanted).ratio() >= _ALIKE:
                return " ".join(said[length:])
    return text


def prompt_of(classes: Classes) -> str:
    """What the model is to take for the text before: orders with the names of this house in them."""
    names = list(dict.fromkeys(" ".join(words) for of in ("area", "name") for words in classes.get(of, {})))
    listed = ", ".join(name for name in names[:_PROMPT_NAMES] if name)
    return f"Turn on the light. Set a timer for 5 minutes. {listed}." if listed else "Turn on the light."
