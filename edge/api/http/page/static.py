"""The files of the page: read and compressed once, found by their names alone, sent again only when they changed."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from edge.api.http.errors import HttpError

FILES: Final = Path(__file__).parent / "files"
FIRST: Final = "index.html"
_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    kind: str
    etag: str
    compressed: bytes
    """With gzip."""
    size: int
    """Bytes as it is."""


class Assets:
    """All of them, by path; making it reads them and may block."""

    def __init__(self, directory: Path = FILES) -> None:
        self._found = {
            str(file.relative_to(directory)): _read(file)
            for file in sorted(directory.rglob("*"))
            if file.is_file() and file.suffix in _KINDS
        }

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @property
    def bytes(self) -> int:
        """Of all of them as they are."""
        return sum(asset.size for asset in self._found.values())

    def answer(self, request: web.Request, name: str) -> web.Response:
        """The file of that name, or that it has not changed. Raises `HttpError` (404)."""
        asset = self._found.get(name)
        if asset is None:
            raise HttpError(404, "there is no such file of the page")
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if asset.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = asset.kind
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=asset.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=gzip.decompress(asset.compressed), headers=headers)

    @property
    def sent_bytes(self) -> int:
        """Of all of them as browsers get them."""
        return sum(len(asset.compressed) for asset in self._found.values())


def _read(file: Path) -> Asset:
    data = file.read_bytes()
    etag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    return Asset(_KINDS[file.suffix], etag, gzip.compress(data, 9, mtime=0), len(data))
