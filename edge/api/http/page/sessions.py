"""Who has logged in: sessions that are few, that end, and that end with the password they were opened with."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST: Final = 32
IDLE_S: Final = 24 * 3600.0
"""How long a session lasts that nobody uses."""
LONGEST_S: Final = 14 * 24 * 3600.0
"""How long one lasts at most."""
FREE_TRIES: Final = 4
"""Wrong passwords that cost no waiting."""
LONGEST_WAIT_S: Final = 300.0
FORGOTTEN_S: Final = 3600.0
MOST_ADDRESSES: Final = 256


@dataclass(slots=True)
class Session:
    """One browser that has shown the password."""

    name: str
    """What it is called elsewhere: no secret."""
    password: str
    """The digest of the password it was opened with."""
    opened_s: float
    used_s: float


class Sessions:
    """All sessions, by the digests of their secrets; in memory alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, password: str) -> str:
        """A new one, for who has shown the password with that digest; its secret. The longest unused gives way."""
        self._sweep()
        while len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda key: self._open[key].used_s)]
        secret, now_s = secrets.token_urlsafe(32), self._clock()
        self._open[_digest(secret)] = Session(f"page {secrets.token_hex(3)}", password, now_s, now_s)
        return secret

    def find(self, secret: str, password: str) -> Session | None:
        """The session of a secret, while it lasts and the password's digest is still that."""
        session = self._open.get(_digest(secret))
        if session is None or session.password != password or self._is_over(session):
            return None
        session.used_s = self._clock()
        return session

    def end(self, secret: str) -> None:
        """Log out."""
        self._open.pop(_digest(secret), None)

    def _is_over(self, session: Session) -> bool:
        now_s = self._clock()
        return now_s - session.used_s > IDLE_S or now_s - session.opened_s > LONGEST_S

    def _sweep(self) -> None:
        self._open = {key: session for key, session in self._open.items() if not self._is_over(session)}


class Tries:
    """Wrong passwords by address: after a few, each costs twice the waiting of the one before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}
        """How many, and when the last one was."""

    def wait_s(self, address: str) -> float:
        """How long no password is looked at that comes from there."""
        count, last_s = self._wrong.get(address, (0, 0.0))
        pause_s = min(LONGEST_WAIT_S, 2.0 ** min(20, count - FREE_TRIES)) if count >= FREE_TRIES else 0.0
        return max(0.0, last_s + pause_s - self._clock())

    def wrong(self, address: str) -> None:
        """It was not the password."""
        now_s = self._clock()
        self._wrong = {who: tries for who, tries in self._wrong.items() if now_s - tries[1] < FORGOTTEN_S}
        count, _ = self._wrong.pop(address, (0, 0.0))
        while len(self._wrong) >= MOST_ADDRESSES:
            del self._wrong[min(self._wrong, key=lambda who: self._wrong[who][1])]
        self._wrong[address] = (count + 1, now_s)

    def right(self, address: str) -> None:
        """It was."""
        self._wrong.pop(address, None)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
