"""Keeps who did what, where that is wanted."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from edge.log import destination
from edge.settings import Loaded

if TYPE_CHECKING:
    from edge.health.audit import AuditLog


async def open_audit(loaded: Loaded, stack: AsyncExitStack) -> "AuditLog | None":
    """The log of requests, which is closed with the stack; None where none is to be kept."""
    wanted = loaded.settings.requests
    if not wanted.keep:
        return None
    from edge.health.audit import AuditLog

    log = AuditLog(loaded.places.requests, with_text=wanted.text, most_bytes=wanted.most_bytes)
    return await stack.enter_async_context(log)


def audit_facts(audit: "AuditLog | None") -> dict[str, Callable[[], Mapping[str, Any]]]:
    """What `edge status` tells of it, and of where the service's own lines go."""

    def requests() -> Mapping[str, Any]:
        if audit is None:
            return {"kept": False}
        return {"kept": True, "file": str(audit.file), "written": audit.written, "lost": audit.lost}

    return {"requests": requests, "log": destination}
