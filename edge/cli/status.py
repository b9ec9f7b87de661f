"""`edge status`: how the running service does."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any, Final

from edge.api.wire import ControlClient
from edge.settings import control_sockets, places

_PATIENCE_S: Final = 10.0
_MOST_SHOWN: Final = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge status` takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Fails where no service runs."""
    with ControlClient(*control_sockets(places()), timeout_s=_PATIENCE_S) as client:
        facts = client.call("status")
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        for line in lines(facts):
            print(line)
    return 0


def lines(facts: dict[str, Any]) -> list[str]:
    """The facts for people."""
    broker, model, memory = facts["broker"], facts["model"], facts["memory"]
    where = f" at {broker['host']}:{broker['port']}" if "host" in broker else ""
    told = [
        f"edge {facts['version']} as {facts['node']}, up {_span(facts['uptime_s'])}",
        f"broker    {broker['state']}{where}{' (our own)' if broker.get('supervised') else ''}",
        f"devices   {facts['devices']} in {facts['areas']} areas",
        f"model     {model['state']}{' ' + model['model'] if model['model'] else ''}{_held(model)}",
        f"memory    {_mb(memory, 'resident_bytes')} of ours, {_mb(memory, 'available_bytes')} free",
        f"clock     {'trusted' if facts['clock_trusted'] else 'not set by anything that knows the time'}",
    ]
    told += _doctor(facts.get("doctor") or {})
    told += _alarms(facts.get("alarms"))
    told += _people(facts.get("people") or {})
    told += _upkeep(facts.get("upkeep") or {})
    told += _disk(facts.get("disk") or {})
    told += _voice(facts.get("voice") or {})
    told += _hardware(facts.get("hardware"))
    told += _homeassistant(facts.get("homeassistant"))
    told += _wyoming(facts)
    told += [f"          {name} {celsius} °C" for name, celsius in facts["temperatures"].items()]
    told += [f"trouble   {text}" for text in (broker["trouble"], model["reason"]) if text]
    told += [f"notice    {model['notice']}"] if model.get("notice") else []
    told += [f"notice    {text}" for text in _kept_from(facts)]
    told += _given_up(facts.get("governor", {}))
    return told + [f"problem   {problem}" for problem in facts["problems"]]


def _doctor(doctor: dict[str, Any]) -> list[str]:
    """What the last look at the machine found, the problems in words."""
    if not doctor:
        return []
    if doctor.get("trouble"):
        return [f"doctor    {doctor['trouble']}"]
    problems, notes = doctor["problem"], doctor["note"]
    when = datetime.fromtimestamp(doctor["at"], UTC).astimezone().strftime("%a %H:%M")
    if not problems and not notes:
        return [f"doctor    nothing is wrong ({when})"]
    counts = f"{problems} problem{'' if problems == 1 else 's'}, {notes} note{'' if notes == 1 else 's'}"
    told = [f"doctor    {counts} ({when}); edge doctor --quiet says what to do"]
    wrong = [one for one in doctor.get("findings", ()) if one["severity"] == "problem"]
    return told + [f"          {one['check']}: {one['text']}" for one in wrong[:_MOST_SHOWN]]


def _alarms(alarms: dict[str, Any] | None) -> list[str]:
    """How many there are, and the worst of them."""
    if not alarms or "active" not in alarms:
        return []
    muted = f", muted: {', '.join(alarms['muted'][:3])}" if alarms["muted"] else ""
    told = [f"alarms    {alarms['active']} active, {alarms['unacknowledged']} not seen{muted}"]
    return told + [f"          {one['severity']}: {one['text']}" for one in alarms["worst"]]


def _people(people: dict[str, Any]) -> list[str]:
    """Visitors and quiet, while there are any."""
    until = f" until {people['until'].replace('T', ' ')}" if people.get("until") else ""
    told = [f"visitors  guest mode is on{until}"] if people.get("guests") else []
    quiet = people.get("quiet_until")
    return told + ([f"quiet     until {quiet.replace('T', ' ')}"] if quiet else [])


def _upkeep(upkeep: dict[str, Any]) -> list[str]:
    """Which release runs, what an update is at, when a backup was last made."""
    update, backup = upkeep.get("update") or {}, upkeep.get("backup")
    told = []
    if update.get("running"):
        under_way = f", {update['target']} is {update['step']}" if update["step"] else ""
        last = update["last"]
        ended = f", the update to {last['version']} was {last['end']} on {last['at'][:10]}" if last else ""
        told.append(f"release   {update['running']}{under_way or ended}")
    return told + ([f"backup    {backup['at'][:10]}, {backup['file']}"] if backup else [])


def _kept_from(facts: dict[str, Any]) -> list[str]:
    """What the broker keeps from us, and what we could not keep."""
    refused = facts.get("mqtt", {}).get("not_allowed", {})
    told = [f"the broker does not let us use {topic} ({reason})" for topic, reason in list(refused.items())[:5]]
    lost = facts.get("requests", {}).get("lost", 0)
    return told + ([f"{lost} requests could not be kept: is the disk full, or read-only?"] if lost else [])


def _disk(disk: dict[str, Any]) -> list[str]:
    """Where the state lies, and how much is written to the card in a day."""
    if not disk:
        return []
    line = f"disk      {disk['free_bytes'] / 1e9:.1f} of {disk['total_bytes'] / 1e9:.1f} GB free"
    if "written_bytes_per_day" in disk:
        whole, ours = disk["written_bytes_per_day"] / 1e6, disk["written_by_us_bytes_per_day"] / 1e6
        line += f"; {whole:.0f} MB a day are written to {disk['disk']}, {ours:.0f} by us"
    return [line]


_VOICE_TROUBLES: Final = ("loudspeaker_trouble", "voice_trouble", "controls_trouble")


def _voice(voice: dict[str, Any]) -> list[str]:
    """This machine's own room, and those of its satellites."""
    if not voice:
        return []
    told = [f"voice     {_room(voice)}"]
    told += [f"          {voice[key]}" for key in _VOICE_TROUBLES if voice.get(key)]
    for name, room in voice.get("satellites", {}).items():
        where = " in " + room["area"] if room.get("area") else ""
        told.append(f"          {name}{where}: {_room(room)}")
    return told


def _room(room: dict[str, Any]) -> str:
    return f"{room['state']}{': ' + room['trouble'] if room.get('trouble') else ''}"


def _wyoming(facts: dict[str, Any]) -> list[str]:
    """Where others find ears, voices and a mind here, or why they don't."""
    parts = [facts.get(name) or {} for name in ("wyoming", "satellite_of")]
    listening = [address for part in parts for address in part.get("listening", ())]
    told = [f"wyoming   {', '.join(listening)}"] if listening else []
    return told + [f"trouble   {part['trouble']}" for part in parts if part.get("trouble")]


def _hardware(attached: dict[str, Any] | None) -> list[str]:
    """What hangs on this machine, and what of it does not answer."""
    if not attached:
        return []
    counts = f"{attached['outputs']} outputs, {attached['buttons']} buttons, {attached['sensors']} sensors"
    return [f"hardware  {counts}", *(f"          {one}: {why}" for one, why in attached["unread"].items())]


def _homeassistant(beside: dict[str, Any] | None) -> list[str]:
    """The link to Home Assistant, where there is to be one."""
    if not beside:
        return []
    release = f" {beside['version']}" if beside["version"] else ""
    told = [
        f"home      {beside['state']} to Home Assistant{release} at {beside['url']}",
        f"          {beside['entities']} entities of its, {beside['with_mqtt']} of them MQTT's too",
    ]
    return told + [f"trouble   {text}" for text in (beside["trouble"], beside["notice"]) if text]


def _given_up(governor: dict[str, Any]) -> list[str]:
    """What the model gives up of its plan now, and the steps that led there, the last one first."""
    if not governor.get("limited"):
        return []
    left = f"{governor['model']} with {governor['n_ctx']} tokens of context" if governor["model"] else "nothing loaded"
    most = governor["most_threads"]
    told = [f"governor  {left}, at most {most} thread{'' if most == 1 else 's'}"]
    return told + [f"          {step['step'].replace('_', ' ')}: {step['why']}" for step in governor["steps"][:-4:-1]]


def _held(model: dict[str, Any]) -> str:
    """What the language model's process takes, and how it is kept from taking more."""
    if not model.get("resident_bytes"):
        return ""
    how = {"cgroup": "a control group", "watched": "the service"}.get(model.get("ceiling", ""))
    return f", {_mb(model, 'resident_bytes')}{f' held by {how}' if how else ''}"


def _mb(memory: dict[str, int], key: str) -> str:
    return f"{memory[key] / 1e6:.0f} MB" if key in memory else "?"


def _span(seconds: int) -> str:
    hours, rest = divmod(int(seconds), 3600)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{int(seconds)} s"
