"""What people ask to be remembered: facts, notes, other names of things; in SQLite, found by their words.

May import `edge.database` and the errors; nothing that hears, routes or answers. Imports nothing here, so that a house
that has nothing remembered does not load what keeps it.
"""
