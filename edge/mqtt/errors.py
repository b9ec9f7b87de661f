"""What can go wrong between us and an MQTT broker."""

from edge.errors import EdgeError


class MqttLinkError(EdgeError):
    """Something about the broker or the connection to it."""


class BrokerMissingError(MqttLinkError):
    """No broker is configured and mosquitto is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "no broker is configured and mosquitto is not installed: install it (sudo apt install mosquitto) "
            "or name a broker in the configuration ([mqtt] broker = ...)"
        )


class BrokerFailedError(MqttLinkError):
    """The supervised mosquitto ended before it listened."""


class OutboxFullError(MqttLinkError):
    """Too much waits for the broker; nothing more is taken until it is back."""


class NotDeliveredError(MqttLinkError):
    """The broker did not take a message in time; it will not be sent later."""


class NotAllowedError(MqttLinkError):
    """The broker's access list keeps us from a topic."""


class TlsFileError(MqttLinkError):
    """A certificate or key that can't be used; the message names setting, file and fault."""


class EndedEarlyError(MqttLinkError):
    """The broker ended the connection before it said whether it takes us; `cause`: what the socket said, if it did."""

    def __init__(self, cause: OSError | None) -> None:
        super().__init__("the broker ended the connection without an answer")
        self.cause = cause
