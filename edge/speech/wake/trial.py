"""A process that loads one microWakeWord network and feeds it silence; what is broken ends this process alone."""

import sys
from pathlib import Path

import numpy as np

from edge.speech.sound import RATE_HZ
from edge.speech.wake.errors import WakeError
from edge.speech.wake.micro import MicroEngine


def main(facts: Path) -> int:
    """Exit status 1 with the reason on stderr where it can't be used."""
    try:
        engine = MicroEngine()
        engine.add(facts.stem, facts, 0.5)
        engine.feed(np.zeros(RATE_HZ, dtype=np.int16))
    except WakeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
