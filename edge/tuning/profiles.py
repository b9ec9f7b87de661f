"""Profiles of device families: how a board is recognised, what is reserved there, and how large a model may be.

A profile is a TOML file. Its `[recognise]` table names the board; `[defaults]` and, by memory size, `[[by_memory]]` say
what is known of it; other tables belong to other parts. A person's setting wins over a profile, a profile over what the
probe makes of the machine.
"""

import tomllib
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from edge.errors import EdgeError
from edge.tuning.board import Board
from edge.tuning.hardware import Hardware

MIB: Final = 1 << 20
GENERIC: Final = "generic"
RESERVE_SHARE: Final = 0.1
RESERVE_BYTES: Final = 128 * MIB
"""Left to the rest of the system where nobody knows better: a tenth of the memory, and no less than this."""
MOST_THREADS: Final = 4
"""Generation is bound by memory, which few cores fill."""


class ProfileError(EdgeError):
    """A profile can't be used; the message names the file, the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is set, by a person, a profile or the probe; None leaves it to the next."""

    system_bytes: int | None = None
    """Memory that stays free for the rest of the machine."""
    speech_bytes: int | None = None
    """Memory that stays free for hearing and speaking, where those are in use."""
    most_parameters: int | None = None
    """Weights of the largest model worth running here."""
    most_model_bytes: int | None = None
    """The largest file worth running here."""
    most_ctx: int | None = None
    """Tokens of the largest context worth having here: a longer one would take minutes to read."""
    threads: int | None = None
    """For generation; a hint until it is measured."""
    threads_batch: int | None = None
    """For prompts; a hint until it is measured."""

    def over(self, other: Self) -> Self:
        """These, and the other's where these say nothing."""
        return replace(
            other,
            **{field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None},
        )

    def reserve_bytes(self, *, speech: bool = True) -> int:
        """Memory that a model must leave free; `speech` is whether hearing and speaking still have to load."""
        return (self.system_bytes or 0) + ((self.speech_bytes or 0) if speech else 0)


@dataclass(frozen=True, slots=True)
class Speech:
    """What hears and speaks on a board, where nobody has said otherwise."""

    recogniser: str = "auto"
    """`pocketsphinx` where a larger one would take too long; `auto`: the best that proves fast enough."""
    microphones: tuple[str, ...] = ()
    """Patterns of sound cards' names without a sound server, the likeliest first; `*` for all that no other names."""
    loudspeakers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One file."""

    name: str
    title: str
    compatible: tuple[str, ...]
    """Patterns of device-tree names."""
    dmi: tuple[str, ...]
    """Patterns of "vendor product"."""
    machine: tuple[str, ...]
    """Patterns of processor families; every one unless given."""
    chassis: tuple[str, ...]
    defaults: Defaults
    by_memory: tuple[tuple[int, Defaults], ...]
    """By memory up to so many bytes, ascending."""
    speech: Speech = Speech()

    def for_memory(self, total_bytes: int) -> Defaults:
        """What is set for a board of this memory."""
        for most, defaults in self.by_memory:
            if total_bytes <= most:
                return defaults.over(self.defaults)
        return self.defaults

    def closeness(self, board: Board) -> int:
        """How exactly it names the board: 0 for not at all, more for a more exact name."""
        if self.machine and not any(fnmatchcase(board.machine, pattern) for pattern in self.machine):
            return 0
        for index, name in enumerate(board.compatible):
            if any(fnmatchcase(name, pattern) for pattern in self.compatible):
                return 1000 - min(index, 900)
        named = f"{board.vendor} {board.product}".strip()
        if named and any(fnmatchcase(named, pattern) for pattern in self.dmi):
            return 90
        return 50 if board.chassis and board.chassis in self.chassis else 0


def settle(hardware: Hardware, person: Defaults | None = None, profile: Profile | None = None) -> Defaults:
    """What counts on this machine: the person's settings over the profile's (the recognised one's) over the probe's."""
    profile = profile or recognise(hardware.board)
    given = (person or Defaults()).over(profile.for_memory(hardware.memory_total_bytes))
    settled = given.over(probed(hardware))
    limit = max(1, hardware.compute_threads)
    chosen = person or Defaults()
    # A profile knows the board, not the quota or the cores that this process was given.
    return replace(
        settled,
        threads=chosen.threads or min(settled.threads or limit, limit),
        threads_batch=chosen.threads_batch or chosen.threads or min(settled.threads_batch or limit, limit),
    )


def probed(hardware: Hardware) -> Defaults:
    """What follows from the machine itself."""
    return Defaults(
        system_bytes=max(RESERVE_BYTES, int(hardware.memory_total_bytes * RESERVE_SHARE)),
        speech_bytes=0,
        threads=min(hardware.compute_threads, MOST_THREADS),
        threads_batch=hardware.compute_threads,
    )


def recognise(board: Board | None, profiles: tuple[Profile, ...] | None = None) -> Profile:
    """The profile that names this board most exactly, or the generic one. Raises `ProfileError` for a bad file."""
    every = installed() if profiles is None else profiles
    generic = next((profile for profile in every if profile.name == GENERIC), _NOTHING_KNOWN)
    if board is None:
        return generic
    best = max(every, key=lambda profile: profile.closeness(board), default=generic)
    return best if best.closeness(board) else generic


@cache
def installed() -> tuple[Profile, ...]:
    """The profiles that came with the program."""
    return load(directory())


def directory() -> Path:
    """Where they lie: in the package once it is installed, at the top of a checkout."""
    inside = Path(__file__).parent / "boards"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "profiles"


def load(where: Path) -> tuple[Profile, ...]:
    """All profiles of a directory, by name. Raises `ProfileError`."""
    return tuple(read(file) for file in sorted(where.glob("*.toml")))


def read(file: Path) -> Profile:
    """One profile. Raises `ProfileError`."""
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{file} can't be read as a profile: {error}") from error
    recognition = _table(file, document, "recognise")
    if unknown := recognition.keys() - {"compatible", "dmi", "machine", "chassis"}:
        raise ProfileError(f"{file}: recognise.{min(unknown)} is unknown; compatible, dmi, machine, chassis are known")

    def patterns(key: str) -> tuple[str, ...]:
        return _texts(file, "recognise", recognition, key)

    title = document.get("title", file.stem)
    if not isinstance(title, str):
        raise ProfileError(f"{file}: title is {title!r}; a text is expected")
    return Profile(
        name=file.stem,
        title=title,
        compatible=patterns("compatible"),
        dmi=patterns("dmi"),
        machine=patterns("machine"),
        chassis=patterns("chassis"),
        defaults=_defaults(file, "defaults", _table(file, document, "defaults")),
        by_memory=_by_memory(file, document.get("by_memory", [])),
        speech=_speech(file, _table(file, document, "speech")),
    )


_KEYS: Final = {
    "system_mib": ("system_bytes", MIB),
    "speech_mib": ("speech_bytes", MIB),
    "most_million_parameters": ("most_parameters", 1_000_000),
    "most_model_mib": ("most_model_bytes", MIB),
    "most_context": ("most_ctx", 1),
    "threads": ("threads", 1),
    "threads_batch": ("threads_batch", 1),
}
_NOTHING_KNOWN: Final = Profile(GENERIC, "any machine", (), (), (), (), Defaults(), ())


_RECOGNISERS: Final = ("auto", "pocketsphinx", "faster-whisper")


def _speech(file: Path, values: dict[str, Any]) -> Speech:
    if unknown := values.keys() - {"recogniser", "microphones", "loudspeakers"}:
        known = "recogniser, microphones, loudspeakers are known"
        raise ProfileError(f"{file}: speech.{min(unknown)} is unknown; {known}")
    recogniser = values.get("recogniser", "auto")
    if recogniser not in _RECOGNISERS:
        raise ProfileError(f"{file}: speech.recogniser is {recogniser!r}; one of {', '.join(_RECOGNISERS)} is expected")
    return Speech(
        recogniser, _texts(file, "speech", values, "microphones"), _texts(file, "speech", values, "loudspeakers")
    )


def _texts(file: Path, table: str, values: dict[str, Any], key: str) -> tuple[str, ...]:
    value = values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ProfileError(f"{file}: {table}.{key} is {value!r}; a list of texts is expected")
    return tuple(value)


def _by_memory(file: Path, value: object) -> tuple[tuple[int, Defaults], ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ProfileError(f"{file}: by_memory is {value!r}; tables [[by_memory]] are expected")
    sizes = []
    for one in value:
        most = one.get("up_to_mib")
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise ProfileError(f"{file}: by_memory.up_to_mib is {most!r}; a number of MiB is expected")
        rest = {key: setting for key, setting in one.items() if key != "up_to_mib"}
        sizes.append((most * MIB, _defaults(file, "by_memory", rest)))
    return tuple(sorted(sizes, key=lambda pair: pair[0]))


def _defaults(file: Path, table: str, values: dict[str, Any]) -> Defaults:
    found: dict[str, int] = {}
    for key, value in values.items():
        if key not in _KEYS:
            raise ProfileError(f"{file}: {table}.{key} is unknown; known are {', '.join(_KEYS)}")
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1 << 40:
            raise ProfileError(f"{file}: {table}.{key} is {value!r}; a whole number is expected")
        name, unit = _KEYS[key]
        found[name] = value * unit
    return Defaults(**found)


def _table(file: Path, document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ProfileError(f"{file}: {key} is {value!r}; a table [{key}] is expected")
    return value
