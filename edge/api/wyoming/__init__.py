"""Wyoming, the protocol of Home Assistant's voice: our ears, voices, wake words and mind for others.

Imports `edge.wyoming`, `edge.pcm`, and of what is below `edge.api` the assistant, the router and the settings; what
hears and speaks comes in through `ports`.
"""

from edge.api.wyoming.listening import Door
from edge.api.wyoming.server import WyomingServer

__all__ = ["Door", "WyomingServer"]
