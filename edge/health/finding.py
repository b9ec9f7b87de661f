"""What a check finds: a fact, how bad it is, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Works, and could be better."""
    PROBLEM = "problem"
    """Something a person expects does not work."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Something that can be done about a finding without losing anything; carried out by `edge.health.fixes`."""

    name: str
    """One of the files of `edge.health.fixes`."""
    target: str
    """What it is done to: a file, a unit, a device."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and another with the remedy where there is something to mend."""

    check: str
    severity: Severity
    text: str
    remedy: str = ""
    evidence: str = ""
    """What was looked at and what it said, where the sentence does not say so itself."""
    fix: Fix | None = None

    def to_json(self) -> dict[str, Any]:
        """For `--json`, the page, MQTT."""
        return {
            "check": self.check,
            "severity": self.severity.value,
            "text": self.text,
            "remedy": self.remedy,
            "evidence": self.evidence,
            "fix": {"name": self.fix.name, "target": self.fix.target} if self.fix is not None else None,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """What `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
        fix = plain.get("fix")
        return cls(
            str(plain["check"]),
            Severity(plain["severity"]),
            str(plain["text"]),
            str(plain.get("remedy", "")),
            str(plain.get("evidence", "")),
            Fix(str(fix["name"]), str(fix["target"])) if fix else None,
        )


def told(trouble: str, otherwise: str) -> tuple[str, str]:
    """An error's message as what is wrong and what to do: what stands behind its first colon that no bracket holds, or
    behind a semicolon there; `otherwise` where it says nothing of the kind.
    """
    depth = 0
    for at, char in enumerate(trouble):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and trouble.startswith((": ", "; "), at):
            return trouble[:at], trouble[at + 2 :]
    return trouble, otherwise


def fine(check: str, text: str, evidence: str = "") -> Finding:
    """Nothing to mend."""
    return Finding(check, Severity.OK, text, evidence=evidence)


def note(check: str, text: str, remedy: str, evidence: str = "", fix: Fix | None = None) -> Finding:
    """Could be better."""
    return Finding(check, Severity.NOTE, text, remedy, evidence, fix)


def problem(check: str, text: str, remedy: str, evidence: str = "", fix: Fix | None = None) -> Finding:
    """Does not work."""
    return Finding(check, Severity.PROBLEM, text, remedy, evidence, fix)
