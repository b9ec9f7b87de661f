"""The certificate for https: read, looked at as a client would, and read again when it has changed."""

import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.errors import EdgeError

SOON_S: Final = 14 * 86_400.0
_EXPIRED, _NOT_YET = 10, 9


def _no_password() -> str:
    """Nobody is there to type one."""
    raise CertificateError("the key of the certificate has a password: take it off (`openssl pkey`)")


class CertificateError(EdgeError):
    """The certificate can't be used, or soon can't; the message says which file, what, and what to do."""


@dataclass(slots=True)
class Certificate:
    """Two PEM files, or one with both. Every method may block, and raises `CertificateError`."""

    file: Path
    key: Path
    _stamp: object = field(default=None, repr=False)

    @classmethod
    def of(cls, file: Path | None, key: Path | None) -> "Certificate | None":
        """None where neither is given: whoever names one of them does not want to go without encryption."""
        file, key = file or key, key or file
        return None if file is None or key is None else cls(file, key)

    def context(self) -> ssl.SSLContext:
        """What connections are encrypted with. An expired certificate is served all the same: see `renew`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load(context)
        return context

    def renew(self, context: ssl.SSLContext) -> None:
        """Take up the files if they have changed; raises where clients refuse, or will within two weeks."""
        if self._stamped() != self._stamp:
            self._load(context)
        left_s = self._valid_until(context) - time.time()
        if left_s < SOON_S:
            raise CertificateError(
                f"{self.file}: the certificate expires in {max(0, left_s) / 86_400:.0f} days: renew it"
            )

    def _load(self, context: ssl.SSLContext) -> None:
        stamp = self._stamped()
        try:
            # Tried where a certificate without its key does no harm: such a one would take the place of what is there.
            for one in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), context):
                one.load_cert_chain(self.file, self.key, password=_no_password)
        except ssl.SSLError as error:
            raise CertificateError(
                f"{self.file} and {self.key}: expected a certificate and its key as PEM ({error.reason or error})"
            ) from error
        except OSError as error:
            raise CertificateError(f"{error.filename or self.file} can't be read: {error.strerror}") from error
        self._stamp = stamp

    def _stamped(self) -> object:
        try:
            return [(file.stat().st_mtime_ns, file.stat().st_ino) for file in (self.file, self.key)]
        except OSError as error:
            raise CertificateError(f"{error.filename} can't be read: {error.strerror}") from error

    def _valid_until(self, server: ssl.SSLContext) -> float:
        """Shake hands with itself, as a client that trusts this certificate alone; seconds since the epoch."""
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        try:
            client.load_verify_locations(self.file)
            there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
            here = client.wrap_bio(back, there)
            other = server.wrap_bio(there, back, server_side=True)
            for _ in range(8):
                done = [_shaken(here), _shaken(other)]
                if all(done):
                    break
            found = here.getpeercert() or {}
            return ssl.cert_time_to_seconds(str(found["notAfter"]))
        except ssl.SSLCertVerificationError as error:
            if error.verify_code == _EXPIRED:
                raise CertificateError(
                    f"{self.file}: the certificate has expired: renew it, clients refuse it"
                ) from error
            if error.verify_code == _NOT_YET:
                raise CertificateError(
                    f"{self.file}: the certificate is not valid yet: is the clock of this machine right?"
                ) from error
            raise CertificateError(f"{self.file}: clients will refuse it: {error.verify_message}") from error
        except (ssl.SSLError, OSError, KeyError, ValueError) as error:
            raise CertificateError(f"{self.file}: clients will refuse it: {error}") from error


def _shaken(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
