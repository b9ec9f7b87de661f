"""Service calls held against expected ones: equivalent services of Home Assistant count as one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edge.devices.model import DeviceState, ServiceCall
from tests.bench.dialogue_exam.obedient import Done

Wanted = Mapping[str, Any]


def plain(call: ServiceCall) -> tuple[str, dict[str, Any]]:
    """The call in the words that are compared."""
    service, data = call.service, dict(call.data)
    if "brightness" in data:
        data["brightness_pct"] = round(data.pop("brightness") / 255 * 100)
    if service == "set_hvac_mode":
        mode = data.pop("hvac_mode", None)
        service = "turn_off" if mode == "off" else f"hvac {mode}"
    if service == "set_cover_position" and data.get("position") in (0, 100):
        service = "open_cover" if data["position"] else "close_cover"
    if service == "set_percentage":
        service = "turn_off" if data.get("percentage") == 0 else "turn_on"
    return service, data


def names(wanted: Wanted) -> set[str]:
    """The services that are right, in the same words."""
    said = wanted["service"] if isinstance(wanted["service"], list) else [wanted["service"]]
    data, found = wanted.get("data") or {}, set()
    for one in said:
        service = one.rpartition(".")[2]
        found.add(plain(ServiceCall(wanted["entity_id"], service, data if _literal(data) else {}))[0])
        if wanted["entity_id"].startswith("climate.") and service == "turn_on":
            found.add("hvac heat")
    return found


def fits(
    call: ServiceCall, wanted: Wanted, before: DeviceState | None = None, after: DeviceState | None = None
) -> bool:
    """Whether the call is the one that is wanted; `before`, `after`: the device around it, where it was carried out."""
    if call.device != wanted["entity_id"]:
        return False
    service, data = plain(call)
    wants = dict(wanted.get("data") or {})
    if service not in names(wanted) and not _equivalent(service, call, wanted):
        return False
    if "hvac_mode" in wants:
        wants.pop("hvac_mode")
    return all(_holds(key, value, data, before, after) for key, value in wants.items())


def _equivalent(service: str, call: ServiceCall, wanted: Wanted) -> bool:
    said = wanted["service"] if isinstance(wanted["service"], list) else [wanted["service"]]
    verbs = {one.rpartition(".")[2] for one in said}
    if call.device.startswith("fan.") and service in ("increase_speed", "decrease_speed", "turn_on"):
        return bool(verbs & {"set_percentage", "turn_on", "increase_speed", "decrease_speed"})
    if call.device.startswith("media_player.") and service in ("volume_up", "volume_down", "volume_set"):
        return bool(verbs & {"volume_set", "volume_up", "volume_down"})
    return False


def _literal(data: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, Mapping) for value in data.values())


def _holds(
    key: str, value: Any, data: Mapping[str, Any], before: DeviceState | None, after: DeviceState | None
) -> bool:
    got = data.get(key, _level(key, after) if after is not None else None)
    if got is None and key == "brightness_pct" and value == 100:
        return True
    if not isinstance(value, Mapping):
        return _near(got, value)
    was = _level(key, before) if before is not None else None
    if not isinstance(got, int | float):
        return False
    for relation, bound in value.items():
        limit = was if bound == "previous" else bound
        match relation:
            case "previous":
                if was is None or not _near(got, was + bound):
                    return False
            case "above":
                if limit is None or not got > limit:
                    return False
            case "below":
                if limit is None or not got < limit:
                    return False
    return True


def _level(key: str, state: DeviceState) -> float | None:
    if key == "brightness_pct":
        raw = state.attributes.get("brightness")
        return round(raw / 255 * 100) if isinstance(raw, int | float) and state.state == "on" else 0
    name = {"position": "current_position"}.get(key, key)
    value = state.attributes.get(name)
    return float(value) if isinstance(value, int | float) else None


def _near(got: object, value: object) -> bool:
    if isinstance(value, int | float) and isinstance(got, int | float):
        return abs(got - value) < 0.51 if value > 1 else abs(got - value) < 0.006
    return str(got).casefold() == str(value).casefold()


def exactly(done: Sequence[Done], wanted: Iterable[Wanted]) -> str:
    """What is wrong with the calls that were carried out, nothing where they are the wanted ones in any order."""
    left = list(done)
    for want in wanted:
        found = next((one for one in left if fits(one.call, want, one.before, one.after)), None)
        if found is None:
            return f"no call {_short(want)}; sent {shown(done)}"
        left.remove(found)
    return f"calls that nobody wanted: {shown(left)}" if left else ""


def including(done: Sequence[Done], wanted: Iterable[Wanted], within: Sequence[str]) -> str:
    """As `exactly`, where further calls may go to the devices of `within`."""
    left = list(done)
    for want in wanted:
        found = next((one for one in left if fits(one.call, want, one.before, one.after)), None)
        if found is None:
            return f"no call {_short(want)}; sent {shown(done)}"
        left.remove(found)
    left = [one for one in left if one.call.device not in within]
    return f"calls that nobody wanted: {shown(left)}" if left else ""


def _short(want: Wanted) -> str:
    return f"{want['service']} {want['entity_id']} {want.get('data') or ''}".strip()


def shown(done: Sequence[Done]) -> str:
    """Calls for people."""
    return ", ".join(f"{one.call.service} {one.call.device} {dict(one.call.data) or ''}" for one in done) or "none"
