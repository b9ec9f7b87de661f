"""`edge appliance hardware-safe`: brings what hangs at pins into its safe state, once the service has ended."""

import sys


def hardware_safe() -> int:
    """For the unit's `ExecStopPost=`: after an orderly end, and after any other.

    Ends the process itself where pins were set, so that they stay so: 0 when all could be.
    """
    from edge.hardware.safekeeping import leave, make_noted_safe
    from edge.settings.places import places

    safe = make_noted_safe(places().runtime)
    if safe is None:
        print("no outputs are noted: no service with [[hardware]] ran since this machine started")
        return 0
    for trouble in safe.troubles:
        print(trouble, file=sys.stderr)
    print("the outputs are in their safe states" if not safe.troubles else "some outputs are not in their safe states")
    sys.stdout.flush()
    sys.stderr.flush()
    leave(int(bool(safe.troubles)))
    return 1
