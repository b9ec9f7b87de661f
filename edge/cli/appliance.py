"""`edge appliance`: what a flashed machine does by itself at its start; called by units of systemd."""

import argparse
import getpass
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge import log
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.api.wire import ControlClient
    from edge.appliance.places import Machine

_BOOT: Final = (Path("/boot/firmware"), Path("/boot"))
_NOT_NOW: Final = 75
"""What systemd tries again: EX_TEMPFAIL of sysexits.h."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge appliance` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    boot = actions.add_parser("boot", help="read edge.toml, make the password, set name, Wi-Fi and broker; as root")
    greet = actions.add_parser("greet", help="say that it is ready, or what is missing")
    greet.add_argument("--json", action="store_true", help="print it as JSON, and say nothing")
    password = actions.add_parser("password", help="change the password of the page and the broker; as root")
    password.add_argument("--tidy", action="store_true", help="only remove edge-password.txt if it was changed")
    password.add_argument("--random", action="store_true", help="make one up and print it")
    grow = actions.add_parser("grow", help="grow the data partition to the end of its card; as root")
    actions.add_parser("hardware-safe", help="bring the outputs of a service that ended into their safe states")
    usb = actions.add_parser("usb-import", help="take in what a mounted USB stick holds in its folder edge")
    usb.add_argument("mount", type=Path, metavar="DIRECTORY")
    for one in (boot, password, grow):
        one.add_argument("--boot", type=Path, metavar="DIRECTORY", help="the boot partition (/boot/firmware)")


def main(args: argparse.Namespace) -> int:
    """Do it; 0 when it was done."""
    log.configure("info")
    match args.action:
        case "boot":
            return _boot(_machine(args))
        case "password":
            return _password(_machine(args), args)
        case "grow":
            return _grow(_machine(args))
        case "greet":
            return _greet(as_json=args.json)
        case "hardware-safe":
            from edge.cli.appliance_hardware import hardware_safe

            return hardware_safe()
        case _:
            return _usb(args.mount)


def _machine(args: argparse.Namespace) -> "Machine":
    from edge.appliance.places import this_machine

    if os.geteuid() != 0:
        raise EdgeError("this changes the machine: run it as root (sudo edge appliance …)")
    found = next((one for one in _BOOT if (one / "edge.toml").is_file()), _BOOT[0])
    return this_machine(args.boot or found)


def _boot(machine: "Machine") -> int:
    """What is wrong is told in a file and by voice; the service starts all the same."""
    from edge.appliance.boot import boot
    from edge.appliance.report import as_lines
    from edge.appliance.running import run

    report, made = boot(machine, run)
    for line in as_lines(report, made, machine.password_file):
        print(line, flush=True)
    return 0


def _password(machine: "Machine", args: argparse.Namespace) -> int:
    from edge.appliance.password import new_password, tidy, use_password
    from edge.appliance.running import run
    from edge.appliance.seed.model import PASSWORD

    if not args.tidy:
        chosen = new_password() if args.random else _asked()
        if not PASSWORD.fullmatch(chosen):
            raise EdgeError("a password has 16 to 200 letters, digits or signs, and no blanks")
        use_password(machine, chosen)
        try:
            run(["systemctl", "try-reload-or-restart", "mosquitto.service"])
        except EdgeError as error:
            print(f"the broker takes it from the next start on: {error}", file=sys.stderr)
        if args.random:
            print(chosen)
    if tidy(machine, run):
        print(f"{machine.password_file} is removed: the password was changed", file=sys.stderr)
    return 0


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    chosen = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != chosen:
        raise EdgeError("those were two passwords: nothing is changed")
    return chosen


def _grow(machine: "Machine") -> int:
    from edge.appliance.grow import grow
    from edge.appliance.running import run

    gained = grow(machine.state, run)
    print(f"{gained / 1e9:.1f} GB more" if gained else "it reaches to the end of the card already")
    return 0


def _greet(*, as_json: bool) -> int:
    from edge.api.wire import ControlClient
    from edge.appliance.greeting import as_json as facts
    from edge.appliance.greeting import comes_online, greeting, is_online, is_owed, tell_news
    from edge.appliance.places import Machine
    from edge.appliance.report import Report, told
    from edge.settings import control_sockets, places

    machine = Machine()
    report = told(machine) or Report("edge")
    report = replace(report, first=report.first or is_owed(machine))

    def look() -> bool:
        return is_online(_text("/proc/net/route"), _text("/proc/net/ipv6_route"))

    online = comes_online(look) if report.wants_wifi and not as_json else look()
    with ControlClient(*control_sockets(places()), timeout_s=100.0) as client:
        text = greeting(report, client.call("status"), online=online)
        if as_json:
            print(facts(report, text))
        else:
            up_s = time.clock_gettime(time.CLOCK_BOOTTIME)
            return 0 if tell_news(machine, text, lambda news: _say(client, news), up_s) else _NOT_NOW
    return 0


def _say(client: "ControlClient", text: str) -> str:
    """Aloud; how that ended. Empty where it can't be said, for want of a loudspeaker for one; the log has it then."""
    print(text, flush=True)
    try:
        return str(client.call("say", text=text, voice=None, area=None, priority="announcement")["ending"])
    except EdgeError as error:
        print(f"not said aloud: {error}", file=sys.stderr)
        return ""


def _text(file: str) -> str:
    try:
        return Path(file).read_text("ascii", "replace")
    except OSError:
        return ""


def _usb(mount: Path) -> int:
    from edge.appliance.offers import judge_by
    from edge.appliance.usb import import_from
    from edge.cli.update import updater_of
    from edge.settings import load

    loaded = load()
    results = list(import_from(mount, loaded.places.state, judge_by(updater_of(loaded))))
    for one in results:
        print(json.dumps({"name": one.name, "what": one.what, "done": one.done, "text": one.text}, ensure_ascii=False))
    _tell(_summary([one.what for one in results if one.done and not one.text], sum(not one.done for one in results)))
    return 0


def _summary(taken: list[str], refused: int) -> str:
    told = []
    if taken:
        told.append(f"I have taken {len(taken)} file{'' if len(taken) == 1 else 's'} from the stick.")
    if refused:
        told.append(f"{refused} could not be used: the log says why.")
    return " ".join(told)


def _tell(text: str) -> None:
    """By the running service, if there is one."""
    from edge.api.wire import ControlClient
    from edge.settings import control_sockets, places

    if not text:
        return
    try:
        with ControlClient(*control_sockets(places()), timeout_s=60.0) as client:
            _say(client, text)
    except EdgeError as error:
        print(f"not said aloud: {error}", file=sys.stderr)
