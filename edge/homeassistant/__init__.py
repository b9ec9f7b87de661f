"""Home Assistant's own devices through its WebSocket interface: read, followed, commanded.

May import `edge.assistant`, `edge.devices`, `edge.settings` and `edge.errors`; `api`, `mqtt`, `speech` and `health`
stay apart.
"""

from edge.homeassistant.access import Access
from edge.homeassistant.commanding import Commands
from edge.homeassistant.household import Household
from edge.homeassistant.link import Link, LinkState

__all__ = ["Access", "Commands", "Household", "Link", "LinkState"]
