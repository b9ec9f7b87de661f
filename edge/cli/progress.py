"""A line that counts up on a terminal, and nothing in a pipe but where whoever started the command reads progress."""

import sys
import time
from typing import Final, Self

from edge import progress
from edge.progress import number, size

__all__ = ["ProgressLine", "number", "size"]

EVERY_S: Final = 0.2


class ProgressLine:
    """Told the bytes done and in all, shows a share, and the pace where it was asked to; gone when it is left."""

    def __init__(self, what: str, *, pace: bool = False) -> None:
        self._what = what
        self._pace = pace
        self._shown = sys.stderr.isatty()
        self._told = progress.wanted()
        self._last = 0.0
        self._began: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._began is None:
            self._began = now, done
        if not (self._shown or self._told) or not (now - self._last > EVERY_S or done >= total):
            return
        self._last = now
        share = done * 100 // max(1, total)
        text = f"{self._what}: {share} % of {size(total)}{self._rest(now, done, total)}"
        if self._told:
            progress.tell(text, done / max(1, total))
        else:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def wait(self, seconds: float) -> None:
        """Sleep, and say so."""
        if self._told and seconds >= 1:
            progress.tell(f"{self._what}: interrupted, again in {seconds:.0f} s", None)
        if self._shown and seconds >= 1:
            print(f"\r\033[K{self._what}: interrupted, again in {seconds:.0f} s", end="", file=sys.stderr, flush=True)
        time.sleep(seconds)

    def _rest(self, now: float, done: int, total: int) -> str:
        began, first = self._began or (now, done)
        if not self._pace or now - began < 1 or done <= first:
            return ""
        per_second = (done - first) / (now - began)
        minutes, seconds = divmod(int((total - done) / per_second), 60)
        return f", {per_second / 1e6:.1f} MB/s, {minutes}:{seconds:02d} to go"
