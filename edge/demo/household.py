"""What the service is told of the simulated house: floors, which discovery does not know, and the players."""

import json
from pathlib import Path
from typing import Any, Final

from edge.demo.house.native_panels import Player
from edge.demo.house.plan import FLOORS, OUTDOORS
from edge.demo.house.thing import Thing
from edge.mqtt.broker import BrokerAddress

NODE: Final = "demo"
BASE: Final = f"edge/{NODE}"


def configuration(address: BrokerAddress, things: tuple[Thing, ...], model: Path | None) -> str:
    """The configuration file, as TOML.

    The broker is reached from this machine alone, so that a plain yes may confirm; a lamp that does not answer is
    given up on sooner than usual, so that nobody waits.
    """
    parts = [
        _table("", node=NODE),
        _table("[mqtt]", broker=address.host, port=address.port, command_timeout_s=2.0),
        _table("[confirm]", unauthenticated=True),
        *([_table("[llm]", model=str(model))] if model else []),
        *(_table("[[floors]]", id=_id(floor), name=floor) for floor in FLOORS),
        *(
            _table("[[areas]]", id=_id(area), name=area, floor=_id(floor))
            for floor, areas in FLOORS.items()
            for area in areas
        ),
        _table("[[areas]]", id=_id(OUTDOORS), name=OUTDOORS),
        *(_player(thing) for thing in things if isinstance(thing, Player)),
    ]
    return "\n".join(parts)


def _player(player: Player) -> str:
    base = player.base
    return _table(
        "[[devices]]",
        id=f"media_player.{_id(player.name)}",
        name=player.name,
        area=_id(player.area),
        availability_topic=f"{base}/status",
        state_topic=f"{base}/state",
        command_topic=f"{base}/command/set",
        volume_state_topic=f"{base}/volume",
        volume_command_topic=f"{base}/volume/set",
        volume_max=100,
        mute_state_topic=f"{base}/mute",
        mute_command_topic=f"{base}/mute/set",
        source_state_topic=f"{base}/source",
        source_command_topic=f"{base}/source/set",
        sources=list(player.sources),
        title_topic=f"{base}/title",
        play_media_topic=f"{base}/play/set",
    )


def _table(header: str, **values: Any) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([*([header] if header else []), *lines, ""])


def _id(name: str) -> str:
    return name.lower().replace(" ", "_")
