"""What `/metrics` shows: what was counted, how the service and its machine are now; loaded with the first scrape."""

import resource
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.health.exposition import Family, Kind, counter, gauge, written

if TYPE_CHECKING:
    from edge.service.service import Service


def exposition(service: "Service") -> str:
    """The whole text; reads small files, and blocks for some milliseconds."""
    return written(families(service.status(), service))


def families(status: Mapping[str, Any], service: "Service | None" = None) -> Iterator[Family]:
    """All metrics, of what `edge status --json` tells and of what was counted."""
    yield gauge("edge_build_info", "The release that runs.", 1, version=str(status["version"]), node=status["node"])
    yield from _process(status)
    if service is not None:
        yield from _counted(service)
    yield from _mqtt(status["broker"], service)
    yield gauge("edge_devices", "Devices that are known.", status["devices"])
    yield gauge("edge_areas", "Areas that are known.", status["areas"])
    yield from _sensors(status)
    yield from _model(status["model"])
    yield from _machine(status)
    yield gauge("edge_settings_problems", "Settings that can't be used.", len(status["problems"]))
    yield from _doctor(status.get("doctor") or {})


def _process(status: Mapping[str, Any]) -> Iterator[Family]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    memory = status["memory"]
    yield gauge(
        "process_start_time_seconds",
        "Start of the service, in seconds since the epoch.",
        round(time.time() - float(status["uptime_s"])),
    )
    yield counter("process_cpu_seconds_total", "Processor time of the service.", usage.ru_utime + usage.ru_stime)
    yield gauge("process_resident_memory_bytes", "Memory of the service.", memory.get("resident_bytes"))
    yield gauge("process_open_fds", "Files and sockets that the service has open.", _open_files())


def _counted(service: "Service") -> Iterator[Family]:
    metrics = service.metrics
    if metrics is None:
        return
    yield Family(
        "edge_requests_total",
        Kind.COUNTER,
        "Requests to the assistant, by where they came in, what was decided and who answered.",
        [
            ({"source": source, "decision": decision, "answered_by": by}, count)
            for (source, decision, by), count in sorted(metrics.requests.items())
        ],
    )
    yield Family(
        "edge_stage_duration_seconds",
        Kind.HISTOGRAM,
        "How long stages of requests took; reply is the whole, from the words to the reply.",
        histograms=[({"stage": stage.value}, metrics.stages[stage]) for stage in sorted(metrics.stages)],
    )
    yield Family(
        "edge_commands_total",
        Kind.COUNTER,
        "Calls on devices, by the device's domain and by what became of them.",
        [({"domain": domain, "outcome": how}, count) for (domain, how), count in sorted(metrics.commands.items())],
    )


def _mqtt(broker: Mapping[str, Any], service: "Service | None") -> Iterator[Family]:
    yield gauge("edge_mqtt_connected", "1 while the broker has let us in.", broker["state"] == "connected")
    yield gauge("edge_mqtt_waiting_messages", "Messages that wait to be sent.", broker.get("waiting"))
    yield counter("edge_mqtt_connects_total", "Connections to the broker.", broker.get("connects"))
    yield counter("edge_broker_restarts_total", "Starts of our own broker after its first.", broker.get("restarts"))
    link = service.link if service is not None else None
    if link is not None:
        yield counter("edge_mqtt_received_messages_total", "Messages from the broker.", link.counts.received)
        yield counter("edge_mqtt_published_messages_total", "Messages to the broker.", link.counts.published)


def _sensors(status: Mapping[str, Any]) -> Iterator[Family]:
    history, alarms = status.get("history") or {}, status.get("alarms") or {}
    yield gauge("edge_history_series", "Sensors that are remembered.", history.get("sensors"))
    yield counter("edge_history_readings_total", "Readings that were stored.", history.get("written"))
    yield counter("edge_history_lost_readings_total", "Readings that could not be stored.", history.get("lost"))
    yield gauge("edge_history_waiting_readings", "Readings that wait to be stored.", history.get("waiting"))
    yield gauge("edge_alarms_active", "Alarms that are on.", alarms.get("active"))
    yield gauge("edge_alarms_unacknowledged", "Alarms that nobody has seen.", alarms.get("unacknowledged"))


def _model(model: Mapping[str, Any]) -> Iterator[Family]:
    name = str(model.get("model") or "")
    yield gauge("edge_model_ready", "1 while the language model can answer.", model.get("state") == "ready", model=name)
    yield gauge("edge_model_resident_memory_bytes", "Memory of the model's process.", model.get("resident_bytes"))
    yield gauge("edge_model_context_tokens", "Tokens that the model has room for.", model.get("n_ctx"))
    rate = model.get("tokens_per_s") or None
    yield gauge("edge_model_tokens_per_second", "Speed of the model's last answer.", rate)
    yield gauge("edge_model_waiting_requests", "Questions that wait for the model.", model.get("waiting"))
    yield counter("edge_model_restarts_total", "Starts of the model's process after a failure.", model.get("restarts"))


def _machine(status: Mapping[str, Any]) -> Iterator[Family]:
    memory, disk = status["memory"], status.get("disk") or {}
    yield Family(
        "edge_temperature_celsius",
        Kind.GAUGE,
        "Temperatures of this machine.",
        [({"sensor": name}, celsius) for name, celsius in status["temperatures"].items()],
    )
    yield gauge("edge_memory_available_bytes", "Memory that is free for use.", memory.get("available_bytes"))
    yield gauge("edge_memory_size_bytes", "Memory of this machine.", memory.get("total_bytes"))
    yield gauge("edge_disk_free_bytes", "Room on the disk of the state.", disk.get("free_bytes"))
    yield gauge("edge_disk_size_bytes", "Size of the disk of the state.", disk.get("total_bytes"))
    text = "Bytes written to the disk by the whole machine since it was first asked."
    yield counter("edge_disk_written_bytes_total", text, disk.get("written_bytes"))
    yield gauge("edge_clock_trusted", "1 while something vouches for the time.", status["clock_trusted"])


def _doctor(doctor: Mapping[str, Any]) -> Iterator[Family]:
    yield Family(
        "edge_doctor_findings",
        Kind.GAUGE,
        "Findings of the last look at this machine, by how bad they are.",
        [({"severity": name}, doctor.get(name)) for name in ("problem", "note", "ok")],
    )


def _open_files() -> float | None:
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return None
