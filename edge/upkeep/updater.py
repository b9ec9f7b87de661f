"""Updates, step by step: each is written down before it is taken, and can be taken again after a power cut.

Building and trying change nothing that runs; what is interrupted there is removed. Switching is one rename of a
symlink. From there on the release is on trial: each start is counted, and one that does not become healthy is taken
back by itself, by the code of the release before it.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from edge.upkeep.building import build_release
from edge.upkeep.bundle import Offered, Progress, copy_files, opened_bundle
from edge.upkeep.errors import AlreadyError, BundleError, UpdateError
from edge.upkeep.installation import MANIFEST, Installation, remove_tree, version_of
from edge.upkeep.journal import End, Journal, Outcome, Records, Step, new_id
from edge.upkeep.keeping import keep_databases, put_databases_back, tidy_kept
from edge.upkeep.keys import renew_keys, trusted_keys
from edge.upkeep.manifest import Manifest, version_key
from edge.upkeep.schemas import known_schemas, refuse_older, release_schemas, schemas_there
from edge.upkeep.service_control import ServiceControl
from edge.upkeep.trials import Tried, try_release

log = logging.getLogger(__name__)

MOST_STARTS: Final = 4
"""A release that was started so often without becoming healthy is taken back."""
STEADY_S: Final = 20.0
"""A service that has run for so long, and answers, is healthy."""
PATIENCE_S: Final = 300.0
"""How long it may take until it does."""
RESERVE_BYTES: Final = 64 << 20
"""What an update leaves free on the disk."""
_LOOK_EVERY_S: Final = 2.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Updater:
    """Applies bundles and takes them back. Every method blocks, and raises `UpdateError`."""

    installation: Installation
    config: Path
    """The configuration file."""
    state: Path
    keys: Path
    """The directory of keys beside the settings."""
    service: ServiceControl
    tell: Tell = lambda text: None  # noqa: ARG005 (nobody listens)
    trial: Callable[[Installation, str, Path, Path], Tried] = try_release
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.installation.root)

    def apply(self, file: Path, progress: Progress, *, again: bool = False) -> Outcome:
        """Install a bundle beside the running release, try it, switch to it, and see that it becomes healthy.

        `again`: also where it is the version that runs already, or one that was taken back.
        """
        with self.installation.locked(), _as_update_errors(self.installation):
            self._nothing_under_way()
            journal = self._build(file, progress, again=again)
            self.tell("trying it on a copy of the state")
            journal = self.records.write(journal.at(Step.TRYING))
            tried = self.trial(self.installation, journal.target, self.config, self.state)
            if not tried.ok:
                self._discard(journal, End.REFUSED, tried.reason)
                raise UpdateError(f"the release does not work here, and nothing was changed: {tried.reason}")
            return self._switch(journal)

    def roll_back(self) -> Outcome:
        """Go back to the release before this one."""
        with self.installation.locked(), _as_update_errors(self.installation):
            self._nothing_under_way()
            running = self.installation.running()
            target = self.installation.before(running)
            if target is None:
                raise UpdateError("there is no other release here to go back to")
            schemas = release_schemas(self.installation.path(target))
            if schemas is not None:
                refuse_older(self._there(schemas), schemas, target)
            self.tell(f"trying {target} on a copy of the state")
            journal = self.records.write(Journal(new_id(), Step.TRYING, target, running))
            tried = self.trial(self.installation, target, self.config, self.state)
            if not tried.ok:
                self.records.end(journal, End.REFUSED, tried.reason)
                raise UpdateError(f"{target} does not work here any more, and nothing was changed: {tried.reason}")
            return self._switch(journal)

    def recover(self, *, starting: bool = False) -> Outcome | None:
        """Finish or undo what was interrupted; `starting`: the service is about to start, which counts.

        While another update is at work nothing is done but the counting. Returns what ended by this.
        """
        try:
            with self.installation.locked(), _as_update_errors(self.installation):
                return self._recover(starting=starting)
        except UpdateError:
            if starting and self._count_start() is not None:
                return None
            raise

    def watch(self) -> Outcome | None:
        """Wait until the release on trial has proved itself or not; None where none is on trial."""
        with self.installation.locked(), _as_update_errors(self.installation):
            ended = self._recover()
            journal = self.records.read()
            return ended if journal is None else self._watch(journal)

    def check(self, manifest: Manifest, digest: str, *, again: bool = False) -> None:
        """See that a bundle is for this machine and newer than what runs, and that it fits. Raises `BundleError`."""
        running = self.installation.running()
        version, here = manifest.version, version_of(running)
        if unfit := manifest.unfit():
            raise BundleError(unfit)
        if version_key(version) < here:
            raise BundleError(f"it is edge {version}, older than {running}: `edge update --rollback` goes back")
        if version_key(version) == here and not again:
            raise AlreadyError(f"edge {version} runs already: --again installs it anew")
        if version_key(manifest.least) > here:
            raise BundleError(
                f"it updates edge {manifest.least} and newer, this is {running}: apply {manifest.least} first"
            )
        failed = [one for one in self.records.outcomes() if one.digest == digest]
        if failed and failed[-1].end in (End.TAKEN_BACK, End.REFUSED) and not again:
            raise BundleError(
                f"it was tried here and {failed[-1].end.value} ({failed[-1].reason}): --again tries it again"
            )
        refuse_older(self._there(manifest.schemas), manifest.schemas, version)
        # Compiled modules take about as much again as their sources, which are a fourth of it.
        wanted = manifest.installed_bytes * 5 // 4 + manifest.packed_bytes + RESERVE_BYTES
        free = self.installation.free_bytes()
        if wanted > free:
            raise BundleError(
                f"there is no room for it: it takes {wanted >> 20} MiB while it is installed, {free >> 20} MiB are "
                f"free where {self.installation.releases} is; remove models or recordings that are not needed"
            )

    def _there(self, schemas: Mapping[str, int]) -> dict[str, int]:
        return schemas_there(self.config, self.state, {**known_schemas(), **schemas})

    def _nothing_under_way(self) -> None:
        self._recover()
        journal = self.records.read()
        if journal is not None:
            raise UpdateError(
                f"{journal.target} is still on trial: it proves itself within minutes of the service's start, or is "
                "taken back; `edge update --watch` waits for that"
            )

    def _build(self, file: Path, progress: Progress, *, again: bool) -> Journal:
        with opened_bundle(file, trusted_keys(self.keys)) as (offered, reader):
            try:
                self.check(offered.manifest, offered.digest, again=again)
            except BundleError as error:
                raise type(error)(f"{offered.source}: {error}") from error
            running = self.installation.running()
            name = self._name_for(offered)
            journal = self.records.write(Journal(new_id(), Step.BUILDING, name, running, offered.digest))
            log.info("update.begun", extra={"version": offered.manifest.version, "key": offered.signed_by})
            try:
                self.tell(f"checking edge {offered.manifest.version}, signed with {offered.signed_by}")
                staging = self.installation.make_staging()
                wheels = copy_files(offered, reader, staging / "bundle", progress)
                self.tell("installing it beside the running release")
                build_release(offered, wheels, staging, self.installation.path(name))
                remove_tree(staging / "bundle")
                self.installation.put_in_place(staging, name)
            except BaseException as error:
                self._discard(journal, End.INTERRUPTED, str(error) or type(error).__name__)
                raise
            return journal

    def _name_for(self, offered: Offered) -> str:
        """Its version; beside another make of it, which may be running, its digest with it."""
        name = offered.manifest.version
        taken = (self.installation.current(), self.installation.fallback())
        return f"{name}+{offered.digest[:8]}" if name in taken or self.installation.is_complete(name) else name

    def _switch(self, journal: Journal) -> Outcome:
        """To a release that is whole and was tried."""
        self.tell(f"switching to {journal.target}")
        was_active = self.service.active()
        schemas = release_schemas(self.installation.path(journal.target)) or {}
        there = self._there(schemas)
        changing = tuple(sorted(name for name, version in there.items() if 0 < version < schemas.get(name, version)))
        journal = self.records.write(journal.at(Step.SWITCHING, kept=changing))
        if changing:
            # What it will have written by then must be in the copy, so it is ended first.
            if was_active:
                self.service.stop()
            keep_databases(changing, self.state, self.installation.kept / journal.target)
        self.installation.set_fallback(journal.before)
        self.installation.switch(journal.target)
        journal = self.records.write(journal.at(Step.STARTING))
        log.info("update.switched", extra={"version": journal.target, "before": journal.before})
        if not was_active:
            # Nobody started it before; that it works, the trial has shown.
            return self._keep(journal)
        self.service.restart()
        return self._watch(journal)

    def _watch(self, journal: Journal) -> Outcome:
        self.tell("waiting until the service has proved itself")
        waited = 0.0
        while waited < PATIENCE_S:
            journal = self.records.read() or journal
            if journal.starts > MOST_STARTS:
                break
            pulse = self.service.pulse()
            if pulse is not None and pulse.uptime_s >= STEADY_S and self._is(pulse.release, journal.target):
                return self._keep(journal)
            self.service.wait(_LOOK_EVERY_S)
            waited += _LOOK_EVERY_S
        reason = f"the service was not healthy {PATIENCE_S:.0f} s after the switch"
        if journal.starts > MOST_STARTS:
            reason = f"the service was started {journal.starts} times without becoming healthy"
        outcome = self._take_back(journal.at(Step.TAKING_BACK, reason=reason), restart=True)
        raise UpdateError(f"{outcome.version} was taken back, {outcome.before} runs again: {reason}")

    def _is(self, release: str, name: str) -> bool:
        return bool(release) and Path(release).name == name

    def _recover(self, *, starting: bool = False) -> Outcome | None:
        """Take up what was interrupted; the update lock is held."""
        journal = self.records.read()
        if journal is None:
            self._without_journal()
            return None
        switched = self.installation.current() == journal.target
        match journal.step:
            case Step.BUILDING | Step.TRYING:
                return self._discard(
                    journal, End.INTERRUPTED, "power or the update itself was cut off before the switch"
                )
            case Step.SWITCHING if not switched:
                return self._discard(
                    journal, End.INTERRUPTED, "power or the update itself was cut off before the switch"
                )
            case Step.SWITCHING:
                journal = self.records.write(journal.at(Step.STARTING))
        if journal.step is Step.KEEPING:
            return self._keep(journal)
        if journal.step is Step.TAKING_BACK:
            return self._take_back(journal)
        if not switched:
            # Somebody has put another release there meanwhile: theirs counts.
            return self._discard(journal, End.INTERRUPTED, "another release was put in its place")
        if starting and (counted := self._count_start()) is not None and counted.starts > MOST_STARTS:
            reason = f"the service was started {counted.starts - 1} times without becoming healthy"
            return self._take_back(counted.at(Step.TAKING_BACK, reason=reason))
        return None

    def _count_start(self) -> Journal | None:
        journal = self.records.read()
        if journal is None or journal.step is not Step.STARTING:
            return None
        return self.records.write(replace(journal, starts=journal.starts + 1))

    def _without_journal(self) -> None:
        """No update is under way: nothing of one is left, and `current` leads to a release."""
        fallback = self.installation.fallback()
        if self.installation.current() is None and fallback is not None:
            self.installation.switch(fallback)
        if self.installation.fallback_link.is_symlink():
            self.installation.clear_fallback()
        self.installation.sweep()

    def _discard(self, journal: Journal, end: End, reason: str) -> Outcome:
        """As if it had never been begun."""
        self.installation.clear_fallback()
        self.installation.sweep()
        # On the way back the target was there before.
        if (
            journal.digest
            and journal.target != self.installation.current()
            and self.installation.path(journal.target).exists()
        ):
            self.installation.remove(journal.target)
        tidy_kept(self.installation.kept, keep=None)
        log.warning("update.undone", extra={"version": journal.target, "reason": reason})
        return self.records.end(journal, end, reason)

    def _keep(self, journal: Journal) -> Outcome:
        """It has proved itself. Done again it changes nothing."""
        self.records.write(journal.at(Step.KEEPING))
        manifest = self._manifest_of(journal.target)
        if manifest is not None:
            renew_keys(self.keys, manifest.keys, manifest.revoked)
        self.installation.clear_fallback()
        self.installation.sweep()
        self.installation.tidy(journal.before)
        tidy_kept(self.installation.kept, keep=journal.target)
        log.info("update.kept", extra={"version": journal.target, "before": journal.before})
        return self.records.end(journal, End.KEPT)

    def _take_back(self, journal: Journal, *, restart: bool = False) -> Outcome:
        """It has not. Done again it changes nothing."""
        self.records.write(journal)
        log.error("update.taken_back", extra={"version": journal.target, "reason": journal.reason})
        if restart and journal.kept:
            self.service.stop()
        self.installation.switch(journal.before)
        if journal.kept:
            put_databases_back(journal.kept, self.state, self.installation.kept / journal.target)
        self.installation.clear_fallback()
        if restart:
            self.service.restart()
        if journal.digest and self.installation.path(journal.target).exists():
            self.installation.remove(journal.target)
        return self.records.end(journal, End.TAKEN_BACK)

    def _manifest_of(self, name: str) -> Manifest | None:
        try:
            return Manifest.parse((self.installation.path(name) / MANIFEST).read_bytes())
        except (OSError, BundleError):
            return None


@contextmanager
def _as_update_errors(installation: Installation) -> Iterator[None]:
    """What the disk refuses, in words. Whatever is written can be read by the service's user."""
    mask = os.umask(0o022)
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        where = f" at {error.filename}" if error.filename else ""
        raise UpdateError(
            f"{what}{where}: see that the disk of {installation.releases} has room and can be written; what runs was "
            "not changed unless `edge update` says otherwise"
        ) from error
    finally:
        os.umask(mask)
