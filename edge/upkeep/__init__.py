"""Updates, backups and restoring: programs of their own beside the service. May import what `edge.service` may.

The service imports nothing of this but `facts`, and that only while it is asked how it does.
"""
