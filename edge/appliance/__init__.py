"""The flashed machine itself: what its boot partition says, its name, password, network and card.

Runs as root, before the service and beside it, by units of systemd. May import everything but edge.service, edge.demo
and edge.cli. Every step is a function of a temp root and of a `Runner`, so that it can be tried anywhere.
"""
