"""What is said goes to the room that it is for."""

import asyncio

import pytest

from edge.assistant.model import Announcement, Source, Utterance
from edge.devices.model import Area
from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.speech.mouth import Mouth
from edge.speech.rooms import OpenRoom, Rooms
from tests.speech.mouths import Counting, Loudspeaker
from tests.speech.satellites.inhabited import Asked


class Home:
    """Rooms with nothing in them but mouths."""

    def __init__(self) -> None:
        self.registry = Registry()
        for area in ("kitchen", "attic", "bath"):
            self.registry.put_area(Area(area, area.title()))
        self.assistant = Asked()
        self.rooms = Rooms(self.assistant, self.registry)  # type: ignore[arg-type]
        self.rooms.trouble = lambda: "nothing is plugged in"
        self.heard: dict[str, tuple[Loudspeaker, Counting]] = {}

    def mouth(self, name: str) -> Mouth:
        loudspeaker, voice = self.heard[name] = Loudspeaker(), Counting()
        return Mouth(loudspeaker, voice, volume=1.0)

    def open(self, name: str, area: str | None, mouth: Mouth) -> OpenRoom:
        return OpenRoom(name, area, mouth, None)  # type: ignore[arg-type]

    def said(self, name: str) -> list[str]:
        loudspeaker, voice = self.heard[name]
        return loudspeaker.sentences(voice)


def rings(*mouths: Mouth) -> list[str]:
    """The keys of what rings."""
    return [key for mouth in mouths for key in mouth.ringing]


async def test_a_text_goes_to_its_area_by_name_or_id_and_otherwise_to_this_machine() -> None:
    home = Home()
    async with home.mouth("room") as here, home.mouth("s1") as one, home.mouth("s2") as two:
        home.rooms.local = "room"
        home.rooms.open(home.open("s1", "attic", one))
        home.rooms.open(home.open("s2", "attic", two))
        home.rooms.open(home.open("room", "kitchen", here))
        assert await home.rooms.say("One.", area="Attic") == "said"
        assert await home.rooms.say("Two.", area="bath") == "said"
        assert await home.rooms.say("Three.") == "said"
        with pytest.raises(EdgeError, match="no area 'cellar'"):
            await home.rooms.say("Four.", area="cellar")
        assert home.said("s1") == home.said("s2") == ["One."]
        assert home.said("room") == ["Two.", "Three."]


async def test_one_of_two_loudspeakers_is_enough() -> None:
    home = Home()
    async with home.mouth("s1") as one, home.mouth("s2") as two:
        home.rooms.open(home.open("s1", "attic", one))
        home.rooms.open(home.open("s2", "attic", two))
        home.heard["s1"][0].trouble = "it is unplugged"
        assert await home.rooms.say("One.", area="attic") == "said"
        home.heard["s2"][0].trouble = "it is unplugged"
        with pytest.raises(EdgeError, match="it is unplugged"):
            await home.rooms.say("Two.", area="attic")


async def test_without_any_room_it_says_why() -> None:
    home = Home()
    with pytest.raises(EdgeError, match="nothing is plugged in"):
        await home.rooms.say("One.")
    assert home.assistant.voice is None
    await home.rooms.announce(Announcement("One.", None, {"id": "1"}))


async def test_a_room_that_opens_rings_for_what_rings_and_not_for_what_has_ended() -> None:
    home = Home()
    await home.rooms.announce(Announcement("Tea.", "attic", {"id": "1"}, rings=True))
    await home.rooms.announce(Announcement("Eggs.", "bath", {"id": "2"}, rings=True))
    await home.rooms.announce(Announcement("Soup.", "attic", {"id": "3"}, rings=True))
    await home.rooms.announce(Announcement("", "attic", {"id": "3"}))
    async with home.mouth("s1") as one, home.mouth("s2") as two:
        home.rooms.open(home.open("s1", "attic", one))
        assert rings(one) == ["1", "2"], "there was no other room for the second"
        home.rooms.open(home.open("s2", "bath", two))
        assert rings(two) == ["2"]
        await home.rooms.announce(Announcement("", "bath", {"id": "2"}))
        await home.rooms.announce(Announcement("", "attic", {"id": "1"}))
        while rings(one, two):  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        await home.rooms.close()


async def test_the_loudspeaker_that_is_meant_is_that_of_the_room_which_asks() -> None:
    home = Home()
    async with home.mouth("room") as here, home.mouth("s1") as one:
        home.rooms.local = "room"
        close_here = home.rooms.open(home.open("room", None, here))
        close_one = home.rooms.open(home.open("s1", "attic", one))

        async def heard(piece: str) -> None:
            pass

        await home.rooms.ask("s1", Utterance("louder", Source.VOICE, origin="s1"), heard)
        assert (here.volume, one.volume) == (1.0, 0.9)
        close_one()
        await home.assistant.voice.set_volume(0.5)
        assert here.volume == 0.5
        close_here()
        assert home.assistant.voice is None


async def test_an_area_may_become_known_after_the_room_was_opened() -> None:
    home = Home()
    async with home.mouth("room") as here, home.mouth("s1") as one:
        home.rooms.local = "room"
        home.rooms.open(home.open("room", None, here))
        home.rooms.open(home.open("s1", "Cellar", one))

        async def heard(piece: str) -> None:
            pass

        home.registry.put_area(Area("vault", "Vault", aliases=("Cellar",)))
        assert await home.rooms.say("One.", area="vault") == "said"
        assert home.said("s1") == ["One."]
        await home.rooms.ask("s1", Utterance("what", Source.VOICE, origin="s1", area="Cellar"), heard)
        assert home.assistant.asked[-1].area == "vault"


async def test_what_is_to_ring_without_any_room_rings_in_the_first_that_opens() -> None:
    home = Home()
    home.rooms.ring("ha 1", "Your timer is over.", None)
    home.rooms.ring("ha 2", "Your timer is over.", None)
    await home.rooms.silence("ha 2")
    async with home.mouth("s1") as one, home.mouth("s2") as two:
        home.rooms.open(home.open("s1", "attic", one))
        home.rooms.open(home.open("s2", "attic", two))
        assert rings(one, two) == ["ha 1"]
        await home.rooms.silence("ha 1")
        assert not rings(one, two)
        home.rooms.ring("ha 3", "Your timer is over.", "s2")
        assert rings(two) == ["ha 3"] == rings(one, two)
