"""Devices found through Home Assistant's MQTT discovery.

May import `edge.devices`, `edge.errors` and the components, templates and payloads of `edge.mqtt`.
"""

from edge.mqtt.discovery.discovery import Changes, Discovery, Problem

__all__ = ["Changes", "Discovery", "Problem"]
