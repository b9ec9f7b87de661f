"""A simulated house on a broker of its own, and the service with its page, each a process."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import paho.mqtt.publish

from edge.api.wire import ControlClient, ControlError
from edge.demo.house import House
from edge.demo.household import configuration
from edge.demo.stage import _die_with_parent
from edge.mqtt.broker import BrokerAddress, free_port
from tests.mosquitto import MOSQUITTO

ROOT = Path(__file__).parents[2]
PATIENCE_S = 100.0
_T = TypeVar("_T")
SPEAKING = ("light", "switch", "cover", "lock", "climate", "fan", "sensor")
"""Domains whose devices in the house say how they are."""


@dataclass(frozen=True)
class Staged:
    """Where it is."""

    port: int
    pid: int
    state: Path
    log: Path
    broker: BrokerAddress

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, do: str, **arguments: Any) -> dict[str, Any]:
        """What the service answers on its control socket."""

        def ask() -> dict[str, Any]:
            with ControlClient(self.state / "run" / "control.sock", timeout_s=20) as client:
                return client.call(do, **arguments)

        return aside(ask)

    def device(self, id_: str) -> dict[str, Any]:
        """One device, as the service knows it now."""
        found: dict[str, Any] = next(one for one in self.asked("devices")["devices"] if one["id"] == id_)
        return found

    def publish(self, topic: str, payload: str) -> None:
        """Have a device say something of itself, retained."""
        where = {"hostname": self.broker.host, "port": self.broker.port}
        aside(lambda: paho.mqtt.publish.single(topic, payload, qos=1, retain=True, **where))


def aside(work: Callable[[], _T]) -> _T:
    """Have work that blocks done in a thread: tests in a browser run on an event loop of its library's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def said(here: Staged, text: str) -> str:
    """What the assistant answers somebody at the command line."""
    return str(here.asked("ask", text=text)["text"])


@contextlib.contextmanager
def staged(directory: Path, *, more: str = "", speed: float = 1.0, **settings: str) -> Iterator[Staged]:
    """The house and the service, once every device has said how it is.

    `more`: lines of the configuration; `settings`: more of the environment, without its prefix.
    """
    broker = BrokerAddress("127.0.0.1", free_port())
    house = House(seed=1)
    mosquitto = directory / "mosquitto.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    mosquitto.write_text(f"listener {broker.port} {broker.host}\nallow_anonymous true\n{user}")
    (directory / "config.toml").write_text(configuration(broker, house.things, None) + more, encoding="utf-8")
    env, port, state, log = _environment(directory, **settings)
    where = ("--host", broker.host, "--port", str(broker.port))
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        stack.enter_context(_process(MOSQUITTO, "-c", str(mosquitto), env=env, out=subprocess.DEVNULL))
        stack.enter_context(
            _process(sys.executable, "-m", "edge.demo.house", *where, "--speed", f"{speed:g}", env=env, out=out)
        )
        service = stack.enter_context(_process(sys.executable, "-m", "edge", "run", env=env, out=out))
        here = Staged(port, service.pid, state, log, broker)
        _until(lambda: _complete(here, house.entities), service, log)
        yield here


@contextlib.contextmanager
def served(directory: Path, **settings: str) -> Iterator[Staged]:
    """The service alone, with a broker of its own."""
    (directory / "config.toml").touch()
    env, port, state, log = _environment(directory, **settings)
    with log.open("wb") as out, _process(sys.executable, "-m", "edge", "run", env=env, out=out) as service:
        here = Staged(port, service.pid, state, log, BrokerAddress("", 0))
        _until(lambda: _listens(here), service, log)
        yield here


def _environment(directory: Path, **settings: str) -> tuple[dict[str, str], int, Path, Path]:
    """That of the service; with its port, state and log."""
    port, state = free_port(), directory / "state"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("EDGE_", "NOTIFY_"))}
    env |= {"EDGE_STATE": str(state), "EDGE_CONFIG": str(directory / "config.toml")}
    env |= {"EDGE_HTTP__PORT": str(port), "EDGE_HTTP__OLLAMA_PORT": "0", "EDGE_SPEECH__ENABLED": "false"}
    env |= {"EDGE_WYOMING__ENABLED": "false"}
    return env | {f"EDGE_{name}": value for name, value in settings.items()}, port, state, directory / "log"


@contextlib.contextmanager
def _process(*command: str, env: dict[str, str], out: Any) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=ROOT, preexec_fn=_die_with_parent)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _complete(here: Staged, wanted: int) -> bool:
    devices = here.asked("devices")["devices"]
    silent = [one for one in devices if one["state"] is None and one["id"].partition(".")[0] in SPEAKING]
    if len(devices) < wanted or silent:
        return False
    return _listens(here)


def _listens(here: Staged) -> bool:
    return "listening" in here.asked("status")["http"].get("ports", {}).values()


def _until(condition: Callable[[], bool], service: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and service.poll() is None:
        with contextlib.suppress(ControlError):
            if condition():
                return
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {log.read_text()[-3000:]}")
