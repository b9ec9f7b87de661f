"""Which of the updates on a stick this machine could apply: by their heads alone, before anything is copied."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.upkeep.bundle import opened_bundle
from edge.upkeep.errors import AlreadyError, UpdateError
from edge.upkeep.keys import trusted_keys
from edge.upkeep.manifest import version_key
from edge.upkeep.updater import Updater


@dataclass(frozen=True, slots=True)
class Judged:
    """What one bundle is for this machine."""

    file: Path
    version: str = ""
    """Empty where it is not believed."""
    why_not: str = ""
    """Empty where it could be applied."""
    already: bool = False
    """Whether it is what runs."""


Judge = Callable[[Path], Judged]


def judge_by(updater: Updater) -> Judge:
    """Judges by signature, processor, versions, databases and room, as applying would; reads alone."""

    def judge(file: Path) -> Judged:
        version = ""
        try:
            with opened_bundle(file, trusted_keys(updater.keys)) as (offered, _):
                version = offered.manifest.version
                updater.check(offered.manifest, offered.digest)
        except UpdateError as error:
            why = str(error).removeprefix(f"{file}: ")
            return Judged(file, version, why, already=isinstance(error, AlreadyError))
        return Judged(file, version)

    return judge


def best_of(judged: Iterable[Judged]) -> Judged | None:
    """The newest that could be applied, else the one that says most about why none can; None of none."""
    found = sorted(judged, key=lambda one: (version_key(one.version) if one.version else (), one.file.name))
    fitting = [one for one in found if not one.why_not]
    running = [one for one in found if one.already]
    return next(iter([*reversed(fitting), *running, *reversed(found)]), None)
