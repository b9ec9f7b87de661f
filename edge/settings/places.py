"""Where configuration, state, models and sockets live: system directories for the service, XDG ones for a person."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSTEM_RUNTIME: Final = Path("/run/edge")
INSTALLATION: Final = Path("/opt/edge")


@dataclass(frozen=True, slots=True)
class Places:
    """Paths only; nothing is created here."""

    config: Path
    """The TOML file; `conf.d/*.toml` lies beside it."""
    state: Path
    """What must survive a reboot."""
    runtime: Path
    """Sockets and addresses of what runs now; private to the user."""
    installation: Path = INSTALLATION
    """Where releases lie, and which of them runs."""

    @property
    def conf_d(self) -> Path:
        """The directory of drop-in files."""
        return self.config.parent / "conf.d"

    @property
    def own(self) -> Path:
        """What was set on the page, over what the other files say."""
        return self.state / "settings.toml"

    @property
    def models(self) -> Path:
        """Models of every kind."""
        return self.state / "models"

    @property
    def requests(self) -> Path:
        """The log of requests."""
        return self.state / "requests.sqlite"

    @property
    def history(self) -> Path:
        """What sensors measured."""
        return self.state / "history.sqlite"

    @property
    def control_socket(self) -> Path:
        """The socket through which other processes talk to the running service."""
        return self.runtime / "control.sock"

    @property
    def broker_address(self) -> Path:
        """JSON `{"host", "port", "supervised", "node"}`: the broker the running service uses."""
        return self.runtime / "broker.json"


def places(environ: Mapping[str, str] | None = None, *, system: bool | None = None) -> Places:
    """The places for this process.

    `EDGE_CONFIG` (a file), `EDGE_STATE`, `EDGE_RUNTIME` and `EDGE_INSTALLATION` (directories) override; with
    `EDGE_STATE` alone the runtime directory is inside it. Root, and units for which systemd has made the directories,
    use the system ones.
    """
    env = os.environ if environ is None else environ
    if system is None:
        system = os.geteuid() == 0
    base = _system(env) if system or "STATE_DIRECTORY" in env else _personal(env)
    state = _override(env, "EDGE_STATE")
    runtime = _override(env, "EDGE_RUNTIME") or (state / "run" if state else None)
    return Places(
        config=_override(env, "EDGE_CONFIG") or base.config,
        state=state or base.state,
        runtime=runtime or base.runtime,
        installation=_override(env, "EDGE_INSTALLATION") or INSTALLATION,
    )


def _override(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value).expanduser().absolute() if value else None


def _system(env: Mapping[str, str]) -> Places:
    def first(name: str, default: str) -> Path:
        return Path((env.get(name) or default).partition(":")[0])

    return Places(
        config=first("CONFIGURATION_DIRECTORY", "/etc/edge") / "config.toml",
        state=first("STATE_DIRECTORY", "/var/lib/edge"),
        runtime=first("RUNTIME_DIRECTORY", str(SYSTEM_RUNTIME)),
    )


def _personal(env: Mapping[str, str]) -> Places:
    def xdg(name: str, default: str) -> Path:
        value = env.get(name, "")
        return Path(value) if value.startswith("/") else Path(env.get("HOME") or "~").expanduser() / default

    state = xdg("XDG_STATE_HOME", ".local/state") / "edge"
    runtime = env.get("XDG_RUNTIME_DIR", "")
    return Places(
        config=xdg("XDG_CONFIG_HOME", ".config") / "edge" / "config.toml",
        state=state,
        runtime=Path(runtime) / "edge" if runtime.startswith("/") else state / "run",
    )


def control_sockets(where: Places) -> tuple[Path, ...]:
    """Where a running service may listen: our own place first, then the system's, unless ours was chosen by hand."""
    if "EDGE_STATE" in os.environ or "EDGE_RUNTIME" in os.environ:
        return (where.control_socket,)
    return tuple(dict.fromkeys((where.control_socket, SYSTEM_RUNTIME / "control.sock")))
