"""Backups: everything that a house would miss, in one file, and back again on any board."""

import gzip
import hashlib
import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.schedule.store import SCHEMA
from edge.settings import Places, load
from edge.upkeep.archive import BLOCK, header
from edge.upkeep.backup import file_name, make_backup, tidy_backups
from edge.upkeep.cleaning import without_secrets
from edge.upkeep.errors import BackupError
from edge.upkeep.facts import backup_facts
from edge.upkeep.restoring import check, restore
from edge.upkeep.sealed import Sealing, Unsealing
from edge.upkeep.service_control import Pulse
from tests.upkeep.makers import quiet

CONFIG = """\
# ours
node = "attic"

[mqtt]
broker = "broker.home"
username = "edge"
password = "hunter2"  # not yours

[confirm]
pin = "864297"
"""
PASSPHRASE = "correct horse"  # noqa: S105


def board(root: Path, node: str = "attic") -> Places:
    """Configuration and state as a house has them."""
    places = Places(config=root / "etc/config.toml", state=root / "state", runtime=root / "run")
    for directory in (places.conf_d, places.state / "secrets", places.state / "llm", places.models):
        directory.mkdir(parents=True)
    places.config.write_text(CONFIG.replace("attic", node))
    (places.conf_d / "10-lamp post.toml").write_text('[speech]\narea = "Kitchen"\n')
    (places.state / "secrets/token").write_text("hush\n")
    (places.state / "http-tokens.json").write_text("[]\n")
    (places.state / "appliance-id").write_text("edge_0123456789ab\n")
    (places.state / "taught.toml").write_text("[[lessons]]\n")
    (places.state / "llm/fast-path.json").write_text("{}")
    (places.models / "large.gguf").write_bytes(bytes(1000))
    with closing(sqlite3.connect(places.state / "schedule.sqlite")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        SCHEMA.bring_up(database, "schedule", ValueError)
    add(places, "milk")
    return places


def add(places: Places, item: str) -> None:
    with closing(sqlite3.connect(places.state / "schedule.sqlite")) as database, database:
        database.execute("INSERT INTO items VALUES (?, 'shopping', ?, 0, 1)", (item, item))


def items(places: Places) -> list[str]:
    with closing(sqlite3.connect(places.state / "schedule.sqlite")) as database:
        return [text for (text,) in database.execute("SELECT text FROM items ORDER BY text")]


def empty(root: Path) -> Places:
    return Places(config=root / "etc/config.toml", state=root / "state", runtime=root / "run")


@dataclass(slots=True)
class Control:
    """A service that runs or does not."""

    runs: bool = False
    done: list[str] = field(default_factory=list)

    def active(self) -> bool:
        return self.runs

    def stop(self) -> None:
        self.done.append("stop")

    def restart(self) -> None:
        self.done.append("restart")

    def pulse(self) -> Pulse | None:
        return Pulse("0.1.0", "", 1.0) if self.runs else None

    def wait(self, seconds: float) -> None:
        del seconds


def everything(places: Places) -> dict[str, bytes]:
    """All files of a board, with what is in them."""
    roots = {"etc": places.config.parent, "state": places.state}
    return {
        f"{name}/{file.relative_to(root)}": file.read_bytes()
        for name, root in roots.items()
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.name.endswith(("-wal", "-shm")) and file.name != "last-backup.json"
    }


def test_an_encrypted_backup_brings_all_of_it_to_another_board(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), empty(tmp_path / "new")
    written = make_backup(old, "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    assert written.encrypted
    assert written.left_out == ()
    assert stat.S_IMODE((tmp_path / "a.backup").stat().st_mode) == 0o600
    assert b"hunter2" not in (tmp_path / "a.backup").read_bytes()
    restored = restore(new, tmp_path / "a.backup", PASSPHRASE, quiet, Control())
    assert restored.node == "attic"
    assert items(new) == ["milk"]
    assert new.config.read_text() == CONFIG
    names = set(everything(new))
    assert {"etc/conf.d/10-lamp post.toml", "state/secrets/token", "state/taught.toml", "state/appliance-id"} <= names
    assert not any("llm" in name or "gguf" in name for name in names)


def test_a_backup_without_a_passphrase_has_no_secrets_and_says_so(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), empty(tmp_path / "new")
    old.own.write_text('[homeassistant]\nurl = "http://ha.home:8123"\ntoken = "longlived"\n')
    file = tmp_path / "a.backup"
    written = make_backup(old, "attic", file, None, quiet)
    said = "\n".join(written.left_out)
    assert "mqtt.password of" in said
    assert "homeassistant.token of" in said
    assert "confirm.pin of" in said
    assert "secrets/token: a secret" in said
    plain = gzip.decompress(file.read_bytes())
    for secret in (b"hunter2", b"864297", b"hush", b"longlived"):
        assert secret not in plain
    restored = restore(new, file, None, quiet, Control())
    assert load(new, {}).settings.mqtt.broker == "broker.home"
    assert load(new, {}).settings.homeassistant.url == "http://ha.home:8123"
    assert restored.contents.left_out == written.left_out
    assert "# ours" in new.config.read_text()


def test_tar_opens_a_backup_without_a_passphrase(tmp_path: Path) -> None:
    make_backup(board(tmp_path / "old"), "attic", tmp_path / "a.backup", None, quiet)
    with tarfile.open(tmp_path / "a.backup") as archive:
        assert archive.getnames()[0] == "backup.json"
        assert "state/schedule.sqlite" in archive.getnames()


def test_a_database_is_whole_while_somebody_writes_to_it(tmp_path: Path) -> None:
    places = board(tmp_path / "old")
    over = threading.Event()
    pairs = 0

    def write() -> None:
        nonlocal pairs
        with closing(sqlite3.connect(places.state / "schedule.sqlite", timeout=20)) as database:
            while not over.is_set():
                with database:
                    for half in "ab":
                        database.execute("INSERT INTO items VALUES (?, 'l', 'x', 0, 1)", (f"{half}{pairs}",))
                pairs += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            file, new = tmp_path / f"{number}.backup", empty(tmp_path / f"new{number}")
            make_backup(places, "attic", file, None, quiet)
            restore(new, file, None, quiet, Control())
            with closing(sqlite3.connect(new.state / "schedule.sqlite")) as database:
                ids = {one for (one,) in database.execute("SELECT id FROM items WHERE list = 'l'")}
            assert {one[1:] for one in ids if one[0] == "a"} == {one[1:] for one in ids if one[0] == "b"}
    finally:
        over.set()
        writer.join()
    assert pairs


def test_a_wrong_passphrase_changes_nothing(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    make_backup(old, "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    before = everything(new)
    for wrong in ("correct horsf", "", None):
        with pytest.raises(BackupError, match="passphrase"):
            restore(new, tmp_path / "a.backup", wrong, quiet, Control())
    assert everything(new) == before


def test_what_was_here_and_is_not_in_the_backup_goes(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    (old.state / "taught.toml").unlink()
    make_backup(old, "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    add(new, "bread")
    restore(new, tmp_path / "a.backup", PASSPHRASE, quiet, Control())
    assert items(new) == ["milk"]
    assert "state/taught.toml" not in everything(new)
    assert "state/llm/fast-path.json" in everything(new)
    assert not list(new.state.glob(".*"))
    assert not list(new.config.parent.glob(".*"))


def test_secrets_that_a_backup_can_not_have_stay(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    make_backup(old, "attic", tmp_path / "a.backup", None, quiet)
    restore(new, tmp_path / "a.backup", None, quiet, Control())
    assert (new.state / "secrets/token").read_text() == "hush\n"


def test_another_name_is_another_appliance(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), empty(tmp_path / "new")
    make_backup(old, "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    assert restore(new, tmp_path / "a.backup", PASSPHRASE, quiet, Control(), name="cellar").node == "cellar"
    assert load(new, {}).settings.node == "cellar"
    assert not (new.state / "appliance-id").exists()


def test_a_name_that_stands_in_no_file_is_kept(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), empty(tmp_path / "new")
    old.config.write_text(CONFIG.replace('node = "attic"\n', ""))
    make_backup(old, "the-host-of-then", tmp_path / "a.backup", PASSPHRASE, quiet)
    restore(new, tmp_path / "a.backup", PASSPHRASE, quiet, Control())
    assert load(new, {}).settings.node == "the-host-of-then"


def test_a_running_service_is_in_the_way_unless_it_may_be_ended(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    make_backup(old, "attic", tmp_path / "a.backup", None, quiet)
    before = everything(new)
    control = Control(runs=True)
    with pytest.raises(BackupError, match="the service runs"):
        restore(new, tmp_path / "a.backup", None, quiet, control)
    assert everything(new) == before
    assert control.done == []
    restore(new, tmp_path / "a.backup", None, quiet, control, stop=True)
    assert control.done == ["stop", "restart"]
    assert items(new) == ["milk"]


def test_a_database_of_a_newer_edge_is_refused(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    with closing(sqlite3.connect(old.state / "schedule.sqlite")) as database:
        database.execute("PRAGMA user_version=99")
    make_backup(old, "attic", tmp_path / "a.backup", None, quiet)
    before = everything(new)
    with pytest.raises(BackupError, match=r"schedule\.sqlite in it has form 99"):
        restore(new, tmp_path / "a.backup", None, quiet, Control())
    assert everything(new) == before


def forged(file: Path, members: list[tuple[str, bytes]], **changes: Any) -> Path:
    """A backup without a passphrase, as anybody can make it."""
    files = [{"name": n, "bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in members]
    about = {
        "kind": "edge-backup",
        "format": 1,
        "version": "0.1.0",
        "node": "attic",
        "made": "",
        "files": files,
        **changes,
    }
    data = json.dumps(about).encode()
    with gzip.open(file, "wb") as stream:
        for name, content in (("backup.json", data), *members):
            block = bytearray(header("x", len(content)))
            block[0:100] = name.encode().ljust(100, b"\0")
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
            stream.write(bytes(block) + content + bytes(-len(content) % BLOCK))
        stream.write(bytes(2 * BLOCK))
    return file


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/escaped",
        "state/../../escaped",
        "state/%2e%2e/escaped",
        "state/..%2f..%2fescaped",
        "state/a%2fb",
        "state/models/index.json",
        "state/updates/waiting.bundle",
        "state/schedule.sqlite-wal",
        "state/.hidden",
        "config/ssh/key",
        "config/x.sh",
        "elsewhere/a",
        "state",
    ],
)
def test_a_file_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    new = board(tmp_path / "new")
    before = everything(new)
    with pytest.raises(BackupError):
        restore(new, forged(tmp_path / "a.backup", [(name, b"x")]), None, quiet, Control())
    assert everything(new) == before
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2, "version": "9.0"}, "made by edge 9.0, which is newer"),
        ({"kind": "other"}, "no backup of edge"),
        ({"node": 'a"\n[llm]'}, "make no sense"),
        ({"files": [{"name": "state/a", "bytes": 1 << 60, "sha256": "0"}]}, "no room"),
        ({"files": [{"name": "state/a", "bytes": -1, "sha256": "0"}]}, "make no sense"),
        ({"files": {}}, "damaged|more is in it"),
    ],
)
def test_contents_that_make_no_sense_are_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    new = board(tmp_path / "new")
    before = everything(new)
    with pytest.raises(BackupError, match=said):
        restore(new, forged(tmp_path / "a.backup", [("state/a", b"x")], **changes), None, quiet, Control())
    assert everything(new) == before


def test_a_database_that_is_damaged_is_refused(tmp_path: Path) -> None:
    new = board(tmp_path / "new")
    bad = (new.state / "schedule.sqlite").read_bytes()[:3000].ljust(16384, b"\xff")
    with pytest.raises(BackupError, match=r"schedule\.sqlite in it is damaged"):
        restore(new, forged(tmp_path / "a.backup", [("state/schedule.sqlite", bad)]), None, quiet, Control())
    assert items(new) == ["milk"]


def test_a_backup_of_many_zeros_is_stopped_by_the_disk_it_would_take(tmp_path: Path) -> None:
    file = tmp_path / "bomb.backup"
    huge = [{"name": "state/a", "bytes": (1 << 32) - 1, "sha256": "0" * 64}]
    forged(file, [], files=huge)
    with pytest.raises(BackupError):
        check(empty(tmp_path / "new"), file, None, quiet)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["plain", "encrypted"])
def test_a_file_that_ends_too_early_or_was_changed_is_refused(tmp_path: Path, passphrase: str | None) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    (old.state / "noise.json").write_bytes(os.urandom(200_000))
    file = tmp_path / "a.backup"
    make_backup(old, "attic", file, passphrase, quiet)
    whole, before = file.read_bytes(), everything(new)
    for length in (0, 1, 20, 60, 70_000, len(whole) - 9, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError):
            restore(new, file, passphrase, quiet, Control())
    for at in (3, 15, 30, 100, 70_000, len(whole) - 10):
        bent = bytearray(whole)
        bent[at] ^= 4
        file.write_bytes(bent)
        try:
            restore(new, file, passphrase, quiet, Control())
        except BackupError:
            assert everything(new) == before
        else:
            assert passphrase is None, "gzip's own header has bytes that mean nothing"
            before = everything(new)
    assert items(new)


def test_the_newest_stay(tmp_path: Path) -> None:
    names = [f"edge-attic-2026110{day}T030000Z.backup" for day in range(1, 6)]
    for name in (*names, "edge-cellar-20261101T030000Z.backup", "edge-attic-mine.backup"):
        (tmp_path / name).write_text("")
    gone = tidy_backups(tmp_path, "attic", 2)
    assert [one.name for one in gone] == names[:3]
    assert (tmp_path / "edge-cellar-20261101T030000Z.backup").exists()
    assert file_name("attic") > names[-1]


def test_the_last_backup_is_remembered(tmp_path: Path) -> None:
    places = board(tmp_path / "old")
    assert backup_facts(places.state) is None
    make_backup(places, "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    facts = backup_facts(places.state)
    assert facts is not None
    assert facts["file"] == str(tmp_path / "a.backup")
    assert facts["encrypted"] is True


def test_nothing_is_left_of_a_backup_that_can_not_be_written(tmp_path: Path) -> None:
    places = board(tmp_path / "old")
    (places.state / "schedule.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4080)
    (tmp_path / "a.backup").write_text("the one before")
    with pytest.raises(BackupError):
        make_backup(places, "attic", tmp_path / "a.backup", None, quiet)
    assert (tmp_path / "a.backup").read_text() == "the one before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.backup", "old"]
    assert not list(places.state.glob(".backup-*"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 3), st.integers(-3, 3), st.lists(st.integers(1, 90_000), max_size=4))
def test_what_is_sealed_comes_out_as_it_went_in(pieces: int, more: int, sizes: list[int]) -> None:
    data = os.urandom(max(0, pieces * 65_536 + more))
    target = io.BytesIO()
    sealing = Sealing(target, b"words")
    at = 0
    for size in [*sizes, len(data)]:
        sealing.write(data[at : at + size])
        at += size
    sealing.finish()
    assert Unsealing(io.BytesIO(target.getvalue()), b"words").read() == data
    with pytest.raises(BackupError):
        Unsealing(io.BytesIO(target.getvalue()[:-1]), b"words").read()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('[mqtt]\npassword = "a"\n', ("mqtt.password",)),
        ('mqtt.password = "a"\n', ("mqtt.password",)),
        ('[homeassistant]\n"token" = "a"\nurl = "http://a"\n', ("homeassistant.token",)),
        ('password_file = "/a"\n', ()),
        ('[[devices]]\nid = "a"\napi_key = "b"\n', ("devices.api_key",)),
    ],
)
def test_secrets_are_taken_out_line_by_line(text: str, keys: tuple[str, ...]) -> None:
    cleaned = without_secrets(text)
    assert cleaned is not None
    assert cleaned[1] == keys


@pytest.mark.parametrize(
    "text",
    [
        'mqtt = { broker = "b", password = "a" }\n',
        'password = """\nlong\n"""\n',
        "this is no TOML",
        '[mqtt]\npass\\u0077ord = "a"\n',
    ],
)
def test_a_file_whose_secrets_can_not_be_told_apart_is_not_taken(text: str) -> None:
    assert without_secrets(text) is None


SECRET = "s3cr3t-w0rd"  # noqa: S105
lines = st.sampled_from(
    [
        "[mqtt]\n",
        'broker = "b"\n',
        f'password = "{SECRET}"\n',
        f"password = '{SECRET}'\n",
        f'  pin="{SECRET}"\n',
        f'x = {{ token = "{SECRET}" }}\n',
        f'token = """{SECRET}"""\n',
        f'api_key = [\n"{SECRET}",\n]\n',
        "# a comment\n",
        "[[devices]]\n",
        f'"password" = "{SECRET}" # why\n',
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=6))
def test_no_secret_is_left_whatever_the_file_looks_like(parts: list[str]) -> None:
    cleaned = without_secrets("".join(parts))
    assert cleaned is None or SECRET not in cleaned[0]
