"""Answers why sensors are as they are, from the history."""

from typing import TYPE_CHECKING

from edge.assistant.explaining import Explainer
from edge.sensors.alarms.words import Moments

if TYPE_CHECKING:
    from edge.service.service import Service


def open_explaining(service: "Service") -> Explainer:
    """To be opened once there is an assistant."""
    history, clock = service.history, service.clock
    now_s = history.now_s if history is not None else lambda: clock.now().timestamp()
    moments = Moments(now_s, clock.local, lambda: clock.trusted)
    explainer = Explainer(service.registry, clock, history.ask if history is not None else None, moments)
    service.assistant.keepers.add(explainer)
    return explainer
