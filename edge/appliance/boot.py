"""A start, step by step: each is tried whatever became of those before, and what goes wrong is told, not raised."""

import contextlib
import hashlib
import json
import logging
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from edge.appliance import clock, i2c, password, settings_files, wifi
from edge.appliance.files import line, read_bounded, write_private
from edge.appliance.grow import grown
from edge.appliance.overlays import ask_firmware
from edge.appliance.places import Machine
from edge.appliance.report import Report, tell
from edge.appliance.running import Runner
from edge.appliance.seed import vault
from edge.appliance.seed.model import Seed, settings_of, spellings
from edge.appliance.seed.taking import Taken, take
from edge.appliance.shell_access import close_shell, open_shell
from edge.errors import EdgeError
from edge.settings.toml_text import written

log = logging.getLogger(__name__)

NAME: Final = "edge"
"""What a machine is called that nobody has named."""
_CHECKED: Final = "settings-problems.json"
_MOST_BYTES: Final = 256 * 1024


def boot(
    machine: Machine, run: Runner, set_name: Callable[[str], None] = socket.sethostname
) -> tuple[Report, str | None]:
    """Do what has to be done before the service starts; how it went, and a password that was made up just now."""
    own: list[str] = []
    problems: list[str] = []
    if line(machine.data_place) == "memory":
        own.append(
            "the data partition of the card can't be used, so what changes now is lost at the next start: "
            "flash another card, and restore a backup there"
        )
    with _step("the clock", own):
        clock.restore(machine)
    with _step("the state directory", own), machine.as_service():
        machine.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
        machine.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    grown(machine.state, run, own)
    taken = Taken(Seed(), {}, ())
    with _step("edge.toml", own):
        taken = take(machine, run)
    problems += taken.problems
    name = taken.seed.name or NAME
    with _step("the name", own):
        if socket.gethostname() != name:
            set_name(name)
    made: str | None = None
    with _step("the password", own):
        made = password.first_password(machine, name, run)
        password.tidy(machine, run)
    with _step("the settings", own):
        problems += _settings(machine, taken)
    with _step("Wi-Fi", own):
        networks = [(network, vault.network_password(machine, network)) for network in taken.seed.networks]
        wifi.apply_networks(machine, networks)
        problems += wifi.allow_radio(
            machine, taken.seed.country, wifi=bool(networks), bluetooth=taken.seed.bluetooth, run=run
        )
    with _step("SSH", own):
        if taken.seed.ssh:
            open_shell(machine, taken.seed.ssh_keys, run)
        else:
            close_shell(machine)
    with _step("1-wire and I2C", own):
        problems += ask_firmware(machine, taken.seed, run)
    with _step("I2C", own):
        problems += i2c.attach(machine, taken.seed.i2c, run)
    wants_wifi = bool(taken.seed.networks)
    report = Report(name, (*own, *problems), first=made is not None, wants_wifi=wants_wifi, own=len(own))
    with _step("edge-problems.txt", own):
        tell(machine, report, run)
    for problem in (*own, *problems):
        log.warning("appliance.problem", extra={"problem": problem})
    log.info("appliance.booted", extra={"host": name, "problems": len(report.problems), "first": report.first})
    return report, made


def _settings(machine: Machine, taken: Taken) -> list[str]:
    """Write what the service reads; what is wrong with it."""
    settings = vault.with_files(machine, settings_of(taken.document))
    secret = _broker_secret(machine)
    documents = settings_files.named_elsewhere(machine, settings)
    chosen, own_broker = settings_files.defaults(documents, secret)
    settings_files.write_settings(machine, settings_files.DEFAULTS, chosen)
    settings_files.write_settings(machine, settings_files.SEED, settings)
    _broker(machine, secret, on=own_broker)
    return _checked(machine, taken.document, settings)


def _checked(machine: Machine, document: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    """What is wrong with the settings: looked at when they have changed, remembered until then."""
    if not settings:
        return []
    from edge import __version__

    digest = hashlib.sha256(f"{__version__}\n{written(document)}\n{written(settings)}".encode()).hexdigest()
    file = machine.memory / _CHECKED
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        with machine.as_service():
            kept: Any = json.loads(read_bounded(file, _MOST_BYTES))
        if kept["digest"] == digest:
            return [str(problem) for problem in kept["problems"]]
    known = settings_files.known_tables()
    unknown = spellings(document, iter(known))
    rest = {key: value for key, value in settings.items() if key in known}
    problems = unknown + settings_files.problems_with(rest, machine.seed.name)
    # Where the disk is full they are looked at again the next time.
    with contextlib.suppress(OSError), machine.as_service():
        write_private(file, json.dumps({"digest": digest, "problems": problems}).encode())
    return problems


def _broker_secret(machine: Machine) -> Path:
    """The file with what the service shows to the machine's own broker, made once."""
    file = machine.secrets / password.BROKER_SECRET
    with machine.as_service():
        if not file.is_file():
            write_private(file, f"{secrets.token_urlsafe(24)}\n".encode())
    return file


def _broker(machine: Machine, secret: Path, *, on: bool) -> None:
    """Whether the machine's own broker runs hangs on its file of passwords."""
    file = machine.config / "broker/passwords"
    aside = file.with_name("passwords.off")
    if not on:
        with contextlib.suppress(FileNotFoundError):
            file.replace(aside)
        return
    if not file.exists():
        with contextlib.suppress(FileNotFoundError):
            aside.replace(file)
    with machine.as_service():
        ours = read_bounded(secret, 1000).decode().strip()
    password.use_broker_password(machine, password.OURS, ours)


@contextmanager
def _step(what: str, problems: list[str]) -> Iterator[None]:
    try:
        yield
    except (OSError, EdgeError, ValueError, TypeError) as error:
        log.exception("appliance.step_failed", extra={"step": what})
        problems.append(f"{what}: {error}")
