"""Takes a seed in: its secrets are stored and emptied, what it asks for is handed on; a bad one changes nothing."""

import contextlib
from dataclasses import dataclass
from typing import Any, Final

from edge.appliance.errors import ApplianceError
from edge.appliance.files import read_bounded, writable, write_private
from edge.appliance.password import use_password
from edge.appliance.places import Machine
from edge.appliance.running import Runner
from edge.appliance.seed import journal, vault
from edge.appliance.seed.blanking import Path_, at, blanked, without
from edge.appliance.seed.model import PASSWORD, Seed, read_own, secrets_of
from edge.appliance.seed.reading import MOST_BYTES, SeedText, Unreadable, parse_seed, read_seed
from edge.errors import EdgeError
from edge.settings.toml_text import written

GOOD: Final = "seed.toml"
"""The last seed that could be read, without its secrets."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What holds now."""

    seed: Seed
    document: dict[str, Any]
    """Without secrets."""
    problems: tuple[str, ...]


def take(machine: Machine, run: Runner) -> Taken:
    """What the boot partition asks for; where it can't be read, what it asked for the last time."""
    if journal.pending(machine):
        # A card that can't be written is no reason not to read it.
        with contextlib.suppress(ApplianceError), writable(machine.boot, run):
            journal.recover(machine)
    found = read_seed(machine.seed)
    wrong: list[str] = []
    if isinstance(found, Unreadable):
        wrong.append(f"{found.problem}. Nothing of it is used; what it said before still holds")
    if found is None and (hidden := machine.seed.with_name("edge.toml.txt")).is_file():
        wrong.append(f"there is {hidden.name} and no edge.toml: take the .txt off its name (Windows hides it)")
    if not isinstance(found, SeedText):
        before = _last_good(machine)
        seed, problems = read_own(before)
        return Taken(seed, before, (*wrong, *problems))
    seed, problems = read_own(found.document)
    try:
        stored = _store(machine, found, seed)
        document: dict[str, Any] = without(found.document, stored)
        if stored:
            with writable(machine.boot, run):
                _empty(machine, found, stored)
        with machine.as_service():
            write_private(machine.memory / GOOD, written(document).encode())
        vault.forget_unused(machine, document, seed.networks)
    except (OSError, EdgeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        problems.append(f"its secrets could not be moved off the card: {why}; they still hold")
        document = found.document
    return Taken(seed, document, tuple(wrong + problems))


def _store(machine: Machine, found: SeedText, seed: Seed) -> tuple[Path_, ...]:
    """Keep every secret that is a good one; where those stand. On the disk when this returns."""
    with machine.as_service():
        machine.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = list(vault.keep_settings_secrets(machine, found.document))
    vault.keep_network_secrets(machine, seed.networks)
    passwords = {network.password for network in seed.networks}
    found_in_wifi = (path for path in secrets_of(found.document) if path[0] == "wifi")
    kept += [path for path in found_in_wifi if at(found.document, path) in passwords]
    if seed.password and PASSWORD.fullmatch(seed.password):
        use_password(machine, seed.password)
        kept.append(("password",))
    return tuple(kept)


def _empty(machine: Machine, found: SeedText, stored: tuple[Path_, ...]) -> None:
    after = blanked(found, stored)
    if after is not None:
        journal.blank(machine, found.data, after)
        return
    text = "# Written anew: the secrets in it were moved into the machine.\n\n" + written(
        without(found.document, stored)
    )
    journal.replace(machine, text.encode())


def _last_good(machine: Machine) -> dict[str, Any]:
    with contextlib.suppress(OSError), machine.as_service():
        kept = parse_seed(read_bounded(machine.memory / GOOD, MOST_BYTES + 1))
        if isinstance(kept, SeedText):
            return kept.document
    return {}
