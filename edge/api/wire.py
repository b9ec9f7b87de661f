"""The control socket's protocol: one JSON object a line, a request in, any number of pieces and one end out."""

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from edge.errors import EdgeError

MOST_BYTES: Final = 1024 * 1024
"""The longest line from a client."""
_ANSWER_BYTES: Final = 256 * 1024 * 1024


class ControlError(EdgeError):
    """The service refused a request, or the conversation with it broke off."""


class NotRunningError(ControlError):
    """No service listens."""


class NotOursError(NotRunningError):
    """A service may listen, but this user may not talk to it."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=str).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object on a line; raises `ControlError`."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ControlError(f"expected one JSON object a line: {error}") from None
    if not isinstance(message, dict):
        raise ControlError("expected one JSON object a line")
    return message


class ControlClient:
    """A blocking client for the command line; a context manager. Raises `NotRunningError` on entering."""

    def __init__(self, *paths: Path, timeout_s: float | None = None) -> None:
        """`paths`: sockets to try, in order; `timeout_s` is for each piece of an answer, None waits for ever."""
        self._paths = paths
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        for path in self._paths:
            try:
                self._socket = _connected(path)
            except (FileNotFoundError, ConnectionRefusedError):
                continue
            except PermissionError:
                raise NotOursError(f"{path}: the service belongs to another user: run this as that user") from None
            self._socket.settimeout(self._timeout_s)
            self._lines = self._socket.makefile("rb")
            return self
        raise NotRunningError("the service is not running: start it with `edge run`")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lines.close()
        self._socket.close()

    def pieces(self, do: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Everything the service answers; the last one has `done`. Raises `ControlError`."""
        line = encode({"do": do, **arguments})
        if len(line) > MOST_BYTES:
            raise ControlError(f"that is too long: {len(line)} bytes, and {MOST_BYTES} are taken at once")
        try:
            self._socket.sendall(line)
            while line := self._lines.readline(_ANSWER_BYTES):
                message = decode(line)
                if "error" in message:
                    raise ControlError(str(message["error"]))
                yield message
                if "done" in message:
                    return
        except OSError as error:
            raise ControlError(f"the service did not answer: {error}") from error
        raise ControlError("the service ended the conversation")

    def call(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The end of an answer, its `done`; pieces before it are dropped. Raises `ControlError`."""
        result: dict[str, Any] = {}
        for message in self.pieces(do, **arguments):
            result = message.get("done") or {}
        return result


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection
