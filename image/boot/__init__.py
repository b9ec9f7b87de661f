"""Boots the image in an emulated machine and looks at it from outside. Imports nothing of edge: MQTT is its language."""
