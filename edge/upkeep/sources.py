"""Where bundles come from: a file, a directory or a stick, an address. Nothing is asked that nobody has named."""

import http.client
import io
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edge import __version__
from edge.upkeep.bundle import HEAD_BYTES, SUFFIX, Offered, Progress, head, opened_bundle
from edge.upkeep.errors import BundleError, UpdateError
from edge.upkeep.manifest import version_key
from edge.upkeep.signature import PublicKey

FOLDER: Final = "edge"
"""Where a stick has what is for us."""
_MOST_BYTES: Final = 4 << 30
_SILENT_S: Final = 30.0
_PIECE: Final = 1 << 18
_MOST_OFFERS: Final = 32


def is_address(where: str) -> bool:
    """Whether this is an address and no path."""
    return where.startswith(("http://", "https://"))


def bundles_in(directory: Path) -> list[Path]:
    """Bundles in a directory, and in the folder `edge` of it."""
    found: list[Path] = []
    for place in (directory, directory / FOLDER):
        with suppress(OSError):
            found += sorted(file for file in place.iterdir() if file.suffix == SUFFIX and file.is_file())
    return found[:_MOST_OFFERS]


def offered_by(where: str, keys: tuple[PublicKey, ...]) -> Iterator[Offered | BundleError]:
    """What a file, directory or address offers: its head alone is read. Raises `UpdateError` for no place at all."""
    if is_address(where):
        try:
            yield _head_at(where, keys)
        except BundleError as error:
            yield error
        return
    path = Path(where)
    files = bundles_in(path) if path.is_dir() else [path]
    if not files:
        raise UpdateError(f"{path} has no bundle (a file that ends in {SUFFIX}), nor has its folder {FOLDER!r}")
    for file in files:
        try:
            with opened_bundle(file, keys) as (offered, _):
                yield offered
        except BundleError as error:
            yield error


def newest(offers: list[Offered]) -> Offered | None:
    """The one with the highest version."""
    return max(offers, key=lambda one: version_key(one.manifest.version), default=None)


@contextmanager
def fetched(address: str, directory: Path, keys: tuple[PublicKey, ...], progress: Progress) -> Iterator[Path]:
    """A bundle from an address, in a file of `directory` for the length of the block.

    Its head is read and believed first, so that nothing large comes from whoever answers. Raises `BundleError`.
    """
    offered = _head_at(address, keys)
    most = offered.manifest.packed_bytes + HEAD_BYTES + 1024 * (len(offered.manifest.files) + 20)
    if most + (64 << 20) > shutil.disk_usage(directory).free:
        raise BundleError(f"{address}: there is no room for {most >> 20} MiB in {directory}")
    file = directory / f".trial-{os.urandom(6).hex()}{SUFFIX}"
    try:
        with _answer(address) as response, file.open("xb") as stream:
            done = 0
            while piece := _read(response, address):
                done += len(piece)
                if done > most:
                    raise BundleError(f"{address} gives more than its manifest lists")
                stream.write(piece)
                progress(min(done, most), most)
        yield file
    finally:
        file.unlink(missing_ok=True)


def _head_at(address: str, keys: tuple[PublicKey, ...]) -> Offered:
    with _answer(address) as response:
        data = b""
        while len(data) < HEAD_BYTES and (piece := _read(response, address)):
            data += piece
    return head(io.BytesIO(data[:HEAD_BYTES]), address, keys)[0]


@contextmanager
def _answer(address: str) -> Iterator[http.client.HTTPResponse]:
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise BundleError(f"{address} is no address that begins with https://")
    request = urllib.request.Request(address, headers={"User-Agent": f"edge/{__version__}"})  # noqa: S310
    opener = urllib.request.build_opener(_SameKind)
    try:
        with opener.open(request, timeout=_SILENT_S) as response:
            yield response
    except urllib.error.HTTPError as error:
        raise BundleError(f"{address} answers {error.code} {error.reason}: is it the bundle's own address?") from error
    except urllib.error.URLError as error:
        raise BundleError(f"{address} can't be reached: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise BundleError(f"{address} broke off ({error or type(error).__name__}): try again") from error


def _read(response: http.client.HTTPResponse, address: str) -> bytes:
    try:
        return response.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise BundleError(f"{address} broke off ({error or type(error).__name__}): try again") from error


class _SameKind(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but from https to http none."""

    def redirect_request(  # type: ignore[no-untyped-def]
        self, req, fp, code, msg, headers, newurl
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https") or (
            req.type == "https" and not newurl.startswith("https://")
        ):
            raise urllib.error.URLError(f"it redirects to {newurl[:200]!r}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
