"""Whether HTTP is served where it should be."""

from collections.abc import Iterator

from edge.errors import EdgeError
from edge.health.facts import HttpFacts
from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground


async def look(ground: Ground) -> HttpFacts | None:
    """The running service where there is one, else what it would find; None where HTTP is switched off."""
    facts: HttpFacts | None = await ground.aside(_looked, ground)
    return facts


def _looked(ground: Ground) -> HttpFacts | None:
    from edge.api.http.tokens import TokenError, Tokens

    http = ground.loaded.settings.http
    if not http.enabled:
        return None
    tokens, trouble = 0, ""
    try:
        tokens = len(Tokens.in_state(ground.loaded.places.state).all())
    except TokenError as error:
        trouble = str(error)
    https = (http.certificate or http.key) is not None
    if ground.status is not None:
        told = ground.told("http").get("ports", {})
        ports = {port: "" if how == "listening" else str(how) for port, how in told.items()}
        return HttpFacts(http.host, https, ports, tokens, trouble)
    wanted = [port for port in (http.port, http.ollama_port) if port]
    tried = {str(port): _tried(ground, port, tokens) for port in wanted}
    return HttpFacts(http.host, https, tried, tokens, trouble)


def _tried(ground: Ground, port: int, tokens: int) -> str:
    """What would keep a port from being served; empty where nothing would."""
    from edge.api.http.access import is_loopback
    from edge.api.http.certificate import Certificate
    from edge.api.http.server import bound

    http = ground.loaded.settings.http
    try:
        if not is_loopback(http.host) and not tokens:
            return "the network is let in, and there is no token yet: make one with `edge config token add NAME`"
        if (certificate := Certificate.of(http.certificate, http.key)) is not None:
            certificate.renew(certificate.context())
        bound(http.host, port).close()
    except EdgeError as error:
        return str(error)
    return ""


def check(facts: HttpFacts) -> Iterator[Finding]:
    """A finding for each port, or one that nothing is served."""
    if facts.trouble:
        text, _, remedy = facts.trouble.partition(": ")
        yield problem("http", text, remedy or "see docs/http.md")
    for port, trouble in facts.ports.items():
        if trouble:
            text, _, remedy = trouble.partition("; ") if "; " in trouble else trouble.rpartition(": ")
            yield problem("http", f"port {port}: {text or trouble}", remedy if text else "see docs/http.md")
        else:
            kind = "https" if facts.https else "http"
            yield fine("http", f"{kind}://{facts.host}:{port}, {facts.tokens} tokens")
