"""The router that the service asks, with what it was taught."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from edge.devices.registry import Registry
from edge.router.model import Routing
from edge.schedule.recurrence import Place
from edge.settings import Loaded
from edge.tracing import Stage, mark, now_s

if TYPE_CHECKING:
    from edge.router.phrases import Context
    from edge.router.teacher import Teacher
    from edge.settings.model import Settings

log = logging.getLogger(__name__)

Route = Callable[[str, str | None], Routing]


@dataclass(frozen=True, slots=True)
class Routes:
    """A router, and who teaches it."""

    route: Route
    teacher: "Teacher | None" = None
    context: "Callable[[Context], None] | None" = None
    """Tells the router how to know what is so at present."""
    problems: tuple[str, ...] = ()


class Timed:
    """A router that remembers how long it took."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self.ms: float | None = None
        """The last time; None before there was one."""

    def __call__(self, text: str, area: str | None) -> Routing:
        """What the router makes of it."""
        routing = self._route(text, area)
        self.ms = routing.ms
        return routing


LoadRouter = Callable[[Loaded, Registry], Routes]
"""Makes the router; runs in a thread, may block."""


def shipped_router(loaded: Loaded, registry: Registry) -> Routes:
    """The router of the package with what it was taught; one without weights answers every request with why."""
    from edge.router.network import NetworkError
    from edge.router.router import Router
    from edge.router.teacher import Teacher
    from edge.router.teaching import TeachingError

    settings = loaded.settings
    zone = zone_of(settings)
    try:
        router = Router.load(
            act=settings.router.act_threshold,
            chat=settings.router.chat_threshold,
            now=lambda: datetime.now(UTC).astimezone(zone),
        )
    except NetworkError as error:
        log.error("router.unusable", extra={"reason": str(error)})  # noqa: TRY400 (the message says it all)
        why = error

        def refuse(text: str, area: str | None) -> Routing:  # noqa: ARG001 (the protocol's)
            raise why

        return Routes(refuse, problems=(str(error),))

    def route(text: str, area: str | None) -> Routing:
        began_s = now_s()
        routed = router.trace(text, registry, area)
        mark(Stage.ROUTING, began_s, routed=routed)
        return routed.routing

    def tell_context(context: "Context") -> None:
        router.context = context

    try:
        return Routes(route, Teacher(router, loaded.places.state, own_topics=settings.base), tell_context)
    except TeachingError as error:
        return Routes(route, context=tell_context, problems=(str(error),))


def zone_of(settings: "Settings") -> tzinfo | None:
    """The zone of the settings; None: the machine's."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(settings.timezone) if settings.timezone else None


def place_of(settings: "Settings") -> "Place | None":
    """Where the house is; None where nobody has said so."""
    where = settings.location
    if where.latitude is None or where.longitude is None:
        return None
    return Place(where.latitude, where.longitude, where.elevation_m)
