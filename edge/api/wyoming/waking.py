"""Wake words for a client: it sends its sound for as long as it likes, and is told each word that is heard."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from edge.api.wyoming.ports import WakeListener
from edge.pcm import RATE_HZ, ToMono
from edge.wyoming import Event, EventStream, PcmFormat, WyomingError, number

log = logging.getLogger(__name__)

MOST_WORDS: Final = 8
_FRAME: Final = 512
_LONGEST_MS: Final = 1e15


class Waking:
    """Listens to one stream of sound."""

    def __init__(self, listener: WakeListener, format_: PcmFormat) -> None:
        """Raises `EdgeError` where the format can't be converted."""
        self._listener = listener
        self._convert = ToMono(format_)
        self._fed = 0
        self.detected = False

    async def feed(self, stream: EventStream, chunk: Event) -> None:
        """Take a chunk and tell what is heard in it; the loop goes on between frames."""
        started_ms = number(chunk.data, "timestamp", -_LONGEST_MS, _LONGEST_MS)
        before_s = self._fed / RATE_HZ
        samples = self._convert.feed(chunk.payload or b"")
        for at in range(0, len(samples), _FRAME):
            frame = samples[at : at + _FRAME]
            self._fed += len(frame)
            woken = self._listener.feed(frame)
            if woken is not None:
                self.detected = True
                at_ms = None if started_ms is None else started_ms + round((woken.at_s - before_s) * 1000)
                log.info("wyoming.woken", extra={"peer": stream.peer, "word": woken.word})
                await stream.write(Event("detection", {"name": woken.word, "timestamp": at_ms, "speaker": None}))
            await asyncio.sleep(0)


def wanted_words(data: dict[str, Any]) -> Sequence[str]:
    """The names that `detect` asks for, none for any; raises `WyomingError`."""
    names = data.get("names") or []
    if not isinstance(names, list) or len(names) > MOST_WORDS:
        raise WyomingError(f"`names`: expected a list of at most {MOST_WORDS} wake words")
    if not all(isinstance(name, str) and 0 < len(name) <= 100 for name in names):
        raise WyomingError("`names`: expected names of wake words")
    return names
