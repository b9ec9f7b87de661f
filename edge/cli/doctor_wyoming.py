"""`edge doctor` on Wyoming: asks the running service, or tries its ports where none runs."""

import errno
import socket

from edge.api.wire import ControlClient, ControlError
from edge.errors import EdgeError
from edge.health.checks.wyoming import WyomingFacts
from edge.settings import Loaded, control_sockets

_PATIENCE_S = 5.0
_HERE = ("127.0.0.1", "::1", "localhost")


def wyoming_facts(loaded: Loaded) -> WyomingFacts | None:
    """How it is served; None where it is switched off. Blocks for a moment."""
    wyoming = loaded.settings.wyoming
    ports = {wyoming.port: "wyoming.port", wyoming.satellite_port: "wyoming.satellite_port"}
    ports.pop(0, None)
    if not wyoming.enabled or not (ports or wyoming.socket):
        return None
    listening, troubles = _served(loaded) or _tried(wyoming.host, ports)
    return WyomingFacts(listening, troubles, bool(ports) and wyoming.host not in _HERE, wyoming.confirm)


def _served(loaded: Loaded) -> tuple[list[str], list[str]] | None:
    """What the service says; None where none runs."""
    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_PATIENCE_S) as client:
            status = client.call("status")
    except (ControlError, EdgeError):
        return None
    parts = [status.get(name) or {} for name in ("wyoming", "satellite_of")]
    listening = [str(address) for part in parts for address in part.get("listening", ())]
    return listening, [str(part["trouble"]) for part in parts if part.get("trouble")]


def _tried(host: str, ports: dict[int, str]) -> tuple[list[str], list[str]]:
    free, troubles = [], []
    for port, setting in ports.items():
        try:
            with socket.create_server((host, port)):
                free.append(f"{host}:{port}, once `edge run` runs")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                troubles.append(f"{host}:{port} is in use by another program: end that, or set {setting} to another")
            else:
                troubles.append(f"{host}:{port} can't be listened on ({error.strerror}): set wyoming.host or {setting}")
    return free, troubles
