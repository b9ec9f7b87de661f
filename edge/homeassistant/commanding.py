"""Calls Home Assistant's services and waits for the state that shows what became of it."""

import asyncio
import logging
import time
from collections.abc import Callable

from edge.devices.model import Device, DeviceState, Outcome, ServiceCall
from edge.devices.patience import patience_s
from edge.devices.registry import Registry
from edge.homeassistant.errors import HomeAssistantError, RefusedError
from edge.homeassistant.expected import Shows, expected
from edge.homeassistant.household import Household
from edge.homeassistant.session import Session

log = logging.getLogger(__name__)

_UNSUPPORTED = frozenset({"invalid_format", "not_found", "not_supported", "service_validation_error"})
"""Home Assistant's words for calls that will never work on this entity, or not with these data."""


class Commands:
    """Carries calls out through Home Assistant; `session` gives the one there is now."""

    def __init__(
        self,
        household: Household,
        registry: Registry,
        session: Callable[[], Session | None],
        *,
        command_timeout_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._household = household
        self._registry = registry
        self._session = session
        self._timeout_s = command_timeout_s
        self._clock = clock
        self._waiting: dict[str, list[tuple[Shows, asyncio.Future[None]]]] = {}
        household.on_state = self._on_state

    def reaches(self, device: str) -> bool:
        """Whether a command would get to the device by this way now."""
        entity = self._household.entity_of(device)
        return entity is not None and self._session() is not None and self._household.reaches(entity)

    async def perform(self, call: ServiceCall) -> Outcome:
        """Have Home Assistant do it and wait for the state that shows it. Raises nothing."""
        entity, session = self._household.entity_of(call.device), self._session()
        device = self._registry.devices.get(call.device)
        if entity is None or device is None or session is None or not self._household.reaches(entity):
            return Outcome.UNAVAILABLE
        known = self._household.mirror.known.get(entity)
        if known is not None and known.features and call.service not in known.features:
            log.info("homeassistant.unsupported", extra={"entity": entity, "service": call.service})
            return Outcome.UNSUPPORTED
        started_s = self._clock()
        outcome, why = await self._carry_out(session, entity, device, call)
        facts = {"entity": entity, "service": call.service, "outcome": outcome.value}
        facts |= {"ms": str(round((self._clock() - started_s) * 1000, 1))} | ({"reason": why} if why else {})
        log.log(logging.WARNING if why else logging.INFO, "homeassistant.performed", extra=facts)
        return outcome

    async def _carry_out(
        self, session: Session, entity: str, device: Device, call: ServiceCall
    ) -> tuple[Outcome, str | None]:
        before = self._household.said(entity)
        shows = expected(call, device, before)
        already = shows is not None and shows(before)
        shown = self._expect(entity, shows) if shows is not None and not already else None
        patience = patience_s(device.domain, self._timeout_s)
        accepted = False
        try:
            async with asyncio.timeout(patience):
                await session.call(
                    "call_service",
                    timeout_s=patience + 1.0,
                    domain=device.domain,
                    service=call.service,
                    service_data=dict(call.data),
                    target={"entity_id": entity},
                )
                accepted = True
                if shown is not None:
                    await shown
        except RefusedError as error:
            return (Outcome.UNSUPPORTED if error.code in _UNSUPPORTED else Outcome.UNANSWERED), str(error)
        except HomeAssistantError as error:
            return Outcome.UNANSWERED, str(error)
        except TimeoutError:
            if accepted and _moved(before, self._household.said(entity)):
                # It was carried out, and came to rest beside what was asked for: rounded, limited, or still fading.
                return Outcome.DONE, None
            return Outcome.UNANSWERED, "no state came back"
        finally:
            if shown is not None:
                self._forget(entity, shown)
        if already:
            return Outcome.ALREADY, None
        return (Outcome.SENT if shows is None else Outcome.DONE), None

    def _expect(self, entity: str, shows: Shows) -> asyncio.Future[None]:
        shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(entity, []).append((shows, shown))
        return shown

    def _forget(self, entity: str, shown: asyncio.Future[None]) -> None:
        left = [waiting for waiting in self._waiting.get(entity, []) if waiting[1] is not shown]
        if left:
            self._waiting[entity] = left
        else:
            self._waiting.pop(entity, None)

    def _on_state(self, entity: str, state: DeviceState) -> None:
        for shows, shown in self._waiting.get(entity, ()):
            if not shown.done() and shows(state):
                shown.set_result(None)


def _moved(before: DeviceState, after: DeviceState) -> bool:
    return (before.state, before.attributes) != (after.state, after.attributes)
