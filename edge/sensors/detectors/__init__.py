"""One file a detector: its settings, its memory and its judgement; `DETECTORS` is the list of all.

A new one is a file with a settings dataclass and a detector (see `base.Detector`), an entry here, a kind in
`edge.sensors.model.Kind`, and its defaults in `edge.sensors.defaults`. May import `edge.sensors.model` and `lately`.
"""

from typing import Final

from edge.sensors.detectors.base import Detector, Nominal, Numeric, Reporting, Settings, Takes, Ticking
from edge.sensors.detectors.counter import Counter, CounterSettings
from edge.sensors.detectors.drift import Drift, DriftSettings
from edge.sensors.detectors.limits import Limits, LimitsSettings
from edge.sensors.detectors.neighbours import Neighbours, NeighboursSettings
from edge.sensors.detectors.rate import Rate, RateSettings
from edge.sensors.detectors.shift import Shift, ShiftSettings
from edge.sensors.detectors.spike import Spike, SpikeSettings
from edge.sensors.detectors.stale import Stale, StaleSettings
from edge.sensors.detectors.state import State, StateSettings
from edge.sensors.detectors.stuck import Stuck, StuckSettings
from edge.sensors.detectors.unusual import Unusual, UnusualSettings
from edge.sensors.model import Kind

AnySettings = (
    LimitsSettings
    | RateSettings
    | StaleSettings
    | StuckSettings
    | SpikeSettings
    | ShiftSettings
    | DriftSettings
    | UnusualSettings
    | StateSettings
    | CounterSettings
    | NeighboursSettings
)
AnyDetector = Limits | Rate | Stale | Stuck | Spike | Shift | Drift | Unusual | State | Counter | Neighbours

DETECTORS: Final[dict[type[AnySettings], type[AnyDetector]]] = {
    LimitsSettings: Limits,
    RateSettings: Rate,
    StaleSettings: Stale,
    StuckSettings: Stuck,
    SpikeSettings: Spike,
    ShiftSettings: Shift,
    DriftSettings: Drift,
    UnusualSettings: Unusual,
    StateSettings: State,
    CounterSettings: Counter,
    NeighboursSettings: Neighbours,
}
"""Which detector goes by which settings."""

SETTINGS: Final[dict[Kind, type[AnySettings]]] = {one.kind: settings for settings, one in DETECTORS.items()}
"""Which settings a kind has, by its name in a configuration."""

__all__ = [
    "DETECTORS",
    "SETTINGS",
    "AnyDetector",
    "AnySettings",
    "Detector",
    "Nominal",
    "Numeric",
    "Reporting",
    "Settings",
    "Takes",
    "Ticking",
]
