"""Satellites: rooms whose microphone and loudspeaker are elsewhere, reached by Wyoming's protocol.

Imports the rest of `edge.speech`, `edge.wyoming` and `edge.pcm`; nothing of it is imported where there are none.
"""

from edge.speech.satellites.satellite import Satellite, Surroundings

__all__ = ["Satellite", "Surroundings"]
