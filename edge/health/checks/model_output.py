"""Whether the language model's library computes what it should here: as last measured, or measured again (--deep)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.health.looking import model

if TYPE_CHECKING:
    from edge.health.looking.model import Meant

PATIENCE_S: Final = 4.0
_CHECK: Final = "model output"
_CEILING_BYTES: Final = 512 << 20
_AGAIN: Final = (
    "edge doctor --deep measures again; if it stays so, build llama-cpp-python on this machine or install another "
    "version of it, then edge tune"
)


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """What is known of the library's answers on this machine."""

    name: str
    missing: str = ""
    """Why it can't be measured at all."""
    wrong: str = ""
    """What the plain path computes otherwise than is known."""
    fast_wrong: str = ""
    measured: str = ""
    """When, in ISO 8601; empty where it never was."""
    again: bool = False
    """Whether it was measured for this."""


async def look(ground: Ground) -> OutputFacts | None:
    """None where no model is wanted."""
    found = await model.meant(ground)
    if found is None or found.header is None:
        return None
    from edge.tuning.library import library_missing

    missing = await ground.aside(library_missing)
    if missing:
        return OutputFacts(found.model.name, missing=str(missing))
    if ground.deep:
        return await _measured(ground, found)
    hardware = await model.hardware(ground)
    facts: OutputFacts = await ground.aside(_known, ground, found, hardware)
    return facts


def check(facts: OutputFacts) -> Iterator[Finding]:
    """One finding."""
    when = "measured now" if facts.again else f"as measured on {facts.measured[:10]}"
    if facts.missing:
        text, _, remedy = facts.missing.partition(": ")
        yield problem(_CHECK, text, remedy or "pip install 'edge-assistant[llm]'")
    elif facts.wrong:
        text = f"The language model's answers differ from what they should be, {when}: its output is not to be believed"
        yield problem(_CHECK, text, _AGAIN, facts.wrong)
    elif facts.fast_wrong:
        does = "crashes" if "was ended by" in facts.fast_wrong else "gives another output than it should"
        text = f"The library's fast path {does}, {when}, so the slower one is used"
        yield note(_CHECK, text, _AGAIN, facts.fast_wrong)
    elif facts.measured or facts.again:
        yield fine(_CHECK, f"The known outputs come out right, {when}")
    else:
        remedy = "edge doctor --deep measures it; the service does so when it loads the model for the first time"
        yield note(_CHECK, f"The output of {facts.name} was never measured on this machine", remedy)


def _known(ground: Ground, found: "Meant", hardware: object) -> OutputFacts:
    from edge.llm.fast_path import Verdicts, verdict_key
    from edge.tuning.hardware import Hardware

    assert isinstance(hardware, Hardware)  # noqa: S101 (it was probed)
    assert found.header is not None  # noqa: S101 (looked at before)
    verdicts = Verdicts(ground.loaded.places.state / "llm")
    fast, plain = (verdicts.of(verdict_key(found.header, hardware, fast=fast)) for fast in (True, False))
    known = [one for one in (fast, plain) if one is not None]
    wrong = plain.why if plain is not None and not plain.works else ""
    fast_wrong = fast.why if fast is not None and not fast.works else ""
    return OutputFacts(found.model.name, "", wrong, fast_wrong, max((one.found_at for one in known), default=""))


async def _measured(ground: Ground, found: "Meant") -> OutputFacts:
    """In a worker process of its own, which a crash costs nothing but itself; kept as the service keeps it."""
    from edge.llm.fast_path import Verdicts, tensor_types, verdict_key
    from edge.llm.rig import Rig
    from edge.tuning.setting import Setting

    assert found.header is not None  # noqa: S101 (looked at before)
    hardware, types = await model.hardware(ground), tensor_types(found.header)
    wrong = {}
    async with Rig(found.model, _CEILING_BYTES) as rig:
        for fast in (True, False):
            try:
                wrong[fast] = await rig.check(types, Setting(2, 2, repack=fast))
            except EdgeError as error:
                wrong[fast] = str(error)
    directory = ground.loaded.places.state / "llm"
    ours = await ground.aside(_is_ours, directory)  # what root wrote there the service could not read
    verdicts = Verdicts(directory if ours else None)
    for fast, why in wrong.items():
        key = verdict_key(found.header, hardware, fast=fast)
        await ground.aside(verdicts.remember, key, not why, why)
    return OutputFacts(found.model.name, "", wrong[False], wrong[True], again=True)


def _is_ours(directory: Path) -> bool:
    """Whether it may be written to, made where it is not there yet, without its owner or its parent's losing it."""
    try:
        if directory.parent.stat().st_uid != os.geteuid():
            return False
        directory.mkdir(exist_ok=True)
        return directory.stat().st_uid == os.geteuid()
    except OSError:
        return False
