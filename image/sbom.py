"""Writes what is in the image: a CycloneDX bill of materials, and where the sources of its copyleft programs are."""

import argparse
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from image.debian import MIRROR, SNAPSHOT, Lock, Package, Use, read_lock

_LICENCE: Final = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE)
_COMMON: Final = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.+-]+[A-Za-z0-9])")
_COPYLEFT: Final = re.compile(r"\b(?:A|L)?GPL|\bGPL|\bMPL|\bEPL|\bGNU (?:Lesser )?General Public", re.IGNORECASE)
_SPACE: Final = uuid.UUID("ed9e0000-0000-4000-8000-000000000001")


@dataclass(frozen=True, slots=True)
class Part:
    """One package in the image."""

    name: str
    version: str
    purl: str
    licences: tuple[str, ...]
    sha256: str = ""
    source: str = ""
    """What it is built from, as `name=version`; empty where that is the package itself."""
    source_url: str = ""
    kind: str = "library"

    @property
    def copyleft(self) -> bool:
        """Whether its licence asks for the sources to be offered; one that no machine can read may."""
        return not self.licences or any(_COPYLEFT.search(licence) for licence in self.licences)


def debian_parts(lock: Lock, root: Path, packages: Path) -> list[Part]:
    """The Debian packages, those that were unpacked included."""
    parts = [_debian_part(package, root, packages) for package in lock.of(Use.INSTALL, Use.UNPACK)]
    # Some have their copyright file in the directory of another package of the same source.
    by_source: dict[str, set[str]] = {}
    for part in parts:
        by_source.setdefault(part.source, set()).update(part.licences)
    return [part if part.licences else replace(part, licences=tuple(sorted(by_source[part.source]))) for part in parts]


def _debian_part(package: Package, root: Path, packages: Path) -> Part:
    fields = _control(packages / package.file)
    source, _, built_from = fields.get("Source", package.name).partition(" ")
    version = built_from.strip("()") or package.version
    directory = package.path.rpartition("/")[0]
    dsc = f"{directory}/{source}_{version.partition(':')[2] or version}.dsc"
    return Part(
        name=package.name,
        version=package.version,
        purl=f"pkg:deb/debian/{quote(package.name)}@{quote(package.version)}?arch=arm64&distro=debian-13",
        licences=licences_in(_copyright(root, package.name)),
        sha256=package.sha256,
        source=f"{source}={version}",
        source_url=f"{MIRROR}/{quote(dsc, safe='/~')}",
    )


def _control(file: Path) -> dict[str, str]:
    told = subprocess.run(["dpkg-deb", "--field", str(file), "Source"], capture_output=True, text=True, check=True)
    text = told.stdout.strip()
    return {"Source": text} if text else {}


def _copyright(root: Path, name: str) -> str:
    """The copyright file of a package; its directory may be a link to another package's, which is meant then."""
    file = root / "usr/share/doc" / name / "copyright"
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def licences_in(text: str) -> tuple[str, ...]:
    """Names of licences in a Debian copyright file, as far as a machine can read it."""
    named = {line.strip().rstrip(",") for line in _LICENCE.findall(text)}
    return tuple(sorted(named or set(_COMMON.findall(text))))


def python_parts(site: Path) -> list[Part]:
    """The Python packages of the release, edge itself included."""
    parts = []
    for file in sorted(site.glob("*.dist-info/METADATA")):
        facts = HeaderParser().parsestr(file.read_text("utf-8", "replace"))
        name, version = facts["Name"], facts["Version"]
        parts.append(
            Part(
                name=name,
                version=version,
                purl=f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
                licences=_python_licences(facts),
                source_url=f"https://pypi.org/project/{name}/{version}/#files",
                kind="application" if name.startswith("edge") else "library",
            )
        )
    return parts


def _python_licences(facts: Message) -> tuple[str, ...]:
    expression = str(facts.get("License-Expression", ""))
    if expression:
        return (expression,)
    classifiers = [str(line) for line in facts.get_all("Classifier", []) if str(line).startswith("License ::")]
    if classifiers:
        return tuple(sorted(line.rpartition(" :: ")[2] for line in classifiers))
    short = str(facts.get("License", "")).strip().splitlines()
    return (short[0],) if short else ()


def bill(parts: Iterable[Part], version: str, epoch: int) -> dict[str, Any]:
    """CycloneDX 1.6, as a document for JSON; the same parts give the same document."""
    components = [_component(part) for part in sorted(parts, key=lambda part: part.purl)]
    names = "\n".join(component["purl"] for component in components)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, f'{version}:{epoch}:{names}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "operating-system", "name": "edge", "version": version, "bom-ref": "edge-image"},
        },
        "components": components,
    }


def _component(part: Part) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": part.kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.sha256:
        component["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    if part.licences:
        component["licenses"] = [{"license": {"name": licence}} for licence in part.licences]
    if part.source_url:
        component["externalReferences"] = [{"type": "source-distribution", "url": part.source_url}]
    if part.source:
        component["properties"] = [{"name": "debian:source", "value": part.source}]
    return component


def offered_sources(parts: Iterable[Part], lock: Lock) -> str:
    """A line a source of what has copyleft: what, which binary packages, where; and once more where older ones are."""
    found: dict[tuple[str, str], set[str]] = {}
    for part in parts:
        if part.copyleft or part.source.startswith("linux"):
            found.setdefault((part.source or f"{part.name}={part.version}", part.source_url), set()).add(part.name)
    lines = [
        "# Sources of what the image has under licences that ask for them to be offered: source=version, address,",
        "# packages made of it. What is gone from the mirror is kept at",
        f"# {SNAPSHOT}/debian/{lock.moment:%Y%m%dT%H%M%SZ}/ under the same path.",
        "# `image/build.sh --sources` fetches all of Debian's.",
    ]
    for (source, url), names in sorted(found.items()):
        lines.append(f"{source} {url} {','.join(sorted(names))}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock", type=Path)
    parser.add_argument("packages", type=Path, help="the cache of Debian packages")
    parser.add_argument("root", type=Path, help="the root file system")
    parser.add_argument("version")
    parser.add_argument("epoch", type=int)
    parser.add_argument("output", type=Path, help="the bill; the list of sources lies beside it as .sources.txt")
    options = parser.parse_args(arguments)
    lock = read_lock(options.lock.read_text())
    site = next(options.root.glob(f"opt/edge/releases/{options.version}/lib/python3*/site-packages"))
    parts = debian_parts(lock, options.root, options.packages) + python_parts(site)
    options.output.write_text(json.dumps(bill(parts, options.version, options.epoch), indent=1) + "\n")
    name = options.output.name.partition(".cdx")[0]
    options.output.with_name(f"{name}.sources.txt").write_text(offered_sources(parts, lock))


if __name__ == "__main__":
    main(sys.argv[1:])
