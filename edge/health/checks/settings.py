"""Whether the configuration can be used as it is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_CHECK: Final = "settings"


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What was read, and what of it can't be used."""

    files: tuple[str, ...] = ()
    problems: tuple[tuple[str, str, str], ...] = ()
    """Each with the file or variable, the key, and what is wrong."""
    others: tuple[str, ...] = ()
    """What else the running service says is wrong with what it was given."""
    changed: tuple[str, ...] = ()
    """Files that were changed since the service read them."""


async def look(ground: Ground) -> SettingsFacts:
    """What loading found, and what the service says besides."""
    loaded = ground.loaded
    ours = {str(one) for one in loaded.problems}
    others = tuple(str(one) for one in (ground.status or {}).get("problems", ()) if str(one) not in ours)
    changed: tuple[str, ...] = ()
    if ground.status is not None:
        changed = await ground.aside(_changed, ground)
    found = tuple((one.origin, one.key, one.message) for one in loaded.problems)
    return SettingsFacts(tuple(str(file) for file in loaded.files), found, others, changed)


def check(facts: SettingsFacts) -> Iterator[Finding]:
    """One finding for each that can't be used."""
    for origin, key, message in facts.problems:
        where = f"{key} in {origin}" if key else origin
        remedy = f"Correct it in {origin}; docs/configuration.md has all settings, and `edge config check` looks again"
        yield problem(_CHECK, f"{where}: {message}: its default is used", remedy)
    for other in facts.others:
        text, _, remedy = other.rpartition(": ")
        yield problem(_CHECK, text or other, remedy if text else "See docs/configuration.md")
    if facts.changed:
        text = f"{', '.join(facts.changed)} was changed since the service read it"
        yield note(_CHECK, text, "Start it again: sudo systemctl restart edge")
    if not facts.problems and not facts.others:
        yield fine(_CHECK, f"{', '.join(facts.files) or 'the defaults'} can be used")


def _changed(ground: Ground) -> tuple[str, ...]:
    import time

    began_s = time.time() - float((ground.status or {}).get("uptime_s", 0)) - 1
    found = []
    for file in ground.loaded.files:
        try:
            if file.stat().st_mtime > began_s + 5:
                found.append(str(file))
        except OSError:
            continue
    return tuple(found)
