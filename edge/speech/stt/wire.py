"""What the service and its speech worker say to one another: frames of a kind and a body over a socket."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from edge.speech.sound import SpeechError
from edge.speech.stt import Hypothesis

HEADER: Final = struct.Struct(">BI")
"""A frame: kind, bytes of the body."""
MAX_BYTES: Final = 64 << 20


class Kind(IntEnum):
    """What a frame is. A body is JSON but for `AUDIO`, which is 16-bit samples, machine byte order."""

    SETUP = 1
    """To the worker, once: the engine and what it is made with."""
    BEGIN = 2
    """To the worker: an utterance begins."""
    AUDIO = 3
    END = 4
    """To the worker: the utterance is over, tell what it was."""
    READY = 11
    FAILED = 12
    """From the worker: it can't work, and why."""
    PARTIAL = 13
    """From the worker, for each `AUDIO`: the words so far."""
    FINAL = 14


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: Kind
    body: bytes = b""

    @property
    def facts(self) -> Mapping[str, Any]:
        """The body as an object; raises `SpeechError`."""
        try:
            plain = json.loads(self.body or b"{}")
        except ValueError as error:
            raise SpeechError("the speech worker sent something that is no message") from error
        if not isinstance(plain, dict):
            raise SpeechError("the speech worker sent something that is no message")
        return plain

    def encoded(self) -> bytes:
        """As it goes over the socket."""
        return HEADER.pack(self.kind, len(self.body)) + self.body


def frame(kind: Kind, **facts: object) -> Frame:
    """A frame with a JSON body."""
    return Frame(kind, json.dumps(facts).encode())


def hypotheses_to_plain(hypotheses: tuple[Hypothesis, ...]) -> list[list[str | float]]:
    """For a frame's body."""
    return [[one.text, one.confidence] for one in hypotheses]


def hypotheses_from_plain(plain: object) -> tuple[Hypothesis, ...]:
    """From a frame's body; raises `SpeechError`."""
    try:
        return tuple(Hypothesis(str(text), float(confidence)) for text, confidence in plain)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise SpeechError("the speech worker sent something that is no transcript") from error
