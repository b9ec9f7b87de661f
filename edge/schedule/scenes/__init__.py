"""Scenes and routines: how devices are to be, what is done one after another; kept as TOML that a person can read.

May import what `edge.schedule` may. Imports nothing here: a house without scenes does not load what keeps them.
"""
