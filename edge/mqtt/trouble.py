"""Why there is no connection to the broker, found out from what the libraries raise: a kind, and a sentence; pure."""

import errno
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt.errors import EndedEarlyError, TlsFileError

SILENT: Final = "Operation timed out"
"""What the library says when nothing answers: some old brokers are silent to a protocol they don't know."""


class Kind(StrEnum):
    """What is wrong."""

    UNKNOWN_HOST = "unknown_host"
    NOT_LISTENING = "not_listening"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    CLOSED = "closed"
    """It took the connection and ended it without an answer."""
    LOST = "lost"
    """It was there, and is not any more."""
    PROTOCOL = "protocol"
    """It does not speak this version of MQTT."""
    CREDENTIALS = "credentials"
    """User name or password."""
    NOT_ALLOWED = "not_allowed"
    BUSY = "busy"
    TAKEN_OVER = "taken_over"
    CERTIFICATE = "certificate"
    """The broker's is not one to trust."""
    OWN_CERTIFICATE = "own_certificate"
    """The broker refuses ours, or the lack of one."""
    TLS = "tls"
    FILES = "files"
    """Something of ours that can't be read."""


LASTING: Final = frozenset(
    {Kind.CREDENTIALS, Kind.NOT_ALLOWED, Kind.TAKEN_OVER, Kind.CERTIFICATE, Kind.OWN_CERTIFICATE, Kind.TLS, Kind.FILES}
)
"""What a person has to mend: there is no hurry to try again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One sentence, and another with the remedy."""

    kind: Kind
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.remedy}" if self.remedy else self.text


_CREDENTIALS: Final = "check [mqtt] username and password_file"
_REASONS: Final[dict[int, tuple[Kind, str, str]]] = {
    132: (Kind.PROTOCOL, "does not speak this version of MQTT", "update it, or set [mqtt] protocol"),
    133: (Kind.NOT_ALLOWED, "does not like our client id", "set another `node`"),
    134: (Kind.CREDENTIALS, "refuses our user name or password", _CREDENTIALS),
    135: (
        Kind.CREDENTIALS,
        "refuses us: user name or password are wrong, or it lets nobody in without",
        f"{_CREDENTIALS}, and the broker's access list",
    ),
    136: (Kind.BUSY, "is not available now", ""),
    137: (Kind.BUSY, "is too busy to take us", ""),
    138: (Kind.NOT_ALLOWED, "has banned us", "look into its log and its list of banned clients"),
    139: (Kind.LOST, "is being shut down", ""),
    140: (Kind.CREDENTIALS, "wants to be shown who we are in a way that is not supported", "use a password"),
    141: (Kind.LOST, "has heard nothing of us for too long", ""),
    147: (Kind.LOST, "was sent more at once than it takes", ""),
    149: (Kind.LOST, "was sent a message that is too large for it", "raise its max_packet_size"),
    151: (Kind.BUSY, "says that a limit of its own is used up", "look into its limits"),
    156: (Kind.NOT_ALLOWED, "wants us to use another broker", "set [mqtt] broker to that one"),
    157: (Kind.NOT_ALLOWED, "has moved", "set [mqtt] broker to where it is now"),
    159: (Kind.BUSY, "finds that we connect too often", ""),
}
"""MQTT 5, 3.2.2.2 and 3.14.2.1; those of MQTT 3.1.1 are given these numbers by the library."""
_NO_REASON: Final = 128
_TAKEN_OVER: Final = 142
_OUR_CERTIFICATE: Final = (
    "set [mqtt] client_certificate and client_key to what the broker's certificate authority has signed"
)
_TLS_PORT: Final = "is that its port for TLS ([mqtt] port)?"
_X509_EXPIRED: Final = 10
_X509_NOT_YET: Final = 9
_X509_HOST: Final = frozenset({62, 64})


def explain(error: BaseException | None, *, where: str, client_id: str, username: str | None, tls: bool) -> Trouble:
    """The trouble behind an error of the library's, or of ours; `where` is the broker, "host:port"."""
    error = getattr(error, "__cause__", None) or error  # the library's own words for "it ended" hide why
    if isinstance(error, TlsFileError):
        return Trouble(Kind.FILES, str(error))
    if isinstance(error, EndedEarlyError):
        return _early(error, where, tls=tls)
    code = reason_code(getattr(error, "rc", None))
    if code >= 128:
        return _refused(code, where, client_id, username)
    if isinstance(error, UnicodeDecodeError):
        return Trouble(Kind.FILES, "mqtt.password_file: expected UTF-8 text")
    if str(error) == SILENT:
        return Trouble(Kind.SILENT, f"the broker at {where} takes the connection and does not answer")
    cause = error.__context__ if isinstance(error, aiomqtt.MqttError) and error.__context__ else error
    if isinstance(cause, ssl.SSLError):
        return _tls(cause, where)
    if isinstance(cause, OSError) and cause.filename:
        return Trouble(Kind.FILES, f"{cause.filename}: {cause.strerror}", "mend the file or its permissions")
    if isinstance(cause, OSError):
        return _network(cause, where, tls=tls)
    said = paho.error_string(code) if code else str(error or "it ended the connection")
    return Trouble(Kind.LOST, f"no connection to the broker at {where}: {said.rstrip('.')}")


def reason_code(reason: object) -> int:
    """The number of a reason code; 0 for what is none."""
    value = reason.value if isinstance(reason, ReasonCode) else reason
    return value if isinstance(value, int) else 0


def _refused(code: int, where: str, client_id: str, username: str | None) -> Trouble:
    if code == _TAKEN_OVER:
        text = f"another client at {where} calls itself {client_id}"
        return Trouble(Kind.TAKEN_OVER, text, "give one of the two another `node`")
    if code == _NO_REASON:
        # Mosquitto 2.0.11, which Debian 12 has, says nothing to a client whose id another one takes.
        text = f"the broker at {where} ended the connection without a reason"
        again = f"where that goes on, see whether another client calls itself {client_id}, and give one another `node`"
        return Trouble(Kind.LOST, text, again)
    kind, text, remedy = _REASONS.get(code, (Kind.LOST, f"ended the connection (reason code {code})", ""))
    if kind is Kind.CREDENTIALS and username is None:
        text, remedy = "lets nobody in without a user name", "set [mqtt] username and password_file"
    return Trouble(kind, f"the broker at {where} {text}", remedy)


def _early(error: EndedEarlyError, where: str, *, tls: bool) -> Trouble:
    """It ended the connection before it had answered: about TLS it may have said why."""
    if isinstance(error.cause, ssl.SSLEOFError):
        # It was gone before we could write: with TLS 1.3 it looks at our certificate after we have seen its own.
        text = f"the broker at {where} ends the connection once it has seen who we are, or that we don't show it"
        return Trouble(Kind.OWN_CERTIFICATE, text, _OUR_CERTIFICATE)
    if isinstance(error.cause, ssl.SSLError):
        return _tls(error.cause, where)
    text = f"the broker at {where} ends the connection without an answer"
    if tls:
        remedy = "it may want a certificate of ours ([mqtt] client_certificate), or refuse us by address"
        return Trouble(Kind.CLOSED, text, remedy)
    return Trouble(Kind.CLOSED, text, "is that its port for TLS ([mqtt] tls = true), or something else than MQTT?")


def _tls(error: ssl.SSLError, where: str) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, where)
    reason = (getattr(error, "reason", "") or str(error)).upper().replace(" ", "_")
    said = reason.replace("_", " ").lower()
    if "ALERT" in reason and any(word in reason for word in ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE")):
        lacking = "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason
        text = (
            f"the broker at {where} {'wants a certificate of ours' if lacking else 'refuses our certificate'} ({said})"
        )
        return Trouble(Kind.OWN_CERTIFICATE, text, _OUR_CERTIFICATE)
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason or "RECORD_LAYER" in reason:
        text = f"the broker at {where} does not speak TLS there"
        return Trouble(Kind.TLS, text, "set [mqtt] port to its port for TLS (often 8883), or tls = false")
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        text = f"the broker at {where} speaks a version of TLS that is not safe any more ({said})"
        return Trouble(Kind.TLS, text, "let it speak TLS 1.2 or newer")
    return Trouble(Kind.TLS, f"no TLS with the broker at {where} ({said})", _TLS_PORT)


def _certificate(error: ssl.SSLCertVerificationError, where: str) -> Trouble:
    code, said = error.verify_code, error.verify_message
    if code == _X509_EXPIRED:
        text, remedy = "has expired", "renew it, and check this machine's clock"
    elif code == _X509_NOT_YET:
        text, remedy = "is not valid yet", "set this machine's clock"
    elif code in _X509_HOST:
        text = f"is made out to another name ({said.rstrip('.')})"
        remedy = "set [mqtt] broker to the name in the certificate, or tls_server_name"
    else:
        text = f"is not signed by anybody we trust ({said})"
        remedy = "set [mqtt] ca_file to the certificate that signed it"
    return Trouble(Kind.CERTIFICATE, f"the certificate of the broker at {where} {text}", remedy)


def _network(error: OSError, where: str, *, tls: bool) -> Trouble:
    if isinstance(error, socket.gaierror):
        text = f"the name of the broker at {where} can't be resolved"
        return Trouble(Kind.UNKNOWN_HOST, text, "check [mqtt] broker and the network")
    if isinstance(error, ConnectionRefusedError):
        start = "start the broker there (sudo systemctl start mosquitto), or correct [mqtt] broker and [mqtt] port"
        return Trouble(Kind.NOT_LISTENING, f"the broker at {where} can't be reached (nothing listens there)", start)
    if isinstance(error, ConnectionError):
        text = f"the broker at {where} ended the connection ({_said(error)})"
        return Trouble(Kind.CLOSED, text, _TLS_PORT if tls else "")
    if isinstance(error, TimeoutError) or error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        text = f"the broker at {where} can't be reached ({_said(error)})"
        return Trouble(Kind.UNREACHABLE, text, "is it switched on, and is there a network?")
    return Trouble(Kind.LOST, f"no connection to the broker at {where}: {_said(error)}")


def _said(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()


def first_leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error in a group of groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
