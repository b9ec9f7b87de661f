"""What people ask to be remembered: facts, notes, other names of things; in SQLite, found by their words.

May import `edge.database` and the errors; nothing that hears, routes or answers.
"""

from edge.memory.errors import RecollectionError
from edge.memory.memory import Memory
from edge.memory.model import Alias, Entry, Kind, Match, Thing

__all__ = ["Alias", "Entry", "Kind", "Match", "Memory", "RecollectionError", "Thing"]
