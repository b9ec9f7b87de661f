"""What on the page may let somebody in takes a password, though the rest of it is open to this machine's programs."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.api.http.errors import HttpError
from edge.api.http.page.guard import HOW
from edge.api.http.routes import Call

GUARDED: Final = ("confirm", "sources", "guests", "devices", "wyoming.confirm")
"""Tables and keys that say what asks first, and whom."""


def must_have_logged_in(call: Call, what: str) -> None:
    """Raises `HttpError` (403) for who has not; `what` is to be changed."""
    if not call.caller.authenticated:
        raise HttpError(403, f"{what}: that is for whoever has logged in with a password: {HOW}", code="log_in_first")


def guarded(keys: Iterable[str]) -> str | None:
    """The first of the keys that is one of those; None where none is."""
    return next((key for key in keys if any(key == one or key.startswith(f"{one}.") for one in GUARDED)), None)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """The first of those that is not the same in two documents; None where all are."""
    return next((one for one in GUARDED if _at(before, one) != _at(after, one)), None)


def _at(document: Mapping[str, Any], dotted: str) -> Any:
    found: Any = document
    for key in dotted.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
