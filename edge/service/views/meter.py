"""How loud it is at the microphone, for a bar on the page: the loudest moment of each tenth of a second."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from edge.api.http.page.hub import Publish
from edge.speech.levels import SILENT_DBFS, rms_dbfs
from edge.speech.sound import RATE_HZ, Samples

CLIPPED: Final = 32_700


class Meter:
    """Takes frames and tells of them together; belongs to the event loop."""

    def __init__(self, publish: Publish, every_s: float) -> None:
        self._publish = publish
        self._every = round(every_s * RATE_HZ)
        self._held = 0
        self._loudest = SILENT_DBFS
        self._clipped = False

    def heard(self, samples: Samples) -> None:
        """One frame."""
        self._held += len(samples)
        self._loudest = max(self._loudest, rms_dbfs(samples))
        self._clipped = self._clipped or bool(np.abs(samples.astype(np.int32)).max(initial=0) >= CLIPPED)
        if self._held >= self._every:
            self._publish({"level": round(self._loudest, 1), "clipped": self._clipped})
            self._held, self._loudest, self._clipped = 0, SILENT_DBFS, False

    def woken(self, word: str, facts: Mapping[str, object]) -> None:
        """A wake word was heard."""
        self._publish({"woken": word, "probability": facts.get("probability")})
