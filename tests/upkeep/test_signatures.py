"""Keys and signatures are minisign's, with a passphrase and without."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.upkeep.errors import SignatureError
from edge.upkeep.keys import renew_keys, trusted_keys
from edge.upkeep.signature import PublicKey, Signature, signed_by
from image.signing import SecretKey
from tests.upkeep.makers import KEY, OTHER_KEY

MINISIGN = shutil.which("minisign")

# What minisign 0.11 made: `minisign -G -W`, then `minisign -S` of "hello\n".
THEIR_PUBLIC = """\
untrusted comment: minisign public key 4D602E52FF64ADA5
RWSlrWT/Ui5gTWzt9S8iEoOHWOaUbqvF8LJhF6TRgFcTJQUwOKZSAb1O
"""
THEIR_SECRET = """\
untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAApa1k/1IuYE2v5lgTVyozYozK4ZQQ79LaROt6kNMMPntrbvSiEfa5pmzt9S8iEoOHWOaUbqvF8LJhF6TRgFcTJQUwOKZSAb1OAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
"""  # noqa: S105
THEIR_SIGNATURE = """\
untrusted comment: signature from minisign secret key
RUSlrWT/Ui5gTaDIWUcxSQ4Z9z+NpP/L5zd/i1pKRDAM4llmt8P+m9Z4K+MJw4jMK+1z6edQ400a5ZDe/9tQew8pzMVH5upIhQg=
trusted comment: timestamp:1795246475	file:f	hashed
8KDfno2/6LqNg0cX0aQcQtdG0FuLt1FkMV/JhEv7eb20jRamRUYM28bsOpD7cPjrNBiitnOqmCPEcs6KtlqGBA==
"""


def test_what_minisign_signed_is_believed_and_its_secret_key_is_read() -> None:
    key = PublicKey.parse(THEIR_PUBLIC)
    assert signed_by(b"hello\n", Signature.parse(THEIR_SIGNATURE), (key,)) == key
    assert SecretKey.parse(THEIR_SECRET).public == key
    with pytest.raises(SignatureError, match="is wrong"):
        signed_by(b"hullo\n", Signature.parse(THEIR_SIGNATURE), (key,))


@pytest.mark.skipif(MINISIGN is None, reason="needs minisign")
def test_minisign_believes_what_we_sign(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello\n")
    (tmp_path / "key.pub").write_text(KEY.public.text())
    (tmp_path / "file.minisig").write_text(KEY.sign(b"hello\n", "ours"))
    command = [MINISIGN or "", "-Vm", tmp_path / "file", "-p", tmp_path / "key.pub"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_secret_key_comes_out_as_it_went_in() -> None:
    key = SecretKey.new()
    assert SecretKey.parse(key.text()) == key
    assert PublicKey.parse(key.public.text()) == key.public


@pytest.mark.parametrize(
    "text", ["", "x", "untrusted comment: x\n", "untrusted comment: x\nAAAA\n", "a\nb\nc\nd\n", KEY.text()]
)
def test_what_is_no_key_and_no_signature_is_refused(text: str) -> None:
    with pytest.raises(SignatureError):
        PublicKey.parse(text)
    with pytest.raises(SignatureError):
        Signature.parse(text)


def test_a_key_that_was_revoked_is_not_believed_wherever_it_lies(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    renew_keys(shipped, [KEY.public], [])
    (shipped / "damaged.pub").write_text("nothing")
    assert trusted_keys(own, shipped) == (KEY.public,)
    renew_keys(own, [OTHER_KEY.public], [KEY.id])
    assert trusted_keys(own, shipped) == (OTHER_KEY.public,)
    assert trusted_keys(tmp_path / "nowhere", tmp_path / "nowhere") == ()


def test_where_no_key_is_known_it_is_told_what_to_do() -> None:
    with pytest.raises(SignatureError, match=r"no update is believed: put the public key .* `edge update` names"):
        signed_by(b"hello\n", Signature.parse(THEIR_SIGNATURE), ())
