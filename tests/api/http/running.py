"""The whole service with a tiny model, as a process of its own: for clients that must not share its event loop."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.models import ModelStore
from edge.mqtt.broker import free_port
from tests.gguf_maker import make
from tests.llm.toolboxes import QWEN

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Running:
    """Where it is."""

    base: str
    ollama: str
    pid: int
    log: Path


@contextlib.contextmanager
def running(
    directory: Path, model: Path | None = None, words: bool = True, n_ctx: int = 4096, **settings: str
) -> Iterator[Running]:
    """The service, once its model can answer. `words`: with the router for tests, which needs no network.

    `model`: another than one of random weights called `tiny`; `settings`: more of the environment, without its prefix.
    """
    model = model or make(directory / "tiny.gguf", chat_template=QWEN)
    ModelStore(directory / "state" / "models").add(model)
    port, ollama = free_port(), free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("EDGE_")}
    env |= {"EDGE_STATE": str(directory / "state"), "EDGE_CONFIG": str(directory / "config.toml"), "EDGE_NODE": "test"}
    env |= {"EDGE_HTTP__PORT": str(port), "EDGE_HTTP__OLLAMA_PORT": str(ollama), "EDGE_SPEECH__ENABLED": "false"}
    env |= {"EDGE_LLM__CONTEXT": str(n_ctx), "EDGE_LLM__THREADS": "1", "EDGE_LLM__TUNE": "false"}
    env |= {f"EDGE_{name}": value for name, value in settings.items()}
    (directory / "config.toml").touch()
    log = directory / "log"
    module = ["-m", "tests.service.run_words"] if words else ["-m", "edge", "run"]
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *module], env=env, stderr=out, cwd=ROOT)
    try:
        here = Running(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{ollama}", process.pid, log)
        _await_model(here, process)
        yield here
    finally:
        process.terminate()
        process.wait()


def _await_model(here: Running, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        health = urllib.request.Request(f"{here.base}/healthz")  # noqa: S310 (our own address)
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(health) as answer:  # noqa: S310
            if json.load(answer)["model"] == "ready":
                return
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {here.log.read_text()[-2000:]}")
