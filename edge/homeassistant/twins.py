"""Which device of MQTT's an entity of Home Assistant's is: by unique id, or as networks know the thing; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.homeassistant.model import Known

_Key = tuple[str, ...]
"""A domain, and what a device of it is known by."""


@dataclass(slots=True)
class _Side:
    """What one side has, by what it is known by."""

    by_key: dict[_Key, dict[str, None]] = field(default_factory=dict)
    keys: dict[str, tuple[_Key, ...]] = field(default_factory=dict)

    def put(self, name: str, keys: Iterable[_Key]) -> None:
        self.remove(name)
        self.keys[name] = tuple(keys)
        for key in self.keys[name]:
            self.by_key.setdefault(key, {})[name] = None

    def remove(self, name: str) -> tuple[_Key, ...]:
        keys = self.keys.pop(name, ())
        for key in keys:
            of_key = self.by_key[key]
            of_key.pop(name, None)
            if not of_key:
                del self.by_key[key]
        return keys

    def alone(self, key: _Key) -> str | None:
        """Who is known by this and by nobody else is."""
        of_key = self.by_key.get(key, {})
        return next(iter(of_key)) if len(of_key) == 1 else None


class Twins:
    """Both sides as they come and go; asking is quick."""

    def __init__(self) -> None:
        self._devices = _Side()
        self._entities = _Side()

    def of(self, known: Known) -> str | None:
        """The device of MQTT's that an entity is; None for none, or where more than one could be meant."""
        for key in _keys_of(known):
            device = self._devices.alone(key)
            if device is not None and self._entities.alone(key) == known.entity and not self._is_better(key, device):
                return device
        return None

    def appeared(self, device: str, unique_id: str | None, connections: frozenset[tuple[str, str]]) -> list[str]:
        """MQTT has this device; the entities that are concerned."""
        domain = device.partition(".")[0]
        keys: list[_Key] = [("mqtt", domain, unique_id)] if unique_id else []
        keys += [("net", domain, *pair) for pair in sorted(connections)]
        before = self._devices.keys.get(device, ())
        self._devices.put(device, keys)
        return self._concerned((*before, *keys))

    def vanished(self, device: str) -> None:
        """MQTT has it no more."""
        self._devices.remove(device)

    def told(self, entity: str, known: Known | None) -> list[str]:
        """Home Assistant says this of an entity, or nothing any more; the entities concerned, it among them."""
        before = self._entities.remove(entity)
        keys = _keys_of(known) if known is not None else ()
        if keys:
            self._entities.put(entity, keys)
        return list(dict.fromkeys((entity, *self._concerned((*before, *keys)))))

    def _is_better(self, key: _Key, device: str) -> bool:
        """Whether the device is known to be another entity by its unique id."""
        if key[0] == "mqtt":
            return False
        return any(
            other[0] == "mqtt" and self._entities.alone(other) is not None for other in self._devices.keys[device]
        )

    def _concerned(self, keys: Iterable[_Key]) -> list[str]:
        return [entity for key in dict.fromkeys(keys) for entity in self._entities.by_key.get(key, ())]


def _keys_of(known: Known) -> tuple[_Key, ...]:
    if known.platform == "mqtt":
        return (("mqtt", known.domain, known.unique_id),) if known.unique_id else ()
    return tuple(("net", known.domain, *pair) for pair in sorted(known.connections))
