"""Where Home Assistant is, and what lets us in: address, token, certificates. Files are read when they are needed."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.homeassistant.errors import CertificateError, TokenError

_MOST_TOKEN_BYTES: Final = 16 * 1024
_REMEDY: Final = (
    "make a long-lived access token on your profile page at {url} and put it in a file that only edge may read"
)


@dataclass(frozen=True, slots=True)
class Access:
    """`url` begins with http:// or https://; the token is in a file, or written down (and then never shown)."""

    url: str
    token_file: Path | None = None
    written_token: str | None = field(default=None, repr=False)
    verify_tls: bool = True
    ca_file: Path | None = None

    @property
    def websocket(self) -> str:
        """Where sessions are opened."""
        return f"{self.url.rstrip('/')}/api/websocket"

    @property
    def token_place(self) -> str:
        """Where a person puts the token."""
        return str(self.token_file) if self.token_file is not None else "[homeassistant] token_file"

    def token(self) -> str:
        """The token; raises `TokenError` where there is none. Blocks."""
        if self.token_file is None:
            if not self.written_token:
                raise TokenError(
                    f"there is no token for {self.url}: {_REMEDY.format(url=self.url)}, and name the file in "
                    "[homeassistant] token_file"
                )
            return self.written_token
        try:
            with self.token_file.open("rb") as file:
                content = file.read(_MOST_TOKEN_BYTES)
            token = content.decode("ascii").partition("\n")[0].strip()
        except OSError as error:
            why = error.strerror or str(error)
            raise TokenError(f"{self.token_file} can't be read ({why}): {_REMEDY.format(url=self.url)}") from None
        except UnicodeDecodeError:
            token = ""
        if not token:
            raise TokenError(f"{self.token_file} has no token in its first line: {_REMEDY.format(url=self.url)}")
        return token

    def fingerprint(self) -> tuple[int, int] | None:
        """Another one where another token was put in the file; blocks."""
        if self.token_file is None:
            return None
        try:
            found = self.token_file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def ssl_context(self) -> ssl.SSLContext | None:
        """How the other side is known; None without TLS. Raises `CertificateError`. Blocks."""
        if not self.url.startswith("https:"):
            return None
        try:
            context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise CertificateError(
                f"{self.ca_file} can't be used ({error}): name a file of certificates in [homeassistant] ca_file"
            ) from None
        if not self.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
