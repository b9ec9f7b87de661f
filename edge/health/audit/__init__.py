"""Who did what, kept in SQLite: written beside the work, read by `edge log requests`. May import what `health` may."""

from edge.health.audit.log import AuditLog
from edge.health.audit.reading import Wanted, read
from edge.health.audit.rows import Entry

__all__ = ["AuditLog", "Entry", "Wanted", "read"]
