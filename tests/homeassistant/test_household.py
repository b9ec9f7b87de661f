"""What Home Assistant has becomes the house's: names, places, states, and all that changes."""

from collections.abc import AsyncIterator

import pytest

from edge.devices.model import Area, Floor
from edge.devices.registry import Registry
from edge.devices.wishes import Wish
from edge.homeassistant import LinkState
from tests.homeassistant.fake import FakeHomeAssistant
from tests.homeassistant.home import Home, home_of, read, until


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        running.add_floor("ground", "Ground floor")
        running.add_area("garage", "Garage", floor="ground", aliases=("Car port",))
        running.add_device("d1", "Garage door", area_id="garage")
        running.add(
            "cover.garage_door",
            "closed",
            {"friendly_name": "Garage door", "device_class": "garage", "supported_features": 15},
            entry={"device_id": "d1", "aliases": ["Big door"], "platform": "zha"},
        )
        running.add("input_boolean.party", "off", {"friendly_name": "Party mode", "editable": True})
        yield running


@pytest.fixture
async def home(fake: FakeHomeAssistant) -> AsyncIterator[Home]:
    async with home_of(fake) as running:
        await read(running)
        yield running


async def test_entities_have_names_places_aliases_and_states(home: Home) -> None:
    door = home.registry.devices["cover.garage_door"]
    assert (door.name, door.aliases, door.device_class, door.group) == (
        "Garage door",
        ("Big door",),
        "garage",
        "Garage door",
    )
    assert door.area is not None
    assert home.registry.areas[door.area] == Area("garage", "Garage", "ground", ("Car port",))
    assert home.registry.floors["ground"] == Floor("ground", "Ground floor")
    assert door.features == {"open_cover", "close_cover", "stop_cover", "set_cover_position", "toggle"}
    assert home.registry.state("cover.garage_door").state == "closed"
    assert home.registry.state("cover.garage_door").available
    assert home.name("input_boolean.party") == "Party mode"
    assert "editable" not in home.registry.state("input_boolean.party").attributes


async def test_states_are_followed(fake: FakeHomeAssistant, home: Home) -> None:
    fake.set_state("cover.garage_door", "opening")
    await until(lambda: home.state("cover.garage_door") == "opening")
    fake.set_state("cover.garage_door", "open", {"friendly_name": "Garage door", "current_position": 100})
    await until(lambda: home.state("cover.garage_door") == "open")
    assert home.registry.state("cover.garage_door").attributes == {"current_position": 100}
    fake.set_state("cover.garage_door", "unavailable", {"friendly_name": "Garage door"})
    await until(lambda: not home.registry.state("cover.garage_door").available)
    assert home.registry.state("cover.garage_door").attributes == {}


async def test_an_entity_that_is_made_appears_and_one_that_is_removed_goes(fake: FakeHomeAssistant, home: Home) -> None:
    fake.add("light.new", "on", {"friendly_name": "New lamp"}, entry={"platform": "hue"})
    await until(lambda: home.state("light.new") == "on")
    fake.remove("light.new")
    await until(lambda: "light.new" not in home.registry.devices)
    assert not home.registry.device_names.exact(("new", "lamp"))


async def test_a_new_name_area_and_alias_are_followed(fake: FakeHomeAssistant, home: Home) -> None:
    fake.add_area("yard", "Yard")
    fake.change("cover.garage_door", name="Gate", area_id="yard", aliases=["Portal"])
    fake.set_state(
        "cover.garage_door", "closed", {"friendly_name": "Gate", "device_class": "garage", "supported_features": 15}
    )
    await until(lambda: home.name("cover.garage_door") == "Gate" and home.registry.devices["cover.garage_door"].area)
    await until(lambda: home.registry.devices["cover.garage_door"].aliases == ("Portal",))
    assert home.registry.devices["cover.garage_door"].area == "yard"


async def test_an_entity_with_another_id_keeps_no_ghost(fake: FakeHomeAssistant, home: Home) -> None:
    entry = fake.entries.pop("cover.garage_door")
    fake.entries["cover.gate"] = entry | {"entity_id": "cover.gate"}
    fake.exposed["cover.gate"] = fake.exposed.pop("cover.garage_door")
    state = fake.states["cover.garage_door"]
    data = {"action": "update", "entity_id": "cover.gate", "old_entity_id": "cover.garage_door", "changes": {}}
    fake.fire("entity_registry_updated", data)
    fake.set_state("cover.garage_door", None)
    fake.set_state("cover.gate", state["state"], state["attributes"])
    await until(lambda: home.state("cover.gate") == "closed")
    await until(lambda: "cover.garage_door" not in home.registry.devices)


async def test_only_what_is_exposed_is_taken(fake: FakeHomeAssistant, home: Home) -> None:
    fake.add("light.secret", "on", {"friendly_name": "Secret"}, entry={}, exposed=False)
    fake.add("light.known", "on", {"friendly_name": "Known"}, entry={})
    await until(lambda: "light.known" in home.registry.devices)
    assert "light.secret" not in home.registry.devices
    fake.expose("light.secret", yes=True)
    await until(lambda: home.state("light.secret") == "on")
    fake.expose("light.secret", yes=False)
    await until(lambda: "light.secret" not in home.registry.devices)
    fake.expose("light.secret", yes=True)
    await until(lambda: home.state("light.secret") == "on")


async def test_everything_is_taken_where_a_person_wants_that(fake: FakeHomeAssistant) -> None:
    fake.add("light.secret", "on", {"friendly_name": "Secret"}, entry={}, exposed=False)
    async with home_of(fake, exposed_only=False) as home:
        await read(home)
        assert home.state("light.secret") == "on"


async def test_what_listens_and_speaks_is_no_device_nor_are_an_appliances_own_entities(fake: FakeHomeAssistant) -> None:
    fake.add_device("d2", "edge", identifiers=[["mqtt", "edge_0123456789ab"]])
    fake.add("switch.edge_mute", "on", {"friendly_name": "edge Mute"}, entry={"device_id": "d2", "platform": "mqtt"})
    fake.add("conversation.edge", "unknown", {"friendly_name": "edge"}, entry={"platform": "ollama"})
    fake.add("switch.satellite_mute", "on", {"friendly_name": "Mute"}, entry={"platform": "wyoming"})
    async with home_of(fake) as home:
        await read(home)
        assert set(home.registry.devices) == {"cover.garage_door", "input_boolean.party"}


async def test_while_it_is_down_devices_are_unavailable_and_then_back(fake: FakeHomeAssistant, home: Home) -> None:
    await fake.stop()
    await until(lambda: home.link.state is LinkState.LOST)
    await until(lambda: not home.registry.state("cover.garage_door").available)
    assert home.state("cover.garage_door") == "closed"
    fake.set_state("cover.garage_door", "open")
    fake.remove("input_boolean.party")
    await fake.start()
    await until(lambda: home.registry.state("cover.garage_door").available)
    assert home.state("cover.garage_door") == "open"
    await until(lambda: "input_boolean.party" not in home.registry.devices)


async def test_while_it_starts_what_is_not_loaded_yet_stays_listed(fake: FakeHomeAssistant, home: Home) -> None:
    await fake.stop()
    await until(lambda: home.link.state is LinkState.LOST)
    party = fake.states.pop("input_boolean.party")
    fake.state = "NOT_RUNNING"
    await fake.start()
    await read(home)
    assert not home.registry.state("input_boolean.party").available
    fake.state = "RUNNING"
    fake.set_state("input_boolean.party", "on", party["attributes"])
    fake.fire("homeassistant_started", {})
    await until(lambda: home.registry.state("input_boolean.party").available)
    assert home.state("input_boolean.party") == "on"


async def test_places_that_a_person_wrote_down_keep_their_names(fake: FakeHomeAssistant) -> None:
    registry = Registry()
    registry.put_area(Area("workshop", "Garage", aliases=("Shed",)))
    async with home_of(fake, registry=registry) as home:
        await read(home)
        assert registry.areas["workshop"] == Area("workshop", "Garage", "ground", ("Shed", "Car port"))
        assert home.registry.devices["cover.garage_door"].area == "workshop"


async def test_what_a_player_can_do_is_known_while_it_is_off(fake: FakeHomeAssistant) -> None:
    able = {"friendly_name": "TV", "supported_features": 2436, "source_list": ["HDMI 1", "Radio"]}
    fake.add("media_player.tv", "playing", able)
    async with home_of(fake) as home:
        await read(home)
        on = home.registry.devices["media_player.tv"]
        version = home.registry.version
        fake.set_state("media_player.tv", "off", {"friendly_name": "TV", "supported_features": 384})
        await until(lambda: home.state("media_player.tv") == "off")
        assert home.registry.devices["media_player.tv"] == on
        assert {"volume_set", "select_source"} <= on.features
        assert home.registry.version == version, "nothing is prepared anew because a player was switched"
        fake.set_state("media_player.tv", "playing", able | {"source_list": ["HDMI 1"]})
        await until(lambda: home.registry.devices["media_player.tv"].options["source_list"] == ("HDMI 1",))


async def test_an_area_that_goes_is_forgotten(fake: FakeHomeAssistant, home: Home) -> None:
    fake.add_area("attic", "Attic")
    await until(lambda: "attic" in home.registry.areas)
    fake.areas.pop()
    fake.fire("area_registry_updated", {"action": "remove", "area_id": "attic"})
    await until(lambda: "attic" not in home.registry.areas)


async def test_what_a_person_wrote_down_of_a_device_goes_over_all(fake: FakeHomeAssistant) -> None:
    wishes = {"cover.garage_door": Wish(name="Portcullis", area="Castle")}
    async with home_of(fake, wishes=wishes) as home:
        await read(home)
        door = home.registry.devices["cover.garage_door"]
        assert (door.name, door.area) == ("Portcullis", "castle")


async def test_a_user_who_is_no_administrator_is_told_what_is_missing(fake: FakeHomeAssistant) -> None:
    fake.forbids = {"homeassistant/expose_entity/list"}
    async with home_of(fake) as home:
        await read(home)
        assert set(home.registry.devices) == {"cover.garage_door"}
        assert "administrator" in (home.household.mirror.notice or "")
        await fake.stop()
        await until(lambda: home.household.mirror.notice is None)


async def test_older_releases_are_spoken_with_in_the_older_way(fake: FakeHomeAssistant) -> None:
    fake.version = "2022.2.1"
    fake.lacks = {
        "homeassistant/expose_entity/list",
        "config/entity_registry/get_entries",
        "config/floor_registry/list",
        "config/label_registry/list",
        "subscribe_entities",
    }
    async with home_of(fake) as home:
        await read(home)
        assert not home.registry.devices
        assert "too old" in (home.household.mirror.notice or "")
    async with home_of(fake, exposed_only=False) as home:
        await read(home)
        assert home.state("cover.garage_door") == "closed"
        assert home.registry.devices["cover.garage_door"].area == "garage"
        fake.set_state("cover.garage_door", "open")
        await until(lambda: home.state("cover.garage_door") == "open")
        fake.set_state("cover.garage_door", None)
        await until(lambda: "cover.garage_door" not in home.registry.devices)
