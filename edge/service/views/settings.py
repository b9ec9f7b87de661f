"""The settings for the page: a form made from their schema, the file it writes, checked before it is saved.

What is set here stands in a file of its own in the state directory (`Places.own`), over what a person's files say, and
nobody touches those. Secrets go one way: each into a file of its own, which that file names.
"""

import asyncio
import hashlib
import json
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, Field

from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub
from edge.api.http.routes import JSON, Call, Route, given
from edge.files import replace_file
from edge.service.views.proving import differing, guarded, must_have_logged_in
from edge.service.views.schema import ELSEWHERE, SECRETS, settings_schema
from edge.settings import Loaded, Places, load
from edge.settings.editing import edited, read
from edge.settings.loading import ROOTS
from edge.settings.own import HEAD, LOCK
from edge.settings.problems import Problem, SettingsError

if TYPE_CHECKING:
    from edge.service.service import Service

log = logging.getLogger(__name__)

MOST_BYTES: Final = 200_000
_MOST_CHANGES: Final = 200
_Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60}){0,3}$")]


class Changes(Body):
    """`POST /page/settings`: keys with their new values; null goes back to what the other files say."""

    changes: Annotated[dict[_Key, Any], Field(default_factory=dict, max_length=_MOST_CHANGES)]
    secrets: Annotated[
        dict[_Key, Annotated[str, Field(max_length=4000)] | None], Field(default_factory=dict, max_length=20)
    ]
    etag: Annotated[str, Field(max_length=80)]
    """Of the text that was changed."""


class Text(Body):
    """`POST /page/settings/text`: the whole file."""

    text: Annotated[str, Field(max_length=MOST_BYTES)]
    etag: Annotated[str, Field(max_length=80)]


class RefusedError(HttpError):
    """Settings that can't be used; each problem with its key."""

    def __init__(self, problems: list[Problem]) -> None:
        told = "; ".join(f"{one.key}: {one.message}" if one.key else one.message for one in problems)
        super().__init__(422, told, code="settings", param=problems[0].key or None)


class Settings:
    """Answers for the form, and keeps what is set; one change at a time."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/settings", style, "Settings, and the files they stand in", self._all, gives=gives),
            Route("GET", "/page/settings/schema", style, "What can be set", self._schema, gives=gives),
            Route("POST", "/page/settings", style, "Set keys", self._set, Changes, most_bytes=2 * MOST_BYTES),
            Route("POST", "/page/settings/check", style, "Check a text", self._check, Text, most_bytes=2 * MOST_BYTES),
            Route("POST", "/page/settings/text", style, "Save a text", self._text, Text, most_bytes=2 * MOST_BYTES),
        )

    async def _all(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(self._look))

    async def _schema(self, call: Call) -> web.StreamResponse:
        return given(call, await asyncio.to_thread(settings_schema))

    async def _set(self, call: Call) -> web.StreamResponse:
        request: Changes = call.body
        if key := guarded((*request.changes, *request.secrets)):
            must_have_logged_in(call, key)
        return given(call, await asyncio.to_thread(self.change, request.changes, request.secrets, request.etag))

    async def _check(self, call: Call) -> web.StreamResponse:
        request: Text = call.body
        problems = await asyncio.to_thread(lambda: problems_with(request.text, self._places))
        return given(call, {"problems": [{"key": one.key, "message": one.message} for one in problems]})

    async def _text(self, call: Call) -> web.StreamResponse:
        request: Text = call.body
        before = await asyncio.to_thread(lambda: _read_or_empty(own_text(self._places)))
        if key := differing(before, _read_or_empty(request.text)):
            must_have_logged_in(call, key)
        return given(call, await asyncio.to_thread(self._replace, request.text, request.etag))

    @property
    def _places(self) -> Places:
        return self._service.loaded.places

    def change(
        self, changes: Mapping[str, Any], secrets: Mapping[str, str | None] | None = None, etag: str | None = None
    ) -> dict[str, Any]:
        """Set keys; blocks. Raises `HttpError`, and then nothing has changed. `etag`: None where it does not matter."""
        with LOCK:
            self._change(changes, secrets or {}, etag)
        return self._look()

    def _change(self, changes: Mapping[str, Any], secrets: Mapping[str, str | None], etag: str | None) -> None:
        text = self._current(etag)
        names = self._secret_files(_with_forgotten(changes, secrets, self._places))
        wanted = dict(changes) | {key: name if value is not None else None for key, (name, value) in names.items()}
        _check_keys(wanted, written=frozenset(names))
        try:
            after = edited(text or HEAD, wanted)
        except (SettingsError, TypeError) as error:
            raise HttpError(422, str(error), code="settings") from error
        # The files that are named have to be there to be right; those of secrets that are refused go again.
        made = self._write_secrets(names)
        try:
            self._save(after)
        except BaseException:
            for file in made:
                file.unlink(missing_ok=True)
            raise

    def _replace(self, text: str, etag: str) -> dict[str, Any]:
        with LOCK:
            self._current(etag)
            self._save(text)
        return self._look()

    def _save(self, text: str) -> None:
        """Raises `RefusedError`, or `HttpError` (507) where the disk takes nothing."""
        problems = problems_with(text, self._places)
        if problems:
            raise RefusedError(problems)
        try:
            replace_file(self._places.own, text.encode())
            self._places.own.chmod(0o600)
        except OSError as error:
            raise HttpError(507, f"{self._places.own} can't be written: {error.strerror or error}") from error
        log.info("page.settings_saved", extra={"file": str(self._places.own)})

    def _current(self, etag: str | None) -> str:
        """The text as it is. Raises `HttpError` (409) where it is not the one that was changed."""
        text = own_text(self._places)
        if etag is not None and etag != _etag(text):
            raise HttpError(409, "the settings were changed meanwhile, on another page or by hand: load them again")
        return text

    def _secret_files(self, secrets: Mapping[str, str | None]) -> dict[str, tuple[str, str | None]]:
        """By the key that names the file: its path, and what is to be in it."""
        found: dict[str, tuple[str, str | None]] = {}
        for key, value in secrets.items():
            if key not in SECRETS:
                raise HttpError(400, f"{key} is no secret", param=key)
            if value is not None and (not value.strip() or "\n" in value or "\r" in value):
                raise HttpError(422, f"{key}: expected one line that is not empty", param=key)
            table, _, name = key.partition(".")
            file = self._places.state / "secrets" / f"page-{table}-{name}"
            found[f"{table}.{SECRETS[key]}"] = str(file), value
        return found

    def _write_secrets(self, names: Mapping[str, tuple[str, str | None]]) -> list[Path]:
        """Those that were not there before."""
        made = []
        for name, value in names.values():
            file = Path(name)
            if value is None:
                continue
            try:
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not file.exists():
                    made.append(file)
                file.touch(mode=0o600)
                replace_file(file, value.encode() + b"\n")
                file.chmod(0o600)
            except OSError as error:
                raise HttpError(507, f"{file} can't be written: {error.strerror or error}") from error
        return made

    # What is shown ---------------------------------------------------------------------------------------------------

    def _look(self) -> dict[str, Any]:
        """Blocks for some 50 ms."""
        places = self._places
        text, loaded = own_text(places), load(places)
        return {
            "values": shown(loaded),
            "own": sorted(_leaves(_read_or_empty(text))),
            "pending": pending(self._service.loaded, loaded),
            "problems": [{"origin": one.origin, "key": one.key, "message": one.message} for one in loaded.problems],
            "file": str(places.own),
            "text": text,
            "etag": _etag(text),
            "files": [_file(file) for file in loaded.files if file != places.own],
            "roots": list(ROOTS),
        }


def problems_with(text: str, places: Places) -> list[Problem]:
    """What is wrong with this as the page's file, beside the other files and the environment. Blocks."""
    if len(text.encode()) > MOST_BYTES:
        return [Problem("", "", f"expected at most {MOST_BYTES} bytes")]
    try:
        document = read(text)
    except SettingsError as error:
        return [Problem("", "", str(error))]
    for dotted in SECRETS:
        table, _, key = dotted.partition(".")
        inner = document.get(table)
        if isinstance(inner, dict) and key in inner:
            return [Problem("", dotted, "set it in its field: it is kept in a file of its own")]
    with tempfile.TemporaryDirectory(prefix="edge-settings-") as scratch:
        tried = replace(places, state=Path(scratch))
        tried.own.write_text(text, "utf-8")
        before = {(one.origin, one.key) for one in load(places).problems}
        loaded = load(tried)
        found = [one for one in loaded.problems if one.origin == str(tried.own) or (one.origin, one.key) not in before]
        return found or _problems_of_the_home(loaded)


def _problems_of_the_home(loaded: Loaded) -> list[Problem]:
    """What only shows when devices and watches are made of them."""
    from edge.mqtt.household import described
    from edge.sensors.watching import described as watched

    _, problems = described(loaded.settings)
    return [Problem("", "", one) for one in problems + watched(loaded.settings.watch.sensors)]


def shown(loaded: Loaded) -> dict[str, Any]:
    """The settings in force, with `{"set": true}` in the place of secrets."""
    values: dict[str, Any] = loaded.settings.model_dump(mode="json", exclude=set(ELSEWHERE))
    for dotted, file in SECRETS.items():
        table, _, key = dotted.partition(".")
        inner = values[table]
        inner[key] = {"set": bool(inner.get(key) or inner.get(file))}
    return values


def pending(running: Loaded, now: Loaded) -> list[str]:
    """Keys that are otherwise than what the service runs with: it has to be started again for them."""
    before, after = (
        dict(_flat(one.settings.model_dump(mode="json", exclude={"update", "backup"}), "")) for one in (running, now)
    )
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def own_text(places: Places) -> str:
    """What the page has written; empty before. Raises `HttpError` where it can't be read."""
    try:
        with places.own.open("rb") as stream:
            return stream.read(4 * MOST_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise HttpError(500, f"{places.own} can't be read: {error.strerror or error}") from error


def _file(file: Path) -> dict[str, Any]:
    """One of a person's files, to be looked at: without what is secret in it."""
    from edge.upkeep.cleaning import without_secrets

    try:
        text = file.read_bytes()[: 4 * MOST_BYTES].decode("utf-8", "replace")
    except OSError as error:
        return {"path": str(file), "text": None, "why": error.strerror or str(error)}
    cleaned = without_secrets(text)
    if cleaned is None:
        return {"path": str(file), "text": None, "why": "it may hold secrets, and is not shown"}
    return {"path": str(file), "text": _without_old_secrets(cleaned[0]), "why": ""}


def _without_old_secrets(text: str) -> str:
    """Also comments may hold one."""
    from edge.upkeep.cleaning import is_secret

    def cleaned(line: str) -> str:
        key, sign, _ = line.lstrip(" \t#").partition("=")
        is_comment = line.lstrip().startswith("#") and bool(sign)
        return f"# {key.strip()} = (hidden)" if is_comment and is_secret(key.strip().rpartition(".")[2]) else line

    return "\n".join(cleaned(line) for line in text.splitlines()) + "\n"


def _with_forgotten(
    changes: Mapping[str, Any], secrets: Mapping[str, str | None], places: Places
) -> Mapping[str, str | None]:
    """A secret that was given for one broker or Home Assistant is none for another."""
    now = load(places).settings
    forgotten = {
        secret: None
        for place, secret, before in (
            ("mqtt.broker", "mqtt.password", now.mqtt.broker),
            ("homeassistant.url", "homeassistant.token", now.homeassistant.url),
        )
        if place in changes and secret not in secrets and changes[place] != before
    }
    return {**forgotten, **secrets}


def _check_keys(changes: Mapping[str, Any], *, written: frozenset[str]) -> None:
    """That each is a key which may be set here. Raises `HttpError`."""
    from edge.settings.model import Settings as Tree

    for dotted, value in changes.items():
        if dotted.partition(".")[0] in ELSEWHERE:
            raise HttpError(422, f"{dotted} is set in a file of root's", param=dotted)
        if dotted in SECRETS:
            raise HttpError(422, f"{dotted} is a secret: send it as one", param=dotted)
        if dotted in written:
            continue
        model: Any = Tree
        for step in dotted.split("."):
            field = model.model_fields.get(step) if isinstance(model, type) and issubclass(model, BaseModel) else None
            if field is None:
                raise HttpError(422, f"{dotted} is no setting", param=dotted)
            model = field.annotation
        if len(json.dumps(value)) > MOST_BYTES // 4:
            raise HttpError(422, f"{dotted}: that is too much", param=dotted)


def _etag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read_or_empty(text: str) -> dict[str, Any]:
    try:
        return read(text)
    except SettingsError:
        return {}


def _leaves(document: Mapping[str, Any], at: str = "") -> list[str]:
    """Dotted keys of a document's values."""
    return [key for key, _ in _flat(document, at)]


def _flat(document: Mapping[str, Any], at: str) -> "list[tuple[str, Any]]":
    found: list[tuple[str, Any]] = []
    for key, value in document.items():
        dotted = f"{at}.{key}" if at else key
        found += _flat(value, dotted) if isinstance(value, Mapping) and value else [(dotted, value)]
    return found


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:  # noqa: ARG001 (every view's)
    """The view's routes."""
    return Settings(service).routes()
