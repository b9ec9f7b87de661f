"""Writes what goes with the image: Raspberry Pi Imager's manifest, release notes, checksums."""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

DEVICES: Final = ("pi5-64bit", "pi4-64bit", "pi3-64bit")
"""Imager's names of the boards; the Zero 2 W is one of the last."""
_HEADING: Final = re.compile(r"^## \[?(?P<version>[^\]\s]+)\]?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measured:
    """A file's size in bytes and its SHA-256."""

    size: int
    sha256: str


def measured(file: Path) -> Measured:
    """Read it once."""
    with file.open("rb") as source:
        return Measured(file.stat().st_size, hashlib.file_digest(source, "sha256").hexdigest())


def imager_manifest(
    version: str, name: str, address: str, whole: Measured, packed: Measured, epoch: int
) -> dict[str, Any]:
    """What `Raspberry Pi Imager --repo` reads; `address` is the directory that the image is fetched from."""
    entry = {
        "name": f"edge {version}",
        "description": "A private assistant for the house, without the cloud (64-bit; Pi 3, 4, 5, Zero 2 W)",
        "url": f"{address.rstrip('/')}/{name}" if address else name,
        "extract_size": whole.size,
        "extract_sha256": whole.sha256,
        "image_download_size": packed.size,
        "image_download_sha256": packed.sha256,
        "release_date": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d"),
        # What Imager would set is set in edge.toml on the boot partition.
        "init_format": "none",
        "devices": list(DEVICES),
    }
    return {"os_list": [entry]}


def release_notes(changelog: str, version: str) -> str:
    """The version's part of the changelog; what is unreleased where it has none of its own."""
    headings = list(_HEADING.finditer(changelog))
    by_version = {heading["version"].lower(): number for number, heading in enumerate(headings)}
    number = by_version.get("unreleased", by_version.get(version.lower()))
    if number is None:
        return ""
    start = headings[number].end()
    end = headings[number + 1].start() if number + 1 < len(headings) else len(changelog)
    return changelog[start:end].partition("\n")[2].strip()


_NOTES: Final = """\
# edge {version}

For Raspberry Pi 3, 4, 5 and Zero 2 W, 64-bit. Write `{name}` to a card of at least 4 GB (8 GB with a language model)
with Raspberry Pi Imager ("Use custom"), or with

    zstd -dc {name} | sudo dd of=/dev/YOUR_CARD bs=4M conv=fsync status=progress

Change `edge.toml` on the card's first partition if you want Wi-Fi or a name of your own, and switch on. The password
stands in `edge-password.txt` there afterwards. Everything else: docs/image.md.

SHA-256 of the packed image: `{packed}`; unpacked: `{whole}`.
What is in it, and where the sources are: `{stem}.cdx.json`, `{stem}.sources.txt`.

{changes}
"""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path, help="the packed image; the others are written beside it")
    parser.add_argument("whole", help="bytes and SHA-256 of the unpacked one, as BYTES:SHA256")
    parser.add_argument("version")
    parser.add_argument("epoch", type=int)
    parser.add_argument("changelog", type=Path)
    parser.add_argument("--address", default="", help="where the image will be fetched from")
    options = parser.parse_args(arguments)
    image: Path = options.image
    stem = image.name.removesuffix(".img.zst")
    size, _, sha256 = options.whole.partition(":")
    whole, packed = Measured(int(size), sha256), measured(image)
    manifest = imager_manifest(options.version, image.name, options.address, whole, packed, options.epoch)
    image.with_name(f"{stem}.imager.json").write_text(json.dumps(manifest, indent=2) + "\n")
    changes = release_notes(options.changelog.read_text(), options.version)
    notes = _NOTES.format(
        version=options.version, name=image.name, packed=packed.sha256, whole=sha256, stem=stem, changes=changes
    )
    image.with_name(f"{stem}.notes.md").write_text(notes)
    files = sorted(file for file in image.parent.glob(f"{stem}.*") if file.is_file())
    image.with_name("SHA256SUMS").write_text("".join(f"{measured(file).sha256}  {file.name}\n" for file in files))


if __name__ == "__main__":
    main(sys.argv[1:])
