"""An alarm as it begins, for the first time or once more, out of what was found."""

import secrets
from dataclasses import replace

from edge.sensors.alarms.model import Alarm, AlarmRule, AlarmState, Subject
from edge.sensors.model import Finding


def first(subject: Subject, finding: Finding, rule: AlarmRule | None) -> Alarm:
    """A new one, with an id of its own and no words yet."""
    return Alarm(
        id=secrets.token_hex(4),
        sensor=subject.key,
        key=finding.key,
        name=subject.name,
        kind=finding.kind,
        severity=finding.severity,
        state=AlarmState.ACTIVE,
        acknowledged=False,
        since_s=finding.since_s,
        at_s=finding.at_s,
        value=finding.value,
        unit=subject.unit,
        low=finding.low,
        high=finding.high,
        times=finding.times,
        rule=rule.id if rule is not None else None,
        area=subject.area,
        device_class=subject.device_class,
    )


def again(known: Alarm, subject: Subject, finding: Finding, *, soon: bool) -> Alarm:
    """One that was over; `soon`: what was seen and told stays so."""
    return replace(
        known,
        name=subject.name,
        severity=finding.severity,
        state=AlarmState.ACTIVE,
        since_s=finding.since_s,
        at_s=finding.at_s,
        value=finding.value,
        low=finding.low,
        high=finding.high,
        times=finding.times,
        count=known.count + 1,
        ended_s=None,
        acknowledged=known.acknowledged and soon,
        told=known.told and soon,
    )
