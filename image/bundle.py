"""Makes a signed update bundle out of wheels: `edge update --apply FILE` installs it.

    python -m image.bundle --key RELEASE.key --wheels DIR [--wheels DIR …] --output FILE.bundle
        [--from 0.1.0] [--architecture aarch64] [--python 3.13] [--notes FILE] [--new-key FILE.pub] [--revoke ID]

The wheel of edge among them says which version it is; `pip wheel . -w DIR` makes such a
directory.
"""

import argparse
import hashlib
import sys
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from edge.upkeep.archive import BLOCK, header
from edge.upkeep.bundle import MANIFEST, SIGNATURES
from edge.upkeep.errors import BundleError
from edge.upkeep.manifest import Manifest, Packed
from edge.upkeep.schemas import known_schemas
from edge.upkeep.signature import PublicKey
from image.signing import SecretKey, read_secret

_PACKAGE: Final = "edge_assistant-"
_SPARE: Final = 1.02
_PIECE: Final = 1 << 20


def write_bundle(output: Path, manifest: Manifest, wheels: Iterable[Path], *keys: SecretKey) -> None:
    """The bundle, signed with each of the keys."""
    by_name = {_packed_name(wheel): wheel for wheel in wheels}
    raw = manifest.data()
    signatures = "".join(key.sign(raw, f"edge {manifest.version}") for key in keys).encode()
    part = output.with_name(output.name + ".part")
    with part.open("wb") as stream:
        for name, data in ((MANIFEST, raw), (SIGNATURES, signatures)):
            stream.write(header(name, len(data)) + data + bytes(-len(data) % BLOCK))
        for packed in manifest.files:
            _append(stream, packed, by_name[packed.name])
        stream.write(bytes(2 * BLOCK))
    part.replace(output)


def described(
    wheels: Iterable[Path],
    *,
    least: str,
    architecture: str,
    python: str,
    notes: str = "",
    keys: Iterable[PublicKey] = (),
    revoked: Iterable[str] = (),
    version: str | None = None,
) -> Manifest:
    """The manifest of these wheels."""
    wheels = sorted(wheels, key=lambda wheel: wheel.name)
    own = next((wheel.name for wheel in wheels if wheel.name.startswith(_PACKAGE)), None)
    if own is None:
        raise BundleError(f"no wheel of edge ({_PACKAGE}…) is among them")
    return Manifest(
        version=version or own.removeprefix(_PACKAGE).partition("-")[0],
        least=least,
        architecture=architecture,
        python=python,
        installed_bytes=int(sum(_unpacked_bytes(wheel) for wheel in wheels) * _SPARE),
        files=tuple(Packed(_packed_name(wheel), wheel.stat().st_size, _digest(wheel)) for wheel in wheels),
        schemas=known_schemas(),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=notes,
        keys=tuple(keys),
        revoked=tuple(revoked),
    )


def _packed_name(wheel: Path) -> str:
    """Package and version: a list of platforms is longer than a name may be."""
    return f"wheels/{'-'.join(wheel.name.split('-')[:2])}.whl"


def _append(stream: BinaryIO, packed: Packed, wheel: Path) -> None:
    stream.write(header(packed.name, packed.size_bytes))
    with wheel.open("rb") as source:
        while piece := source.read(_PIECE):
            stream.write(piece)
    stream.write(bytes(-packed.size_bytes % BLOCK))


def _unpacked_bytes(wheel: Path) -> int:
    with zipfile.ZipFile(wheel) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--key", type=Path, action="append", required=True, help="a secret key; several sign together")
    parser.add_argument("--wheels", type=Path, action="append", required=True, help="a directory of wheels")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--from", dest="least", default="0.1.0", help="the oldest release that it updates (0.1.0)")
    parser.add_argument("--architecture", default="aarch64", help="as `uname -m` says (aarch64)")
    parser.add_argument("--python", default="3.13", help="that the wheels are for (3.13)")
    parser.add_argument("--notes", type=Path, help="what is new, as text")
    parser.add_argument("--new-key", type=Path, action="append", default=[], help="believed from then on")
    parser.add_argument("--revoke", action="append", default=[], metavar="ID", help="not believed from then on")
    options = parser.parse_args(arguments)
    wheels = [wheel for directory in options.wheels for wheel in directory.glob("*.whl")]
    manifest = described(
        wheels,
        least=options.least,
        architecture=options.architecture,
        python=options.python,
        notes=options.notes.read_text() if options.notes else "",
        keys=[PublicKey.parse(file.read_text()) for file in options.new_key],
        revoked=options.revoke,
    )
    write_bundle(options.output, manifest, wheels, *(read_secret(key) for key in options.key))
    print(f"{options.output}: edge {manifest.version}, {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
