"""Boots the image in an emulated machine and looks at it from outside, over MQTT and HTTP; imports nothing of edge."""
