"""Whether a release works with what is kept on this machine, before `systemd/install.sh` switches to it.

`RELEASE/bin/python -I -m edge.upkeep.fitting ROOT NAME CONFIG STATE` ends with 0 where it does, with 1 and a reason
where it does not. Nothing is changed; as root it is tried as the service's user.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from edge.upkeep.errors import UpdateError
from edge.upkeep.installation import Installation
from edge.upkeep.schemas import known_schemas, refuse_older, schemas_there
from edge.upkeep.trials import Tried, try_release


def fits(
    installation: Installation,
    name: str,
    config: Path,
    state: Path,
    trial: Callable[[Installation, str, Path, Path], Tried] = try_release,
) -> str:
    """Why this release can't be switched to; empty where it can. Raises OSError."""
    reads = known_schemas()
    try:
        refuse_older(schemas_there(config, state, reads), reads, name)
    except UpdateError as error:
        return str(error)
    tried = trial(installation, name, config, state)
    return "" if tried.ok else f"it does not work with what is kept here: {tried.reason}"


def main(arguments: list[str]) -> int:
    root, name, config, state = arguments
    why = fits(Installation(Path(root)), name, Path(config), Path(state))
    if why:
        print(f"error: {why}", file=sys.stderr)
    return int(bool(why))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
