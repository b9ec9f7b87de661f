from hypothesis import given
from hypothesis import strategies as st

from edge.devices.names import NameIndex
from edge.devices.words import tokens


def index(**names: str) -> NameIndex:
    made = NameIndex()
    for thing, name in names.items():
        made.put(thing, name.split("|"))
    return made


def test_a_name_is_found_with_its_words_joined_or_apart() -> None:
    names = index(a="WiFi Router", b="EcoBee")
    assert names.exact(tokens("wi fi router")) == ("a",)
    assert names.exact(tokens("eco bee")) == ("b",)


def test_a_part_of_a_name_finds_every_name_that_has_it_in_any_order() -> None:
    names = index(a="Kitchen Ceiling Lamp", b="Office Ceiling", c="Desk Lamp")
    assert names.partial(tokens("ceiling")) == ("a", "b")
    assert names.partial(tokens("lamp kitchen")) == ("a",)
    assert names.partial(tokens("ceiling fan")) == ()


def test_a_misheard_name_finds_the_right_one_first() -> None:
    names = index(a="Kitchen Ceiling", b="Office Ceiling", c="Vesuvius")
    assert names.like(tokens("kitchen sealing"))[0].id == "a"
    assert names.like(tokens("besuvius"))[0].id == "c"
    assert not names.like(tokens("disco ball"))


def test_words_said_apart_or_in_another_order_of_letters_find_the_name() -> None:
    names = index(a="Slowcooker", b="Elsa's Lamp", c="Canvas Arch", d="Desk Lamp")
    for said, found in (("slo cooker", "a"), ("els as lamp", "b"), ("cavnas arch", "c")):
        best = names.like(tokens(said))[0]
        assert best.id == found
        assert best.score > 0.75


def test_numbers_in_names_are_never_taken_for_one_another() -> None:
    names = index(a="Lamp 1", b="Lamp 2")
    assert [like.id for like in names.like(tokens("lamp one")) if like.score > 0.9] == ["a"]
    assert names.like(tokens("lamp 3")) == []


def test_a_thing_named_by_its_full_name_only_is_found_by_nothing_less() -> None:
    names = NameIndex()
    names.put("led", ["Bridge LED"], whole_only=True)
    assert names.exact(tokens("bridge led")) == ("led",)
    assert names.partial(tokens("bridge")) == ()
    assert names.like(tokens("bridge led")) == []


def test_names_that_were_taken_away_leave_nothing_behind() -> None:
    names = index(a="Kitchen Lamp|Worktop", b="Kitchen Lamp")
    names.put("a", ["Toaster"])
    assert names.exact(tokens("kitchen lamp")) == ("b",)
    names.remove("b")
    names.remove("a")
    fresh = NameIndex()
    for part in ("_names", "_owned", "_by_whole", "_by_sound", "_by_word", "_words_by_sound", "_words_by_cut"):
        assert getattr(names, part) == getattr(fresh, part), part


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=30)), max_size=20), st.text(max_size=30))
def test_any_names_can_be_put_replaced_found_and_removed(puts: list[tuple[int, str]], said: str) -> None:
    names = NameIndex()
    held: dict[str, str] = {}
    for number, name in puts:
        names.put(str(number), [name])
        held[str(number)] = name
    for thing, name in held.items():
        if tokens(name):
            assert thing in names.exact(tokens(name))
            assert thing in names.partial(tokens(name))
    names.partial(tokens(said))
    assert all(0 <= like.score <= 1.0001 for like in names.like(tokens(said)))
    for thing in held:
        names.remove(thing)
    assert not names.exact(tokens(said))
