"""What the dialogues need besides the assistant: settings as the exam names them, and parts with state of their own.

To have a kind read, open its part here as `edge/service` opens it, and enter into `stage.kept`:

- `scenes`: `{name: {entity_id: {"state", "brightness_pct"?, …}}}`
- `facts`, `notes`: the texts that are kept
- `guest_mode`: whether it is on
- `aliases`: `{entity or area id: [names that were given to it]}`; without it they are read off the registry
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from edge.assistant.model import Announcement
from edge.assistant.scenekeeping.staged import Staged
from edge.memory.model import Kind
from edge.schedule.scenes.book import plain
from edge.service.memory import open_memory
from edge.service.people import open_people
from edge.service.scenes import open_scenes
from tests.bench.dialogue_exam.stage import ZONE, NoModel, Stage

LOCATION = (51.4545, -2.5879)


def settings_of(dialogue: Mapping[str, Any]) -> str:
    """The configuration of the dialogue's house, as TOML."""
    wanted = dialogue.get("settings") or {}
    lines = [f'timezone = "{ZONE}"', "[location]", f"latitude = {LOCATION[0]}", f"longitude = {LOCATION[1]}"]
    if "pin" in wanted:
        lines += ["[confirm]", f'pin = "{wanted["pin"]}"']
    if "quiet_hours" in wanted:
        lines += ["[speech]", f'quiet_hours = "{"-".join(wanted["quiet_hours"])}"']
    for name, known in wanted.get("sources", {}).items():
        if "may" in known:
            lines += ["[[sources]]", 'source = "http"', f"name = {json.dumps(name)}"]
            lines += [f"may = {json.dumps(known['may'])}"]
    return "\n".join([*lines, ""])


async def open_parts(stage: Stage, dialogue: Mapping[str, Any]) -> None:
    """Open what the service opens besides, and take up what is known beforehand (`dialogue["memory"]`)."""
    people = await open_people(stage.loaded, stage.assistant, stage.clock)
    stage.kept["guest_mode"] = lambda: people.guests.active

    def aloud(one: Announcement) -> bool:
        return bool(one.text) and (one.rings or one.severe or not people.is_quiet())

    stage.aloud = aloud
    await _open_memory(stage, dialogue.get("memory") or ())
    await _open_scenes(stage)


async def _open_memory(stage: Stage, known: Sequence[str]) -> None:
    remembered = await open_memory(stage.loaded, stage.registry, stage.clock, NoModel(), stage.assistant, stage.stack)
    memory = await remembered.memory()
    for fact in known:
        await memory.add(Kind.FACT, fact)
    stage.kept["facts"] = lambda: [one.text for one in memory.entries(Kind.FACT)]
    stage.kept["notes"] = lambda: [one.text for one in memory.entries(Kind.NOTE)]

    def aliases() -> dict[str, list[str]]:
        given: dict[str, list[str]] = {}
        for one in memory.aliases:
            given.setdefault(one.id, []).append(one.name)
        return given

    stage.kept["aliases"] = aliases


async def _open_scenes(stage: Stage) -> None:
    staged = Staged(stage.loaded.places.state / "scenes.toml", stage.registry, stage.clock)
    stage.house.staged = staged
    await open_scenes(staged, stage.assistant)
    stage.kept["scenes"] = lambda: {one.name: plain(one).get("states", {}) for one in staged.now}
