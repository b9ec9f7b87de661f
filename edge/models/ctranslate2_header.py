"""What a CTranslate2 model.bin says of itself, and whether all of it is there.

The layout is the one that CTranslate2's own converter writes: binary version, specification's name and revision, then
each variable with name, rank, dimensions, type and bytes, then the aliases.
"""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from edge.models.errors import ModelError

NEWEST_VERSION: Final = 6
MAX_NAME_BYTES: Final = 4096
MAX_VARIABLES: Final = 100_000


def read_specification(path: Path) -> str:
    """The specification's name ("WhisperSpec"); raises `ModelError` where the file is none, cut short or too new."""
    try:
        with path.open("rb") as file:
            return _walk(file, file.seek(0, 2))
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror or error}") from error
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise ModelError(f"{path} is no CTranslate2 model, or only a part of one: {error}") from error


def _walk(file: BinaryIO, size: int) -> str:
    file.seek(0)
    (version,) = _unpack(file, "<I")
    if not 1 <= version <= NEWEST_VERSION:
        raise ValueError(f"its format has version {version}, known are 1 to {NEWEST_VERSION}")
    name = _text(file)
    _, variables = _unpack(file, "<II")
    if variables > MAX_VARIABLES:
        raise ValueError(f"it announces {variables} variables")
    for _ in range(variables):
        variable = _text(file)
        (rank,) = _unpack(file, "<B")
        _unpack(file, f"<{rank}I")
        _, length = _unpack(file, "<BI")
        if file.tell() + length > size:
            raise ValueError(f"it ends inside {variable}, at byte {size}")
        file.seek(length, 1)
    (aliases,) = _unpack(file, "<I")
    for _ in range(2 * min(aliases, MAX_VARIABLES)):
        _text(file)
    return name


def _text(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<H")
    if not 0 < length <= MAX_NAME_BYTES:
        raise ValueError(f"byte {file.tell()} begins no name")
    return _read(file, length).rstrip(b"\0").decode("utf-8")


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _read(file, struct.calcsize(layout)))


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise ValueError(f"it ends at byte {file.tell()}")
    return data
