"""Whether the installed release is what was installed: every file of edge's own against the record beside it."""

import base64
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground

HEAVY: Final = True
PATIENCE_S: Final = 4.0
_CHECK: Final = "release"
_SHOWN: Final = 5
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What comparing gave."""

    where: str
    files: int = 0
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_release: bool = False
    """Whether it is one that `edge update` has installed."""


async def look(ground: Ground) -> ReleaseFacts | None:
    """None where it runs from a checkout, which has no record."""
    facts: ReleaseFacts | None = await ground.aside(_compared, ground.loaded.places.installation)
    return facts


def check(facts: ReleaseFacts) -> Iterator[Finding]:
    """One finding."""
    wrong = [*(f"{one} was changed" for one in facts.changed), *(f"{one} is gone" for one in facts.missing)]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        text = (
            f"The release in {facts.where} is damaged: {len(wrong)} of {facts.files} files are not what was installed"
        )
        remedy = "Install it again: edge update --apply BUNDLE --again, or go back: sudo edge update --rollback"
        otherwise = "Install it again: pip install --force-reinstall edge-assistant"
        evidence = f"{'; '.join(wrong[:_SHOWN])}{more}"
        yield problem(_CHECK, text, remedy if facts.is_release else otherwise, evidence)
    else:
        yield fine(_CHECK, f"All {facts.files} files of {facts.where} are as they were installed")


def _compared(installation: Path) -> ReleaseFacts | None:
    from edge.upkeep.installation import Installation

    release = Installation(installation)
    name = release.current()
    if name is not None:
        found = sorted(release.path(name).glob("lib/python3*/site-packages/edge_assistant-*.dist-info/RECORD"))
    else:
        found = sorted(Path(__file__).parents[3].glob("edge_assistant-*.dist-info/RECORD"))
    if not found:
        return None
    record = found[-1]
    site = record.parent.parent
    where = name if name is not None else str(site)
    rows = [row for row in csv.reader(io.StringIO(_text(record))) if len(row) == 3 and row[1].startswith("sha256=")]
    changed, missing = [], []
    for path, digest, _ in rows:
        file = site / path
        try:
            if _digest(file) != digest.removeprefix("sha256="):
                changed.append(path)
        except OSError:
            missing.append(path)
    return ReleaseFacts(where, len(rows), tuple(changed), tuple(missing), name is not None)


def _digest(file: Path) -> str:
    """As RECORD has it (PEP 376): URL-safe base64 without padding."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode("ascii")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
