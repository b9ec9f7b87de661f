"""What `edge doctor` looks at of updates and backups."""

from datetime import UTC, datetime
from pathlib import Path

from edge.health.checks.upkeep import UpkeepFacts
from edge.settings import Loaded


def upkeep_facts(loaded: Loaded) -> UpkeepFacts:
    """Reads small files."""
    from edge.upkeep.facts import backup_facts, update_facts

    update, backup = update_facts(loaded.places.installation), backup_facts(loaded.places.state)
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
