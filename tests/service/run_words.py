"""`edge run` with the router for tests, as a process of its own."""

import asyncio
import sys

from edge import log
from edge.service import serve
from edge.settings import load
from tests.service.words import load_words

if __name__ == "__main__":
    loaded = load()
    log.configure("info", "json", sys.stderr)
    asyncio.run(serve(loaded, load_words))
