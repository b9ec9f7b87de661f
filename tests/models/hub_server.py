"""A hub of our own on the loopback interface: real HTTP with redirects, ranges, and mishaps when they are ordered."""

import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

REPOSITORY = "maker/models-GGUF"
REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Mishap:
    """What goes wrong with one request for bytes."""

    status: int = 0
    """Answer with this instead of the bytes."""
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Send this many bytes and break the connection off."""
    ignore_range: bool = False
    shift: int = 0
    """Send a range that begins this much too late."""
    spoil: bool = False
    """Send other bytes than the file's."""
    claim: int | None = None
    """Say that the file has this many bytes."""
    stall: Callable[[], None] | None = None
    """Called after `cut_after` bytes, before the connection breaks off."""


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]


class HubServer:
    """Files by path; `small` ones are kept by git and have no SHA-256 in the listing."""

    def __init__(self) -> None:
        self.repository = REPOSITORY
        self.files: dict[str, bytes] = {}
        self.small: set[str] = set()
        self.card: dict[str, Any] = {"license": "apache-2.0"}
        self.gated: bool | str = False
        self.locked = False
        """Answer as a gated repository does to those without a token."""
        self.listing: bytes | None = None
        self.unlisted_digests = False
        self.mishaps: deque[Mishap] = deque()
        self.listing_mishaps: deque[Mishap] = deque()
        self.seen: list[Seen] = []
        self.sent = 0
        """Bytes of files that went out."""
        self.url = ""
        self.far = ""
        """Where redirects lead: another port, hence another host."""

    def listed(self) -> dict[str, Any]:
        """The answer about the repository."""
        siblings = []
        for path, data in self.files.items():
            entry: dict[str, Any] = {"rfilename": path}
            if not self.unlisted_digests:
                entry |= {"size": len(data), "blobId": git_digest(data)}
                if path not in self.small:
                    entry["lfs"] = {"sha256": digest(data), "size": len(data), "pointerSize": 135}
            siblings.append(entry)
        return {
            "id": self.repository,
            "sha": REVISION,
            "gated": self.gated,
            "cardData": self.card,
            "tags": ["gguf", "license:other"],
            "siblings": siblings,
        }


def digest(data: bytes) -> str:
    """SHA-256, as the hub writes it."""
    return hashlib.sha256(data).hexdigest()


def git_digest(data: bytes) -> str:
    """The digest that git gives a blob."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class Server(ThreadingHTTPServer):
    """One port of the hub."""

    daemon_threads = True

    def __init__(self, hub: HubServer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub = hub


class Handler(BaseHTTPRequestHandler):
    """Answers as the hub does that its server has."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.hub.seen.append(Seen(self.command, self.path, dict(self.headers)))
        path = unquote(urlsplit(self.path).path)
        if path.startswith(f"/api/models/{self.server.hub.repository}/"):
            self._list()
        elif path.startswith("/far/"):
            self._bytes(path.removeprefix("/far/"))
        elif path.startswith(f"/{self.server.hub.repository}/resolve/{REVISION}/"):
            self._redirect(path.split("/", 5)[5])
        else:
            self._plain(404, b"Repository not found")

    do_HEAD = do_GET  # noqa: N815 (the library's name)

    def _list(self) -> None:
        mishap = self.server.hub.listing_mishaps.popleft() if self.server.hub.listing_mishaps else Mishap()
        if mishap.status:
            self._plain(mishap.status, b"", mishap.headers)
        else:
            listing = self.server.hub.listing
            self._plain(200, json.dumps(self.server.hub.listed()).encode() if listing is None else listing)

    def _redirect(self, path: str) -> None:
        if self.server.hub.locked and not self.headers.get("Authorization"):
            self._plain(401, b"", {"X-Error-Code": "GatedRepo"})
            return
        if path not in self.server.hub.files:
            self._plain(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = self.server.hub.files[path]
        tag = git_digest(data) if path in self.server.hub.small else digest(data)
        headers = {
            "Location": f"{self.server.hub.far}/far/{path}",
            "X-Linked-Etag": f'"{tag}"',
            "X-Linked-Size": str(len(data)),
            "X-Repo-Commit": REVISION,
        }
        self._plain(302, b"", headers)

    def _bytes(self, path: str) -> None:
        mishap = self.server.hub.mishaps.popleft() if self.server.hub.mishaps else Mishap()
        data = self.server.hub.files[path]
        if mishap.status:
            self._plain(mishap.status, b"", mishap.headers)
            return
        asked = "" if mishap.ignore_range else self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) + mishap.shift if asked else 0
        if start > 0 and start >= len(data):
            self._plain(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        total = len(data) if mishap.claim is None else mishap.claim
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.send_header("Content-Length", str(total - start))
        self.end_headers()
        body = data[start:]
        if mishap.spoil:
            body = bytes(byte ^ 0xFF for byte in body)
        if mishap.cut_after is not None:
            body = body[: mishap.cut_after]
        self.server.hub.sent += len(body)
        self.wfile.write(body)
        self.wfile.flush()
        if mishap.stall is not None:
            mishap.stall()
        if mishap.cut_after is not None or mishap.claim is not None:
            self.close_connection = True

    def _plain(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing: what was asked is in `seen`."""


@contextmanager
def serving() -> Iterator[HubServer]:
    """A hub that answers until it is left."""
    hub = HubServer()
    servers = [Server(hub) for _ in range(2)]
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}) for server in servers]
    for thread in threads:
        thread.start()
    hub.url, hub.far = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
