"""What `edge doctor` looks at of alarms: the running service where there is one, files and settings besides."""

from typing import Any, Final

from edge.api.wire import ControlClient, ControlError
from edge.health.checks.alarms import AlarmFacts
from edge.settings import Loaded, control_sockets

_PATIENCE_S: Final = 5.0
_FILES: Final = ("alarms.sqlite", "watch.sqlite")


def alarm_facts(loaded: Loaded) -> AlarmFacts | None:
    """None where sensors are not to be watched."""
    settings = loaded.settings
    if not (settings.history.enabled and settings.watch.enabled):
        return None
    from edge.sensors.watching import described

    told = _told(loaded)
    alarms, watch = told.get("alarms") or {}, told.get("watch") or {}
    return AlarmFacts(
        runs=bool(alarms),
        sensors=int(watch.get("sensors", 0)),
        active=int(alarms.get("active", 0)),
        rules=int(alarms.get("rules", 0)),
        alarms_trouble=str(alarms.get("trouble") or ""),
        watch_trouble=str(watch.get("trouble") or ""),
        set_aside=_set_aside(loaded),
        unusable=tuple(described(settings.watch.sensors)),
        muted=tuple(alarms.get("muted", ())),
        without_sensor=tuple(alarms.get("without_sensor", ())),
        announce=settings.watch.announce,
    )


def _set_aside(loaded: Loaded) -> tuple[str, ...]:
    state = loaded.places.state
    try:
        found = [one for name in _FILES for one in state.glob(f"{name}.damaged-*") if one.name[-1].isdigit()]
    except OSError:
        return ()
    return tuple(sorted(str(one) for one in found))


def _told(loaded: Loaded) -> dict[str, Any]:
    """What a running service says; nothing where none runs."""
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            return dict(client.call("status"))
    except ControlError:
        return {}
