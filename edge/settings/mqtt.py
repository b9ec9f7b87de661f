"""`[mqtt]`: which broker, how we show who we are, and how topics begin."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from edge.settings.base import Name, Table, TopicName
from edge.settings.secrets import first_line


class MqttSettings(Table):
    """Where it is, who we are to it, whom we trust."""

    broker: Name | None = None
    """Host name or address; none: a broker of our own is started on the loopback interface."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """None: 1883, with TLS 8883."""
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    password_file: Path | None = None
    """A file whose first line is the password, used in place of `password`, which others may read."""
    tls: bool = False
    ca_file: Path | None = None
    client_certificate: Path | None = None
    """What we show to a broker that asks for it, in PEM form."""
    client_key: Path | None = None
    """None: it lies in the file of the certificate."""
    client_key_password_file: Path | None = None
    tls_server_name: Name | None = None
    """What the broker's certificate is made out to, where that is not `broker`."""
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """`auto`: 5, and 3.1.1 with a broker that does not know it."""
    session_expiry_s: Annotated[int, Field(ge=0, le=600)] = 60
    """How long the broker keeps requests for us while we are away; what is older is not carried out."""
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30
    discovery_prefix: TopicName = "homeassistant"
    base: TopicName | None = None
    """What our own topics begin with; `edge/<node>` unless set."""
    announce: bool = True
    """Whether Home Assistant is told of this appliance, as a device of its own."""
    command_timeout_s: Annotated[float, Field(gt=0, le=300)] = 5.0
    """How long a device may take to report what it was told; covers, locks and valves get four times that."""

    @field_validator("broker")
    @classmethod
    def _host_alone(cls, value: str | None) -> str | None:
        if value is not None and ("/" in value or (value.count(":") == 1 and value.rpartition(":")[2].isdigit())):
            raise ValueError(f"expected a host name or address, and the port in `port`, found {value[:60]!r}")
        return value

    @field_validator("base", "discovery_prefix")
    @classmethod
    def _no_slash_at_the_ends(cls, value: str | None) -> str | None:
        return value.strip("/") if value else value

    @model_validator(mode="after")
    def _tls_is_meant(self) -> Self:
        """Half of what TLS needs is a slip of the pen, and would send passwords in the clear."""
        given = (self.ca_file, self.client_certificate, self.client_key, self.tls_server_name)
        if not self.tls and any(one is not None for one in given):
            raise ValueError("expected tls = true beside ca_file, client_certificate, client_key and tls_server_name")
        if self.client_certificate is None and self.client_key is not None:
            raise ValueError("expected client_certificate beside client_key")
        return self

    @property
    def broker_port(self) -> int:
        """The port to connect to."""
        return self.port or (8883 if self.tls else 1883)

    def secret(self) -> str | None:
        """The password, read from its file where it has one; raises OSError or UnicodeDecodeError."""
        return self.password if self.password_file is None else first_line(self.password_file)

    def key_secret(self) -> str | None:
        """The password of the key; raises OSError or UnicodeDecodeError."""
        return first_line(self.client_key_password_file) if self.client_key_password_file else None
