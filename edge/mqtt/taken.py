"""What came in lately that the broker may send again: a request must not be carried out twice; pure."""

from typing import Final

from paho.mqtt.client import MQTTMessage

_MOST: Final = 1000


class Taken:
    """Knows a message again that the broker repeats because our acknowledgement of it was lost (MQTT 5, 4.4)."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], int] = {}
        self.trusting = True
        """Whether what is repeated and was never seen is to be taken: not where it may have waited for too long."""

    def again(self, message: MQTTMessage) -> bool:
        """Whether it was taken already; notes that it is now. Of those that are never repeated nothing is kept."""
        if not message.qos:
            return False
        key, payload = (message.mid, message.topic), hash(bytes(message.payload))
        if message.dup and (not self.trusting or self._known.get(key) == payload):
            return True
        self._known.pop(key, None)
        self._known[key] = payload
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return False
