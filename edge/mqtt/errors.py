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


class BadCredentialsError(MqttLinkError):
    """The broker refuses our user name or password."""


class CommandError(EdgeError):
    """A message that was to set something of ours says nothing that can be set."""
