"""Switches a microphone or loudspeaker on in the sound server."""

import shutil
import subprocess

from edge.health.fixes import FixError

_PATIENCE_S = 10.0


def told(target: str) -> str:
    """What it would do."""
    _, _, name = target.partition(" ")
    return f"Switch {name} on in the sound server"


def apply(target: str) -> str:
    """`source NAME` or `sink NAME`."""
    kind, _, name = target.partition(" ")
    command = shutil.which("pactl")
    if command is None or kind not in ("source", "sink"):
        raise FixError("pactl is not installed: sudo apt install pulseaudio-utils")
    try:
        done = subprocess.run(  # noqa: S603 (a name that the sound server gave us)
            [command, f"set-{kind}-mute", name, "0"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FixError(f"pactl did not do it: {error}") from error
    if done.returncode != 0:
        raise FixError(f"pactl says: {done.stderr.strip() or done.returncode}")
    return f"{name} is switched on"
