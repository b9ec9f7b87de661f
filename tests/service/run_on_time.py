"""`edge run` with the router for tests on a machine whose clock can be believed, as a process of its own."""

import asyncio
import sys

from edge import log
from edge.schedule import SystemClock
from edge.service import serve
from edge.settings import load
from tests.service.words import load_words

if __name__ == "__main__":
    SystemClock.trusted = property(lambda _: True)  # type: ignore[assignment, method-assign]
    log.configure("info", "json", sys.stderr)
    asyncio.run(serve(load(), load_words))
