"""The page put together: its shell, and the routes of its views.

A view is a module of `edge.service.views`, imported when the page is first opened and not before; its
`routes(service, hub)` returns its routes and may offer topics to the hub. It is called in a thread.
"""

import importlib
import logging
import socket
from typing import TYPE_CHECKING, Final

from edge.api.http.page.front import Front

if TYPE_CHECKING:
    from edge.api.http.handling import MakeHandler
    from edge.api.http.page.shell import Shell
    from edge.api.http.routes import Route
    from edge.api.http.tokens import Tokens
    from edge.service.service import Service

log = logging.getLogger(__name__)

VIEWS: Final = ("now", "house", "sensors", "plans", "models", "health", "backups", "log", "settings", "first_run")
"""Modules of `edge.service.views`, each with the routes of a view."""


def page_of(service: "Service", tokens: "Tokens") -> Front:
    """The page, of which nothing is imported before somebody opens it."""
    return Front(lambda handler: _shell(service, tokens, handler))


def _shell(service: "Service", tokens: "Tokens", handler: "MakeHandler") -> "Shell":
    from edge.api.http.access import is_loopback
    from edge.api.http.page.guard import Guard
    from edge.api.http.page.hub import Hub
    from edge.api.http.page.sessions import FILE_NAME, Sessions, Tries
    from edge.api.http.page.shell import Shell

    http = service.loaded.settings.http
    guard = Guard(
        tokens,
        Sessions(file=service.loaded.places.runtime / FILE_NAME),
        Tries(),
        needs_password=not is_loopback(http.host) or http.require_token,
        names=(service.loaded.settings.node, socket.gethostname().partition(".")[0]),
        hosts=http.hosts,
        origins=http.origins,
    )
    hub = Hub()

    def views() -> "tuple[Route, ...]":
        routes: list[Route] = []
        for view in VIEWS:
            try:
                routes += importlib.import_module(f"edge.service.views.{view}").routes(service, hub)
            except Exception:  # a fault of one view's costs the others nothing
                log.exception("page.view_failed", extra={"view": view})
        return tuple(routes)

    return Shell(guard, hub, views, handler, https=http.certificate is not None)
