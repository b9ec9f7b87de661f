"""From the settings to where the broker is and how we show who we are."""

import logging
from typing import TYPE_CHECKING, Final

import aiomqtt

from edge.mqtt.client import Endpoint
from edge.mqtt.tls import Tls
from edge.settings.secrets import open_to

if TYPE_CHECKING:
    from edge.settings.mqtt import MqttSettings

log = logging.getLogger(__name__)

_PROTOCOLS: Final = {"auto": None, "5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}


def configured_endpoint(mqtt: "MqttSettings", *, host: str | None = None, port: int | None = None) -> Endpoint:
    """The broker of the settings; `host` and `port` are those of our own broker, which asks nobody who they are."""
    if host is not None and port is not None:
        return Endpoint(host, port, keepalive_s=mqtt.keepalive_s, session_s=mqtt.session_expiry_s)
    tls = None
    if mqtt.tls:
        key_password = mqtt.key_secret if mqtt.client_key_password_file else None
        tls = Tls(mqtt.ca_file, mqtt.client_certificate, mqtt.client_key, key_password, mqtt.tls_server_name)
    return Endpoint(
        mqtt.broker or "127.0.0.1",
        mqtt.broker_port,
        mqtt.username,
        mqtt.secret if mqtt.username else None,
        tls,
        keepalive_s=mqtt.keepalive_s,
        protocol=_PROTOCOLS[mqtt.protocol],
        session_s=mqtt.session_expiry_s,
    )


def doubts(mqtt: "MqttSettings") -> list[str]:
    """What is not as it should be in how we show who we are, though it may work; blocks for small files."""
    found = []
    for name, file in (
        ("password_file", mqtt.password_file),
        ("client_key", mqtt.client_key),
        ("client_key_password_file", mqtt.client_key_password_file),
    ):
        if file is not None and (who := open_to(file)):
            found.append(f"mqtt.{name}: {who} may read {file}: chmod 600 {file}")
    if mqtt.username is None and (mqtt.password is not None or mqtt.password_file is not None):
        found.append("mqtt.password: there is no mqtt.username to go with it, so it is not used")
    if mqtt.broker is not None and mqtt.username is not None and not mqtt.tls and not _is_local(mqtt.broker):
        found.append(f"mqtt.tls: the password goes to {mqtt.broker} in the clear: set tls = true if it can")
    try:
        secret = mqtt.secret() if mqtt.username else None
    except (OSError, UnicodeDecodeError):
        return found  # the link says so, and goes on trying
    if secret == "" or (secret is not None and secret != secret.strip()):
        what = "is empty" if not secret else "begins or ends with a blank"
        found.append(f"mqtt.password_file: the password in {mqtt.password_file} {what}")
    return found


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
