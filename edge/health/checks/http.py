"""Whether HTTP is served where it should be."""

from collections.abc import Iterator

from edge.health.facts import HttpFacts
from edge.health.finding import Finding, fine, problem


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
