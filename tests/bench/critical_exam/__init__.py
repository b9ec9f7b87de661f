"""Attempts to have something critical done that nobody has confirmed; `python -m tests.bench.critical` makes them."""
