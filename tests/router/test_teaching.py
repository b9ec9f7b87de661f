"""Functions taught from examples, with the network that ships."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices import Area, Device, DeviceState, Registry
from edge.router.model import Decision
from edge.router.router import Router
from edge.router.teacher import Teacher
from edge.router.teaching import Notebook, Order, Publish, TeachingError, book, readings
from edge.router.teaching.lessons import Correction, Lesson, correction, lesson, order, publish

FILM = (
    "film night",
    "we're going to watch a film",
    "get the room ready for a movie",
    "it's movie time",
    "start the film",
)
CAT = ("feed the cat", "give the cat her dinner", "the cat is hungry", "cat food please", "time to feed the cat")
DARK = ("it's so dark", "I can't see a thing", "it's dark in here", "we need some light to see")
START = Publish("house/film", "start")


@pytest.fixture(scope="module")
def loaded() -> Router:
    return Router.load()


@pytest.fixture
def router(loaded: Router) -> Iterator[Router]:
    untaught = loaded.taught
    yield loaded
    loaded.taught = untaught


@pytest.fixture
def home() -> Registry:
    registry = Registry()
    registry.put_area(Area("kitchen", "Kitchen"))
    devices = (
        Device("light.kitchen", "Kitchen Light", area="kitchen"),
        Device("lock.front", "Front Door"),
        Device("cover.garage", "Garage Door", device_class="garage"),
    )
    for device in devices:
        registry.put_device(device)
        registry.set_state(device.id, DeviceState("off"))
    return registry


@pytest.fixture
def teacher(router: Router, tmp_path: Path) -> Teacher:
    return Teacher(router, tmp_path)


def teach(
    teacher: Teacher, name: str, examples: tuple[str, ...], action: Publish | Order | None, home: Registry
) -> None:
    change = teacher.teach(name, examples, action, home)
    teacher.keep(change)
    teacher.adopt(change)


def correct(teacher: Teacher, sentence: str, meant: Order, home: Registry) -> None:
    change = teacher.correct(sentence, meant, home)
    teacher.keep(change)
    teacher.adopt(change)


def functions(router: Router, text: str, home: Registry) -> list[str]:
    return [call.function for call in router.route(text, home).calls]


# Recognising ---------------------------------------------------------------------------------------------------------


def test_a_taught_function_is_said_in_words_that_no_example_had(
    router: Router, teacher: Teacher, home: Registry
) -> None:
    assert "taught.film_night" not in functions(router, "time for a movie", home)
    teach(teacher, "film_night", FILM, START, home)
    routing = router.route("time for a movie", home)
    assert routing.decision is Decision.ACT
    assert [call.to_json() for call in routing.calls] == [
        {
            "function": "taught.film_night",
            "ha_intent": None,
            "arguments": {"topic": "house/film", "payload": "start"},
            "targets": [],
        }
    ]
    assert routing.raw[0].function == "taught.film_night"


def test_a_name_that_the_network_has_never_seen_is_enough(router: Router, teacher: Teacher, home: Registry) -> None:
    examples = ("run the snorgel", "snorgel please", "give me a snorgel")
    teach(teacher, "snorgel", examples, None, home)
    for text in ("do the snorgel", "could you start the snorgel now", "Snorgel!", "let's have a snorgel"):
        assert functions(router, text, home) == ["taught.snorgel"], text
    assert functions(router, "run the vacuum", home) != ["taught.snorgel"]


EARLIER = (
    "turn on the kitchen light",
    "lock the front door",
    "close the garage door",
    "set a timer for five minutes",
    "who was the first man on the moon",
    "what films does she like",
)


def test_what_it_could_do_before_it_still_does(router: Router, teacher: Teacher, home: Registry) -> None:
    before = [(router.route(text, home).decision, functions(router, text, home)) for text in EARLIER]
    teach(teacher, "film_night", FILM, START, home)
    teach(teacher, "cat", CAT, START, home)
    assert [(router.route(text, home).decision, functions(router, text, home)) for text in EARLIER] == before
    assert before[0][1] == ["light.turn_on"]


@pytest.mark.parametrize(
    "text",
    ["don't feed the cat", "did you feed the cat", "feed the cat tomorrow", "stop feeding the cat",
     "feed the cat at nine", "feed the cat in 10 minutes", "if the cat is hungry feed her"],
)  # fmt: skip
def test_a_word_that_turns_the_request_into_another_keeps_it_from_acting(
    router: Router, teacher: Teacher, home: Registry, text: str
) -> None:
    teach(teacher, "cat", CAT, START, home)
    assert functions(router, "please feed the cat", home) == ["taught.cat"]
    assert functions(router, text, home) != ["taught.cat"]


@pytest.mark.parametrize("text", ["I am off to feed the cat", "the cat is hungry I am afraid"])
def test_words_that_only_look_like_others_keep_it_from_nothing(
    router: Router, teacher: Teacher, home: Registry, text: str
) -> None:
    teach(teacher, "cat", CAT, START, home)
    assert functions(router, text, home) == ["taught.cat"]


def test_opposites_are_told_apart(router: Router, teacher: Teacher, home: Registry) -> None:
    examples = ("turn the disco on", "disco on", "switch on the disco", "turn on the disco lights")
    teach(teacher, "disco", examples, START, home)
    assert functions(router, "please turn on the disco", home) == ["taught.disco"]
    assert functions(router, "turn the disco off", home) != ["taught.disco"]


def test_one_sentence_may_ask_for_something_taught_and_something_else(
    router: Router, teacher: Teacher, home: Registry
) -> None:
    teach(teacher, "cat", CAT, START, home)
    assert functions(router, "feed the cat and turn on the kitchen light", home) == ["taught.cat", "light.turn_on"]


def test_every_taught_function_has_its_own_sentences(router: Router, teacher: Teacher, home: Registry) -> None:
    teach(teacher, "film_night", FILM, START, home)
    teach(teacher, "cat", CAT, START, home)
    assert functions(router, "let's watch a movie", home) == ["taught.film_night"]
    assert functions(router, "the cat wants her dinner", home) == ["taught.cat"]


# Calling -------------------------------------------------------------------------------------------------------------


def test_a_call_is_resolved_in_the_home_as_any_other(router: Router, teacher: Teacher, home: Registry) -> None:
    teach(teacher, "too_dark", DARK, Order("light.set", {"area": "kitchen", "brightness": "80"}), home)
    call = router.route("it is too dark in here", home).calls[0]
    assert (call.function, call.targets) == ("light.set", ("light.kitchen",))
    assert call.arguments["brightness"] == 80


def test_a_critical_call_still_asks(router: Router, teacher: Teacher, home: Registry) -> None:
    examples = ("let me in", "I forgot my keys", "I am standing outside")
    teach(teacher, "let_in", examples, Order("lock.unlock", {"name": "Front Door"}), home)
    call = router.route("let me in please", home).calls[0]
    assert (call.function, call.targets, call.confirm) == ("lock.unlock", ("lock.front",), True)


def test_a_device_that_is_gone_is_asked_about(router: Router, teacher: Teacher, home: Registry) -> None:
    teach(teacher, "too_dark", DARK, Order("light.turn_on", {"name": "Kitchen Light"}), home)
    home.remove_device("light.kitchen")
    routing = router.route("it's so dark", home)
    assert routing.decision is Decision.CLARIFY
    assert "Kitchen Light" in (routing.question or "")


def test_a_function_that_a_later_version_lacks_says_so(router: Router, tmp_path: Path, home: Registry) -> None:
    text = 'version = 1\n[functions.old]\nexamples = ["one thing", "two things", "many things"]\ncall = "light.gone"\n'
    (tmp_path / book.FILE).write_text(text, "utf-8")
    Teacher(router, tmp_path)
    routing = router.route("many things", home)
    assert (routing.decision, routing.calls) == (Decision.CLARIFY, ())
    assert "light.gone" in (routing.question or "")


def test_a_value_that_the_function_can_not_take_is_refused(teacher: Teacher, home: Registry) -> None:
    with pytest.raises(TeachingError, match="brightness='purple' is no value"):
        teacher.teach("glow", FILM, Order("light.set", {"area": "kitchen", "brightness": "purple"}), home)
    with pytest.raises(TeachingError, match="has no 'colour': it takes"):
        teacher.teach("glow", FILM, Order("light.set", {"colour": "red"}), home)
    with pytest.raises(TeachingError, match=r"perhaps light\.turn_on"):
        teacher.teach("glow", FILM, Order("lamp.turn_on"), home)


def test_a_name_that_nothing_has_is_warned_of(teacher: Teacher, home: Registry) -> None:
    change = teacher.teach("glow", FILM, Order("light.turn_on", {"name": "Moon Lamp"}), home)
    assert any("Moon Lamp" in warning for warning in change.warnings)


# Correcting ----------------------------------------------------------------------------------------------------------


def test_a_corrected_sentence_is_right_from_then_on(router: Router, teacher: Teacher, home: Registry) -> None:
    correct(teacher, "make it cosy", Order("light.set", {"area": "kitchen", "brightness": "20"}), home)
    for text in ("make it cosy", "Make it cosy, please!", "could you make it cosy"):
        routing = router.route(text, home)
        assert [(call.function, call.arguments["brightness"]) for call in routing.calls] == [("light.set", 20)]


def test_what_was_no_command_is_none_any_more(router: Router, teacher: Teacher, home: Registry) -> None:
    assert router.route("turn on the kitchen light", home).decision is Decision.ACT
    correct(teacher, "turn on the kitchen light", Order("chat"), home)
    assert router.route("please turn on the kitchen light", home).decision is Decision.CHAT
    assert functions(router, "turn off the kitchen light", home) == ["light.turn_off"]


def test_a_correction_does_not_reach_beyond_its_like(router: Router, teacher: Teacher, home: Registry) -> None:
    before = [functions(router, text, home) for text in EARLIER]
    correct(teacher, "open the garage door", Order("ignore"), home)
    assert router.route("open the garage door", home).decision is Decision.IGNORE
    assert [functions(router, text, home) for text in EARLIER] == before


def test_a_sentence_can_be_corrected_to_a_taught_function_and_again(
    router: Router, teacher: Teacher, home: Registry
) -> None:
    teach(teacher, "cat", CAT, START, home)
    correct(teacher, "meow", Order("taught.cat"), home)
    assert functions(router, "meow", home) == ["taught.cat"]
    correct(teacher, "Meow!", Order("ignore"), home)
    assert router.route("meow", home).decision is Decision.IGNORE
    assert len(teacher.notebook.corrections) == 1


def test_only_what_is_taught_can_be_meant(teacher: Teacher, home: Registry) -> None:
    with pytest.raises(TeachingError, match="nothing called dog is taught"):
        teacher.correct("woof", Order("taught.dog"), home)


# Refusing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", "Film Night", "9lives", "chat", "a" * 41, "light.turn_on", "<light.turn_on>", "x\n"]
)
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(TeachingError, match="expected a name"):
        lesson(name, FILM, None)


def test_a_better_name_is_proposed() -> None:
    with pytest.raises(TeachingError, match="perhaps film_night"):
        lesson("Film Night", FILM, None)


@pytest.mark.parametrize(
    ("examples", "says"),
    [
        (FILM[:2], "expected 3 to 10 examples, got 2"),
        (tuple(f"say number {at}" for at in range(11)), "got 11"),
        (("one way", "ONE way!", "another way"), "given twice"),
        (("one way", "...", "another way"), "no word in it"),
        (("one way", "x " * 200, "another way"), "at most 200 characters"),
    ],
)
def test_bad_examples_are_refused(examples: tuple[str, ...], says: str) -> None:
    with pytest.raises(TeachingError, match=says):
        lesson("thing", examples, None)


def test_a_name_is_taught_once(teacher: Teacher, home: Registry) -> None:
    teach(teacher, "cat", CAT, START, home)
    with pytest.raises(TeachingError, match="taught already"):
        teacher.teach("cat", FILM, START, home)


def test_examples_of_another_taught_function_are_refused(teacher: Teacher, home: Registry) -> None:
    teach(teacher, "cat", CAT, START, home)
    with pytest.raises(TeachingError, match=r"means taught\.cat already"):
        teacher.teach("kitty", ("feed the cat", "kitty time", "kitty food"), START, home)


def test_examples_that_mean_something_else_until_now_are_warned_of(teacher: Teacher, home: Registry) -> None:
    examples = ("turn on the kitchen light", "make the kitchen shine", "kitchen glow")
    warnings = teacher.teach("glow", examples, START, home).warnings
    assert any("“turn on the kitchen light” meant light.turn_on" in warning for warning in warnings)


@pytest.mark.parametrize("topic", ["", "a/+/b", "#", "$SYS/x", "a\0b", "x" * 1001])
def test_a_topic_that_nobody_can_publish_to_is_refused(topic: str) -> None:
    with pytest.raises(TeachingError, match="expected a topic"):
        publish(topic, "on")


def test_topics_of_the_assistant_itself_are_refused(router: Router, tmp_path: Path, home: Registry) -> None:
    teacher = Teacher(router, tmp_path, own_topics="edge/here")
    with pytest.raises(TeachingError, match="the assistant's own"):
        teacher.teach("loop", FILM, Publish("edge/here/ask", "film night"), home)


def test_function_tokens_in_examples_are_plain_text(router: Router, teacher: Teacher, home: Registry) -> None:
    examples = ("<lock.unlock> the snorgel", "snorgel <end>", "<chat> snorgel")
    teach(teacher, "snorgel", examples, None, home)
    assert functions(router, "snorgel", home) == ["taught.snorgel"]
    assert functions(router, "<taught.snorgel>", home) in ([], ["taught.snorgel"])
    assert all(call.confirm for call in router.route("<lock.unlock>", home).calls if call.function == "lock.unlock")


# Keeping -------------------------------------------------------------------------------------------------------------


def test_what_was_taught_is_there_after_a_restart_and_gone_when_forgotten(
    router: Router, teacher: Teacher, home: Registry, tmp_path: Path
) -> None:
    untaught = router.taught
    teach(teacher, "film_night", FILM, START, home)
    correct(teacher, "roll the film", Order("taught.film_night"), home)
    router.taught = untaught
    assert functions(router, "movie night", home) != ["taught.film_night"]
    again = Teacher(router, tmp_path)
    assert functions(router, "movie night", home) == ["taught.film_night"]
    assert functions(router, "roll the film", home) == ["taught.film_night"]
    change = again.forget("film_night")
    again.keep(change)
    again.adopt(change)
    assert functions(router, "movie night", home) != ["taught.film_night"]
    assert Teacher(router, tmp_path).notebook == Notebook()


def test_forgetting_what_was_never_taught_says_so(teacher: Teacher, home: Registry) -> None:
    with pytest.raises(TeachingError, match="nothing called “dog”"):
        teacher.forget("dog")


@pytest.mark.parametrize("damage", [b"", b"x", b"\0" * 5000, None])
def test_readings_that_are_damaged_are_made_anew(
    router: Router, teacher: Teacher, home: Registry, tmp_path: Path, damage: bytes | None
) -> None:
    teach(teacher, "film_night", FILM, START, home)
    file = tmp_path / readings.FILE
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    Teacher(router, tmp_path)
    assert functions(router, "movie night", home) == ["taught.film_night"]
    assert file.read_bytes() == whole


def test_readings_of_other_weights_are_not_used(
    router: Router, teacher: Teacher, home: Registry, tmp_path: Path
) -> None:
    teach(teacher, "film_night", FILM, START, home)
    file = tmp_path / readings.FILE
    assert len(readings.load(file, file.read_bytes()[:16])) == 0
    readings.save(file, b"another network", {"film night": router.network.read("turn off").states[0]})  # type: ignore[union-attr]
    Teacher(router, tmp_path)
    assert functions(router, "movie night", home) == ["taught.film_night"]


def test_a_file_that_can_not_be_read_stays_as_it_is(router: Router, tmp_path: Path) -> None:
    (tmp_path / book.FILE).write_text("version = 1\n[functions.x]\nexamples = 3\n", "utf-8")
    with pytest.raises(TeachingError, match=r"taught\.toml: functions\.x: `examples`"):
        Teacher(router, tmp_path)
    assert (tmp_path / book.FILE).read_text("utf-8").endswith("examples = 3\n")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SENTENCES = st.lists(st.sampled_from(("film", "night", "café", "l'été", "20", "%")), min_size=1, max_size=6).map(
    " ".join
)


@given(TEXTS)
def test_any_text_is_a_notebook_or_an_error(text: str) -> None:
    for file in (
        text,
        f"version = 1\n{text}",
        f"version = 1\n[functions.x]\n{text}",
        f"version = 1\n[[corrections]]\n{text}",
    ):
        try:
            book.parse(file, "taught.toml")
        except TeachingError as error:
            assert str(error).startswith("taught.toml: ")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(("publish", "call", "arguments", "x")), PLAIN))
def test_any_action_is_one_or_an_error(plain: Mapping[str, object]) -> None:
    from edge.router.teaching.lessons import action_from

    try:
        action_from("teach", plain)
    except TeachingError as error:
        assert str(error)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), st.lists(SENTENCES, min_size=3, max_size=10)
    ),
    st.lists(SENTENCES, max_size=4),
    TEXTS,
)
def test_what_is_written_is_read_again(names: dict[str, list[str]], sentences: list[str], payload: str) -> None:
    actions = itertools.cycle([publish("a/b", payload), order("light.set", {"area": 'kit"chen\\'}), None])
    lessons: dict[str, Lesson] = {}
    for (name, examples), action in zip(names.items(), actions, strict=False):
        try:
            lessons[name] = lesson(name, examples, action)
        except TeachingError:
            continue
    fixes: list[Correction] = []
    for sentence in sentences:
        try:
            fixes.append(correction(sentence, order("chat", {})))
        except TeachingError:
            continue
    notebook = Notebook(lessons).with_corrections(fixes)
    assert book.parse(book.render(notebook), "taught.toml") == notebook


def test_an_example_that_is_only_like_another_functions_is_taught_with_a_warning(
    teacher: Teacher, home: Registry
) -> None:
    teach(teacher, "cat", CAT, START, home)
    change = teacher.teach("kitten", ("feed that cat of ours now", "kitten time", "kitten food"), START, home)
    assert all("taught.cat" in warning or "kitten" in warning for warning in change.warnings)
