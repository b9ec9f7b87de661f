"""The house on MQTT: the link, others' discovery, our own entities, the supervised broker.

May import `edge.assistant`, `edge.devices`, `edge.settings` and `edge.errors`; `api`, `speech` and `health` stay apart.
"""
