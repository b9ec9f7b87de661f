"""Where the book's alarms stand: found by sensor and key, by id, by sensor, and by the alarm that tells them too."""

from collections.abc import Iterable, Iterator

from edge.sensors.alarms.model import Alarm

Place = tuple[str, str]
"""The series' key and the alarm's."""


class Shelf:
    """Each alarm by itself; one whose `group` is empty is a head, and tells its members too."""

    def __init__(self, alarms: Iterable[Alarm] = ()) -> None:
        self._alarms: dict[Place, Alarm] = {}
        self._by_id: dict[str, Place] = {}
        self._by_sensor: dict[str, list[str]] = {}
        self._members: dict[str, list[str]] = {}
        for one in alarms:
            self.put(one)

    def __len__(self) -> int:
        return len(self._alarms)

    def __iter__(self) -> Iterator[Alarm]:
        return iter(list(self._alarms.values()))

    def get(self, sensor: str, key: str) -> Alarm | None:
        """The alarm of this condition of a sensor."""
        return self._alarms.get((sensor, key))

    def by_id(self, id_: str) -> Alarm | None:
        """The alarm of this id."""
        place = self._by_id.get(id_)
        return self._alarms.get(place) if place is not None else None

    def of_sensor(self, sensor: str) -> tuple[Alarm, ...]:
        """Those of a series."""
        return tuple(self._alarms[sensor, key] for key in self._by_sensor.get(sensor, ()))

    def heads(self) -> list[Alarm]:
        """Those that no other one tells."""
        return [one for one in self if not one.group]

    def head(self, alarm: Alarm) -> Alarm:
        """The one that tells this one; itself where none does."""
        return (self.by_id(alarm.group) if alarm.group else None) or alarm

    def members(self, id_: str) -> tuple[Alarm, ...]:
        """All that the alarm of this id tells, itself first."""
        return tuple(one for each in (id_, *self._members.get(id_, ())) if (one := self.by_id(each)) is not None)

    def put(self, alarm: Alarm) -> None:
        """New, or as it is now."""
        place = alarm.sensor, alarm.key
        self._alarms[place] = alarm
        if alarm.id in self._by_id:
            return
        self._by_id[alarm.id] = place
        self._by_sensor.setdefault(alarm.sensor, []).append(alarm.key)
        if alarm.group:
            self._members.setdefault(alarm.group, []).append(alarm.id)

    def remove(self, head: Alarm) -> tuple[Alarm, ...]:
        """Take a head away with all that it tells; which those were."""
        members = self.members(head.id)
        self._members.pop(head.id, None)
        for one in members:
            del self._alarms[one.sensor, one.key]
            del self._by_id[one.id]
            keys = self._by_sensor[one.sensor]
            keys.remove(one.key)
            if not keys:
                del self._by_sensor[one.sensor]
        return members
