"""What a start writes for the service: the settings of the seed, and what a flashed machine has by default."""

import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from edge.appliance.files import read_bounded, write_private
from edge.appliance.places import Machine
from edge.appliance.seed.reading import MOST_BYTES
from edge.settings.places import Places
from edge.settings.toml_text import written

SEED: Final = "50-seed.toml"
DEFAULTS: Final = "40-appliance.toml"
"""Below the seed's in order; has only what no other file names."""
HISTORY_WINDOW_S: Final = 60.0
"""As on a card, by whatever bus that hangs on this board: what readers of cards tell of themselves differs."""
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def write_settings(machine: Machine, name: str, settings: dict[str, Any]) -> None:
    """Replace a file of conf.d, where it is to say something else. Raises OSError."""
    head = "# Written at every start; what stands here comes from edge.toml on the boot partition.\n\n"
    if name == DEFAULTS:
        head = "# Written at every start: what a flashed appliance has unless another file says otherwise.\n\n"
    gid = machine.account.gid if machine.account else None
    (machine.config / "conf.d").mkdir(mode=0o755, parents=True, exist_ok=True)
    write_private(machine.config / "conf.d" / name, (head + written(settings)).encode(), 0o640, gid)


def problems_with(settings: dict[str, Any], seed: str) -> list[str]:
    """What the service would say of these settings; takes half a second, and pydantic's memory."""
    from edge.settings import load

    with tempfile.TemporaryDirectory(prefix="edge-seed-") as scratch:
        config = Path(scratch) / "config.toml"
        config.write_text(written(settings), "utf-8")
        found = load(Places(config, Path(scratch), Path(scratch)), {}).problems
    return [str(problem).replace(f"{config}: ", "").replace(str(config), seed) for problem in found]


def known_tables() -> list[str]:
    """Every key at the top of the settings."""
    from edge.settings.model import Settings

    return list(Settings.model_fields)


def named_elsewhere(machine: Machine, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Every document that counts beside the defaults: the file, conf.d, the seed's settings, what the page has set."""
    files = [machine.config / "config.toml"]
    conf_d = machine.config / "conf.d"
    if conf_d.is_dir():
        files += sorted(file for file in conf_d.glob("*.toml") if file.name not in (SEED, DEFAULTS))
    return [*_read(files), settings, *_read([machine.state / "settings.toml"])]


def _read(files: list[Path]) -> list[dict[str, Any]]:
    """What can be read of them."""
    documents = []
    for file in files:
        try:
            documents.append(tomllib.loads(read_bounded(file, 16 * MOST_BYTES).decode("utf-8-sig")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
            continue
    return documents


def defaults(documents: list[dict[str, Any]], broker_secret: Path) -> tuple[dict[str, Any], bool]:
    """The settings of a flashed appliance that nobody else has made, and whether its own broker is the one."""
    broker = _last(documents, "mqtt", "broker")
    own_broker = broker is None or broker in LOOPBACK
    chosen: dict[str, Any] = {}
    if broker is None:
        chosen["mqtt"] = {
            "broker": "127.0.0.1",
            "port": 1883,
            "username": "edge",
            "password_file": str(broker_secret),
        }
    if _last(documents, "http", "host") is None:
        chosen["http"] = {"host": "0.0.0.0"}  # noqa: S104 (it takes nobody without the password)
    if _last(documents, "history", "window_s") is None:
        chosen["history"] = {"window_s": HISTORY_WINDOW_S}
    return chosen, own_broker


def _last(documents: list[dict[str, Any]], table: str, key: str) -> Any:
    found = None
    for document in documents:
        values = document.get(table)
        if isinstance(values, dict) and values.get(key) is not None:
            found = values[key]
    return found
