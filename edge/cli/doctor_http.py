"""What `edge doctor` looks at of HTTP: the running service where there is one, else what it would find."""

from typing import Any

from edge.api.wire import ControlClient, ControlError
from edge.errors import EdgeError
from edge.health.facts import HttpFacts
from edge.settings import Loaded, control_sockets

_PATIENCE_S = 5.0


def http_facts(loaded: Loaded) -> HttpFacts | None:
    """None where HTTP is switched off."""
    from edge.api.http.tokens import TokenError, Tokens

    http = loaded.settings.http
    if not http.enabled:
        return None
    tokens, trouble = 0, ""
    try:
        tokens = len(Tokens.in_state(loaded.places.state).all())
    except TokenError as error:
        trouble = str(error)
    told = _told(loaded)
    https = (http.certificate or http.key) is not None
    if told is not None:
        ports = {port: "" if how == "listening" else str(how) for port, how in told.get("ports", {}).items()}
        return HttpFacts(http.host, https, ports, tokens, trouble)
    wanted = [port for port in (http.port, http.ollama_port) if port]
    return HttpFacts(http.host, https, {str(port): _tried(loaded, port, tokens) for port in wanted}, tokens, trouble)


def _told(loaded: Loaded) -> dict[str, Any] | None:
    """What a running service says; None where none runs."""
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            http: dict[str, Any] = client.call("status").get("http", {})
            return http
    except ControlError:
        return None


def _tried(loaded: Loaded, port: int, tokens: int) -> str:
    """What would keep a port from being served; empty where nothing would."""
    from edge.api.http.access import is_loopback
    from edge.api.http.certificate import Certificate
    from edge.api.http.server import bound

    http = loaded.settings.http
    try:
        if not is_loopback(http.host) and not tokens:
            return "the network is let in, and there is no token yet: make one with `edge config token add NAME`"
        if (certificate := Certificate.of(http.certificate, http.key)) is not None:
            certificate.renew(certificate.context())
        bound(http.host, port).close()
    except EdgeError as error:
        return str(error)
    return ""
