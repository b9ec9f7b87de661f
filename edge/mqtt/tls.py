"""Encryption towards the broker: whom we trust, how we show who we are, and what is wrong with the files for it."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.mqtt.errors import TlsFileError
from edge.settings.secrets import opened

_MOST_BYTES: Final = 4 * 1024 * 1024
_HANDSHAKE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Tls:
    """The files are read anew for every connection, so that a renewed certificate needs no restart."""

    ca_file: Path | None = None
    """Certificates that sign the broker's; None: the system's."""
    certificate: Path | None = None
    """Our own, with what links it to its root."""
    key: Path | None = None
    """Its key; None: it lies in the certificate's file."""
    key_password: Callable[[], str | None] | None = None
    """Raises OSError."""
    server_name: str | None = None
    """What the broker's certificate is made out to, where that is not the host we connect to."""

    def context(self) -> ssl.SSLContext:
        """Ready to connect with; blocks for small files. Raises `TlsFileError`, which names setting, file and fault.

        The broker's certificate is always verified, and its name is always compared.
        """
        context = _Context(ssl.PROTOCOL_TLS_CLIENT)
        context.named = self.server_name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file is None:
            context.load_default_certs()
        else:
            _check("mqtt.ca_file", self.ca_file)
            try:
                context.load_verify_locations(self.ca_file)
            except ssl.SSLError as error:
                raise TlsFileError(
                    f"mqtt.ca_file: {self.ca_file} holds no certificate in PEM form ({_plain(error)})"
                ) from None
        if self.certificate is not None:
            self._show(context, self.certificate)
        return context

    def _show(self, context: ssl.SSLContext, certificate: Path) -> None:
        """Have the context show our certificate."""
        key = self.key or certificate
        _check("mqtt.client_certificate", certificate)
        _check("mqtt.client_key", key)
        try:
            password = self.key_password() if self.key_password else None
        except (OSError, UnicodeDecodeError) as error:
            raise TlsFileError(f"mqtt.client_key_password_file can't be read: {error}") from None
        asked = False

        def answer() -> str:
            """Without an answer of ours OpenSSL would ask on the terminal."""
            nonlocal asked
            asked = True
            return password or ""

        try:
            context.load_cert_chain(certificate, key, answer)
        except ssl.SSLError as error:
            raise TlsFileError(_fault(error, certificate, key, asked=asked, given=bool(password))) from None


class _Context(ssl.SSLContext):
    """Compares the broker's certificate with the name that was set, and leaves no socket of a handshake that failed."""

    named: str | None = None

    def wrap_socket(self, *args: Any, **more: Any) -> ssl.SSLSocket:
        """As usual, under that name, and with its hands shaken; blocks."""
        if self.named is not None:
            more["server_hostname"] = self.named
        wrapped = super().wrap_socket(*args, **more)
        wrapped.settimeout(_HANDSHAKE_S)
        try:
            wrapped.do_handshake()
        except OSError:
            wrapped.close()
            raise
        return wrapped


def _check(setting: str, file: Path) -> None:
    """OpenSSL does not say which file it can't read."""
    try:
        with opened(file) as stream:
            size = len(stream.read(_MOST_BYTES + 1))
    except OSError as error:
        raise TlsFileError(f"{setting}: {file} can't be read: {error.strerror}") from None
    if size > _MOST_BYTES:
        raise TlsFileError(f"{setting}: {file} has more than {_MOST_BYTES} bytes: expected certificates in PEM form")


def _fault(error: ssl.SSLError, certificate: Path, key: Path, *, asked: bool, given: bool) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"mqtt.client_key: {key} is not the key of {certificate}"
    if asked and not given:
        return f"mqtt.client_key: {key} is encrypted: set mqtt.client_key_password_file"
    if asked:
        return f"mqtt.client_key_password_file: that is not the password of {key}"
    files = f"{certificate} and {key}" if key != certificate else str(certificate)
    return f"mqtt.client_certificate: {files}: expected a certificate and its key in PEM form ({_plain(error)})"


def _plain(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
