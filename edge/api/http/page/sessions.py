"""Who has logged in: sessions that are few, that end, and that end with the password they were opened with."""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from edge.files import replace_file

log = logging.getLogger(__name__)

MOST: Final = 32
IDLE_S: Final = 24 * 3600.0
"""How long a session lasts that nobody uses."""
LONGEST_S: Final = 14 * 24 * 3600.0
"""How long one lasts at most."""
NOTED_S: Final = 600.0
"""How exactly it is kept when one was used last."""
FREE_TRIES: Final = 4
"""Wrong passwords that cost no waiting."""
LONGEST_WAIT_S: Final = 300.0
FORGOTTEN_S: Final = 3600.0
MOST_ADDRESSES: Final = 256
FILE_NAME: Final = "page-sessions.json"
_MOST_BYTES: Final = 64 * 1024


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
    """All sessions, by the digests of their secrets; safe to use from several threads.

    The file is one of those that last as long as the machine runs, so that a restart of the service logs nobody out.
    Every method may block.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, file: Path | None = None) -> None:
        """`clock`: one that goes on over restarts of this process."""
        self._clock = clock
        self._file = file
        self._lock = Lock()
        self._open = _kept(file, clock()) if file is not None else {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, password: str) -> str:
        """A new one, for who has shown the password with that digest; its secret. The longest unused gives way."""
        with self._lock:
            self._open = {key: session for key, session in self._open.items() if not self._is_over(session)}
            while len(self._open) >= MOST:
                del self._open[min(self._open, key=lambda key: self._open[key].used_s)]
            secret, now_s = secrets.token_urlsafe(32), self._clock()
            self._open[_digest(secret)] = Session(f"page {secrets.token_hex(3)}", password, now_s, now_s)
            self._keep()
        return secret

    def find(self, secret: str, password: str) -> Session | None:
        """The session of a secret, while it lasts and the password's digest is still that."""
        with self._lock:
            session = self._open.get(_digest(secret))
            if session is None or session.password != password or self._is_over(session):
                return None
            before_s, session.used_s = session.used_s, self._clock()
            if session.used_s - before_s > NOTED_S:
                self._keep()
        return session

    def end(self, secret: str) -> None:
        """Log out."""
        with self._lock:
            if self._open.pop(_digest(secret), None) is not None:
                self._keep()

    def _is_over(self, session: Session) -> bool:
        now_s = self._clock()
        return now_s - session.used_s > IDLE_S or now_s - session.opened_s > LONGEST_S

    def _keep(self) -> None:
        if self._file is None:
            return
        try:
            replace_file(self._file, json.dumps({key: asdict(one) for key, one in self._open.items()}).encode())
            self._file.chmod(0o600)
        except OSError as error:
            log.warning("page.sessions_not_kept", extra={"file": str(self._file), "reason": error.strerror})


class Tries:
    """Wrong passwords by address: after a few, each costs twice the waiting of the one before. Safe with threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
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
        with self._lock:
            self._wrong = {who: tries for who, tries in self._wrong.items() if now_s - tries[1] < FORGOTTEN_S}
            count, _ = self._wrong.pop(address, (0, 0.0))
            while len(self._wrong) >= MOST_ADDRESSES:
                del self._wrong[min(self._wrong, key=lambda who: self._wrong[who][1])]
            self._wrong[address] = (count + 1, now_s)

    def right(self, address: str) -> None:
        """It was."""
        with self._lock:
            self._wrong.pop(address, None)


def _kept(file: Path, now_s: float) -> dict[str, Session]:
    """What the file has; nothing where it is damaged, or of another boot."""
    try:
        document = json.loads(file.read_bytes()[:_MOST_BYTES])
        kept = {str(key): Session(**one) for key, one in document.items()}
        return {key: one for key, one in kept.items() if 0 <= one.opened_s <= one.used_s <= now_s}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        log.warning("page.sessions_lost", extra={"file": str(file), "reason": str(error)})
        return {}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
