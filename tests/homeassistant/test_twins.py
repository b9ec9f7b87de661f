"""Which device of MQTT's an entity is."""

from edge.homeassistant.model import Known
from edge.homeassistant.twins import Twins

MAC = frozenset({("mac", "00:11:22:33:44:55")})
NONE: frozenset[tuple[str, str]] = frozenset()


def test_by_unique_id_and_domain() -> None:
    twins = Twins()
    known = Known("light.a", "A", platform="mqtt", unique_id="1")
    assert twins.told("light.a", known) == ["light.a"]
    assert twins.of(known) is None
    assert twins.appeared("switch.x", "1", NONE) == []
    assert twins.appeared("light.x", "1", NONE) == ["light.a"]
    assert twins.of(known) == "light.x"
    twins.vanished("light.x")
    assert twins.of(known) is None


def test_other_platforms_by_network_address_where_there_is_one_of_the_kind() -> None:
    twins = Twins()
    relay = Known("switch.a", "A", platform="shelly", connections=MAC)
    twins.told("switch.a", relay)
    twins.appeared("switch.x", "1", MAC)
    assert twins.of(relay) == "switch.x"
    second = Known("switch.b", "B", platform="shelly", connections=MAC)
    assert twins.told("switch.b", second) == ["switch.b", "switch.a"]
    assert twins.of(relay) is None
    assert twins.told("switch.b", None) == ["switch.b", "switch.a"]
    assert twins.of(relay) == "switch.x"
    twins.appeared("switch.y", "2", MAC)
    assert twins.of(relay) is None


def test_a_unique_id_counts_more_than_an_address() -> None:
    twins = Twins()
    relay = Known("switch.a", "A", platform="shelly", connections=MAC)
    own = Known("switch.b", "B", platform="mqtt", unique_id="1", connections=MAC)
    twins.told("switch.a", relay)
    twins.appeared("switch.x", "1", MAC)
    assert twins.told("switch.b", own) == ["switch.b"]
    assert (twins.of(own), twins.of(relay)) == ("switch.x", None)
