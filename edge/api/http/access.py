"""Who may ask: tokens, and for programs of this machine without one, a Host and an Origin that are this machine's."""

import base64
import binascii
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from edge.api.http.errors import HttpError
from edge.api.http.tokens import LOCAL, Tokens

HOW: Final = "make a token with `edge config token add NAME` and send it as `Authorization: Bearer TOKEN`"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    authenticated: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of who makes it; None for headers that are not there."""

    host: str | None
    origin: str | None
    authorization: str | None
    key: str | None = None
    """A token that came in the path."""
    site: str | None = None
    """`Sec-Fetch-Site`."""
    passed_on: bool = False
    """Whether a proxy says that it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Door:
    """The rules of one address that is listened at."""

    tokens: Tokens
    needs_token: bool
    hosts: Collection[str] = ()
    origins: Collection[str] = ()

    def admit(self, asked: Asked) -> Caller:
        """Who asks. Raises `HttpError` where they may not; `TokenError` where the tokens can't be read. May block."""
        self._check_origin(asked)
        secret = _secret(asked)
        if secret is not None:
            name = self.tokens.holder(secret)
            if name is not None:
                return Caller(name, authenticated=True)
            if self.needs_token or asked.key is not None or self._is_ours(secret):
                raise HttpError(401, f"that token is not known here: {HOW}", code="invalid_api_key")
        if self.needs_token:
            raise HttpError(401, f"a token is needed: {HOW}", code="invalid_api_key")
        if asked.passed_on:
            raise HttpError(401, f"what a proxy passes on needs a token: {HOW}", code="invalid_api_key")
        host = host_name(asked.host)
        if not is_loopback(host) and host not in self.hosts:
            raise HttpError(
                403,
                f"this is not {host[:80] or 'a host without a name'}: name it in `hosts` under [http], or {HOW}",
                code="host_not_allowed",
            )
        return Caller(LOCAL, authenticated=False)

    def _is_ours(self, secret: str) -> bool:
        """Whether it looks like a token: clients that insist on one are given any word for a server that needs none."""
        return secret.startswith("edge_")

    def _check_origin(self, asked: Asked) -> None:
        if asked.origin is not None and asked.origin not in self.origins and not same_origin(asked.origin, asked.host):
            raise HttpError(
                403, "web pages of other origins are not let in: name this one in `origins` under [http]", code="origin"
            )
        if asked.origin is None and asked.site == "cross-site":
            raise HttpError(403, "web pages of other origins are not let in", code="origin")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine, to itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(header: str | None) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{header or ''}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def same_origin(origin: str, host: str | None) -> bool:
    """Whether a page of that origin came from the host that is asked now."""
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == str(host).lower()
    except ValueError:
        return False


def _secret(asked: Asked) -> str | None:
    """The token that was sent: in the path, as a bearer, or as the password of basic authentication."""
    if asked.key is not None:
        return asked.key
    kind, _, value = (asked.authorization or "").strip().partition(" ")
    value = value.strip()
    if kind.lower() == "bearer" and value:
        return value
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return None
