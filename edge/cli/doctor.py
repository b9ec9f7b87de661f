"""`edge doctor`: what is wrong, and what to do about it."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.cli import doctor_recording
from edge.errors import EdgeError
from edge.settings import control_sockets, load

if TYPE_CHECKING:
    from edge.health.finding import Finding, Fix
    from edge.health.ground import Ground
    from edge.settings import Loaded
    from edge.speech.sound import Sound

_SIGNS: Final = {"ok": "✓", "note": "!", "problem": "✗"}
_ORDER: Final = {"problem": 0, "note": 1, "ok": 2}
_ANSWER_S: Final = 1.5
"""How long a running service may take to say how it does."""
_GENTLY: Final = 10
_FIRST_TO_GO: Final = b"500"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge doctor` takes."""
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="look at these alone (all; --list names them)")
    parser.add_argument("--list", action="store_true", help="name all checks, and look at nothing")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely; asks before each")
    parser.add_argument("--yes", action="store_true", help="with --fix: do not ask")
    parser.add_argument("--deep", action="store_true", help="take the time that it needs, and measure again what does")
    parser.add_argument("--quiet", action="store_true", help="print only what is wrong")
    parser.add_argument("--satellites", action="store_true", help="look at and for satellites, and at nothing else")
    doctor_recording.configure(parser)
    parser.add_argument(
        "--root", type=Path, default=Path("/"), metavar="DIR", help="where /proc and /sys are looked for"
    )
    parser.add_argument("--gently", action="store_true", help="give way to everything else on this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """1 where there is a problem."""
    from edge.health.checks import names

    unknown = [one for one in args.checks if one not in names()]
    if unknown:
        raise EdgeError(f"there is no check called {unknown[0]!r}: {', '.join(names())}")
    if args.gently:
        _give_way()
    if args.list:
        return _list(as_json=args.json)
    findings, sound = _looked(args)
    if sound is not None:
        doctor_recording.keep(args, sound)
    findings = sorted(findings, key=lambda one: _ORDER[one.severity.value])
    fixed = _fix(findings, args) if args.fix else []
    if args.json:
        told = {"findings": [one.to_json() for one in findings], **({"fixed": fixed} if args.fix else {})}
        print(json.dumps(told, ensure_ascii=False))
    else:
        _print(findings, sound, quiet=args.quiet)
    return _status(findings)


def _looked(args: argparse.Namespace) -> "tuple[tuple[Finding, ...] | list[Finding], Sound | None]":
    """What is found, and what was recorded."""
    loaded = load()
    if args.satellites:
        from edge.cli.doctor_satellites import satellites

        return asyncio.run(satellites(loaded)), None
    from edge.health.checks import examined

    ground, sound = _ground(args, loaded), None
    missing: list[Finding] = []
    if args.audio:
        sound = asyncio.run(doctor_recording.recorded(ground.sound.microphone, args.seconds, ground.sound.gain_db or 0))
        missing = _measured(ground, sound)
    return [*missing, *examined(ground, args.checks)], sound


def _ground(args: argparse.Namespace, loaded: "Loaded") -> "Ground":
    from edge.health.ground import Ground, Sound

    speech = loaded.settings.speech
    sound = Sound(
        args.microphone or speech.microphone,
        args.loudspeaker or speech.loudspeaker,
        speech.gain_db if args.gain is None else args.gain,
        tuple(args.wake) if args.wake else None,
    )
    status, silent = _status_of(loaded)
    spent_s = 0.0 if args.audio else _since_start_s()
    return Ground(loaded, status, silent, root=args.root, spent_s=spent_s, deep=args.deep, sound=sound)


def _since_start_s() -> float:
    """Since this process was started: loading Python counts, for who waits."""
    from edge.health.patience import starved_s, watch

    watch()

    with contextlib.suppress(OSError, ValueError, IndexError):
        ticks = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
        since_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return max(0.0, since_s - starved_s())
    return 0.0


def _status_of(loaded: "Loaded") -> tuple[dict[str, Any] | None, str]:
    """What a running service says, and why it says nothing."""
    from edge.api.wire import ControlClient, ControlError, NotOursError, NotRunningError

    try:
        with ControlClient(*control_sockets(loaded.places), timeout_s=_ANSWER_S) as client:
            return client.call("status"), ""
    except NotOursError as error:
        return None, str(error)
    except NotRunningError:
        return None, ""
    except ControlError as error:
        return None, str(error)


def _measured(ground: "Ground", sound: "Sound | None") -> "list[Finding]":
    """Put what was recorded where the checks look for it; why it could not be measured."""
    from edge.health.finding import problem, told

    if sound is None:
        return []
    try:
        ground.heard = doctor_recording.heard(sound, ground.sound.gain_db or 0)
    except EdgeError as error:
        return [problem("speech", *told(str(error), "pip install 'edge-assistant[speech]'"))]
    return []


def _fix(findings: "list[Finding]", args: argparse.Namespace) -> list[dict[str, Any]]:
    """What was done, or why not, for each finding that can be mended."""
    from edge.health.finding import Severity
    from edge.health.fixes import FixError, apply, told

    done: list[dict[str, Any]] = []
    for fix in dict.fromkeys(one.fix for one in findings if one.fix is not None and one.severity is not Severity.OK):
        if not args.yes and not _agreed(fix, told(fix)):
            done.append({"fix": fix.name, "target": fix.target, "done": False, "text": "not wanted"})
            continue
        try:
            text, worked = apply(fix), True
        except FixError as error:
            text, worked = str(error), False
        print(f"{'done' if worked else 'not done'}: {text}", file=sys.stderr)
        done.append({"fix": fix.name, "target": fix.target, "done": worked, "text": text})
    if not done:
        print("nothing of this can be mended without you: see the remedies", file=sys.stderr)
    return done


def _agreed(fix: "Fix", what: str) -> bool:
    del fix
    if not sys.stdin.isatty():
        print(f"not done: {what} (nobody to ask: --yes does it)", file=sys.stderr)
        return False
    print(f"{what}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _list(*, as_json: bool) -> int:
    from edge.health.checks import load as load_check
    from edge.health.checks import names

    told = {name: (load_check(name).__doc__ or "").strip().replace("\n", " ") for name in names()}
    if as_json:
        print(json.dumps({"checks": told}, ensure_ascii=False))
    else:
        for name, what in told.items():
            print(f"{name:<14} {what}")
    return 0


def _print(findings: "list[Finding]", sound: "Sound | None", *, quiet: bool) -> None:
    if sound is not None:
        from edge.speech.picture import sketch

        for line in sketch(sound):
            print(f"  {line}")
        print()
    shown = [one for one in findings if not quiet or one.severity != "ok"]
    for finding in shown:
        print(_clean(f"{_SIGNS[finding.severity]} {finding.check:<12} {finding.text}"))
        if finding.evidence and finding.severity != "ok":
            print(_clean(f"  {'':<12} ({finding.evidence})"))
        if finding.remedy:
            print(_clean(f"  {'':<12} → {finding.remedy}"))
    fixes = sum(one.fix is not None and one.severity != "ok" for one in shown)
    if fixes:
        print(f"\n{fixes} of these can be mended by `edge doctor --fix`.")


def _status(findings: "list[Finding]") -> int:
    """The exit status. Ends the process itself where something hangs that would keep it."""
    status = int(any(one.severity == "problem" for one in findings))
    if any(thread.name.startswith(("doctor", "asyncio_")) for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


def _give_way() -> None:
    """To the service, and to the model: whoever asked has time."""
    with contextlib.suppress(OSError):
        os.nice(_GENTLY)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(_FIRST_TO_GO)


def _clean(text: str) -> str:
    """Words from outside must not move the terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text)
