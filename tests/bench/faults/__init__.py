"""Faults that `tests.bench.doctor` plants: a house in which all is well, and what goes wrong in it."""
