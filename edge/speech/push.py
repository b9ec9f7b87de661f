"""Push-to-talk: whatever is pressed, by MQTT, HTTP, a key or a button, meets the room here."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_TAP_S: Final = 0.5
_MOST_WAITING: Final = 8


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody wants to be heard."""

    source: str
    """`mqtt`, `http`, `key`, `gpio`."""
    area: str | None = None
    """Where the button is; None: where the microphone is."""


class PushToTalk:
    """Every source presses and releases; the room waits for a press and asks whether it is held still.

    A tap only begins: the sentence ends by itself. What is held longer ends the sentence when it is released.
    Belongs to one event loop; from other threads use `call_soon_threadsafe`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[str, float] = {}
        self._waiting: deque[Press] = deque(maxlen=_MOST_WAITING)
        self._news = asyncio.Event()
        self._ended = False

    @property
    def held(self) -> bool:
        """Whether anything is pressed now."""
        return bool(self._held)

    @property
    def ended(self) -> bool:
        """Whether what was held for longer than a tap has been released since the last press was taken."""
        return self._ended

    def press(self, source: str, area: str | None = None) -> None:
        """Begin; a key that repeats presses once."""
        if source not in self._held:
            self._held[source] = self._clock()
            self._waiting.append(Press(source, area))
            self._news.set()

    def release(self, source: str) -> None:
        """Let go; does nothing where it was not pressed."""
        began = self._held.pop(source, None)
        if began is not None and self._clock() - began >= _TAP_S:
            self._ended = True

    def tap(self, source: str, area: str | None = None) -> None:
        """Press and let go, for sources that know no holding."""
        self.press(source, area)
        self.release(source)

    async def pressed(self) -> Press:
        """Wait for the next press."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        self._ended = False
        return self._waiting.popleft()
