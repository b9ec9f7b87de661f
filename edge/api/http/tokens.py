"""Tokens that let clients in: several, each with a name, kept as digests, gone as soon as they are revoked."""

import hashlib
import hmac
import json
import re
import secrets
import stat
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.files import replace_file

FILE_NAME: Final = "http-tokens.json"
PREFIX: Final = "edge_"
LOCAL: Final = "local"
"""What those are called who have no token."""
PASSWORD: Final = "password"  # noqa: S105 (a name)
"""What the token is called that people log in with at the page."""
MOST: Final = 64
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,39}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SECRET: Final = re.compile(r"[\x21-\x7e]{16,200}")


class TokenError(EdgeError):
    """The tokens can't be read or changed; the message says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; what it is can't be told from this."""

    name: str
    sha256: str
    """Of the token itself, which has more chance in it than anybody can guess: no slow digest is needed."""
    created: str
    """ISO 8601."""


class Tokens:
    """The tokens of one file. Every method may block, and raises `TokenError`; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._stamp: object = None
        self._known: tuple[Token, ...] = ()

    @classmethod
    def in_state(cls, state: Path) -> "Tokens":
        """Those of the service with that state directory."""
        return cls(state / FILE_NAME)

    def all(self) -> tuple[Token, ...]:
        """All tokens, by name."""
        with self._lock:
            stamp = self._stamped()
            if stamp != self._stamp:
                self._known, self._stamp = (self._read() if stamp else ()), stamp
            return self._known

    def add(self, name: str) -> str:
        """Make a token, which nobody can be told again."""
        if _NAME.fullmatch(name) is None:
            raise TokenError(f"{name!r}: expected a name of up to 40 letters, digits, spaces, dots, _ and -")
        if name == LOCAL:
            raise TokenError(f"{name!r} is what those are called who have no token: choose another name")
        known = self.all()
        if any(token.name == name for token in known):
            raise TokenError(f"there is a token called {name!r} already: revoke it first, or choose another name")
        if len(known) >= MOST:
            raise TokenError(f"there are {MOST} tokens already: revoke one that nobody uses")
        secret = PREFIX + secrets.token_urlsafe(32)
        self._write((*known, Token(name, _digest(secret), datetime.now(UTC).isoformat(timespec="seconds"))))
        return secret

    def put(self, name: str, secret: str) -> None:
        """Have the token called `name` be this one, which somebody else has made up: 16 to 200 signs, no blanks."""
        if _SECRET.fullmatch(secret) is None:
            raise TokenError("expected a token of 16 to 200 letters, digits or signs, without blanks")
        known = self.all()
        if any(token.name == name and hmac.compare_digest(token.sha256, _digest(secret)) for token in known):
            return
        others = tuple(token for token in known if token.name != name)
        self._write((*others, Token(name, _digest(secret), datetime.now(UTC).isoformat(timespec="seconds"))))

    def revoke(self, name: str) -> None:
        """Let nobody in with that token any more; a running service notices with the next request."""
        known = self.all()
        kept = tuple(token for token in known if token.name != name)
        if len(kept) == len(known):
            names = ", ".join(token.name for token in known) or "none"
            raise TokenError(f"there is no token called {name!r} (there are: {names})")
        self._write(kept)

    def holder(self, secret: str) -> str | None:
        """The name of the token that this is; None where it is none. Takes as long whatever is wrong with it."""
        digest = _digest(secret) if _SECRET.fullmatch(secret) else ""
        found = None
        for token in self.all():
            if hmac.compare_digest(token.sha256, digest):
                found = token.name
        return found

    def _stamped(self) -> object:
        try:
            status = self.file.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise TokenError(f"{self.file} can't be read: {error.strerror}") from error
        if status.st_mode & stat.S_IWOTH:
            raise TokenError(f"{self.file} could be written by anybody, so no token counts: `chmod 600` it, and look")
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> tuple[Token, ...]:
        try:
            document = json.loads(self.file.read_bytes())
            tokens = [Token(str(one["name"]), str(one["sha256"]), str(one["created"])) for one in document["tokens"]]
        except OSError as error:
            raise TokenError(f"{self.file} can't be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged() from error
        if not all(_DIGEST.fullmatch(token.sha256) for token in tokens):
            raise self._damaged()
        return tuple(sorted(tokens, key=lambda token: token.name))

    def _damaged(self) -> TokenError:
        return TokenError(
            f"{self.file} is damaged: remove it and make the tokens again with `edge config token add NAME`"
        )

    def _write(self, tokens: tuple[Token, ...]) -> None:
        document = {"version": 1, "tokens": [asdict(token) for token in tokens]}
        try:
            replace_file(self.file, json.dumps(document, indent=1).encode())
            self.file.chmod(0o600)
        except OSError as error:
            raise TokenError(f"{self.file} can't be written: {error.strerror}; run as the service's user") from error


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
