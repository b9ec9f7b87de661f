"""What people have it remember: facts, notes, other names; asked for, corrected, forgotten.

May import what `edge.assistant` may, and `edge.memory`. `remembered` is there from the start and loads the rest when it
is first needed.
"""
