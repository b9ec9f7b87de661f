"""Who may see and use the page: this machine where there is no password, whoever has logged in where there is one."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from edge.api.http.access import Caller, host_name, is_loopback, same_origin
from edge.api.http.errors import HttpError
from edge.api.http.page.sessions import Sessions, Tries
from edge.api.http.tokens import LOCAL, PASSWORD, Tokens

HOW: Final = f"`edge config token add {PASSWORD}` on the machine itself makes one"
_ENDINGS: Final = ("", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain")
"""What a name in a house ends with; nobody outside can have one of these lead to an address of theirs."""
_READING: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request says of who makes it; None for headers that are not there."""

    method: str
    address: str = ""
    """Where it comes from."""
    host: str | None = None
    origin: str | None = None
    site: str | None = None
    """`Sec-Fetch-Site`."""
    session: str | None = None
    """The secret in the cookie."""
    passed_on: bool = False
    """Whether a proxy says that it is somebody else's."""


class Guard:
    """Judges visits, and lets in with the password. Every method may block, and raises `TokenError`."""

    def __init__(
        self,
        tokens: Tokens,
        sessions: Sessions,
        tries: Tries,
        *,
        needs_password: bool,
        names: Collection[str] = (),
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> None:
        """`needs_password`: the network can reach it; `names`: this machine's; `hosts`: others that it may be called.

        `origins`: of others' pages that may use it.
        """
        self._tokens = tokens
        self._sessions = sessions
        self._tries = tries
        self._needs_password = needs_password
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._names = frozenset(f"{name.casefold()}{ending}" for name in names for ending in _ENDINGS)
        self._origins = frozenset(origins)

    def check(self, visit: Visit, *, is_file: bool = False) -> None:
        """That it comes by a name of this machine's and not from somebody else's web page. Raises `HttpError`.

        `is_file`: it asks for a part of the page that is the same for everybody.
        """
        self._check_host(visit.host, locked=self._password() is not None or self._needs_password)
        reads = visit.method in _READING
        foreign = (
            visit.origin is not None and visit.origin not in self._origins and not same_origin(visit.origin, visit.host)
        )
        if foreign or (visit.origin is None and not reads):
            raise HttpError(403, "web pages of other origins are not let in", code="origin")
        if visit.site not in (None, "same-origin", "none") and visit.origin not in self._origins and not is_file:
            raise HttpError(403, "web pages of other origins are not let in", code="origin")

    def admit(self, visit: Visit) -> Caller:
        """Who it is. Raises `HttpError`: 401 for who has to log in, 403 for who may not be here at all."""
        self.check(visit)
        password = self._password()
        if password is None:
            if self._needs_password or visit.passed_on:
                raise HttpError(401, f"there is no password yet: {HOW}", code="no_password")
            return Caller(LOCAL, authenticated=False)
        session = self._sessions.find(visit.session, password) if visit.session else None
        if session is None:
            raise HttpError(401, "log in first", code="log_in")
        return Caller(session.name, authenticated=True)

    def state(self, visit: Visit) -> dict[str, bool]:
        """Whether it may use the page as it is (`open`), there is a password, and it has logged in (`session`)."""
        self.check(visit)
        password = self._password()
        try:
            caller = self.admit(visit)
        except HttpError:
            return {"open": False, "password": password is not None, "session": False}
        return {"open": True, "password": password is not None, "session": caller.authenticated}

    def log_in(self, visit: Visit, password: str) -> str:
        """The secret of a new session. Raises `HttpError`: 401 for another password, 429 for too many tries."""
        self.check(visit)
        address = _network(visit.address)
        wait_s = self._tries.wait_s(address)
        if wait_s > 0:
            raise HttpError(429, f"too many wrong passwords: try again in {wait_s:.0f} s", retry_s=wait_s)
        known = self._password()
        if known is None:
            raise HttpError(401, f"there is no password yet: {HOW}", code="no_password")
        # Taken as it was printed, whatever a phone's keyboard put around it.
        if self._tokens.holder(password.strip()) != PASSWORD:
            self._tries.wrong(address)
            raise HttpError(401, "that is not the password", code="wrong_password")
        self._tries.right(address)
        return self._sessions.open(known)

    def log_out(self, visit: Visit) -> None:
        """End its session."""
        self.check(visit)
        if visit.session:
            self._sessions.end(visit.session)

    def _password(self) -> str | None:
        """Its digest; None where there is none."""
        return next((token.sha256 for token in self._tokens.all() if token.name == PASSWORD), None)

    def _check_host(self, header: str | None, *, locked: bool) -> None:
        """A name that leads here may be somebody else's, whose page it then would be: only ours are answered."""
        host = host_name(header)
        if is_loopback(host) or host in self._hosts:
            return
        if locked and (host in self._names or _is_address(host)):
            return
        shown = host[:80] or "a host without a name"
        raise HttpError(403, f"this is not {shown}: name it in `hosts` under [http]", code="host_not_allowed")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _network(address: str) -> str:
    """Whom tries are counted for: an IPv6 client has a whole network of addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
