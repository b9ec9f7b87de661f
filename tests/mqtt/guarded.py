"""Brokers that want to know who we are: password files, access lists, certificates."""

import hashlib
import os
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


def password_line(user: str, password: str) -> str:
    """A line of mosquitto's password file."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{user}:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n"


class Authority:
    """A certificate authority of its own, and the files it fills."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ca = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(self.ca_file)

    def issue(self, name: str, *, expired: bool = False) -> tuple[Path, Path]:
        """Certificate and key for a host name or address."""
        ended = datetime.now(UTC) - timedelta(days=1) if expired else None
        made = self._ca.issue_cert(name, not_after=ended)
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        with certificate.open("wb") as stream:
            stream.writelines(blob.bytes() for blob in made.cert_chain_pems)
        made.private_key_pem.write_to_path(key)
        return certificate, key

    def listener(self, name: str = "127.0.0.1", *, expired: bool = False, wants_ours: bool = False) -> tuple[str, ...]:
        """Lines of mosquitto's configuration."""
        certificate, key = self.issue(name, expired=expired)
        return (
            f"cafile {self.ca_file}",
            f"certfile {certificate}",
            f"keyfile {key}",
            f"require_certificate {'true' if wants_ours else 'false'}",
        )
