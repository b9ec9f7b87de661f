"""A stand-in for hearing and speaking, which go on beside the model: a thread that computes its share of a core."""

import hashlib
import threading
import time
from types import TracebackType
from typing import Final, Self

SHARE: Final = 0.2
"""Of a core: what a voice takes that reads an answer aloud while the next words are found, wake word included."""
PERIOD_S: Final = 0.02
_PIECE: Final = bytes(1 << 16)


class Speech:
    """Keeps a core busy for its share of the time while it is entered; 0 for nothing at all."""

    def __init__(self, share: float = SHARE) -> None:
        self._share = share
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="beside", daemon=True)

    def __enter__(self) -> Self:
        if self._share > 0:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()  # it ends within its period; nobody has to wait for that

    def _work(self) -> None:
        busy = PERIOD_S * self._share
        while not self._over.wait(PERIOD_S - busy):
            until = time.monotonic() + busy
            while time.monotonic() < until:
                # Of this size, the interpreter's lock is given back while it computes.
                hashlib.blake2b(_PIECE)
