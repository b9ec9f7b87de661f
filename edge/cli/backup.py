"""`edge backup`: configuration and state in one file, while the service runs."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.settings import Loaded
    from edge.upkeep.backup import Written


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge backup` takes."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE|DIR", help="where to write it (here)")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="encrypt it with the first line of this file; secrets are in it then",
    )
    parser.add_argument(
        "--keep", type=_several, metavar="N", help="in a directory: keep the newest N, remove older ones"
    )
    parser.add_argument("--daily", action="store_true", help="as [backup] in the settings says; for edge-backup.timer")
    parser.add_argument("--without-history", action="store_true", help="leave out what sensors said")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Prints where it is, and what is not in it."""
    from edge.cli.progress import ProgressLine
    from edge.settings import load
    from edge.upkeep.backup import file_name, make_backup, tidy_backups

    loaded = load()
    node = loaded.settings.node
    directory, keep, passphrase_file = _where(args, loaded)
    if directory is None:
        file = args.file.absolute()
    else:
        _made(directory, loaded)
        file = directory / file_name(node)
    history = loaded.settings.backup.history and not args.without_history if args.daily else not args.without_history
    passphrase = passphrase_of(passphrase_file) if passphrase_file else None
    with ProgressLine("writing") as progress:
        written = make_backup(loaded.places, node, file, passphrase, progress, history=history)
    gone = tidy_backups(directory, node, keep) if directory is not None and keep else []
    _tell(args, written, gone)
    return 0


def passphrase_of(file: Path) -> str:
    """The first line of a file, `-` for standard input. Raises `EdgeError` where it has none."""
    from edge.settings.secrets import first_line

    try:
        said = sys.stdin.readline().rstrip("\r\n") if str(file) == "-" else first_line(file)
    except (OSError, UnicodeDecodeError) as error:
        raise EdgeError(f"{file} can't be read: {getattr(error, 'strerror', None) or error}") from error
    if not said:
        raise EdgeError(f"the first line of {file} is empty: it must hold the passphrase")
    return said


def _where(args: argparse.Namespace, loaded: "Loaded") -> tuple[Path | None, int | None, Path | None]:
    """The directory (None: a file was named), how many to keep there, the passphrase's file."""
    settings = loaded.settings.backup
    if args.daily:
        return settings.directory or loaded.places.state / "backups", settings.keep, settings.passphrase_file
    passphrase_file = args.passphrase_file
    if args.file is None:
        return Path.cwd(), args.keep, passphrase_file
    if args.file.is_dir() or args.keep:
        return args.file.absolute(), args.keep, passphrase_file
    return None, None, passphrase_file


def _made(directory: Path, loaded: "Loaded") -> None:
    """Our own directory is made; another one must be there, or the card would be taken for a stick that is not in."""
    from edge.upkeep.owner import as_owner

    if directory.is_relative_to(loaded.places.state):
        with as_owner(loaded.places.state):
            directory.mkdir(mode=0o700, exist_ok=True)
    elif not directory.is_dir():
        raise EdgeError(f"there is no directory {directory}: is the stick or drive mounted?")


def _tell(args: argparse.Namespace, written: "Written", gone: list[Path]) -> None:
    if args.json:
        facts = {
            "file": str(written.file),
            "bytes": written.size_bytes,
            "files": written.files,
            "encrypted": written.encrypted,
            "left_out": list(written.left_out),
            "models": list(written.models),
            "removed": [str(one) for one in gone],
        }
        print(json.dumps(facts, ensure_ascii=False))
        return
    kind = "encrypted" if written.encrypted else "not encrypted: keep it where nobody else reads it"
    print(f"{written.file}: {written.files} files, {written.size_bytes / 1e6:.1f} MB, {kind}")
    for note in written.left_out:
        print(f"left out  {note}")
    if written.models:
        print(f"models    {', '.join(written.models)}: named in it; pull or add them again on another board")
    for one in gone:
        print(f"removed   {one}")


def _several(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return int(text)
