"""Rules: what is done when something happens in the house. Typed, kept as TOML, tried against each other.

May import `edge.schedule`'s clock and calendar, and `edge.devices`; nothing here carries anything out.
"""

from edge.schedule.rules.model import Action, Condition, ConditionKind, Mode, Rule, Trigger, TriggerKind

__all__ = ["Action", "Condition", "ConditionKind", "Mode", "Rule", "Trigger", "TriggerKind"]
