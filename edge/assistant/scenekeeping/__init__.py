"""Scenes and routines in words: made by example or out of orders, played, listed, renamed, deleted.

May import what `edge.assistant` may. `staged` is there from the start and loads the rest when it is first needed.
"""
