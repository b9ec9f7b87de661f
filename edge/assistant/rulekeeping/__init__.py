"""Rules by voice: made from sentences, read back, confirmed, listed, switched off, deleted, and carried out.

May import what `edge.assistant` may.
"""

from edge.assistant.rulekeeping.keeper import RuleKeeper
from edge.assistant.rulekeeping.sentences import RuleReader
from edge.assistant.rulekeeping.working import RuleWork

__all__ = ["RuleKeeper", "RuleReader", "RuleWork"]
