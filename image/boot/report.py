"""What the boot test found: facts with their units, and failures; printed as they come."""

import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Facts by name, failures in order."""

    facts: dict[str, object] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def fact(self, name: str, value: object) -> None:
        """Something measured; a later one of the same name replaces it."""
        self.facts[name] = value
        shown = f"{value:.1f}" if isinstance(value, float) else value
        print(f"{name}: {shown}", flush=True)

    def expect(self, what: str, held: bool, otherwise: str = "") -> None:
        """Something that has to hold."""
        if held:
            print(f"ok: {what}", flush=True)
        else:
            self.failed(f"{what}{f': {otherwise}' if otherwise else ''}")

    def failed(self, what: str) -> None:
        """Something that does not hold."""
        self.failures.append(what)
        self.facts["failures"] = self.failures
        print(f"FAILED: {what}", file=sys.stderr, flush=True)
