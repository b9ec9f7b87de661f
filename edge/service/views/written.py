"""What people write down of devices and areas on the page: kept in its file of settings, and so from then on."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge.devices.model import Area
from edge.devices.wishes import Wish
from edge.devices.words import tokens
from edge.settings.own import change_entry

if TYPE_CHECKING:
    from edge.service.service import Service


class Written:
    """Belongs to the event loop."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._registry = service.registry
        self._file = service.loaded.places.own
        self._one_at_a_time = asyncio.Lock()

    def of(self, device: str) -> Mapping[str, Any]:
        """What is written down of a device, here or in the configuration; empty where nothing is."""
        wish = self._service.wishes.get(device, Wish())
        return {
            "name": wish.name or "",
            "area": self._registry.area_id(wish.area) or "",
            "aliases": list(wish.aliases),
            "confirm": self._confirm(device),
        }

    async def device(
        self,
        id_: str,
        *,
        name: str | None,
        area: str | None,
        aliases: Sequence[str],
        confirm: bool | None,
        exposed: bool,
    ) -> None:
        """Keep it, and have it so. Raises `SettingsError`."""
        aliases = tuple(dict.fromkeys(" ".join(one.split()) for one in aliases))
        values = {"name": name, "area": area, "aliases": list(aliases), "confirm": confirm, "exposed": exposed}
        async with self._one_at_a_time:
            await asyncio.to_thread(change_entry, self._file, "devices", id_, values)
        before = self._service.wishes.get(id_, Wish())
        self._service.wishes[id_] = Wish(name, area, aliases, exposed)
        self._ask_first(id_, confirm)
        house = self._service.house
        if house is not None and house.owns(id_):
            house.refresh(id_)
        else:
            self._rename(id_, before, self._service.wishes[id_])

    async def area(self, id_: str, name: str, floor: str | None, aliases: Sequence[str]) -> Area:
        """Keep it, and have it so. Raises `SettingsError`."""
        known = self._registry.areas[id_]
        area = replace(known, name=name, floor=floor or known.floor, aliases=tuple(dict.fromkeys(aliases)))
        values = {"name": area.name, "floor": area.floor, "aliases": list(area.aliases)}
        async with self._one_at_a_time:
            await asyncio.to_thread(change_entry, self._file, "areas", id_, values)
        self._registry.put_area(area)
        return area

    def others_called(self, name: str, id_: str) -> Iterator[str]:
        """Devices with that very name but for this one."""
        return (other for other in self._registry.device_names.exact(tokens(name)) if other != id_)

    def _confirm(self, device: str) -> str:
        confirmation = self._service.confirmation
        return "always" if device in confirmation.also else "never" if device in confirmation.never else "usual"

    def _ask_first(self, device: str, confirm: bool | None) -> None:
        for names, wanted in ((self._service.confirmation.also, True), (self._service.confirmation.never, False)):
            if isinstance(names, set):
                names.discard(device)
                if confirm is wanted:
                    names.add(device)

    def _rename(self, id_: str, before: Wish, wish: Wish) -> None:
        """For a device whose owner describes it anew with the next start only."""
        known = self._registry.devices[id_]
        aliases = tuple(dict.fromkeys((*wish.aliases, *(one for one in known.aliases if one not in before.aliases))))
        self._registry.put_device(
            replace(
                known, name=wish.name or known.name, area=wish.area or known.area, aliases=aliases, exposed=wish.exposed
            )
        )
