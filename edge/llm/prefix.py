"""Prefix states on disk: what the model makes of a prompt's unchanging beginning, kept over restarts.

llama.cpp believes a state whatever is in it: a flipped bit goes unnoticed, and its own file reader ends the process
where a file is cut short. So a state is read into memory as a whole, held against its digest and its key, and only then
given to the library; whatever is wrong with a file, it is removed, and the prompt is read as if it had not been there.
"""

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import struct
import threading
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Final

from edge.llm.wire import Load

LEAST_TOKENS: Final = 16
"""A shorter beginning is read sooner than a file."""
MOST_FILES: Final = 8
SPARE_BYTES: Final = 64 << 20
"""Left on the disk to everything else."""
SUFFIX: Final = ".kv"
UNFINISHED: Final = ".part"

_MAGIC: Final = b"edge-kv1"
_HEAD: Final = struct.Struct("<8s32s32sI")
"""Magic, digest of all that follows the digest, key, number of tokens; then tokens (int32), then the state."""
_DIGESTED_FROM: Final = 40
_CHUNK: Final = 1 << 20


class _UnusableError(Exception):
    """A file that is none of ours; the message says why."""


@dataclass(slots=True)
class State:
    """A state that was found whole: the file's bytes, and where in them the library's part begins."""

    data: mmap.mmap
    offset: int


class Prefixes:
    """The states in one directory, for one model with one set of settings. Reads at once, writes in the background."""

    def __init__(
        self,
        directory: Path,
        most_bytes: int,
        most_state_bytes: int,
        settings: str,
        tell: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self.most_state_bytes = most_state_bytes
        """What a state may take, in memory and on disk."""
        self._settings = settings
        self._tell = tell
        self._writing = threading.Lock()
        self._refused: set[bytes] = set()

    @classmethod
    def of(cls, load: Load, tell: Callable[[str, dict[str, Any]], None]) -> "Prefixes | None":
        """The states for what is loaded; None where none are to be kept."""
        if load.cache is None or not load.cache_bytes or not load.identity:
            return None
        facts = [load.identity, load.n_ctx, load.type_k, load.type_v, load.flash_attn, load.repack]
        most_state = load.cache_bytes if load.state_bytes is None else min(load.state_bytes, load.cache_bytes)
        return cls(Path(load.cache), load.cache_bytes, most_state, json.dumps(facts), tell)

    def wants(self, tokens: Sequence[int]) -> bool:
        """Whether a state of these tokens is worth a file, and there is none."""
        key = self._key(tokens)
        return len(tokens) >= LEAST_TOKENS and key not in self._refused and not self._file(key).exists()

    def refuse(self, tokens: Sequence[int]) -> None:
        """Do not want the state of these tokens again: it can't be had, or is too large."""
        self._refused.add(self._key(tokens))

    def load(self, tokens: Sequence[int]) -> State | None:
        """The state of exactly these tokens, checked; None when there is none, or no memory for it.

        A file that is wrong is removed.
        """
        if len(tokens) < LEAST_TOKENS:
            return None
        key = self._key(tokens)
        file = self._file(key)
        try:
            data = self._read(file, _HEAD.size + 4 * len(tokens))
            if data is None:
                return None
            wrong = self._wrong(data, key, tokens)
        except FileNotFoundError:
            return None
        except (OSError, _UnusableError) as error:
            self._reject(file, str(error))
            return None
        if wrong:
            data.close()
            self._reject(file, wrong)
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        return State(data, _HEAD.size + 4 * len(tokens))

    def reject(self, tokens: Sequence[int], why: str) -> None:
        """Remove the state of these tokens: the library would not have it."""
        self._reject(self._file(self._key(tokens)), why)

    def save(self, tokens: Sequence[int], state: mmap.mmap) -> None:
        """Write a state in the background and close it; dropped where the one before is still being written."""
        if not self._writing.acquire(blocking=False):
            state.close()
            return
        key = self._key(tokens)

        def write() -> None:
            try:
                facts = self._write(key, tokens, state)
            except OSError as error:
                facts = {"why": error.strerror or str(error)}
            if "why" in facts:
                self._refused.add(key)
            state.close()
            self._writing.release()
            self._tell("llm.prefix_not_saved" if "why" in facts else "llm.prefix_saved", facts)

        threading.Thread(target=write, name="prefix", daemon=True).start()

    def _key(self, tokens: Sequence[int]) -> bytes:
        facts = hashlib.blake2b(self._settings.encode(), digest_size=32)
        facts.update(array("i", tokens).tobytes())
        return facts.digest()

    def _file(self, key: bytes) -> Path:
        return self._directory / f"{key.hex()[:32]}{SUFFIX}"

    def _read(self, file: Path, least: int) -> mmap.mmap | None:
        """A file's bytes, more than `least`; None where they are too many. Raises `OSError` and `_UnusableError`."""
        with file.open("rb", buffering=0) as source:
            size = os.fstat(source.fileno()).st_size
            if not least < size <= self._most_bytes:
                raise _UnusableError(f"{size} bytes can't be right")
            if size - least > self.most_state_bytes:
                return None  # kept: with another plan there may be room for it
            data = mmap.mmap(-1, size)
            if not _fill(source, data):
                data.close()
                raise _UnusableError("it is cut short")
            return data

    def _wrong(self, data: mmap.mmap, key: bytes, tokens: Sequence[int]) -> str:
        """What is wrong with a file's bytes; empty when nothing is."""
        magic, digest, its_key, count = _HEAD.unpack_from(data)
        if magic != _MAGIC:
            return "it is no state of ours"
        with memoryview(data) as view, view[_DIGESTED_FROM:] as rest:
            if hashlib.blake2b(rest, digest_size=32).digest() != digest:
                return "it is damaged"
        if its_key != key or count != len(tokens):
            return "it belongs to another model, library, setting or prompt"
        return ""

    def _reject(self, file: Path, why: str) -> None:
        """Remove a file that can't be used."""
        with contextlib.suppress(OSError):
            file.unlink()
        self._tell("llm.prefix_rejected", {"file": file.name, "why": why})

    def _write(self, key: bytes, tokens: Sequence[int], state: mmap.mmap) -> dict[str, Any]:
        """Write the file of a state; facts about it, or `why` not. Raises `OSError`."""
        words = array("i", tokens).tobytes()
        size = _HEAD.size + len(words) + len(state)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._make_room(size)
        free = shutil.disk_usage(self._directory).free
        if size > self._most_bytes or free < size + SPARE_BYTES:
            why = "there is too little room for it"
            return {"why": why, "bytes": size, "allowed_bytes": self._most_bytes, "free_bytes": free}
        rest = struct.pack("<32sI", key, len(tokens)) + words
        digest = hashlib.blake2b(rest, digest_size=32)
        with memoryview(state) as view:
            digest.update(view)
            head = _MAGIC + digest.digest() + rest
            unfinished = self._file(key).with_suffix(UNFINISHED)
            try:
                with unfinished.open("wb", buffering=0) as target:
                    _write_all(target, head)
                    _write_all(target, view)
                    os.fsync(target.fileno())
                unfinished.replace(self._file(key))
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
        return {"tokens": len(tokens), "bytes": size}

    def _make_room(self, size: int) -> None:
        """Remove what was never finished, and the states longest unused, until another of `size` bytes has room."""
        for unfinished in self._directory.glob(f"*{UNFINISHED}"):
            unfinished.unlink(missing_ok=True)
        files = sorted(self._directory.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime)
        total = sum(file.stat().st_size for file in files)
        while files and (len(files) >= MOST_FILES or total + size > self._most_bytes):
            oldest = files.pop(0)
            total -= oldest.stat().st_size
            oldest.unlink()


def _fill(source: FileIO, data: mmap.mmap) -> bool:
    """Read a file into memory: mapping it would end the process where the card can't be read."""
    at = 0
    with memoryview(data) as view:
        while at < len(data):
            with view[at:] as rest:
                count = source.readinto(rest)
            if not count:
                return False
            at += count
    return True


def _write_all(target: FileIO, data: bytes | memoryview) -> None:
    """Write a file's bytes, however many at a time it takes."""
    with memoryview(data) as view:
        at = 0
        while at < len(view):
            with view[at : at + _CHUNK] as chunk:
                at += target.write(chunk)
