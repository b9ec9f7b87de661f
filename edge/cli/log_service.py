"""What the service wrote: from the journal under systemd, from the file it writes to elsewhere."""

import json
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from edge.api.wire import ControlClient, NotRunningError
from edge.errors import EdgeError
from edge.log import legible
from edge.settings import control_sockets, places

_UNIT: Final = "edge.service"
_POLL_S: Final = 0.3
_TAIL_BYTES: Final = 64 * 1024 * 1024


def show(*, since_s: float | None, limit: int, follow: bool, as_json: bool) -> int:
    """Print the latest lines; raises `EdgeError` where there is nothing to read them from."""
    where = _where()
    if where["to"] == "journal":
        lines = _journal(where.get("unit", _UNIT), since_s, limit, follow=follow)
    elif where["to"] == "file":
        lines = _file(Path(where["path"]), since_s, limit, follow=follow)
    else:
        what = "to the terminal it was started in" if where["to"] == "terminal" else "to a pipe of whoever started it"
        raise EdgeError(f"the service writes {what}, and nowhere else: run it under systemd, or edge run 2>>FILE")
    for line in lines:
        shown = line.rstrip("\n") if as_json else legible(line)
        if shown:
            print(shown, flush=True)
    return 0


def _where() -> dict[str, str]:
    """As the running service says; the journal where none runs."""
    try:
        with ControlClient(*control_sockets(places())) as client:
            told = client.call("status").get("log")
            return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {"to": "?"}
    except NotRunningError:
        if shutil.which("journalctl") is None:
            raise EdgeError("no service runs, and there is no journal here to look into: start it (edge run)") from None
        return {"to": "journal", "unit": _UNIT}


def _journal(unit: str, since_s: float | None, limit: int, *, follow: bool) -> Iterator[str]:
    journalctl = shutil.which("journalctl")
    if journalctl is None:
        raise EdgeError("the service writes to the journal, and journalctl is not installed: sudo apt install systemd")
    command = [journalctl, "--unit", unit, "--output", "cat", "--lines", str(limit), "--no-pager", "--quiet"]
    command += [f"--since=@{since_s:.0f}"] if since_s is not None else []
    command += ["--follow"] if follow else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        try:
            yield from process.stdout
        finally:
            process.terminate()
    if process.returncode > 0:
        raise EdgeError(f"journalctl failed with status {process.returncode}: see above")


def _file(file: Path, since_s: float | None, limit: int, *, follow: bool) -> Iterator[str]:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            yield from deque((_text(line) for line in stream if _after(line, since_s)), maxlen=limit)
            yield from _coming(stream) if follow else ()
    except OSError as error:
        raise EdgeError(f"{file}, which the service writes to, can't be read: {error.strerror}") from None


def _coming(stream: Iterable[bytes]) -> Iterator[str]:
    """What is written from now on, line by line, until interrupted."""
    rest = b""
    while True:
        for piece in stream:
            rest += piece
            if rest.endswith(b"\n"):
                yield _text(rest)
                rest = b""
        time.sleep(_POLL_S)


def _after(line: bytes, since_s: float | None) -> bool:
    if since_s is None:
        return True
    try:
        return float(json.loads(line)["time"]) >= since_s
    except (ValueError, TypeError, KeyError):
        return False


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
