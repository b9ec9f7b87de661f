"""What a service says of itself, as far as metrics are made of it."""

from types import SimpleNamespace
from typing import Any

from edge.assistant.record import Record
from edge.health.metrics import Metrics
from edge.tracing import Mark, Stage

FULL: dict[str, Any] = {
    "version": "1.2.3",
    "node": "edge",
    "uptime_s": 120,
    "problems": ["a"],
    "broker": {"state": "connected", "waiting": 0, "connects": 2, "restarts": 1},
    "devices": 12,
    "areas": 3,
    "model": {
        "state": "ready",
        "model": "qwen",
        "resident_bytes": 700_000_000,
        "n_ctx": 2048,
        "tokens_per_s": 9.5,
        "waiting": 0,
        "restarts": 0,
    },
    "memory": {"resident_bytes": 140_000_000, "available_bytes": 1_000_000_000, "total_bytes": 4_000_000_000},
    "temperatures": {"cpu-thermal": 48.5},
    "clock_trusted": True,
    "history": {"sensors": 4, "written": 100, "lost": 0, "waiting": 3},
    "alarms": {"active": 1, "unacknowledged": 0},
    "disk": {"free_bytes": 5, "total_bytes": 10, "written_bytes": 512},
    "doctor": {"problem": 1, "note": 2, "ok": 20},
}


def counted() -> Any:
    """A service that has counted a little of everything."""
    metrics = Metrics()
    metrics.observe(Mark(Stage.COMMAND, 1.0, 1.1, {"device": "light.lamp", "outcome": "done"}))
    metrics.answered(Record(1, 0.0, True, "id", "cli", decision="act", answered_by="router", ms=3.0))
    counts = SimpleNamespace(received=7, published=5)
    return SimpleNamespace(metrics=metrics, link=SimpleNamespace(counts=counts))
