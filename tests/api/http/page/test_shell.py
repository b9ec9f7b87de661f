"""Who is let in to the page, what their browsers are told, and what is refused."""

import asyncio
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.http.page import hub
from edge.api.http.page.shell import COOKIE
from edge.api.http.page.static import FILES, Assets
from edge.api.http.server import Listening
from edge.api.http.tokens import PASSWORD
from tests.api.http.page.opening import SECRET, opened
from tests.api.http.serving import until

HTML = {"Accept": "text/html,application/xhtml+xml"}
EVERYWHERE = Listening(host="0.0.0.0")  # noqa: S104


async def test_a_browser_gets_the_page_where_a_program_gets_what_it_expects(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        status, body, answer = await browser.ask("GET", "/", **HTML)
        assert (status, answer.content_type) == (200, "text/html")
        assert b"<!doctype html>" in body
        assert (await browser.ask("GET", "/"))[0] == 404


async def test_browsers_are_told_to_do_nothing_but_show_it(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        for path in ("/", "/page/style.css", "/page/notes", "/page/nothing"):
            _, _, answer = await browser.ask("GET", path, **HTML)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_without_a_password_this_machine_may_use_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        assert (await browser.ask("GET", "/page/session"))[1] == {"open": True, "password": False, "session": False}
        assert (await browser.ask("POST", "/page/notes", {"text": "a"}))[0] == 200
        await browser.ask("GET", "/page/notes")
        assert browser.view.callers == [("local", False)]


async def test_with_a_password_nothing_is_read_or_done_before_it_is_shown(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        assert (await browser.ask("GET", "/page/session"))[1] == {"open": False, "password": True, "session": False}
        for method, path, body in (
            ("GET", "/page/notes", None),
            ("POST", "/page/notes", {"text": "a"}),
            ("GET", "/page/events?topics=notes", None),
        ):
            status, told, _ = await browser.ask(method, path, body)
            assert (status, told) == (401, {"error": "log in first"})
        assert browser.view.notes == []


async def test_logging_in_opens_it_until_logging_out(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        status, _, answer = await browser.log_in()
        cookie = answer.headers["Set-Cookie"]
        assert status == 200
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="))
        assert (await browser.ask("GET", "/page/notes"))[0] == 200
        [(name, authenticated)] = browser.view.callers
        assert authenticated
        assert re.fullmatch(r"page [0-9a-f]{6}", name)
        secret = answer.cookies[COOKIE].value
        assert (await browser.ask("POST", "/page/log-out"))[0] == 200
        assert (await browser.ask("GET", "/page/notes", Cookie=f"{COOKIE}={secret}"))[0] == 401


async def test_another_token_than_the_password_opens_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        panel = await asyncio.to_thread(browser.tokens.add, "panel")
        assert (await browser.log_in(panel))[0] == 401
        assert (await browser.ask("GET", "/page/notes", Authorization=f"Bearer {panel}"))[0] == 401


async def test_a_new_password_ends_the_sessions_of_the_old_one(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        await browser.log_in()
        await asyncio.to_thread(browser.tokens.put, PASSWORD, SECRET + "-2")
        assert (await browser.ask("GET", "/page/notes"))[0] == 401


async def test_the_network_gets_nothing_before_there_is_a_password(tmp_path: Path) -> None:
    async with opened(tmp_path, listening=Listening(require_token=True)) as browser:
        status, told, _ = await browser.ask("GET", "/page/notes")
        assert status == 401
        assert "edge config token add password" in told["error"]
        assert (await browser.log_in("x" * 20))[0] == 401


async def test_what_a_proxy_passes_on_needs_the_password(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        assert (await browser.ask("GET", "/page/notes", X_Forwarded_For="203.0.113.7"))[0] == 401


async def test_each_wrong_password_costs_more_waiting_and_the_right_one_ends_it(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        for _ in range(4):
            assert (await browser.log_in("wrong-wrong-wrong"))[0] == 401
        waits = []
        for _ in range(5):
            status, _, answer = await browser.log_in()
            assert status == 429
            waits.append(int(answer.headers["Retry-After"]))
            browser.clock.now_s += waits[-1] + 1
            assert (await browser.log_in("wrong-wrong-wrong"))[0] == 401
        assert waits == sorted(waits)
        assert waits[-1] >= 8 * waits[0]
        browser.clock.now_s += 3600
        assert (await browser.log_in(f" {SECRET}\n"))[0] == 200
        assert (await browser.log_in("wrong-wrong-wrong"))[0] == 401


async def test_pages_of_others_change_nothing_even_with_the_cookie(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET) as browser:
        await browser.log_in()
        note = {"text": "a"}
        for headers in (
            {"Origin": "http://evil.example", "Sec_Fetch_Site": "cross-site"},
            {"Origin": "null", "Sec_Fetch_Site": ""},
            {"Origin": "", "Sec_Fetch_Site": ""},
            {"Origin": "http://127.0.0.1:1", "Sec_Fetch_Site": "same-site"},
            {"Sec_Fetch_Site": "cross-site"},
        ):
            assert (await browser.ask("POST", "/page/notes", note, **headers))[0] == 403
            assert (await browser.ask("POST", "/page/log-out", **headers))[0] == 403
        assert (await browser.ask("GET", "/page/notes", Sec_Fetch_Site="cross-site"))[0] == 403
        assert (await browser.ask("GET", "/page/events?topics=notes", Sec_Fetch_Site="same-site"))[0] == 403
        assert browser.view.notes == []
        assert (await browser.ask("GET", "/page/notes", Sec_Fetch_Site="same-origin"))[0] == 200


async def test_a_form_of_anothers_page_is_no_request(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        form = b'{"text": "a", "x": "="}'
        answer = await browser.ask("POST", "/page/notes", form, Content_Type="text/plain", Origin="http://evil.example")
        assert answer[0] == 403


@pytest.mark.parametrize("password", [None, SECRET])
async def test_names_that_are_not_ours_are_not_answered(tmp_path: Path, password: str | None) -> None:
    """A name of somebody else's that leads here makes their page one of ours (DNS rebinding)."""
    async with opened(tmp_path, password=password, hosts=("panel.example",)) as browser:
        for host in ("evil.example", "127.0.0.1.evil.example", "board.evil.example", "localhost.evil.example", "", "["):
            for path in ("/", "/page/notes", "/page/session", "/page/style.css"):
                assert (await browser.ask("GET", path, Host=host or " ", **HTML))[0] in (400, 403), (host, path)
            note = await browser.ask("POST", "/page/notes", {"text": "a"}, Host=host or " ", Origin=f"http://{host}")
            assert note[0] in (400, 403)
        assert browser.view.notes == []
        for host in ("localhost", "127.0.0.1:1", "[::1]:8080", "panel.example"):
            assert (await browser.ask("GET", "/page/session", Host=host))[0] == 200


async def test_with_a_password_the_machine_answers_to_its_names_in_the_house(tmp_path: Path) -> None:
    async with opened(tmp_path, password=SECRET, listening=EVERYWHERE) as browser:
        for host in ("board", "board.local:8080", "BOARD.LAN", "board.home.arpa.", "192.168.1.20:8080", "[fe80::1]"):
            status, told, _ = await browser.ask("GET", "/page/session", Host=host)
            assert (status, told.get("open")) == (200, False), host
        assert (await browser.ask("GET", "/page/session", Host="other.local"))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/page/../../etc/passwd",
        "/page/..%2f..%2fshell.py",
        "/page/%2e%2e/shell.py",
        "/page//etc/passwd",
        "/page/shell/../../static.py",
        "/page/style.css/",
        "/page/style.css%00.js",
        "/page/STYLE.CSS",
        "/page/__init__.py",
        "/page/",
    ],
)
async def test_no_path_leads_out_of_the_files_of_the_page(tmp_path: Path, path: str) -> None:
    async with opened(tmp_path) as browser:
        reader, writer = await asyncio.open_connection(*browser.host.split(":"))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {browser.host}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readline()
        writer.close()
        await writer.wait_closed()
        assert head.split()[1] in (b"404", b"400")


@given(st.text(max_size=60))
def test_assets_are_found_by_their_names_alone(name: str) -> None:
    assets = Assets()
    known = {str(file.relative_to(FILES)) for file in FILES.rglob("*") if file.is_file()}
    assert (name in assets) == (name in known)


async def test_files_come_compressed_and_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        _, body, answer = await browser.ask("GET", "/page/style.css", Accept_Encoding="gzip")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert body == (FILES / "style.css").read_bytes()
        etag = answer.headers["ETag"]
        status, body, _ = await browser.ask("GET", "/page/style.css", If_None_Match=etag)
        assert (status, body) == (304, b"")
        _, body, answer = await browser.ask("GET", "/page/style.css", Accept_Encoding="identity")
        assert "Content-Encoding" not in answer.headers
        assert body == (FILES / "style.css").read_bytes()


async def test_what_is_too_large_or_no_request_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        assert (await browser.ask("POST", "/page/notes", {"text": "a" * 70_000}))[0] == 413
        assert (await browser.ask("POST", "/page/log-in", b"x" * 70_000))[0] == 413
        assert (await browser.ask("POST", "/page/notes", b"\x1f\x8b", Content_Encoding="gzip"))[0] == 415
        for body in (b"", b"[]", b"{", b'{"text": 1}', b"\xff", b"[" * 60_000):
            assert (await browser.ask("POST", "/page/notes", body))[0] == 400
        assert (await browser.ask("PUT", "/page/notes", {"text": "a"}))[0] == 404
        assert browser.view.notes == []


async def test_events_are_told_while_somebody_follows_and_not_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        await browser.ask("GET", "/page/session")
        assert browser.view.begun == 0
        async with browser.session.get(browser.base + "/page/events?topics=notes") as stream:
            assert stream.content_type == "text/event-stream"
            assert (await stream.content.readuntil(b"\n\n")).startswith(b"retry:")
            assert browser.view.publish is not None
            browser.view.publish({"text": "line\nbreak\n\nevent: forged"})
            told = await stream.content.readuntil(b"\n\n")
            assert told == b'event: notes\ndata: {"text":"line\\nbreak\\n\\nevent: forged"}\n\n'
        await until(lambda: browser.view.publish is None)
        assert (await browser.ask("GET", "/page/events?topics=secrets"))[0] == 404
        assert (await browser.ask("GET", "/page/events"))[0] == 404


async def test_a_page_that_does_not_read_is_hung_up_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as browser:
        await browser.ask("GET", "/page/session")
        sock = socket.create_connection(("127.0.0.1", int(browser.host.rpartition(":")[2])))
        with sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(f"GET /page/events?topics=notes HTTP/1.1\r\nHost: {browser.host}\r\n\r\n".encode())
            async with asyncio.timeout(20):
                await until(lambda: browser.view.publish)
                while browser.view.publish is not None:
                    browser.view.publish({"text": "x" * 8000})
                    await asyncio.sleep(0)
        assert len(browser.hub) == 0


async def test_a_stream_ends_when_its_session_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_S", 0.02)
    async with opened(tmp_path, password=SECRET) as browser:
        await browser.log_in()
        async with browser.session.get(browser.base + "/page/events?topics=notes") as stream:
            assert b": still there" in await stream.content.readuntil(b"still there\n\n")
            await browser.ask("POST", "/page/log-out")
            assert (await stream.content.read()).endswith(b"event: over\ndata: 401\n\n")
