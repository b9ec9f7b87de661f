"""Bundles from addresses: the head is believed before the rest is fetched, and nothing more than it lists."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.upkeep.bundle import Offered
from edge.upkeep.errors import BundleError, UpdateError
from edge.upkeep.sources import bundles_in, fetched, newest, offered_by
from tests.upkeep.makers import KEY, OTHER_KEY, bundle, quiet

KEYS = (KEY.public,)
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[str]:
    """A server on loopback that answers paths as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.get(self.path, lambda handler: handler.send_error(404))(self)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def giving(data: bytes, length: int | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) if length is None else length))
        handler.end_headers()
        try:
            handler.wfile.write(data)
        except OSError:
            handler.close_connection = True

    return answer


def elsewhere(to: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def only(where: str) -> Offered | BundleError:
    (one,) = offered_by(where, KEYS)
    return one


def test_a_bundle_is_fetched_from_an_address(tmp_path: Path) -> None:
    data = bundle(tmp_path, "0.2.0").read_bytes()
    with serving({"/a": giving(data), "/b": elsewhere("/a")}) as base:
        offered = only(f"{base}/b")
        assert isinstance(offered, Offered)
        assert offered.manifest.version == "0.2.0"
        with fetched(f"{base}/a", tmp_path, KEYS, quiet) as file:
            assert file.read_bytes() == data
        assert not file.exists()


def test_what_is_no_bundle_of_ours_is_not_fetched_to_its_end(tmp_path: Path) -> None:
    strange = bundle(tmp_path, "0.2.0", signers=(OTHER_KEY,)).read_bytes()
    with serving({"/a": giving(strange), "/b": giving(bytes(1 << 22)), "/c": giving(b"<html>")}) as base:
        for path in "abcd":
            assert isinstance(only(f"{base}/{path}"), BundleError)
            with pytest.raises(BundleError), fetched(f"{base}/{path}", tmp_path, KEYS, quiet):
                pass
    assert not list(tmp_path.glob(".trial-*"))


def test_an_answer_that_breaks_off_or_never_ends_is_refused(tmp_path: Path) -> None:
    data = bundle(tmp_path, "0.2.0").read_bytes()
    with serving({"/short": giving(data[:-4000], len(data)), "/long": giving(data + bytes(1 << 22))}) as base:
        with (
            pytest.raises(BundleError, match="gives more than its manifest lists"),
            fetched(f"{base}/long", tmp_path, KEYS, quiet),
        ):
            pass
        with pytest.raises(BundleError, match=r"broke off|too early"), fetched(f"{base}/short", tmp_path, KEYS, quiet):
            pass


def test_a_redirect_to_a_file_is_not_followed(tmp_path: Path) -> None:
    with serving({"/a": elsewhere("file:///etc/passwd")}) as base:
        assert isinstance(only(f"{base}/a"), BundleError)


def test_nobody_there_is_said_in_words() -> None:
    said = only("http://127.0.0.1:9/edge.bundle")
    assert isinstance(said, BundleError)
    assert "can't be reached" in str(said)


def test_a_stick_is_looked_at_in_its_folder_and_at_its_top(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    (stick / "edge").mkdir(parents=True)
    for version, place in (("0.10.0", "edge"), ("0.9.0", ".")):
        bundle(tmp_path, version).rename(stick / place / f"{version}.bundle")
    (stick / "other.txt").write_text("")
    assert len(bundles_in(stick)) == 2
    best = newest([one for one in offered_by(str(stick), KEYS) if isinstance(one, Offered)])
    assert best is not None
    assert best.manifest.version == "0.10.0"


def test_a_place_without_bundles_is_said(tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="has no bundle"):
        list(offered_by(str(tmp_path), KEYS))
