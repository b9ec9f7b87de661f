"""Rules: what is done when something happens in the house. Typed, kept as TOML, tried against each other.

May import `edge.schedule`'s clock and calendar, and `edge.devices`; nothing here carries anything out.
"""

from edge.schedule.rules.model import Act, Mode, Rule, Test, TestKind, Trigger, TriggerKind

__all__ = ["Act", "Mode", "Rule", "Test", "TestKind", "Trigger", "TriggerKind"]
