"""The service's own log for the page: what was written before, as far as that can be read, and what is written now."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from edge.api.http.errors import Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.log import JsonFormatter, destination, lately
from edge.service.views.asking import query
from edge.service.views.jobs import JobError, shared_jobs

if TYPE_CHECKING:
    from edge.service.service import Service

MOST_LINES: Final = 2000
READ_S: Final = 20.0
_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_LONGEST: Final = 2000


class Wanted(Body):
    """`GET /page/log`: lines of this level or worse, with these words in them."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    text: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 300


class _Telling(logging.Handler):
    """Tells open pages of each line; lines come from any thread."""

    def __init__(self, publish: Publish) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonFormatter())
        self._publish = publish
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        try:
            line = told(self.format(record))
            self._loop.call_soon_threadsafe(self._publish, line)
        except RuntimeError:
            pass  # the loop has ended
        except Exception:  # noqa: BLE001 (as every handler of the library)
            self.handleError(record)


class Log:
    """Answers for the log."""

    def __init__(self, service: "Service", hub: Hub) -> None:
        self._jobs = shared_jobs(service, hub)

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        gives = {JSON: {"type": "object"}}
        return (Route("GET", "/page/log", Style.EDGE, "What the service wrote", self._read, gives=gives),)

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell of each line while somebody looks."""
        handler = _Telling(publish)
        logging.getLogger().addHandler(handler)
        return lambda: logging.getLogger().removeHandler(handler)

    async def _read(self, call: Call) -> web.StreamResponse:
        wanted = query(call, Wanted)
        lines, why = await self._lines()
        least = _LEVELS[wanted.level]
        words = wanted.text.casefold().split()
        found = [one for line in lines if _fits(one := told(line), least, words)]
        return given(call, {"lines": found[-wanted.limit :], "more": len(found) > wanted.limit, "why": why})

    async def _lines(self) -> tuple[list[str], str]:
        """Where it is written to, or what is kept in memory, and then why."""
        where = destination()
        if where["to"] in ("journal", "file"):
            command = ("log", "service", "--json", "--limit", str(MOST_LINES))
            try:
                text = await self._jobs.text("log", "Reading the log", command, within_s=READ_S)
                if lines := text.splitlines():
                    return lines, ""
            except JobError as error:
                return lately(), f"warnings since the start alone: {error}"
        return lately(), "warnings since the start alone: the rest is written where it can't be read again"


def told(line: str) -> dict[str, Any]:
    """A line as the page shows it; one that is no JSON as it is."""
    try:
        plain = json.loads(line)
        facts = {key: value for key, value in plain.items() if key not in ("time", "level", "event", "logger")}
        return {
            "time": float(plain["time"]),
            "level": str(plain["level"]),
            "event": str(plain["event"])[:_LONGEST],
            "logger": str(plain.get("logger", "")),
            "facts": {str(key): _short(value) for key, value in facts.items()},
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {"time": None, "level": "info", "event": line.rstrip("\n")[:_LONGEST], "logger": "", "facts": {}}


def _short(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_LONGEST]


def _fits(line: dict[str, Any], least: int, words: list[str]) -> bool:
    if _LEVELS.get(line["level"], 20) < least:
        return False
    said = f"{line['event']} {line['logger']} {' '.join(f'{key}={value}' for key, value in line['facts'].items())}"
    return all(word in said.casefold() for word in words)


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The log's routes."""
    log = Log(service, hub)
    hub.offer("log", log.begin)
    return log.routes()
