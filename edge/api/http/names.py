"""The models as clients see them: what is installed, what runs, and `edge`, the assistant itself."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.api.http.errors import HttpError
from edge.errors import EdgeError
from edge.llm import LanguageModel, State
from edge.models import GgufHeader, ModelStore, StoredModel
from edge.models.gguf import read_header
from edge.models.kinds import Kind

log = logging.getLogger(__name__)

ASSISTANT: Final = "edge"
"""Asking this one is asking the assistant: the last message moves devices as if it had been spoken."""
SWITCH_S: Final = 120.0
KEPT_HEADERS: Final = 32


@dataclass(frozen=True, slots=True)
class Named:
    """A model that can be asked for."""

    name: str
    stored: StoredModel | None = None
    """None for the assistant."""

    @property
    def is_assistant(self) -> bool:
        """Whether it is the assistant and no language model."""
        return self.stored is None

    @property
    def modified(self) -> datetime:
        """When its file was last written; the beginning of the epoch for the assistant."""
        return datetime.fromtimestamp(self.stored.mtime_ns / 1e9 if self.stored else 0, UTC)


class Names:
    """Finds models by the names that clients give."""

    def __init__(
        self,
        model: LanguageModel,
        store: ModelStore,
        configured: str | None,
        aliases: Mapping[str, str],
        *,
        may_switch: bool,
    ) -> None:
        """`configured`: the model that the settings name, which can't be switched."""
        self._model = model
        self._store = store
        self._configured = configured
        self._aliases = {alias.casefold(): name for alias, name in aliases.items()}
        self._may_switch = may_switch and configured is None
        self._switching = asyncio.Lock()
        self._headers: dict[tuple[Path, int], GgufHeader] = {}

    async def all(self) -> tuple[Named, ...]:
        """The assistant, then what is installed."""
        return await asyncio.to_thread(self._all)

    async def find(self, wanted: str) -> Named:
        """The model of that name; one tag, `latest`, is taken and means nothing. Raises `HttpError` (404)."""
        known = await self.all()
        name = self._aliases.get(wanted.casefold(), wanted)
        name = name.removesuffix(":latest").casefold()
        for one in known:
            if one.name.casefold() == name:
                return one
        names = ", ".join(one.name for one in known)
        raise HttpError(
            404,
            f"model {wanted[:100]!r} is not installed here, try one of: {names}; `edge models add FILE.gguf` adds one",
            code="model_not_found",
            param="model",
        )

    async def running(self, wanted: str) -> Named:
        """The model of that name, which runs or is about to. Raises `HttpError`."""
        named = await self.find(wanted)
        if named.is_assistant or await self._runs(named):
            return named
        if not self._may_switch:
            in_use = await asyncio.to_thread(self._in_use)
            raise HttpError(
                409,
                f"{named.name} is installed, and {in_use.name if in_use else 'no model'} is the one in use: "
                f"`edge models use {named.name}` changes that, or `switch_models = true` under [http]",
                code="model_not_loaded",
                param="model",
            )
        async with self._switching:  # one after the other: a model that others change over from is never reached
            if not await self._runs(named):
                await self._switch(named)
        return named

    async def header(self, named: Named) -> GgufHeader | None:
        """What its file says of itself; None where that can't be read."""
        if named.stored is None:
            return None
        key = named.stored.path, named.stored.mtime_ns
        if key not in self._headers:
            try:
                header = await asyncio.to_thread(read_header, named.stored.path)
            except EdgeError as error:
                log.warning("http.unreadable_model", extra={"model": named.name, "why": str(error)})
                return None
            if len(self._headers) >= KEPT_HEADERS:
                self._headers.clear()
            self._headers[key] = header
        return self._headers[key]

    def _all(self) -> tuple[Named, ...]:
        stored = [one for one in self._store.models() if one.kind is Kind.LANGUAGE]
        in_use = self._in_use()
        if in_use is not None and all(one.name != in_use.name for one in stored):
            stored.insert(0, in_use)
        return (Named(ASSISTANT), *(Named(one.name, one) for one in stored))

    def _in_use(self) -> StoredModel | None:
        try:
            return self._store.chosen(self._configured)
        except EdgeError:
            return None

    async def _runs(self, named: Named) -> bool:
        """Whether it is the one in use, though a smaller one may stand in for it while memory is short."""
        in_use = await asyncio.to_thread(self._in_use)
        return named.name == (in_use.name if in_use else None) or named.name == self._model.figures.model

    async def _switch(self, named: Named) -> None:
        log.info("http.model_switched", extra={"model": named.name})
        await asyncio.to_thread(self._store.use, named.name)
        try:
            async with asyncio.timeout(SWITCH_S):
                # What answers may be a smaller one, while memory is short.
                while self._model.planned != named.name or self._model.state is not State.READY:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        except TimeoutError:
            why = self._model.unavailable or "it is still loading"
            raise HttpError(503, f"{named.name}: {why}", code="model_not_ready", retry_s=10) from None
