"""Which version of MQTT to speak: 5 where the broker knows it, 3.1.1 where it says or shows that it does not; pure."""

from typing import Final

from aiomqtt import ProtocolVersion

from edge.mqtt.trouble import Kind

_ENOUGH: Final = 2
"""Failures in a row that say that a broker is put off by MQTT 5: one of them may be a broker that is just starting."""
_PUT_OFF: Final = frozenset({Kind.SILENT, Kind.CLOSED})


class ProtocolChoice:
    """What was learnt of one broker, for as long as we run."""

    def __init__(self, wanted: ProtocolVersion | None = None) -> None:
        """`wanted`: this one whatever happens."""
        self._wanted = wanted
        self._guessed = False
        """Whether 3.1.1 is spoken because nothing came of 5, and not because the broker said so."""
        self._failures = 0
        self.version = wanted or ProtocolVersion.V5

    @property
    def speaks_5(self) -> bool:
        """Whether there are response topics, reason codes, expiry."""
        return self.version is ProtocolVersion.V5

    def note(self, kind: Kind, *, welcomed: bool) -> bool:
        """A connection failed, or ended after it was `welcomed`; whether another version is worth a try at once."""
        if self._wanted is not None:
            return False
        if kind is Kind.PROTOCOL and not welcomed:
            self._guessed = False
            at_once = self.speaks_5
            self.version = ProtocolVersion.V311 if self.speaks_5 else ProtocolVersion.V5
            return at_once
        if not self.speaks_5:
            if self._guessed:
                self.version, self._failures = ProtocolVersion.V5, 0
            return False
        self._failures = self._failures + 1 if kind in _PUT_OFF and not welcomed else 0
        if self._failures < _ENOUGH:
            return False
        self._guessed, self.version = True, ProtocolVersion.V311
        return True
