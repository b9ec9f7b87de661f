"""Pulling from a hub that answers over real HTTP, with everything that goes wrong on the way."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.models import GgufError, Kind, ModelError, ModelStore, StoredModel
from edge.models import store as store_module
from edge.models.hub import Hub, HubError
from edge.models.order import choose
from edge.models.pull import drop, patiently, pull, unfinished
from tests.gguf_maker import make
from tests.models.hub_server import REPOSITORY, REVISION, HubServer, Mishap, digest, serving

FILE = "tiny-Q8_0.gguf"


@pytest.fixture(scope="module")
def served() -> Iterator[HubServer]:
    """One server for all tests of this file."""
    with serving() as server:
        yield server


@pytest.fixture
def hub_server(served: HubServer, tiny: Path) -> HubServer:
    """The server with one model and nothing amiss."""
    fresh = HubServer()
    url, far = served.url, served.far
    served.__dict__.update(fresh.__dict__)
    served.url, served.far = url, far
    served.files = {FILE: tiny.read_bytes(), "README.md": b"# Model"}
    served.small = {"README.md"}
    return served


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """An empty store."""
    return ModelStore(tmp_path / "models")


class Waits(list[float]):
    """How long it would have waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def bring(
    server: HubServer,
    store: ModelStore,
    pattern: str | None = None,
    *,
    waits: Waits | None = None,
    token: str | None = None,
) -> StoredModel:
    """Pull whatever the server offers."""
    hub = Hub(server.url, token=token, timeout_s=10)
    order = choose(hub, hub.repository(REPOSITORY), pattern, None)
    return pull(hub, store, order, wait=waits if waits is not None else Waits())


def test_a_model_comes_with_licence_and_origin_and_is_used(hub_server: HubServer, store: ModelStore) -> None:
    told: list[tuple[int, int]] = []
    hub = Hub(hub_server.url)
    order = choose(hub, hub.repository(REPOSITORY), None, None)
    model = pull(hub, store, order, progress=lambda done, total: told.append((done, total)))
    assert (model.name, model.kind, model.license) == ("tiny-Q8_0", Kind.LANGUAGE, "apache-2.0")
    assert model.origin == f"{REPOSITORY}@{REVISION}"
    assert model.path.read_bytes() == hub_server.files[FILE]
    assert model.sha256 == digest(hub_server.files[FILE])
    assert told[-1] == (order.size_bytes, order.size_bytes)
    assert store.in_use() == model
    assert store.check(model) == model
    assert {path.name for path in store.directory.iterdir()} == {".lock", ".pull", "index.json", "tiny-Q8_0.gguf"}
    assert not unfinished(store)


def test_a_model_that_is_there_is_not_pulled_again(hub_server: HubServer, store: ModelStore) -> None:
    first = bring(hub_server, store)
    sent = hub_server.sent
    assert bring(hub_server, store) == first
    assert hub_server.sent == sent


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=6))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_broken_off_anywhere_however_often_it_goes_on_from_there(
    hub_server: HubServer, tmp_path: Path, cuts: list[int]
) -> None:
    store = ModelStore(tmp_path / f"models-{random.random()}")  # noqa: S311 (a name)
    size = len(hub_server.files[FILE])
    hub_server.mishaps.extend(Mishap(cut_after=cut % size) for cut in cuts)
    before = hub_server.sent
    model = bring(hub_server, store)
    assert model.sha256 == digest(hub_server.files[FILE])
    assert store.verify(model) == model
    assert hub_server.sent - before == size
    hub_server.mishaps.clear()
    shutil.rmtree(store.directory)


def test_what_came_in_an_earlier_run_is_kept(hub_server: HubServer, store: ModelStore) -> None:
    size = len(hub_server.files[FILE])
    hub_server.mishaps.append(Mishap(cut_after=size // 2))
    hub_server.mishaps.extend(Mishap(status=503) for _ in range(5))
    with pytest.raises(HubError, match="goes on from there"):
        bring(hub_server, store)
    assert store.models() == ()
    assert not list(store.directory.glob("*.gguf"))
    (left,) = unfinished(store)
    assert (left.name, left.repository, left.done_bytes, left.size_bytes) == ("tiny-Q8_0", REPOSITORY, size // 2, size)
    bring(hub_server, store)
    assert hub_server.sent == size
    assert hub_server.seen[-1].headers["Range"] == f"bytes={size // 2}-"
    assert not unfinished(store)


def test_a_pull_that_broke_off_can_be_dropped(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(cut_after=100))
    hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
    with pytest.raises(HubError):
        bring(hub_server, store)
    assert drop(store, "tiny-Q8_0")
    assert not drop(store, "tiny-Q8_0")
    assert not unfinished(store)


def test_the_hub_says_how_long_to_wait(hub_server: HubServer, store: ModelStore) -> None:
    waits = Waits()
    hub_server.mishaps.extend(
        [
            Mishap(status=429, headers={"Retry-After": "7"}),
            Mishap(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
            Mishap(status=503, headers={"Retry-After": "99999"}),
            Mishap(status=502),
        ]
    )
    bring(hub_server, store, waits=waits)
    assert waits == [7.0, 0.0, 120.0, 15.0]


def test_the_listing_is_asked_for_again_too(hub_server: HubServer) -> None:
    waits = Waits()
    hub = Hub(hub_server.url)
    hub_server.listing_mishaps.extend([Mishap(status=429, headers={"Retry-After": "3"}), Mishap(status=500)])
    assert patiently(lambda: hub.repository(REPOSITORY), waits).id == REPOSITORY
    assert waits == [3.0, 3.0]


def test_it_gives_up_on_a_hub_that_brings_nothing(hub_server: HubServer, store: ModelStore) -> None:
    waits = Waits()
    hub_server.mishaps.extend(Mishap(cut_after=0) for _ in range(50))
    with pytest.raises(HubError, match="broke the connection off"):
        bring(hub_server, store, waits=waits)
    assert len(waits) == 4


def test_a_hub_that_is_not_there_is_named() -> None:
    with pytest.raises(HubError, match=r"127\.0\.0\.1:9 can't be reached"):
        Hub("http://127.0.0.1:9").repository(REPOSITORY)


def test_a_server_that_can_not_begin_in_the_middle_begins_anew(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.extend([Mishap(cut_after=5000), Mishap(ignore_range=True)])
    assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])


def test_a_wrong_range_is_not_taken(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.extend([Mishap(cut_after=5000), Mishap(shift=3)])
    assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])


def test_bytes_that_are_not_the_listed_ones_are_never_a_model(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(spoil=True))
    with pytest.raises(ModelError, match="SHA-256 differs"):
        bring(hub_server, store)
    assert store.models() == ()
    bring(hub_server, store)


def test_a_spoilt_beginning_from_an_earlier_run_is_fetched_anew(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(cut_after=5000, spoil=True))
    assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])


def test_another_size_than_listed_is_refused(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(claim=17))
    with pytest.raises(ModelError, match="17 bytes now"):
        bring(hub_server, store)


def test_a_file_that_changed_between_two_runs_is_fetched_anew(
    hub_server: HubServer, store: ModelStore, tmp_path: Path
) -> None:
    hub_server.mishaps.append(Mishap(cut_after=5000))
    hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
    with pytest.raises(HubError):
        bring(hub_server, store)
    hub_server.files[FILE] = make(tmp_path / "other.gguf", seed=3).read_bytes()
    model = bring(hub_server, store)
    assert model.sha256 == digest(hub_server.files[FILE])
    assert "Range" not in hub_server.seen[-1].headers


def test_more_than_the_file_on_the_disk_is_thrown_away(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(cut_after=5000))
    hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
    with pytest.raises(HubError):
        bring(hub_server, store)
    part = store.directory / ".pull" / "tiny-Q8_0" / "files" / FILE
    part.write_bytes(hub_server.files[FILE] + b"more")
    assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])


def test_a_damaged_note_costs_a_new_beginning_and_nothing_else(hub_server: HubServer, store: ModelStore) -> None:
    for rubbish in (b"", b"[]", b'{"files": [{}]}', b"[" * 100_000, b"\xff"):
        hub_server.mishaps.append(Mishap(cut_after=5000))
        hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
        with pytest.raises(HubError):
            bring(hub_server, store)
        (store.directory / ".pull" / "tiny-Q8_0" / "pull.json").write_bytes(rubbish)
        assert not unfinished(store)
        store.remove(bring(hub_server, store).name)


def test_ended_between_its_place_and_the_index_it_is_taken_back(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.append(Mishap(cut_after=5000))
    hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
    with pytest.raises(HubError):
        bring(hub_server, store)
    (store.directory / ".pull" / "tiny-Q8_0" / "files" / FILE).unlink()
    (store.directory / FILE).write_bytes(hub_server.files[FILE])
    sent = hub_server.sent
    assert bring(hub_server, store).path == store.directory / FILE
    assert hub_server.sent == sent


def test_a_voice_ended_between_its_place_and_the_index_is_taken_back(
    hub_server: HubServer, store: ModelStore, voice: Path
) -> None:
    facts = voice.with_name("voice.onnx.json")
    hub_server.files = {"voice.onnx": voice.read_bytes(), "voice.onnx.json": facts.read_bytes()}
    hub_server.small = {"voice.onnx.json"}
    hub_server.mishaps.append(Mishap(cut_after=10))
    hub_server.mishaps.extend(Mishap(status=500) for _ in range(5))
    with pytest.raises(HubError):
        bring(hub_server, store)
    shutil.rmtree(store.directory / ".pull" / "voice" / "files")
    (store.directory / "voice").mkdir()
    for file in (voice, facts):
        shutil.copy(file, store.directory / "voice" / file.name)
    sent = hub_server.sent
    model = bring(hub_server, store)
    assert model.path == store.directory / "voice" / "voice.onnx"
    assert store.verify(model) == model
    assert hub_server.sent == sent


def test_a_part_that_the_hub_does_not_have_is_fetched_anew(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.mishaps.extend([Mishap(cut_after=5000), Mishap(status=416)])
    assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])


def test_another_model_that_lies_there_uninvited_is_left_alone(
    hub_server: HubServer, store: ModelStore, tmp_path: Path
) -> None:
    store.directory.mkdir()
    mine = store.directory / FILE
    mine.write_bytes(make(tmp_path / "mine.gguf", seed=9).read_bytes())
    kept = mine.read_bytes()
    with pytest.raises(ModelError, match="is there already, but is no model that was added"):
        bring(hub_server, store)
    assert mine.read_bytes() == kept
    mine.unlink()
    sent = hub_server.sent
    assert bring(hub_server, store).path == mine
    assert hub_server.sent == sent


def test_a_disk_without_room_is_noticed_first(
    hub_server: HubServer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ModelError, match="make room"):
        bring(hub_server, store)
    assert hub_server.sent == 0


def test_what_is_no_model_is_not_kept(hub_server: HubServer, store: ModelStore) -> None:
    hub_server.files[FILE] = b"GGUF" + (99).to_bytes(4, "little") + bytes(1000)
    with pytest.raises(GgufError):
        bring(hub_server, store)
    assert store.models() == ()
    assert not unfinished(store)


def test_two_at_once_do_not_write_the_same_file(hub_server: HubServer, store: ModelStore) -> None:
    failures: list[str] = []

    def second() -> None:
        try:
            bring(hub_server, store)
        except ModelError as error:
            failures.append(str(error))

    hub_server.mishaps.append(Mishap(cut_after=5000, stall=second))
    bring(hub_server, store)
    assert "another process" in failures[0]


def test_a_name_that_is_taken_is_refused_before_a_byte_comes(
    hub_server: HubServer, store: ModelStore, tmp_path: Path
) -> None:
    first = bring(hub_server, store)
    sent = hub_server.sent
    hub_server.files[FILE] = make(tmp_path / "other.gguf", seed=5).read_bytes()
    with pytest.raises(ModelError, match="--name"):
        bring(hub_server, store)
    assert hub_server.sent == sent
    assert store.check(first) == first


class TestWhichFiles:
    """What makes a model, among all that a repository holds."""

    def test_of_several_one_has_to_be_named(self, hub_server: HubServer, store: ModelStore, tmp_path: Path) -> None:
        hub_server.files["tiny-Q4_0.gguf"] = make(tmp_path / "x.gguf", type_="Q4_0").read_bytes()
        hub_server.files["mmproj-tiny.gguf"] = b"for pictures"
        with pytest.raises(ModelError, match=r"--file.*tiny-Q8_0.*tiny-Q4_0") as refused:
            bring(hub_server, store)
        assert "mmproj" not in str(refused.value)
        with pytest.raises(ModelError, match="none of its files"):
            bring(hub_server, store, "*q5*")
        assert bring(hub_server, store, "*q4_0.gguf").name == "tiny-Q4_0"

    def test_a_repository_without_models_says_so(self, hub_server: HubServer, store: ModelStore) -> None:
        hub_server.files = {"README.md": b"nothing"}
        with pytest.raises(ModelError, match="holds no GGUF"):
            bring(hub_server, store)

    def test_a_voice_comes_with_its_json(self, hub_server: HubServer, store: ModelStore, voice: Path) -> None:
        name = "en/en_GB/alan/medium/en_GB-alan-medium.onnx"
        hub_server.files = {
            name: voice.read_bytes(),
            f"{name}.json": voice.with_name(f"{voice.name}.json").read_bytes(),
        }
        hub_server.small = {f"{name}.json"}
        model = bring(hub_server, store, "en_GB-alan-medium.onnx")
        assert (model.name, model.kind) == ("en_GB-alan-medium", Kind.VOICE)
        assert model.path == store.directory / "en_GB-alan-medium" / "en_GB-alan-medium.onnx"
        assert model.path.with_name("en_GB-alan-medium.onnx.json").exists()
        assert store.in_use(Kind.VOICE) == model
        assert sorted(path.name for path in model.path.parent.iterdir()) == [model.path.name, f"{model.path.name}.json"]

    def test_a_whisper_model_comes_whole(self, hub_server: HubServer, store: ModelStore, whisper: Path) -> None:
        hub_server.files = {file.name: file.read_bytes() for file in whisper.iterdir()}
        hub_server.small = {"config.json", "vocabulary.txt"}
        hub_server.mishaps.extend(Mishap(cut_after=3) for _ in range(4))
        model = bring(hub_server, store)
        assert (model.name, model.kind) == ("models-GGUF", Kind.TRANSCRIPTION)
        assert model.path == store.directory / "models-GGUF"
        assert {file.name for file in model.path.iterdir()} == {file.name for file in whisper.iterdir()}

    def test_a_small_file_that_differs_is_refused(
        self, hub_server: HubServer, store: ModelStore, whisper: Path
    ) -> None:
        hub_server.files = {file.name: file.read_bytes() for file in whisper.iterdir()}
        hub_server.small = {"config.json"}
        hub_server.mishaps.extend([Mishap(), Mishap(spoil=True)])
        with pytest.raises(ModelError, match=r"config\.json came in full"):
            bring(hub_server, store)
        assert store.models() == ()
        assert bring(hub_server, store).kind is Kind.TRANSCRIPTION

    def test_without_digests_in_the_listing_the_headers_have_them(
        self, hub_server: HubServer, store: ModelStore
    ) -> None:
        hub_server.unlisted_digests = True
        assert bring(hub_server, store).sha256 == digest(hub_server.files[FILE])

    @pytest.mark.parametrize(
        "path", ["../../evil.gguf", "/etc/evil.gguf", "a/../b.gguf", ".hidden/x.gguf", "a\\b.gguf"]
    )
    def test_paths_that_lead_elsewhere_are_not_even_seen(self, hub_server: HubServer, path: str) -> None:
        hub_server.files[path] = b"GGUF"
        found = Hub(hub_server.url).repository(REPOSITORY)
        assert [file.path for file in found.files] == [FILE, "README.md"]


class TestTheHub:
    """What it says of itself, and what it refuses."""

    def test_a_token_stays_with_the_hub(self, hub_server: HubServer, store: ModelStore) -> None:
        hub_server.locked = True
        with pytest.raises(HubError, match=r"gated.*edge models add FILE.*HF_TOKEN"):
            bring(hub_server, store)
        bring(hub_server, store, token=REVISION)
        for seen in hub_server.seen[2:]:
            assert ("Authorization" in seen.headers) == (not seen.path.startswith("/far/"))

    def test_an_unknown_repository_is_named(self, hub_server: HubServer) -> None:
        with pytest.raises(HubError, match="no such repository"):
            Hub(hub_server.url).repository("no/body")

    @pytest.mark.parametrize("name", ["qwen", "../x", "a/b/c", "a b/c", "http://x/y", ""])
    def test_what_names_no_repository_is_never_asked_for(self, hub_server: HubServer, name: str) -> None:
        with pytest.raises(HubError, match="names no repository"):
            Hub(hub_server.url).repository(name)
        assert hub_server.seen == []

    def test_a_redirect_out_of_the_web_is_not_followed(self, hub_server: HubServer, store: ModelStore) -> None:
        hub_server.mishaps.append(Mishap(status=302, headers={"Location": "file:///etc/passwd"}))
        with pytest.raises(HubError, match="not followed"):
            bring(hub_server, store)

    def test_a_redirect_in_a_circle_ends(self, hub_server: HubServer, store: ModelStore) -> None:
        hub_server.mishaps.extend(Mishap(status=302, headers={"Location": f"/far/{FILE}"}) for _ in range(50))
        with pytest.raises(HubError, match="in a circle"):
            bring(hub_server, store)

    def test_an_address_that_is_none_is_refused(self) -> None:
        with pytest.raises(HubError, match=r"\[models\] hub"):
            Hub("ftp://example.org")

    @pytest.mark.parametrize("listing", [b"", b"<html>", b"[]", b"{}", b'{"siblings": [1]}', b'{"siblings": null}'])
    def test_an_answer_that_is_no_listing_is_refused(self, hub_server: HubServer, listing: bytes) -> None:
        hub_server.listing = listing
        with pytest.raises(HubError, match="something else"):
            Hub(hub_server.url).repository(REPOSITORY)

    def test_licence_and_gate_are_told(self, hub_server: HubServer) -> None:
        hub_server.gated = "manual"
        hub_server.card = {"license": "other", "license_name": "qwen-research", "license_link": "https://example.org/l"}
        found = Hub(hub_server.url).repository(REPOSITORY)
        assert (found.gated, found.license, found.license_link) == (True, "qwen-research", "https://example.org/l")
        hub_server.card = {}
        assert Hub(hub_server.url).repository(REPOSITORY).license == "other"
