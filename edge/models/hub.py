"""A hub that models are pulled from, in the layout of huggingface.co: what a repository holds, and its files' bytes.

`/api/models/REPOSITORY/revision/REVISION?blobs=true` lists files with sizes and digests; `/REPOSITORY/resolve/REVISION/
PATH` redirects to the bytes and names size and digest in `X-Linked-Size` and `X-Linked-Etag`. Redirects are followed
here, so that a token never leaves for another host and no redirect leads from https to http or to a file.
"""

import email.utils
import hashlib
import http.client
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from edge import __version__
from edge.models.errors import ModelError

PUBLIC: Final = "https://huggingface.co"
TIMEOUT_S: Final = 30.0
"""How long a connection may stay silent."""
MAX_REDIRECTS: Final = 6
MAX_LISTING_BYTES: Final = 32 << 20
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SHA1: Final = re.compile(r"[0-9a-f]{40}")


class HubError(ModelError):
    """The hub did not give what was asked for; `passing` where asking again may help, after `wait_s` where it said."""

    def __init__(self, message: str, *, passing: bool = False, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.passing = passing
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file in a repository. Large ones have a SHA-256; small ones the digest that git gives a blob of theirs."""

    path: str
    size_bytes: int
    sha256: str | None = None
    git_sha1: str | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Repository:
    """What a hub says of a repository at one revision."""

    id: str
    revision: str
    license: str | None
    license_link: str | None
    gated: bool
    files: tuple[HubFile, ...]


@dataclass(slots=True)
class Answer:
    """A file's bytes as they come, from `start` on; `total` where the hub says how many there are in all."""

    start: int
    total: int | None
    body: http.client.HTTPResponse


class Hub:
    """One hub by its address. Every method raises `HubError`."""

    def __init__(self, base: str = PUBLIC, *, token: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.base = base.rstrip("/")
        self._token = token
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_StayHere)
        if urllib.parse.urlsplit(self.base).scheme not in ("http", "https"):
            raise HubError(f"{base!r} is no address of a hub: [models] hub begins with https://")

    def page(self, repository: str) -> str:
        """Where a person reads about a repository."""
        return f"{self.base}/{repository}"

    def repository(self, name: str, revision: str = "main") -> Repository:
        """What there is, with the sizes and digests of all files."""
        if not _REPOSITORY.fullmatch(name):
            raise HubError(f"{name!r} names no repository: OWNER/NAME does, such as Qwen/Qwen2.5-0.5B-Instruct-GGUF")
        url = f"{self.base}/api/models/{name}/revision/{urllib.parse.quote(revision, safe='')}?blobs=true"
        with self._asked(url, name) as response:
            data = self._read(response, url)
        try:
            return _repository(name, json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise HubError(f"{url} answers with something else than a repository's files ({error})") from error

    def described(self, repository: Repository, file: HubFile) -> HubFile:
        """The file with size and digest as the headers of its address have them, where the listing has none."""
        if file.size_bytes >= 0 and (file.sha256 or file.git_sha1):
            return file
        headers = self._first_headers(self._url(repository, file), repository.id)
        size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
        tag = (headers.get("X-Linked-Etag") or headers.get("ETag") or "").removeprefix("W/").strip('"')
        if not size.isdecimal() or not (_SHA256.fullmatch(tag) or _SHA1.fullmatch(tag)):
            raise HubError(f"{self.base} gives no digest for {file.path} of {repository.id}: it can't be verified")
        kind = {"sha256": tag} if _SHA256.fullmatch(tag) else {"git_sha1": tag}
        return replace(file, size_bytes=int(size), **kind)

    @contextmanager
    def bytes_of(self, repository: Repository, file: HubFile, start: int) -> Iterator[Answer]:
        """The file's bytes from `start` on, or from 0 where the hub can't begin elsewhere (`Answer.start` says)."""
        url = self._url(repository, file)
        ranged = {"Range": f"bytes={start}-"} if start else {}
        with self._asked(url, repository.id, ranged) as response:
            if response.status == http.HTTPStatus.PARTIAL_CONTENT:
                first, total = _content_range(response.headers.get("Content-Range", ""))
                if first != start:
                    raise HubError(f"{url} answers with bytes from {first} on where {start} was asked", passing=True)
                yield Answer(start, total, response)
                return
            length = response.headers.get("Content-Length", "")
            yield Answer(0, int(length) if length.isdecimal() else None, response)

    def _url(self, repository: Repository, file: HubFile) -> str:
        path = urllib.parse.quote(file.path)
        return f"{self.base}/{repository.id}/resolve/{urllib.parse.quote(repository.revision, safe='')}/{path}"

    def _first_headers(self, url: str, repository: str) -> http.client.HTTPMessage:
        """The headers of the hub's own answer: those of a redirect count more than those of where it leads."""
        response = self._once(url, repository, "HEAD", {}, secret=True)
        response.close()
        return response.headers

    @contextmanager
    def _asked(
        self, url: str, repository: str, headers: dict[str, str] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer to a GET, redirects followed."""
        home = urllib.parse.urlsplit(url)
        for _ in range(MAX_REDIRECTS):
            here = urllib.parse.urlsplit(url)
            secret = (here.scheme, here.netloc) == (home.scheme, home.netloc)
            response = self._once(url, repository, "GET", headers or {}, secret=secret)
            if response.status not in (301, 302, 303, 307, 308):
                with response:
                    yield response
                return
            response.close()
            target = urllib.parse.urljoin(url, response.headers.get("Location", ""))
            scheme = urllib.parse.urlsplit(target).scheme
            if scheme not in ("http", "https") or (scheme == "http" and here.scheme == "https"):
                raise HubError(f"{url} redirects to {target[:200]!r}, which is not followed")
            url = target
        raise HubError(f"{self.page(repository)} redirects in a circle", passing=True)

    def _once(
        self, url: str, repository: str, method: str, headers: dict[str, str], *, secret: bool
    ) -> http.client.HTTPResponse:
        """One request, one answer; what is neither success nor redirect is a `HubError`."""
        headers = {"User-Agent": f"edge/{__version__}", "Accept-Encoding": "identity", **headers}
        if secret and self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 (http and https alone)
        try:
            response: http.client.HTTPResponse = self._opener.open(request, timeout=self._timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error, repository) from error
        except urllib.error.URLError as error:
            # A certificate that is not trusted will not be in a minute either.
            passing = not isinstance(error.reason, ssl.SSLCertVerificationError)
            raise HubError(f"{self.base} can't be reached: {error.reason}", passing=passing) from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise HubError(f"{self.base} broke the connection off: {reason}", passing=True) from error
        return response

    def _refused(self, error: urllib.error.HTTPError, repository: str) -> HubError:
        page, code = self.page(repository), error.headers.get("X-Error-Code", "")
        if error.code in (401, 403) and (code == "GatedRepo" or self._token):
            return HubError(
                f"{page} is gated: its publisher wants the terms accepted. Accept them there with an account of your "
                "own, then either download the file in a browser and take it in with `edge models add FILE`, or "
                "put a token of that account into the environment variable HF_TOKEN and pull again"
            )
        if error.code in (401, 403, 404):
            return HubError(
                f"{page} has no such repository or file, or shows it to nobody without a token "
                f"({error.code} {code or error.reason}): see whether the name is right"
            )
        passing = error.code in (408, 425, 429) or error.code >= 500
        wait_s = _retry_after(error.headers.get("Retry-After"))
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return RangeError(f"{page} has no such part of the file")
        return HubError(f"{page} answers {error.code} {error.reason}", passing=passing, wait_s=wait_s)

    def _read(self, response: http.client.HTTPResponse, url: str) -> bytes:
        try:
            data = response.read(MAX_LISTING_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise HubError(f"{url} broke off: {error or type(error).__name__}", passing=True) from error
        if len(data) > MAX_LISTING_BYTES:
            raise HubError(f"{url} answers with more than {MAX_LISTING_BYTES >> 20} MiB")
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and len(data) < int(length):
            raise HubError(f"{url} broke off after {len(data)} bytes", passing=True)
        return data


class RangeError(HubError):
    """The file is shorter than what there is of it already."""


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Hands redirects out as answers."""

    def http_error_302(  # type: ignore[override]
        self, req: object, fp: http.client.HTTPResponse, code: int, msg: str, headers: object
    ) -> http.client.HTTPResponse:
        del req, code, msg, headers
        return fp

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


def git_blob(size: int) -> "hashlib._Hash":
    """The digest that git gives a blob of that size, before its bytes."""
    return hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)


def _repository(name: str, document: dict[str, Any]) -> Repository:
    card = document.get("cardData") or {}
    tags = [tag for tag in document.get("tags") or [] if isinstance(tag, str)]
    tagged = next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), None)
    called = card.get("license_name") or card.get("license") or tagged
    link = card.get("license_link")
    return Repository(
        id=name,
        revision=str(document.get("sha") or "main"),
        license=str(called)[:200] if called else None,
        license_link=link[:500] if isinstance(link, str) else None,
        gated=bool(document.get("gated")),
        files=tuple(_file(entry) for entry in document["siblings"] if _harmless(entry["rfilename"])),
    )


def _file(entry: dict[str, Any]) -> HubFile:
    lfs = entry.get("lfs") or {}
    size = lfs.get("size", entry.get("size", -1))
    sha256, sha1 = lfs.get("sha256") or lfs.get("oid"), entry.get("blobId")
    return HubFile(
        path=entry["rfilename"],
        size_bytes=size if isinstance(size, int) else -1,
        sha256=sha256 if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else None,
        git_sha1=sha1 if isinstance(sha1, str) and _SHA1.fullmatch(sha1) and not lfs else None,
    )


def _harmless(path: object) -> bool:
    """Whether a path stays inside of where it is put, whatever the hub says."""
    if not isinstance(path, str) or "\\" in path or not path.isprintable():
        return False
    return all(part and part not in (".", "..") and not part.startswith(".") for part in path.split("/"))


def _content_range(value: str) -> tuple[int, int | None]:
    """First byte and size in all, of `bytes 10-99/100`."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", value.strip())
    if found is None:
        raise HubError(f"the hub answers with a part, but not which one ({value[:60]!r})", passing=True)
    return int(found[1]), int(found[2]) if found[2] != "*" else None


def _retry_after(value: str | None) -> float | None:
    """Seconds, from seconds or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
