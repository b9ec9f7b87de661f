"""What a check finds: a fact, how bad it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Works, and could be better."""
    PROBLEM = "problem"
    """Something a person expects does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and another with the remedy where there is something to mend."""

    check: str
    severity: Severity
    text: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"check": self.check, "severity": self.severity.value, "text": self.text, "remedy": self.remedy}


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


def fine(check: str, text: str) -> Finding:
    """Nothing to mend."""
    return Finding(check, Severity.OK, text)


def note(check: str, text: str, remedy: str) -> Finding:
    """Could be better."""
    return Finding(check, Severity.NOTE, text, remedy)


def problem(check: str, text: str, remedy: str) -> Finding:
    """Does not work."""
    return Finding(check, Severity.PROBLEM, text, remedy)
