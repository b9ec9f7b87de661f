"""Who may ask for what: limits by source, visitors in the house, and the gate that everything carried out passes.

May import devices, router, schedule and errors, and of the assistant its model, cause, wording and ports.
"""

from edge.assistant.people.gate import Gate
from edge.assistant.people.guests import GuestMode
from edge.assistant.people.limits import Limit, Limits

__all__ = ["Gate", "GuestMode", "Limit", "Limits"]
