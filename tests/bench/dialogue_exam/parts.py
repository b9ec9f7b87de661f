"""What the dialogues need besides the assistant: settings as the exam names them, and parts with state of their own.

To have a kind read, open its part here as `edge/service` opens it, and enter into `stage.kept`:

- `scenes`: `{name: {entity_id: {"state", "brightness_pct"?, …}}}`
- `facts`, `notes`: the texts that are kept
- `guest_mode`: whether it is on
- `aliases`: `{entity or area id: [names that were given to it]}`; without it they are read off the registry
"""

from collections.abc import Mapping
from typing import Any

from tests.bench.dialogue_exam.stage import ZONE, Stage

LOCATION = (51.4545, -2.5879)


def settings_of(dialogue: Mapping[str, Any]) -> str:
    """The configuration of the dialogue's house, as TOML."""
    wanted = dialogue.get("settings") or {}
    lines = [f'timezone = "{ZONE}"', "[location]", f"latitude = {LOCATION[0]}", f"longitude = {LOCATION[1]}"]
    if "pin" in wanted:
        lines += ["[confirm]", f'pin = "{wanted["pin"]}"']
    return "\n".join([*lines, ""])


async def open_parts(stage: Stage, dialogue: Mapping[str, Any]) -> None:
    """Open what the service opens besides, and take up what is known beforehand (`dialogue["memory"]`)."""
