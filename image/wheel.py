"""Writes a wheel whose bytes depend on its contents alone."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644 << 16


def write_wheel(
    directory: Path,
    *,
    name: str,
    version: str,
    tag: str,
    metadata: bytes,
    files: Mapping[str, bytes],
    licences: Mapping[str, bytes],
) -> Path:
    """The path of the wheel; `files` by their path in site-packages, `licences` by name."""
    info = f"{name}-{version}.dist-info"
    header = f"Wheel-Version: 1.0\nGenerator: edge-image\nRoot-Is-Purelib: false\nTag: {tag}\n"
    contents = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": header.encode()}
    contents |= {f"{info}/licenses/{licence}": text for licence, text in licences.items()}
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in sorted(contents.items()))
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = directory / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE
            archive.writestr(entry, contents[path])
    return wheel


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
