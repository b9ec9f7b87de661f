"""Boots the image in an emulated machine and looks at it from outside, over MQTT and HTTP.

Knows nothing of edge, except how an update for it is made.
"""
