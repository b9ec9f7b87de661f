"""Updates that are half done or were taken back, and backups that nobody makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_UPDATE: Final = "update"
_BACKUP: Final = "backup"
_OLD_DAYS: Final = 35
_PENDING_S: Final = 3600.0
"""An update proves itself within minutes."""


@dataclass(frozen=True, slots=True)
class UpkeepFacts:
    """What is known of releases and backups."""

    running: str | None = None
    """The release in use; None where edge is not installed in releases."""
    step: str = ""
    """What an update under way is at; empty where none is."""
    target: str = ""
    under_way_s: float = 0.0
    last_end: str = ""
    """How the last update ended; empty where there was none."""
    last_version: str = ""
    last_reason: str = ""
    backup_age_s: float | None = None
    """None where none was ever made."""
    backup_file: str = ""
    backup_there: bool = True
    """Whether that file can be found now."""
    encrypted: bool = False


async def look(ground: Ground) -> UpkeepFacts:
    """Reads small files."""
    facts: UpkeepFacts = await ground.aside(_looked, ground)
    return facts


def _looked(ground: Ground) -> UpkeepFacts:
    from edge.upkeep.facts import backup_facts, update_facts

    places = ground.loaded.places
    update, backup = update_facts(places.installation), backup_facts(places.state)
    last = update["last"] or {}
    file = str(backup.get("file", "")) if backup else ""
    return UpkeepFacts(
        running=update["running"],
        step=update["step"],
        target=update["target"],
        under_way_s=_age_s(update["began"]) or 0.0,
        last_end=last.get("end", ""),
        last_version=last.get("version", ""),
        last_reason=last.get("reason", ""),
        backup_age_s=_age_s(backup["at"]) if backup else None,
        backup_file=file,
        backup_there=not file or Path(file).exists(),
        encrypted=bool(backup and backup.get("encrypted")),
    )


def _age_s(at: str) -> float | None:
    """Since a moment in ISO 8601; None where it is none, 0 where the clock was set back since."""
    try:
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())
    except (ValueError, TypeError):
        return None


def check(facts: UpkeepFacts) -> Iterator[Finding]:
    """What there is to say."""
    if facts.running is not None:
        yield from _update(facts)
    yield from _backup(facts)


def _update(facts: UpkeepFacts) -> Iterator[Finding]:
    if facts.step and facts.under_way_s > _PENDING_S:
        remedy = "sudo edge update --watch finishes it or takes it back; the log says what happened"
        yield problem(_UPDATE, f"The update to {facts.target} has stopped half way, at {facts.step!r}", remedy)
    elif facts.step:
        yield fine(_UPDATE, f"An update to {facts.target} is under way: {facts.step}")
    elif facts.last_end in ("taken back", "refused"):
        remedy = "Tell whoever made it what the log says (edge log service); edge update --apply --again tries it again"
        yield note(_UPDATE, f"The update to {facts.last_version} was {facts.last_end}: {facts.last_reason}", remedy)
    else:
        yield fine(_UPDATE, f"edge {facts.running} runs, no update is half done")


def _backup(facts: UpkeepFacts) -> Iterator[Finding]:
    remedy = "edge backup FILE makes one; sudo systemctl enable --now edge-backup.timer makes one every night"
    if facts.backup_age_s is None:
        yield note(_BACKUP, "No backup was ever made: cards wear out", remedy)
    elif facts.backup_age_s > _OLD_DAYS * 86_400:
        yield note(_BACKUP, f"The last backup is {facts.backup_age_s / 86_400:.0f} days old", remedy)
    elif not facts.backup_there:
        yield fine(_BACKUP, f"The last backup was written to {facts.backup_file}, which is not here now")
    else:
        kind = "encrypted" if facts.encrypted else "not encrypted, so without secrets"
        yield fine(_BACKUP, f"The last backup is {facts.backup_file}, {kind}")
