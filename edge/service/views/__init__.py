"""The views of the page that look after this machine: sensors, plans, models, health, settings, the first run.

Imported when somebody opens the page. Each view is a class with `routes()`; what takes long or much memory is done by
`edge` itself as a process of its own (`jobs`). May import everything but `edge.cli`.
"""
