"""`edge run`: the service, until it is told to end."""

import argparse
import asyncio
import faulthandler
import os
import sys
from pathlib import Path

from edge import log
from edge.heap import keep_heap_small
from edge.settings import load, places


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge run` takes."""
    parser.add_argument("--log-level", choices=("debug", "info", "warning", "error"), help="what is logged to stderr")
    parser.add_argument("--log-format", choices=("auto", "human", "json"), help="how it is logged")
    parser.add_argument(
        "--audio-from",
        type=Path,
        metavar="FILE|DIR",
        help="hear a WAV file, or those of a directory one after the other, in the place of the microphone",
    )
    parser.add_argument(
        "--no-wake",
        action="store_true",
        help="with --audio-from: recordings have no wake word",
    )


_AGAIN = 75
"""The exit status that asks to be started again (EX_TEMPFAIL); units have `Restart=on-failure` or `always`."""
_GIVE_WAY_S = 0.001
"""A thread that computes lets the loop go on after this, not after 5 ms: an answer takes twenty such turns."""


def main(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT. A bad setting is logged and left out; `edge status` repeats it."""
    keep_heap_small()
    _put_backup_in_place()
    loaded = load()
    settings = loaded.settings
    log.configure(args.log_level or settings.log.level, args.log_format or settings.log.format)
    from edge.service import serve
    from edge.speech.voice import Hearing

    hearing = None
    if args.audio_from is not None:
        from edge.speech.replay import recordings

        hearing = Hearing(recordings(args.audio_from), wake=not args.no_wake)
    sys.setswitchinterval(_GIVE_WAY_S)
    # What a watchdog ends says where it hung.
    faulthandler.enable()
    try:
        again = asyncio.run(serve(loaded, hearing=hearing))
    except BaseExceptionGroup as group:
        print(f"edge run: {_reason(group)}", file=sys.stderr)
        return 1
    return _start_again() if again else 0


def _put_backup_in_place() -> None:
    """A backup that was chosen on the page, before anything is opened. Under systemd root has done so already."""
    from edge.upkeep.facts import is_to_restore

    here = places()
    if is_to_restore(here):
        from edge.upkeep.waiting import put_in_place

        put_in_place(here)


def _start_again() -> int:
    """Under systemd its exit status asks for it; a service that a person has started becomes a fresh one itself."""
    if "NOTIFY_SOCKET" not in os.environ:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (our own command line, once more)
    return _AGAIN


def _reason(group: BaseExceptionGroup[BaseException]) -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
