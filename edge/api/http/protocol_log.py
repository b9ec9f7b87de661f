"""What the library logs, without what is nobody's fault here: it would write malformed requests out, tokens and all."""

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

from edge.log import RateLimited

log = logging.getLogger(__name__)

_LIBRARY: Final = "edge.api.http.protocol"


def protocol_log() -> logging.Logger:
    """The logger to give to the library."""
    logger = logging.getLogger(_LIBRARY)
    if not any(isinstance(one, _Malformed) for one in logger.filters):
        logger.addFilter(_Malformed())
    return logger


class _Malformed(logging.Filter):
    """Tells of requests that are none in a line, rarely, and of nothing that stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self._limited = RateLimited(log)

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError):
            return True
        self._limited.warning("http.malformed", type(error).__name__, {"why": type(error).__name__})
        return False
