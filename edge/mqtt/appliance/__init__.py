"""The appliance as a device in Home Assistant: its own entities, through device-based MQTT discovery.

May import what `edge.mqtt` may. A new entity is one `Component` in the table of its kind: what can be read in
`readings`, what can be set in `controls`, what can be wrong in `problems`; what it shows is a field of `Facts`.
"""

from edge.mqtt.appliance.alarms import Alarm, AlarmState, AlarmTopics
from edge.mqtt.appliance.announcing import Appliance
from edge.mqtt.appliance.component import Controls
from edge.mqtt.appliance.description import Description
from edge.mqtt.appliance.facts import Exchange, Facts, Problem, Timer
from edge.mqtt.appliance.former import former_id
from edge.mqtt.appliance.withdrawing import withdraw

__all__ = [
    "Alarm",
    "AlarmState",
    "AlarmTopics",
    "Appliance",
    "Controls",
    "Description",
    "Exchange",
    "Facts",
    "Problem",
    "Timer",
    "former_id",
    "withdraw",
]
