"""What `edge status` tells of releases, updates and backups; nothing of it is loaded before somebody asks."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from edge.settings import Loaded


def upkeep_facts(loaded: Loaded) -> dict[str, Callable[[], Mapping[str, Any] | str]]:
    """`release` is the directory that this runs from; reads small files."""
    places = loaded.places

    def upkeep() -> Mapping[str, Any]:
        from edge.upkeep.facts import backup_facts, update_facts

        return {"update": update_facts(places.installation), "backup": backup_facts(places.state)}

    return {"release": lambda: sys.prefix, "upkeep": upkeep}
